//! Where a table begins in its text: lines before the header, the header itself, a row of units below it.

use super::ReadOptions;
use std::collections::HashSet;

use crate::options::HeaderLine;
use crate::places::short;
use crate::warning::Warning;

/// A record of the beginning of a file.
pub(super) struct Sample {
    /// The line where it starts.
    pub line: u64,
    pub cells: Vec<String>,
}

/// How the table of a file begins.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// Lines before the header.
    pub skip: u64,
    /// Whether a line names the columns.
    pub header: bool,
    /// Whether rows have a cell more than the header: their first one, which is their name.
    pub row_names: bool,
    /// Whether rows, but not the header, end with a delimiter.
    pub trailing: bool,
    /// Whether the line below the header holds units.
    pub units: bool,
    /// Whether a row that is equal to the header is the header once more.
    pub repeats: bool,
    pub warnings: Vec<Warning>,
}

/// At most so many lines before the header are found.
const MAX_PREAMBLE: usize = 30;

/// So many rows below have to be alike.
const MIN_ALIKE: usize = 2;

/// The first character of a comment, if the file begins with lines of comments and no option says so.
///
/// A first line that has as many cells as the next line which is no comment is a header (`#chrom,pos`).
pub(super) fn comment(sample: &[Sample]) -> Option<u8> {
    let is_comment = |s: &Sample| s.cells.first().is_some_and(|cell| cell.starts_with('#'));
    let first = sample.first().filter(|first| is_comment(first))?;
    let below = sample.iter().find(|s| !is_comment(s))?;
    let of_rows = sample
        .iter()
        .rev()
        .find(|s| !is_comment(s))
        .map_or(0, |s| s.cells.len());
    let is_header = first.cells.len() == of_rows && first.cells.len() == below.cells.len() && of_rows > 1;
    (!is_header).then_some(b'#')
}

impl Layout {
    /// The layout of a file that begins with these records.
    pub fn of(sample: &[Sample], options: &ReadOptions) -> Self {
        let mut layout = Self {
            skip: options.skip_lines,
            header: options.header != HeaderLine::None,
            ..Self::default()
        };
        let (preamble, rows) = sample.split_at(preamble(sample, options));
        if let (Some(first), Some(header)) = (preamble.first(), rows.first()) {
            layout.skip = header.line - 1;
            layout.warnings.push(Warning::SkippedLines {
                count: preamble.len(),
                line: first.line,
                text: short(&first.cells.join(" ")),
            });
        }
        let Some((header, rows)) = rows.split_first().filter(|_| layout.header) else {
            return layout;
        };
        let width = header.cells.len();
        if !rows.is_empty() && rows.iter().all(|row| row.cells.len() == width + 1) {
            let is_empty = |row: &Sample| row.cells.last().is_some_and(|cell| cell.trim().is_empty());
            layout.trailing = rows.iter().all(is_empty);
            layout.row_names = !layout.trailing && width > 1 && are_row_names(rows);
            layout.warnings.extend(match layout.trailing {
                true => Some(Warning::TrailingDelimiter),
                false => layout.row_names.then_some(Warning::RowNames),
            });
        }
        let below = rows
            .split_first()
            .filter(|_| options.header == HeaderLine::Detect && !options.every_row);
        layout.units = below.is_some_and(|(first, rows)| are_units(first, rows));
        layout.repeats = !options.every_row && is_unlike_rows(header, rows);
        layout
    }
}

/// Whether the first cells of rows name the rows, as R writes them: each differs from the others, and they count the rows or are no
/// numbers. Otherwise some cell has a delimiter that is not quoted.
fn are_row_names(rows: &[Sample]) -> bool {
    let names = || rows.iter().map(|row| row.cells[0].trim());
    let different: HashSet<&str> = names().collect();
    let first: Option<u64> = names().next().and_then(|name| name.parse().ok());
    let counts = |first: u64| names().zip(first..).all(|(name, row)| name.parse() == Ok(row));
    different.len() == rows.len() && (first.is_some_and(counts) || !names().any(looks_like_number))
}

/// Whether a header is unlike rows: a column of numbers below it, and it is not a number there.
fn is_unlike_rows(header: &Sample, rows: &[Sample]) -> bool {
    let others: Vec<&Sample> = rows.iter().filter(|row| row.cells != header.cells).collect();
    let numbers = |column: usize| {
        let mut cells = others.iter().filter_map(|row| row.cells.get(column));
        let present = |cell: &&String| !cell.trim().is_empty();
        let alike = cells.clone().filter(present).all(|cell| looks_like_number(cell));
        alike && cells.any(|cell| present(&cell))
    };
    let is_name = |(column, cell): (usize, &String)| !looks_like_number(cell) && numbers(column);
    header.cells.iter().enumerate().any(is_name)
}

/// How many records come before the header: those shorter than all that follow.
fn preamble(sample: &[Sample], options: &ReadOptions) -> usize {
    if options.skip_lines > 0 || options.header != HeaderLine::Detect {
        return 0;
    }
    let width = |at: usize| sample[at].cells.len();
    let of_table = sample.last().map_or(0, |last| last.cells.len());
    // Spreadsheets fill short lines up with empty cells.
    let is_short = |at: usize| match filled(&sample[at]) {
        filled if width(at) == of_table => of_table > 2 && 2 * filled <= of_table,
        filled => filled < of_table && width(at) < of_table,
    };
    let mut start = (0..sample.len()).find(|&at| !is_short(at)).unwrap_or(0);
    // Names of groups of columns, with gaps, above the names of the columns.
    let named = |at: usize| {
        sample
            .get(at)
            .map_or(0, |s| s.cells.iter().filter(|cell| !cell.trim().is_empty()).count())
    };
    let is_text = |at: usize| {
        sample
            .get(at)
            .is_some_and(|s| !s.cells.iter().any(|cell| looks_like_number(cell)))
    };
    if named(start) < of_table
        && named(start + 1) == of_table
        && is_text(start)
        && is_text(start + 1)
        && !is_text(start + 2)
    {
        start += 1;
    }
    let alike = (start..sample.len()).all(|at| width(at) == of_table);
    // A header may be one cell shorter than its rows, where these begin with their names.
    let is_header = start == 1 && width(0) + 1 == of_table && width(0) > 1;
    let enough = start <= MAX_PREAMBLE && start + MIN_ALIKE < sample.len();
    if of_table > 1 && alike && enough && !is_header {
        start
    } else {
        0
    }
}

/// Cells of a record that hold something, up to the last of them.
fn filled(sample: &Sample) -> usize {
    let last = sample.cells.iter().rposition(|cell| !cell.trim().is_empty());
    last.map_or(0, |last| last + 1)
}

/// Whether the first row below the header holds units: texts in columns that otherwise hold numbers alone, and no number.
fn are_units(first: &Sample, rows: &[Sample]) -> bool {
    const MIN_ROWS: usize = 3;
    const LONGEST_UNIT: usize = 16;
    if rows.len() < MIN_ROWS {
        return false;
    }
    let is_numeric = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.cells.get(column));
        let present: Vec<&String> = cells.filter(|cell| !cell.trim().is_empty()).collect();
        present.len() >= MIN_ROWS && present.into_iter().all(|cell| looks_like_number(cell))
    };
    let numeric: Vec<&str> = (0..first.cells.len())
        .filter(|&column| is_numeric(column))
        .map(|column| first.cells[column].trim())
        .collect();
    let units = numeric.iter().filter(|cell| is_unit(cell)).count();
    let others = first.cells.iter().any(|cell| looks_like_number(cell));
    // Longer texts are names of columns, or a row of its own.
    let long = first
        .cells
        .iter()
        .any(|cell| cell.trim().chars().count() > LONGEST_UNIT);
    !others && !long && units > 0 && 2 * units >= numeric.len()
}

/// A text that may be a unit: not empty, no number, no word for a missing value.
fn is_unit(text: &str) -> bool {
    !text.is_empty() && !looks_like_number(text) && !crate::typed::is_missing(text)
}

/// Whether a text is a number in one of the usual spellings.
pub(super) fn looks_like_number(text: &str) -> bool {
    let text = text.trim();
    let of_numbers = |c: char| c.is_ascii_digit() || " .,'+-\u{2212}\u{a0}\u{202f}%$€£()[]eE".contains(c);
    text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(of_numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> (u64, bool, bool, bool) {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect();
        let sample: Vec<Sample> = (1..)
            .zip(text.lines())
            .filter(|(_, text)| !text.is_empty())
            .map(|(line, text)| Sample {
                line,
                cells: cells(text),
            })
            .collect();
        let layout = Layout::of(&sample, &ReadOptions::default());
        (layout.skip, layout.row_names, layout.trailing, layout.units)
    }

    #[test]
    fn beginnings_of_tables() {
        for (text, expected) in [
            ("a,b\n1,2\n3,4\n5,6\n7,8", (0, false, false, false)),
            ("Report of 2020\n\na,b\n1,2\n3,4\n5,6", (2, false, false, false)),
            (
                "Report,,\nby us,,\na,b,c\n1,2,3\n4,5,6\n7,8,9",
                (2, false, false, false),
            ),
            ("a,\n1,2\n3,4\n5,6\n7,8", (0, false, false, false)),
            ("a,b,\n1,2,3\n4,5,6\n7,8,9", (0, false, false, false)),
            ("a,b\nr1,1,2\nr2,3,4\nr3,5,6", (0, true, false, false)),
            ("a,b\n1,2,\n3,4,\n5,6,", (0, false, true, false)),
            ("a,b,c\nm,kg,\n1,2,x\n3,4,y\n5,6,z", (0, false, false, true)),
            ("a,b,c\nNA,NA,x\n1,2,x\n3,4,y\n5,6,z", (0, false, false, false)),
            ("a,b\nx,1\ny,2\nz,3\nw,4", (0, false, false, false)),
            ("a\n1\n2\n3", (0, false, false, false)),
            ("", (0, false, false, false)),
        ] {
            assert_eq!(layout(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_header_may_begin_with_a_hash() {
        let sample = |lines: &[&str]| -> Vec<Sample> {
            let cells = |text: &&str| text.split(',').map(str::to_owned).collect();
            (1..)
                .zip(lines)
                .map(|(line, text)| Sample {
                    line,
                    cells: cells(text),
                })
                .collect()
        };
        assert_eq!(comment(&sample(&["#chrom,pos", "1,2", "1,3"])), None);
        assert_eq!(comment(&sample(&["# made by us", "a,b", "1,2"])), Some(b'#'));
        assert_eq!(comment(&sample(&["# a,b", "a,b,c", "1,2,3"])), Some(b'#'));
        assert_eq!(comment(&sample(&["a,b", "1,2"])), None);
    }
}
