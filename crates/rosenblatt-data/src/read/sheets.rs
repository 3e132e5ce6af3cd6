//! Spreadsheets: xlsx, xlsm, xlsb, ods, xls. The first sheet with cells is the table.

use std::io::Cursor;
use std::rc::Rc;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array};
use bytes::Bytes;
use calamine::{Data, DataType, ExcelDateTime, Ods, Reader as _, Sheets, Xls, Xlsb, Xlsx};
use rosenblatt_tensor::{Error, Result};
use zip::ZipArchive;

use super::batches::{damaged, guarded};
use super::cells::TextState;
use super::delimited::{Delimited, beginning};
use super::rows::{Record, RowSource, Span};
use super::split::LineCounts;
use super::unpack::{check_members, whole};
use super::{Dialect, Encoding, Format, Opened, ReadOptions, Reader, Rows};
use crate::places::listing;
use crate::warning::Warning;

pub(super) const FORMAT: Format = Format {
    name: "spreadsheet",
    takes: &["data.header", "data.skip_lines", "data.names"],
    // Archives that are no spreadsheets were unpacked.
    recognize: |start, _| start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    open,
};

/// What a file is called in errors.
const WHAT: &str = "spreadsheet";

fn open(opened: Opened, options: &ReadOptions, _: &mut Dialect) -> Result<Box<dyn Reader>> {
    let name = opened.name;
    let bytes = whole(&name, opened.reader, opened.stored)?;
    check_members(&bytes).map_err(|error| error.within(&name))?;
    let (sheet, others) = match guarded(|| first_sheet(bytes)).map_err(|error| damaged(&name, WHAT, &error))? {
        Found::Table(sheet, others) => (sheet, others),
        Found::Empty(sheets) => {
            let sheets = listing(sheets.iter().map(String::as_str));
            return Err(Error::data(format!("no sheet has a cell: {sheets}")).within(name));
        }
    };
    sheet.check_size().map_err(|error| error.within(&name))?;
    let sheet = Rc::new(sheet);
    let rows = || SheetRows {
        sheet: Rc::clone(&sheet),
        file: name.clone(),
        at: 0,
        record: Record::default(),
    };
    let (_, layout) = beginning(|_| rows(), options);
    let text = TextState::new(Encoding::default(), options);
    let table = Delimited::open(rows(), layout, options, text)?;
    Ok(Box::new(Typed { table, sheet, others }))
}

/// A cell that holds something.
struct Cell {
    row: u32,
    column: u32,
    /// Where its text ends.
    end: usize,
    number: bool,
}

/// The cells of a sheet, row by row.
#[derive(Default)]
struct Sheet {
    cells: Vec<Cell>,
    text: String,
    first_column: u32,
    width: usize,
}

/// The file as what its members say it is.
fn open_book(bytes: Bytes) -> std::result::Result<Sheets<Cursor<Bytes>>, calamine::Error> {
    let members = bytes
        .starts_with(b"PK")
        .then(|| ZipArchive::new(Cursor::new(bytes.clone())));
    let has = |name: &str| matches!(&members, Some(Ok(members)) if members.index_for_name(name).is_some());
    let is_archive = members.is_some();
    let source = Cursor::new(bytes.clone());
    Ok(if !is_archive {
        Sheets::Xls(Xls::new(source)?)
    } else if has("xl/workbook.bin") {
        Sheets::Xlsb(Xlsb::new(source)?)
    } else if has("content.xml") {
        Sheets::Ods(Ods::new(source)?)
    } else {
        Sheets::Xlsx(Xlsx::new(source)?)
    })
}

/// What a file holds.
enum Found {
    /// The first sheet with cells, and a warning about those behind it.
    Table(Sheet, Option<Warning>),
    /// Sheets without cells.
    Empty(Vec<String>),
}

/// The first sheet with cells.
fn first_sheet(bytes: Bytes) -> std::result::Result<Found, String> {
    let mut book = open_book(bytes).map_err(|e| e.to_string())?;
    let all = book.sheet_names();
    let mut names = all.iter();
    for name in &mut names {
        let sheet = Sheet::read(&mut book, name)?;
        if !sheet.cells.is_empty() {
            let others: Vec<String> = names.cloned().collect();
            let sheet_name = name.clone();
            let warning = Warning::OtherSheets {
                sheet: sheet_name,
                others: others.clone(),
            };
            return Ok(Found::Table(sheet, (!others.is_empty()).then_some(warning)));
        }
    }
    Ok(Found::Empty(all))
}

impl Sheet {
    fn read(book: &mut Sheets<Cursor<Bytes>>, name: &str) -> std::result::Result<Self, String> {
        let mut sheet = Self::default();
        if let Sheets::Xlsx(book) = book {
            // Cell by cell: a far one does not make a large rectangle.
            let mut cells = book.worksheet_cells_reader(name).map_err(|e| e.to_string())?;
            while let Some(cell) = cells.next_cell().map_err(|e| e.to_string())? {
                let (row, column) = cell.get_position();
                sheet.push(row, column, &Data::from(cell.get_value().clone()));
            }
            let sorted = |two: &[Cell]| (two[0].row, two[0].column) < (two[1].row, two[1].column);
            if !sheet.cells.windows(2).all(sorted) {
                return Err("cells are not in order".to_owned());
            }
        } else {
            let range = book.worksheet_range(name).map_err(|e| e.to_string())?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                sheet.push(top + row as u32, left + column as u32, value);
            }
        }
        let columns = || sheet.cells.iter().map(|cell| cell.column);
        let first = columns().min().unwrap_or(0);
        let width = columns().max().map_or(0, |last| (last - first + 1) as usize);
        (sheet.first_column, sheet.width) = (first, width);
        Ok(sheet)
    }

    fn push(&mut self, row: u32, column: u32, value: &Data) {
        let start = self.text.len();
        match value {
            Data::Empty => return,
            Data::Int(number) => self.text += &number.to_string(),
            Data::Float(number) => self.text += &number_text(*number),
            Data::String(text) => self.text += text,
            Data::Bool(value) => self.text += if *value { "true" } else { "false" },
            Data::DateTime(moment) => self.text += &date_text(moment),
            Data::DateTimeIso(text) => self.text += text,
            Data::DurationIso(text) => self.text += &duration_text(text),
            Data::Error(error) => self.text += &error.to_string(),
        }
        if self.text[start..].trim().is_empty() {
            self.text.truncate(start);
            return;
        }
        self.cells.push(Cell {
            row,
            column,
            end: self.text.len(),
            number: value.is_int() || value.is_float(),
        });
    }

    /// Refuses a rectangle that is nearly empty: it would take more memory than its file.
    fn check_size(&self) -> Result<()> {
        const FREE: usize = 1 << 20;
        const SHARE: usize = 64;
        let rows = self.cells.chunk_by(|a, b| a.row == b.row).count();
        if rows.saturating_mul(self.width) > FREE + SHARE * self.cells.len() {
            let message = format!(
                "{rows} rows of {} columns with {} cells in all",
                self.width,
                self.cells.len()
            );
            return Err(Error::data(message).hint("is there a cell far from the table?"));
        }
        Ok(())
    }

    fn text(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.cells[at - 1].end };
        &self.text[start..self.cells[at].end]
    }

    /// A column of the rows on these lines as numbers, if it holds nothing else.
    fn numbers(&self, lines: &[u64], column: usize) -> Option<ArrayRef> {
        let column = self.first_column + column as u32;
        let number = |&line: &u64| {
            let place = ((line - 1) as u32, column);
            match self.cells.binary_search_by_key(&place, |cell| (cell.row, cell.column)) {
                Err(_) => Some(None),
                Ok(at) if self.cells[at].number => self.text(at).parse::<f64>().ok().map(Some),
                Ok(_) => None,
            }
        };
        let numbers = lines.iter().map(number).collect::<Option<Vec<_>>>()?;
        let any = numbers.iter().any(Option::is_some);
        any.then(|| Arc::new(Float64Array::from(numbers)) as ArrayRef)
    }
}

/// The shortest text of a number.
fn number_text(number: f64) -> String {
    match number.abs() {
        size if size == 0.0 || (1e-5..1e16).contains(&size) => number.to_string(),
        _ => format!("{number:e}"),
    }
}

/// A date, a time of day, both, or how long something took.
fn date_text(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let fraction = if milli == 0 {
        String::new()
    } else {
        format!(".{milli:03}")
    };
    if moment.is_duration() {
        let seconds = (days * 86_400.0).round();
        let sign = if seconds < 0.0 { "-" } else { "" };
        let seconds = seconds.abs() as u64;
        return format!("{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    match (days >= 1.0, (hour, minute, second, milli) == (0, 0, 0, 0)) {
        (false, _) => time,
        (true, true) => date,
        (true, false) => format!("{date} {time}"),
    }
}

/// `PT10H30M00S` as `10:30:00`; what is written otherwise stays.
fn duration_text(text: &str) -> String {
    let parts = || -> Option<[&str; 3]> {
        let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        Some([hours, minutes, rest.strip_suffix('S')?])
    };
    parts().map_or_else(|| text.to_owned(), |parts| parts.join(":"))
}

/// Rows of a sheet that hold something.
struct SheetRows {
    sheet: Rc<Sheet>,
    file: String,
    /// The next cell.
    at: usize,
    record: Record,
}

impl RowSource for SheetRows {
    fn skip_lines(&mut self, lines: u64) -> Result<()> {
        self.at = self.sheet.cells.partition_point(|cell| u64::from(cell.row) < lines);
        Ok(())
    }

    fn next(&mut self, _: usize) -> Result<Option<u64>> {
        let Some(first) = self.sheet.cells.get(self.at) else {
            return Ok(None);
        };
        let row = first.row;
        self.record.clear();
        for column in 0..self.sheet.width {
            if let Some(cell) = self.sheet.cells.get(self.at)
                && (cell.row, cell.column) == (row, self.sheet.first_column + column as u32)
            {
                self.record.bytes.extend_from_slice(self.sheet.text(self.at).as_bytes());
                self.at += 1;
            }
            self.record.end();
        }
        Ok(Some(u64::from(row) + 1))
    }

    fn record(&self) -> (&[u8], &[Span]) {
        self.record.parts()
    }

    fn name(&self) -> &str {
        &self.file
    }

    fn lines(&self) -> LineCounts {
        LineCounts::default()
    }
}

/// The table, with numbers where cells are numbers.
struct Typed {
    table: Delimited<SheetRows>,
    sheet: Rc<Sheet>,
    others: Option<Warning>,
}

impl Reader for Typed {
    fn names(&self) -> Arc<[String]> {
        self.table.names()
    }

    fn next(&mut self) -> Result<Option<Rows>> {
        let Some(mut rows) = self.table.next()? else {
            return Ok(None);
        };
        for (column, texts) in rows.columns.iter_mut().enumerate() {
            if let Some(numbers) = self.sheet.numbers(&rows.lines, column) {
                *texts = numbers;
            }
        }
        Ok(Some(rows))
    }

    fn warnings(&self) -> Vec<Warning> {
        self.table.warnings().into_iter().chain(self.others.clone()).collect()
    }

    fn describe(&self, _: &mut Dialect) {}
}
