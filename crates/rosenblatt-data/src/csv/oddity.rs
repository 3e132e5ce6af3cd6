//! What one should know about a column that is read as texts.

use std::fmt;

use super::place::Place;
use crate::Input;
use crate::places::short;

/// Why a column with numbers or dates was read as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The name of the column.
    pub column: String,
    /// The file, if there are several.
    pub file: Option<String>,
    /// The line of the cell, counted from 1.
    pub line: u64,
    /// The number of the cell in its row, counted from 1.
    pub cell: usize,
    /// The first cell that speaks against numbers or dates, cut to a length fit for a message.
    pub text: String,
    /// What is the matter with it.
    pub reason: String,
}

impl Oddity {
    /// About the cell of a column with this text; `file` is given if there are several.
    pub(super) fn new((column, text): (&str, &str), place: Place, file: Option<&Input>, reason: &str) -> Self {
        Self {
            column: column.to_owned(),
            file: file.map(|file| file.name().to_owned()),
            line: place.line,
            cell: place.cell.unwrap_or(1),
            text: short(text),
            reason: reason.to_owned(),
        }
    }

    /// Whether the text may be a word for a missing value: it is a short one without a digit.
    #[must_use]
    pub fn may_mean_missing(&self) -> bool {
        const MAX_LENGTH: usize = 12;
        self.text.chars().count() <= MAX_LENGTH && !self.text.contains(char::is_numeric)
    }

    /// `line 3`, or `line 3 of b.csv`.
    #[must_use]
    pub fn place(&self) -> String {
        let of_file = self.file.as_ref().map_or(String::new(), |file| format!(" of {file}"));
        format!("line {}{of_file}", self.line)
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            column, text, reason, ..
        } = self;
        write!(
            f,
            "`{}` is read as text: `{text}` in {} {reason}",
            short(column),
            self.place()
        )
    }
}
