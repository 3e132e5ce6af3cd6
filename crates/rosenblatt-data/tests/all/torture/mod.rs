//! Damaged, unusual and treacherous tables, each with the outcome it must have: its cells, or where it is refused.
//!
//! To add a case, write it into the list it belongs to. The outcome is written as [`outcome`] tells it.
#![cfg(test)]

mod lines;
mod numbers;
mod packed;
mod quotes;
mod random;
mod texts;

use std::fmt::Write as _;

use rosenblatt_data::{Column, ColumnData, Input, MISSING, Table, TableOptions, Warning};

/// What a file holds, and what must come of it.
type Case = (&'static str, &'static [u8], &'static str);

/// The most cells of a column that are listed.
const CELLS: usize = 6;

/// All of a reading as text: `2 rows; a numbers: 1 _; b texts: x _; odd b 3:2 x: is not a number`.
///
/// Of an error its message and its hint. Other delimiters than a comma and other encodings than UTF-8 are named too.
fn outcome(bytes: &[u8]) -> String {
    let (table, info) = match Table::read(&Input::memory("t", bytes.to_vec()), &TableOptions::default()) {
        Ok(read) => read,
        Err(error) => {
            let hint = error.hint_text().map_or(String::new(), |hint| format!(" / {hint}"));
            return format!("error: {error}{hint}");
        }
    };
    let mut text = format!("{} rows", table.len());
    for column in table.columns() {
        text += &format!("; {} {}", column.name, cells(column));
    }
    for warning in info.warnings {
        let Warning::ReadAsText {
            column,
            line,
            cell,
            text: found,
            reason,
            ..
        } = warning
        else {
            write!(text, "; {}", warning).unwrap();
            continue;
        };
        let line = line.unwrap();
        write!(text, "; odd {column} {line}:{cell} {found}: {reason}").unwrap();
    }
    if info.dialect.delimiter != b',' {
        write!(text, "; between {:?}", char::from(info.dialect.delimiter)).unwrap();
    }
    if info.dialect.encoding.to_string() != "UTF-8" {
        write!(text, "; {}", info.dialect.encoding).unwrap();
    }
    text
}

fn cells(column: &Column) -> String {
    let (kind, cells): (_, Vec<String>) = match &column.data {
        ColumnData::Numeric(values) => {
            let number = |value: f64| {
                if value.is_nan() {
                    "_".to_owned()
                } else {
                    value.to_string()
                }
            };
            ("numbers", values.iter().take(CELLS).map(number).collect())
        }
        ColumnData::Categorical(texts) => {
            let (codes, levels) = (texts.codes(), texts.levels());
            let text = |&code: &u32| {
                if code == MISSING {
                    "_".to_owned()
                } else {
                    levels.get(code as usize).escape_debug().to_string()
                }
            };
            ("texts", codes.iter().take(CELLS).map(text).collect())
        }
    };
    format!("{kind}: {}", cells.join(" "))
}

#[test]
fn every_case_has_its_outcome() {
    let lists = [lines::CASES, quotes::CASES, numbers::CASES, texts::CASES];
    let cases: Vec<&Case> = lists.into_iter().flatten().collect();
    assert!(cases.len() >= 90, "{} cases", cases.len());
    let mut wrong = String::new();
    for (name, bytes, expected) in cases {
        let found = outcome(bytes);
        if found != *expected {
            write!(wrong, "{name}\n  expected {expected}\n  found    {found}\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
