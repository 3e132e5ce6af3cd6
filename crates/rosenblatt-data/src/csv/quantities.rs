//! Cells of a column of numbers.

use rosenblatt_tensor::Error;

use super::cells::{self, Number};
use super::rules::Rules;
use crate::Numbers;

/// Numbers while they are read: all present cells so far are some.
#[derive(Default)]
pub(super) struct Quantities {
    pub values: Numbers,
    /// Whether one was present.
    pub seen: bool,
    /// Whether a text was taken for a missing number, which would be a category among texts.
    pub words: bool,
    /// The decimal mark, once it is known.
    pub mark: Option<char>,
    /// The first one out of range: an error, unless the column turns out to be text.
    pub out_of_range: Option<Error>,
}

impl Quantities {
    /// Takes a cell that needs no further look; says whether it did.
    pub fn take(&mut self, cell: &[u8], rules: &Rules<'_>) -> bool {
        if cell.is_empty() {
            self.values.push_missing();
            return true;
        }
        let Some((decimal, mark)) = cells::decimal(cell, rules.decimal_comma) else {
            return false;
        };
        if self.is_other_mark(mark) || rules.missing_numbers {
            return false;
        }
        self.values.push_decimal(decimal);
        self.seen = true;
        self.mark = self.mark.or(mark);
        true
    }

    /// Takes a present cell; says whether it is a number written as the others. `out_of_range` makes the error for one
    /// beyond f64.
    pub fn add(&mut self, text: &str, rules: &Rules<'_>, out_of_range: impl FnOnce() -> Error) -> bool {
        let comma = rules.decimal_comma && text.contains(',') && !text.contains('.');
        let mark = text.chars().find(|c| matches!(c, '.' | ','));
        let number = if comma {
            cells::number(&text.replace(',', "."))
        } else {
            cells::number(text)
        };
        match number {
            Number::Text => return false,
            _ if self.is_other_mark(mark) => return false,
            Number::Finite(value) => match cells::decimal(text.as_bytes(), rules.decimal_comma) {
                Some((decimal, _)) => self.values.push_decimal(decimal),
                None => self.values.push(value),
            },
            Number::OutOfRange => {
                self.out_of_range.get_or_insert_with(out_of_range);
                self.values.push_missing();
            }
        }
        self.seen = true;
        self.mark = self.mark.or(mark);
        true
    }

    /// Whether there was another decimal mark before.
    fn is_other_mark(&self, mark: Option<char>) -> bool {
        mark.is_some() && self.mark.is_some_and(|known| mark != Some(known))
    }
}
