//! Solvers: minimize a function that is known at any point, rather than by a gradient at a time.
//!
//! An optimizer that is a solver says so by [`crate::Optimizer::solver`]. To add one: write the [`Solver`] here, and its
//! settings as an optimizer.

mod line_search;
mod memory;
mod minimize;

use std::collections::BTreeMap;
use std::fmt::Debug;

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

pub use memory::Memory;
pub use minimize::minimize;

/// Value and gradient of a function at a point, which is rounded first to where the function is known: to f32, for one.
pub type Evaluate<'f> = dyn FnMut(&mut [f64]) -> Result<(f64, Vec<f64>)> + 'f;

/// Goes from point to point, each with a smaller value of a function.
pub trait Solver: Debug + Send {
    /// Whether a point is a minimum, as far as the solver wants to know.
    fn is_minimum(&self, point: &Point) -> bool;

    /// One iteration: goes on to a point with a smaller value, if it finds one. Points where the function is not finite are
    /// left again.
    ///
    /// # Errors
    /// Those of `evaluate`.
    fn iterate(&mut self, point: &mut Point, evaluate: &mut Evaluate<'_>) -> Result<Moved>;

    /// What later iterations depend on besides the point, by name; each list has as many numbers as the point.
    fn kept(&self) -> BTreeMap<String, Vec<f64>>;

    /// Goes on with what was kept at such a point.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if it is not what such a solver keeps.
    fn put(&mut self, kept: BTreeMap<String, Vec<f64>>) -> Result<()>;
}

/// A point with the function and its gradient there.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Where it is.
    pub x: Vec<f64>,
    /// The function there.
    pub value: f64,
    /// Its gradient there.
    pub gradient: Vec<f64>,
}

impl Point {
    /// A point where the function is evaluated.
    ///
    /// # Errors
    /// Those of `evaluate`.
    pub fn at(mut x: Vec<f64>, evaluate: &mut Evaluate<'_>) -> Result<Self> {
        let (value, gradient) = evaluate(&mut x)?;
        Ok(Self { x, value, gradient })
    }

    /// Whether value and gradient are finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient.iter().all(|g| g.is_finite())
    }
}

/// What an iteration did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The function is smaller now.
    Down,
    /// No step along the direction makes the function smaller: as far as its numbers go, this is a minimum.
    Nowhere,
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// No element of the gradient is above the tolerance: it has converged.
    Gradient,
    /// No step makes the function smaller: rounding errors are larger than what there is to gain.
    NoProgress,
    /// The number of iterations that was allowed.
    Iterations,
}
