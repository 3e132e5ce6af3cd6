//! What became of columns and rows, for the user.

use std::fmt;

use crate::csv::Oddity;

/// A column from which nothing is predicted though nobody asked for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub column: String,
    /// Why.
    pub reason: String,
}

/// What there is to say about the preparation of some data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Columns that were left out.
    pub left_out: Vec<LeftOut>,
    /// Cells that keep a column from being one of numbers or dates.
    pub oddities: Vec<Oddity>,
    /// Everything else, one sentence each.
    pub others: Vec<String>,
}

impl Remarks {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left_out.is_empty() && self.oddities.is_empty() && self.others.is_empty()
    }

    /// All of it as sentences.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::{LeftOut, Remarks};
    /// let left_out = vec![LeftOut { column: "id".into(), reason: "it numbers the rows".into() }];
    /// let remarks = Remarks { left_out, others: vec!["left out 1 row of weight 0".into()], ..Remarks::default() };
    /// assert_eq!(remarks.sentences(), ["left out `id`: it numbers the rows", "left out 1 row of weight 0"]);
    /// ```
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let left_out = self.left_out.iter().map(LeftOut::to_string);
        let oddities = self.oddities.iter().map(Oddity::to_string);
        left_out.chain(oddities).chain(self.others.iter().cloned()).collect()
    }

    /// Adds that a column was left out.
    pub(crate) fn leave_out(&mut self, column: &str, reason: impl Into<String>) {
        self.left_out.push(LeftOut {
            column: column.to_owned(),
            reason: reason.into(),
        });
    }

    /// Adds what others have to say.
    pub(crate) fn append(&mut self, others: Self) {
        self.left_out.extend(others.left_out);
        self.oddities.extend(others.oddities);
        self.others.extend(others.others);
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "left out `{}`: {}", self.column, self.reason)
    }
}
