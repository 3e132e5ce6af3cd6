//! Tables of text: a header and rows, from whatever splits a text into records.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use rosenblatt_tensor::{Advice, Error, Result};

use super::cells::{Chunk, TextState, not_utf8};
use super::layout::{Layout, Sample, comment, looks_like_number};
use super::rows::RowSource;
use super::split::{MAX_COLUMNS, MORE_CELLS};
use super::{Encoding, ReadOptions, Reader, Rows, column_name};
use crate::places::{count, short};
use crate::warning::Warning;

/// A table of text while it is read.
pub(super) struct Delimited<S> {
    records: S,
    names: Arc<[String]>,
    layout: Layout,
    /// Cells of a row.
    width: usize,
    chunk: Chunk,
    /// The lines of the rows in `chunk`.
    lines: Vec<u64>,
    text: TextState,
    /// Lines equal to the header: how many, and the first.
    repeated: Option<(usize, u64)>,
    /// The row behind the header, if no line names the columns.
    first: Option<u64>,
    ended: bool,
    /// Whether rows were handed on.
    any: bool,
}

impl<S: RowSource> Delimited<S> {
    /// At the first row.
    pub fn open(mut records: S, layout: Layout, options: &ReadOptions, text: TextState) -> Result<Self> {
        records.skip_lines(layout.skip)?;
        let first = records.next(MAX_COLUMNS)?;
        let Some(line) = first else {
            let error = Error::data("is empty, expected a header line");
            return Err(records.refuse(error, 1, None));
        };
        let mut table = Self {
            names: Arc::default(),
            width: 0,
            chunk: Chunk::new(0),
            lines: Vec::new(),
            repeated: None,
            first: None,
            ended: false,
            any: false,
            records,
            layout,
            text,
        };
        table.name_columns(line, options)?;
        if table.layout.units
            && let Some(line) = table.records.next(table.width)?
        {
            let text = table.record_text();
            table.layout.warnings.push(Warning::UnitsRow { line, text });
        }
        Ok(table)
    }

    /// Takes the names from the options or the header, which was just read.
    fn name_columns(&mut self, line: u64, options: &ReadOptions) -> Result<()> {
        let found = match self.layout.header {
            true => header(&self.records, line, &mut self.text, !options.names.is_empty())?,
            false => (1..=self.records.len())
                .map(|number| format!("column_{number}"))
                .collect(),
        };
        let mut names = found;
        if self.layout.row_names {
            names.insert(0, "row_names".to_owned());
        }
        if !options.names.is_empty() {
            if options.names.len() != names.len() {
                let message = format!(
                    "{} given, but rows have {}",
                    count(options.names.len(), "name"),
                    count(names.len(), "cell")
                );
                return Err(self
                    .records
                    .refuse(Error::config(message).within("data.names"), line, None));
            }
            names.clone_from(&options.names);
        }
        self.width = names.len();
        self.chunk = Chunk::new(self.width);
        self.names = names.into();
        if !self.layout.header {
            self.first = Some(line);
        }
        Ok(())
    }

    /// The record as it is shown in a warning.
    fn record_text(&self) -> String {
        let cells = (0..self.records.len()).map(|i| String::from_utf8_lossy(self.records.cell(i)).trim().to_owned());
        short(&cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" "))
    }

    /// Adds the record that was just read.
    fn take(&mut self, line: u64) -> Result<()> {
        let cells = self.records.len();
        let ends_empty = || self.records.cell(self.width).trim_ascii().is_empty();
        let trailing = self.layout.trailing && cells == self.width + 1 && ends_empty();
        if cells != self.width && !trailing {
            return self.ragged(line, cells);
        }
        if self.is_header(line) {
            return Ok(());
        }
        let (record, cells) = self.records.record();
        self.chunk.push(record, &cells[..self.width])?;
        self.lines.push(line);
        Ok(())
    }

    /// Whether no row was taken yet.
    fn is_first(&self) -> bool {
        self.lines.is_empty() && !self.any
    }

    /// Notes a record that is the header once more; says whether it is one.
    fn is_header(&mut self, line: u64) -> bool {
        let names = &self.names;
        let is_name = |i: usize| self.records.cell(i).trim_ascii() == names[i].as_bytes();
        if !self.layout.repeats || !self.layout.header || self.width < 2 || !(0..self.width).all(is_name) {
            return false;
        }
        let (repeated, _) = self.repeated.get_or_insert((0, line));
        *repeated += 1;
        true
    }

    /// Refuses a row of another length than the header, unless it is the mark that DOS ends a file with.
    fn ragged(&mut self, line: u64, cells: usize) -> Result<()> {
        let last = self.records.cell(cells - 1).trim_ascii();
        if cells == 1 && !last.is_empty() && last.iter().all(|&byte| byte == 0x1a) {
            self.layout.warnings.push(Warning::EndMark { line });
            return Ok(());
        }
        let hint = if cells == self.width + 1 && last.is_empty() {
            Advice::new("the row ends with a delimiter; the header has to end with one too")
        } else if cells > self.width {
            Advice::new(MORE_CELLS)
        } else {
            Advice::new("cells are missing, or a line break inside a cell is not quoted")
        };
        let may_be_comment = self.records.cell(0).first().is_some_and(|byte| b"#%!/".contains(byte));
        let hint = match self.is_first() {
            true => hint
                .text("; lines before the header are skipped with ")
                .setting("data.skip_lines"),
            false if may_be_comment => hint
                .text("; lines of comments are skipped with ")
                .setting("data.comment"),
            false => hint,
        };
        let message = format!("{}, but the header has {}", count(cells, "cell"), self.width);
        Err(self.records.refuse(Error::data(message).hint(hint), line, None))
    }
}

impl<S: RowSource> Reader for Delimited<S> {
    fn names(&self) -> Arc<[String]> {
        Arc::clone(&self.names)
    }

    fn next(&mut self) -> Result<Option<Rows>> {
        if let Some(line) = self.first.take() {
            self.take(line)?;
        }
        while !self.chunk.is_full() && !self.ended {
            match self.records.next(self.width)? {
                Some(line) => self.take(line)?,
                None => self.ended = true,
            }
        }
        if self.chunk.rows() == 0 && self.ended {
            return Ok(None);
        }
        let rows = self.chunk.rows();
        self.any = true;
        self.records.release();
        let columns: Vec<ArrayRef> = self.chunk.take_columns(&mut self.text).map_err(|wrong| {
            self.records
                .refuse(wrong.error, self.lines[wrong.row], Some(wrong.column + 1))
        })?;
        Ok(Some(Rows {
            columns,
            rows,
            lines: std::mem::take(&mut self.lines),
        }))
    }

    fn warnings(&self) -> Vec<Warning> {
        let repeated = self
            .repeated
            .map(|(count, line)| Warning::RepeatedHeader { count, line });
        let is_decoded = self.text.encoding == Encoding::WINDOWS_1252 && !self.text.given;
        let decoded = is_decoded.then(|| Warning::Decoded {
            encoding: self.text.encoding.to_string(),
        });
        let count = self.records.lines().comments;
        let comments = (count > 0).then_some(Warning::Comments { count });
        let of_layout = self.layout.warnings.iter().cloned();
        of_layout.chain(comments).chain(repeated).chain(decoded).collect()
    }

    fn describe(&self, dialect: &mut super::Dialect) {
        let lines = self.records.lines();
        dialect.encoding = self.text.encoding;
        dialect.lines = lines.lines;
        dialect.returns = lines.returns;
        dialect.blank_lines = lines.blank;
    }
}

/// The names of the header; an empty one is called by its place. Those that are not used may be listed twice.
fn header<S: RowSource>(records: &S, line: u64, state: &mut TextState, unused: bool) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::with_capacity(records.len());
    let mut seen = HashMap::new();
    for number in 1..=records.len() {
        let refuse = |error: Error| records.refuse(error, line, Some(number));
        let text = state.text(records.cell(number - 1)).map_err(refuse)?;
        let name = column_name(&text, number);
        if let Some(first) = seen.insert(name.clone(), number).filter(|_| !unused) {
            let message = format!(
                "column `{}` is listed twice in the header, as cells {first} and {number}",
                short(&name)
            );
            let hint = match looks_like_number(&name) {
                true => Advice::new("if the line is a row, add ").set("data.header", "none"),
                false => Advice::new("rename one of them"),
            };
            let hint = hint.text(", or give all names with ").setting("data.names");
            return Err(refuse(Error::data(message).hint(hint)));
        }
        names.push(name);
    }
    Ok(names)
}

impl TextState {
    /// Before the first cell.
    pub fn new(encoding: Encoding, options: &ReadOptions) -> Self {
        Self {
            encoding,
            given: options.encoding.is_some() || !encoding.is_utf8() || encoding.is_marked(),
            ascii: true,
        }
    }

    /// The text of one cell of the header.
    fn text(&mut self, cell: &[u8]) -> Result<String> {
        match not_utf8(cell) {
            Ok(text) => {
                self.ascii &= text.is_ascii();
                Ok(text.to_owned())
            }
            Err(error) => self.fallback(cell).ok_or(error),
        }
    }
}

/// How a table begins, and what its comments begin with; `records` splits its first bytes.
pub(super) fn beginning<S: RowSource>(
    records: impl Fn(Option<u8>) -> S,
    options: &ReadOptions,
) -> (Option<u8>, Layout) {
    let first = |comment| {
        let mut records = records(comment);
        let skipped = records.skip_lines(options.skip_lines);
        skipped.map_or(Vec::new(), |()| sample(records))
    };
    let comment = options.comment.or_else(|| comment(&first(None)));
    (comment, Layout::of(&first(comment), options))
}

/// The first records of a text, as far as they can be split.
fn sample<S: RowSource>(mut records: S) -> Vec<Sample> {
    const ROWS: usize = 60;
    let mut sample = Vec::new();
    while sample.len() < ROWS
        && let Ok(Some(line)) = records.next(MAX_COLUMNS)
    {
        let cell = |i: usize| String::from_utf8_lossy(records.cell(i)).into_owned();
        let cells = (0..records.len()).map(cell).collect();
        sample.push(Sample { line, cells });
    }
    sample
}
