//! Parts of the data besides the training rows.

/// A part of the data that training does not learn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldOut {
    /// For decisions.
    Valid,
    /// For judging; it influences nothing.
    Test,
}

impl HeldOut {
    /// What its rows are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Valid => "validation",
            Self::Test => "test",
        }
    }
}
