//! What a network is to predict.

/// The kind of target a loss or metric is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// One of this many classes; targets are class indices, i64 `[batch]`.
    Classes(usize),
    /// This many numbers; targets are `[batch]` or `[batch, numbers]`.
    Values(usize),
}

impl TargetKind {
    /// How many classes or numbers.
    #[must_use]
    pub fn width(self) -> usize {
        let (Self::Classes(width) | Self::Values(width)) = self;
        width
    }
}
