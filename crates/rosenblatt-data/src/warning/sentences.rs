//! Warnings as sentences.

use std::fmt;

use super::{Imputed, Part, Warning};
use crate::places::{count, listing, short};

/// How many columns a sentence names before it says how many more there are.
const LISTED: usize = 12;

/// `line 3`, `line 3 of b.csv`, or `row 2` where rows have no lines.
pub(crate) fn place_of(line: Option<u64>, row: Option<u64>, file: Option<&str>) -> String {
    let of_file = file.map_or(String::new(), |file| format!(" of {file}"));
    match (line, row) {
        (Some(line), _) => format!("line {line}{of_file}"),
        (None, row) => format!("row {}{of_file}", row.unwrap_or(1)),
    }
}

/// The sentence about warnings that share a line, without the part.
pub(super) fn sentence(group: &[&Warning]) -> String {
    match group[0] {
        Warning::MissingValues { .. } => missing_values(group),
        Warning::RareCategories { .. } => format!(
            "{} of a category too rare in training to be distinguished: {}",
            count(counted(group), "cell"),
            columns(group, |_| String::new())
        ),
        Warning::NearlyUnique { rows, .. } => format!(
            "nearly as many categories as the {rows} training rows: {}",
            columns(group, |_| String::new())
        ),
        Warning::ConstantColumn { .. } => {
            let names = columns(group, |_| String::new());
            format!("constant columns, from which nothing can be learned: {names}")
        }
        one => one.to_string(), // Not reached: other kinds have a line each.
    }
}

fn missing_values(group: &[&Warning]) -> String {
    let new = |warning: &Warning| match warning {
        Warning::MissingValues { in_training: false, .. } => " (none in training)".to_owned(),
        _ => String::new(),
    };
    let any = |kind, text| {
        let is = |one: &&&Warning| matches!(one, Warning::MissingValues { imputed, .. } if *imputed == kind);
        group.iter().find(is).map(|_| text)
    };
    let imputed = [
        any(Imputed::Median, "numbers with the training median"),
        any(Imputed::Mean, "dates with the training mean"),
        any(Imputed::UnknownCategory, "categories as unknown"),
    ];
    format!(
        "{}: {}; imputed: {}",
        count(counted(group), "missing value"),
        columns(group, new),
        imputed.into_iter().flatten().collect::<Vec<_>>().join(", ")
    )
}

fn counted(group: &[&Warning]) -> usize {
    group.iter().filter_map(|warning| warning.cells()).sum()
}

/// Each column with its number and more, the first twelve of them.
fn columns(group: &[&Warning], more: impl Fn(&Warning) -> String) -> String {
    let column = |warning: &&Warning| {
        let cells = warning.cells().map_or(String::new(), |cells| format!(" {cells}"));
        let name = short(warning.column().unwrap_or_default());
        format!("`{name}`{cells}{}", more(warning))
    };
    let shown: Vec<String> = group.iter().take(LISTED).map(column).collect();
    match group.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        rest => format!("{} and {}", shown.join(", "), count(rest, "more column")),
    }
}

impl Warning {
    /// The part of the data, if it was split.
    pub(super) fn part(&self) -> Option<Part> {
        match self {
            Self::MissingTarget { part, .. }
            | Self::ZeroWeight { part, .. }
            | Self::NoSampleWeight { part, .. }
            | Self::MissingValues { part, .. }
            | Self::UnseenCategories { part, .. }
            | Self::OutsideRange { part, .. }
            | Self::AbsurdTargets { part, .. }
            | Self::RepeatedIds { part, .. }
            | Self::InvalidDates { part, .. } => *part,
            _ => None,
        }
    }

    /// The number that is listed behind the column.
    pub(super) fn cells(&self) -> Option<usize> {
        match self {
            Self::MissingValues { count, .. }
            | Self::RareCategories { count, .. }
            | Self::NearlyUnique { count, .. } => Some(*count),
            _ => None,
        }
    }
}

/// `validation rows: `, or nothing.
pub(super) fn of_part(part: Option<Part>) -> &'static str {
    match part {
        None => "",
        Some(Part::Train) => "training rows: ",
        Some(Part::Valid) => "validation rows: ",
        Some(Part::Test) => "test rows: ",
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(of_part(self.part()))?;
        match self {
            Self::ColumnDropped { column, reason } => write!(f, "dropped `{}`: {reason}", short(column)),
            Self::ReadAsText {
                column,
                file,
                line,
                row,
                text,
                reason,
                ..
            } => {
                let place = place_of(*line, *row, file.as_deref());
                write!(f, "`{}` is read as text: `{text}` in {place} {reason}", short(column))
            }
            Self::MixedNumbers { column, reason } => {
                write!(f, "`{}` is read as text: {reason}", short(column))
            }
            Self::NotNumbers {
                column,
                count: cells,
                texts,
                file,
                line,
                row,
            } => write!(
                f,
                "`{}`: {} not a number and counted as missing: {}, first in {}",
                short(column),
                plural(*cells as u64, "cell is", "cells are"),
                listing(texts.iter().map(String::as_str)),
                place_of(*line, *row, file.as_deref())
            ),
            Self::MergedSpellings {
                column,
                count: cells,
                categories,
                spellings,
            } => write!(
                f,
                "`{}`: {} in another spelling of {}, such as {}",
                short(column),
                count(*cells, "cell"),
                match categories {
                    1 => "a category".to_owned(),
                    many => format!("{many} categories"),
                },
                listing(spellings.iter().map(String::as_str))
            ),
            Self::OtherSpellings {
                column,
                count: cells,
                text,
                category,
            } => write!(
                f,
                "`{}`: {} in another spelling than in training, such as `{text}` for `{category}`",
                short(column),
                count(*cells, "cell")
            ),
            Self::MissingTarget {
                column, count: rows, ..
            } => {
                let rows = count(*rows, "row");
                write!(f, "dropped {rows} without a value in the target `{}`", short(column))
            }
            Self::ZeroWeight {
                column, count: rows, ..
            } => {
                write!(f, "dropped {} of weight 0 in `{}`", count(*rows, "row"), short(column))
            }
            Self::NoSampleWeight { column, .. } => write!(
                f,
                "there is no column `{}` of sample weights: all rows have the same weight",
                short(column)
            ),
            Self::UnseenCategories {
                column,
                count: cells,
                text,
                ..
            } => write!(
                f,
                "`{}`: {} with a category not seen in training, such as `{text}`",
                short(column),
                count(*cells, "cell")
            ),
            Self::InvalidDates {
                column,
                count: cells,
                text,
                ..
            } => write!(
                f,
                "`{}`: {} not a date, such as `{text}`: counted as missing",
                short(column),
                plural(*cells as u64, "cell is", "cells are")
            ),
            Self::Outliers {
                column,
                count: cells,
                number,
                row,
                least,
                most,
            } => {
                let such = if *cells > 1 { "such as " } else { "" };
                let numbers = plural(*cells as u64, "number is", "numbers are");
                let others = format!("the others are from {least} to {most}");
                let column = short(column);
                write!(
                    f,
                    "`{column}`: {numbers} far outside all others, {such}{number} in row {row}; {others}"
                )
            }
            Self::AbsurdTargets {
                column,
                count: rows,
                number,
                ..
            } => write!(
                f,
                "dropped {} with a target `{}` far outside all others, such as {number}",
                count(*rows, "row"),
                short(column)
            ),
            Self::OutsideRange {
                column,
                count: cells,
                number,
                ..
            } => write!(
                f,
                "`{}`: {} far outside the training range, such as {number}, and clipped or counted as missing",
                short(column),
                plural(*cells as u64, "number is", "numbers are")
            ),
            Self::NumericDates { column, text } => write!(
                f,
                "`{}` is read as numbers, but they look like dates, such as `{text}`",
                short(column)
            ),
            Self::RepeatedIds {
                column,
                count: shared,
                rows,
                part,
            } => {
                let (rows, others) = match part {
                    Some(_) => (rows.to_string(), "training rows"),
                    None => (count(*rows, "row"), "other rows"),
                };
                let name = short(column);
                write!(
                    f,
                    "{shared} of {rows} have a value of `{name}` that {others} have: they do not show how well rows with new \
                     values are predicted"
                )
            }
            Self::SortedByTime { column } => write!(
                f,
                "the rows are sorted by `{}`: rows held out at random do not show how well later ones are predicted",
                short(column)
            ),
            Self::RunningNumber { column, target } => write!(
                f,
                "`{}` numbers the rows, which are sorted by the target: it gives `{}` away",
                short(column),
                short(target)
            ),
            Self::TargetLeakage { column, target, reason } => {
                let (column, target) = (short(column), short(target));
                write!(f, "`{column}` gives the target `{target}` away: {reason}")
            }
            Self::MissingGroups { column, count: rows } => {
                let rows = plural(
                    *rows as u64,
                    "row is a group of its own",
                    "rows are groups of their own",
                );
                write!(f, "{rows}, without a value in `{}`", short(column))
            }
            Self::MissingTimes { column, count: rows } => {
                let rows = plural(*rows as u64, "row without a time", "rows without a time");
                write!(f, "{rows} in `{}`: not held out", short(column))
            }
            Self::NoTestImages { file } => {
                write!(f, "`{file}` has no test images: these are its training images")
            }
            Self::NumericColumnName { column } => write!(
                f,
                "the name of a column is a number, `{}`: is the first line a header?",
                short(column)
            ),
            Self::DuplicateRows { count: rows } => write!(
                f,
                "{}, equal in every column",
                plural(*rows as u64, "duplicate row", "duplicate rows")
            ),
            Self::MixedLineEndings { count: crlf, lf } => {
                write!(f, "some lines end in CRLF ({crlf}), others in LF ({lf})")
            }
            Self::SkippedLines {
                count: lines,
                line,
                text,
            } => {
                write!(
                    f,
                    "skipped {} before the header; line {line} is `{text}`",
                    count(*lines, "line")
                )
            }
            Self::Comments { count: lines } => {
                write!(f, "skipped {}", plural(*lines, "line of comments", "lines of comments"))
            }
            Self::UnitsRow { line, text } => {
                write!(f, "line {line} holds units, `{text}`, and is skipped")
            }
            Self::RepeatedHeader { count: lines, line } => write!(
                f,
                "skipped {} equal to the header, first line {line}",
                count(*lines, "line")
            ),
            Self::OtherSheets { sheet, others } => {
                let others = listing(others.iter().map(String::as_str));
                write!(f, "read sheet `{}`, and not {others}", short(sheet))
            }
            Self::EndMark { line } => write!(f, "skipped the end mark of DOS in line {line}"),
            Self::RowNames => f.write_str(
                "rows have a cell more than the header: the first is taken for the name of the row, `row_names`",
            ),
            Self::TrailingDelimiter => f.write_str("rows end with a delimiter, the header does not: it is skipped"),
            Self::Decoded { encoding } => write!(f, "the file is not UTF-8: it is read as {encoding}"),
            Self::BlankLines { count: lines } => {
                write!(f, "{} skipped", plural(*lines, "blank line is", "blank lines are"))
            }
            Self::MissingValues { .. }
            | Self::RareCategories { .. }
            | Self::NearlyUnique { .. }
            | Self::ConstantColumn { .. } => f.write_str(&sentence(&[self])),
        }
    }
}

/// `1 row is`, `2 rows are`.
fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
