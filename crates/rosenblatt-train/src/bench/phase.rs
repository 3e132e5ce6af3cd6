//! The parts of a step.

use std::fmt;

use serde::Serialize;

/// A part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Rows are picked and scaled.
    Gather,
    /// The network and the loss, up to the check that it is finite.
    Forward,
    /// Gradients of what lies between the layers.
    Backward,
    /// Gradients of parameters, and the optimizer on them: one task.
    Update,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gather => "gather",
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Update => "update",
        })
    }
}

/// What each task is part of: what comes before the first product gathers rows, what comes before the check of the loss
/// computes it, what updates a parameter says so, and the rest is on the way back.
pub(crate) fn phases_of(labels: &[String], products: &[bool]) -> Vec<Phase> {
    let first_product = products.iter().position(|product| *product).unwrap_or(0);
    let check = labels
        .iter()
        .position(|label| label.starts_with("check:"))
        .unwrap_or(labels.len());
    let phase = |(at, label): (usize, &String)| match label.contains(" → ") {
        true => Phase::Update,
        false if at < first_product.min(check) => Phase::Gather,
        false if at <= check => Phase::Forward,
        false => Phase::Backward,
    };
    labels.iter().enumerate().map(phase).collect()
}
