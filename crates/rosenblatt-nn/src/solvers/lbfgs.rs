//! L-BFGS.

use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::memory::{Memory, Moved, Point};
use super::{Ended, Minimum};
use crate::entry::expect;

/// Limited-memory BFGS: minimizes a smooth function of many numbers, whose gradient is known.
///
/// `x ← x − t H g`, where `H` approximates the inverse of the Hessian from the last changes of `x` and `g`, and the line
/// search finds a step `t` that satisfies the strong Wolfe conditions.
///
/// # Numerics
/// All arithmetic is f64, in the order of the elements. Where the function is not finite, the step is shortened.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::value_and_grad;
/// use rosenblatt_nn::solvers::Lbfgs;
/// use rosenblatt_tensor::Tensor;
///
/// let minimum = Lbfgs::default().minimize(&[-1.2, 1.0], |x| {
///     // Rosenbrock's function.
///     let [a, b] = [Tensor::from(x[0]), Tensor::from(x[1])];
///     let (value, [da, db]) =
///         value_and_grad(|[a, b]| (b - a * a).square() * 100.0 + (a - 1.0).square(), [&a, &b])?;
///     Ok((value.item()?, vec![da.item()?, db.item()?]))
/// })?;
/// assert!((minimum.x[0] - 1.0).abs() < 1e-6 && (minimum.x[1] - 1.0).abs() < 1e-6);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
///
/// # Reference
/// Liu, Nocedal: On the Limited Memory BFGS Method for Large Scale Optimization. Mathematical Programming 45, 1989. The line
/// search: Moré, Thuente: Line Search Algorithms with Guaranteed Sufficient Decrease. ACM Transactions on Mathematical
/// Software 20, 1994. Its constants are those of L-BFGS-B.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lbfgs {
    /// How many changes of `x` and `g` are kept, at least 1.
    pub history_size: usize,
    /// Iterations, at most.
    pub max_iterations: usize,
    /// Evaluations of the function in one line search, at most; at least 1.
    pub max_evaluations: usize,
    /// A gradient without a larger element ends the search, at least 0.
    pub tolerance_grad: f64,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Self {
            history_size: 10,
            max_iterations: 15_000,
            max_evaluations: 20,
            tolerance_grad: 1e-7,
        }
    }
}

impl Lbfgs {
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for settings out of range.
    fn check(&self) -> Result<()> {
        expect(
            self.history_size >= 1,
            "history_size",
            "to be at least 1",
            self.history_size,
        )?;
        expect(
            self.max_evaluations >= 1,
            "max_evaluations",
            "to be at least 1",
            self.max_evaluations,
        )?;
        let tolerance = self.tolerance_grad;
        expect(tolerance >= 0.0, "tolerance_grad", "to be at least 0", tolerance)
    }

    /// Minimizes a function from a starting point; `f` gives value and gradient at a point.
    ///
    /// # Errors
    /// Those of `f`; [`rosenblatt_tensor::ErrorKind::Config`] for settings out of range; [`rosenblatt_tensor::ErrorKind::Shape`]
    /// if a gradient has not as many elements as the point; [`rosenblatt_tensor::ErrorKind::NotFinite`] if the function is not
    /// finite at the starting point.
    pub fn minimize(&self, start: &[f64], mut f: impl FnMut(&[f64]) -> Result<(f64, Vec<f64>)>) -> Result<Minimum> {
        self.check()?;
        let mut evaluations = 0;
        let mut evaluate = |x: &[f64]| {
            evaluations += 1;
            let (value, gradient) = f(x)?;
            match gradient.len() == x.len() {
                true => Ok((value, gradient)),
                false => Err(Error::shape(format!(
                    "expected a gradient of {} numbers, got {}",
                    x.len(),
                    gradient.len()
                ))),
            }
        };
        let (value, gradient) = evaluate(start)?;
        if !(value.is_finite() && gradient.iter().all(|g| g.is_finite())) {
            return Err(Error::not_finite(
                "the function or its gradient is not finite at the starting point",
            ));
        }
        let x = start.to_vec();
        let mut point = Point { x, value, gradient };
        let mut memory = Memory::new(self.history_size, self.max_evaluations);
        let (mut iterations, mut ended) = (0, None);
        while ended.is_none() {
            ended = match point.gradient.iter().all(|g| g.abs() <= self.tolerance_grad) {
                true => Some(Ended::Gradient),
                false if iterations == self.max_iterations => Some(Ended::Iterations),
                false => match memory.step(&mut point, &mut evaluate)? {
                    Moved::Down => None,
                    Moved::Nowhere => Some(Ended::NoProgress),
                },
            };
            iterations += usize::from(ended.is_none());
        }
        let Point { x, value, gradient } = point;
        Ok(Minimum {
            x,
            value,
            gradient,
            iterations,
            evaluations,
            ended: ended.unwrap_or(Ended::NoProgress),
        })
    }
}
