//! Solvers: minimize a function that is known at any point, rather than by a gradient at a time.

mod lbfgs;
mod line_search;
mod memory;

pub use lbfgs::Lbfgs;

/// Where a solver has arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// The point.
    pub x: Vec<f64>,
    /// The function there.
    pub value: f64,
    /// Its gradient there.
    pub gradient: Vec<f64>,
    /// Steps taken.
    pub iterations: usize,
    /// How often the function was evaluated.
    pub evaluations: usize,
    /// Why it ended.
    pub ended: Ended,
}

/// Why a solver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// No element of the gradient is above the tolerance.
    Gradient,
    /// No step makes the function smaller: rounding errors are larger than what there is to gain.
    NoProgress,
    /// The number of iterations that was allowed.
    Iterations,
}
