//! What decides how every cell of a file is read.

use super::cells;
use crate::Input;

/// See the module.
pub(super) struct Rules<'a> {
    pub input: &'a Input,
    /// Further texts for a missing cell.
    pub missing: &'a [String],
    /// Whether `1,5` is one and a half.
    pub decimal_comma: bool,
    /// Whether one of `missing` looks like a number.
    pub missing_numbers: bool,
    /// Whether the table has further files.
    pub several: bool,
    /// Whether only an empty cell is missing.
    pub literal: bool,
}

impl<'a> Rules<'a> {
    /// Rules for a file.
    pub fn new(input: &'a Input, missing: &'a [String], decimal_comma: bool) -> Self {
        let is_number = |text: &String| cells::decimal(text.as_bytes(), decimal_comma).is_some();
        Self {
            input,
            missing,
            decimal_comma,
            missing_numbers: missing.iter().any(is_number),
            several: false,
            literal: false,
        }
    }

    /// The file, if there are several.
    pub fn file(&self) -> Option<&'a Input> {
        self.several.then_some(self.input)
    }

    /// Whether a text says that nothing is known.
    pub fn is_missing(&self, text: &str) -> bool {
        match self.literal {
            true => text.is_empty(),
            false => cells::is_missing(text, self.missing),
        }
    }
}
