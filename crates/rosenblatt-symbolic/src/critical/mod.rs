//! Critical points of differentiable functions: where the gradient is 0, and what is there.
//!
//! | step | where |
//! |---|---|
//! | value, gradient and Hessian, compiled | `function.rs` |
//! | starts, and the points found | `search.rs` |
//! | from a start to a zero of the gradient | `solve.rs` |
//! | which points are zeros, and how exactly they are known | `accept.rs` |
//! | eigenvalues | `eigen.rs` |
//! | minimum, maximum or saddle | `classify.rs` |
//!
//! # Example
//! ```
//! use rosenblatt_symbolic::critical::{Kind, Search, critical_points};
//! let saddle = critical_points(|x| x.at(0).square() - x.at(1).square(), &[[-1.0, 1.0]; 2], &Search::default())?;
//! let point = &saddle.points[0];
//! assert_eq!((&point.point[..], &point.eigenvalues[..], point.kind), (&[0.0; 2][..], &[-2.0, 2.0][..], Kind::Saddle));
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

mod accept;
mod classify;
mod eigen;
mod expression;
mod function;
mod search;
mod solve;

pub use eigen::eigenvalues;
pub use search::critical_points;

/// What a critical point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No value nearby is smaller.
    Minimum,
    /// There are larger and smaller values nearby. Of one variable it is an inflection point.
    Saddle,
    /// No value nearby is larger.
    Maximum,
    /// No value nearby differs.
    Flat,
}

impl Kind {
    /// `minimum`, `saddle`, `maximum` or `flat`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minimum => "minimum",
            Self::Saddle => "saddle",
            Self::Maximum => "maximum",
            Self::Flat => "flat",
        }
    }
}

/// A point where the gradient is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct CriticalPoint {
    /// Where it is.
    pub point: Vec<f64>,
    /// The value there; 0 if it cannot be told from 0.
    pub value: f64,
    /// The eigenvalues of the Hessian there, in ascending order. Those that cannot be told from 0 are 0.
    pub eigenvalues: Vec<f64>,
    /// How many of them are negative: 0 for a minimum that is not degenerate.
    pub index: usize,
    /// What it is.
    pub kind: Kind,
    /// Whether one of them is 0: then the values around the point say what it is, unless others have both signs.
    pub degenerate: bool,
    /// Whether there is no other one near. Curves and surfaces of critical points are not isolated.
    pub isolated: bool,
}

impl CriticalPoint {
    /// What it is called: the name of its kind, but a saddle of one variable is an `inflection point`.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match (self.kind, self.point.len()) {
            (Kind::Saddle, 1) => "inflection point",
            (kind, _) => kind.name(),
        }
    }
}

/// How critical points are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Random starts at most. The search ends earlier when four times as many starts as were needed for the point found last, and at
    /// least [`Search::MIN_STARTS`], have shown no other.
    pub starts: usize,
    /// Decides the starts.
    pub seed: u64,
}

impl Search {
    /// Starts at least, if so many are allowed.
    pub const MIN_STARTS: usize = 200;
    /// Starts at most, unless other numbers are asked for.
    pub const DEFAULT_STARTS: usize = 4000;
}

impl Default for Search {
    fn default() -> Self {
        Self {
            starts: Self::DEFAULT_STARTS,
            seed: 0,
        }
    }
}

/// Critical points within a box.
#[derive(Clone, Debug, PartialEq)]
pub struct CriticalPoints {
    /// The box: the range of each variable.
    pub within: Vec<[f64; 2]>,
    /// By kind, then by value, then by place. Of those that are not isolated the first
    /// [`CriticalPoints::MAX_NOT_ISOLATED`] of each kind that were found.
    pub points: Vec<CriticalPoint>,
    /// How many different points that are not isolated were found.
    pub not_isolated: usize,
    /// Starts of the search: as many as were made.
    pub starts: usize,
    /// As many as were allowed.
    pub max_starts: usize,
    /// The start at which the last isolated point was found; 0 if none was.
    pub last_found: usize,
}

impl CriticalPoints {
    /// Points that are not isolated and kept, of each kind.
    pub const MAX_NOT_ISOLATED: usize = 3;

    /// Whether the search ended because of [`Search::starts`], while it was still finding points.
    #[must_use]
    pub const fn may_lack_some(&self) -> bool {
        self.starts < 4 * self.last_found
    }
}
