//! L-BFGS.

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::entry::range::at_least_0;
use crate::optimizers::{OptimizerStep, Scalars, StateSpec};
use crate::solvers::{Memory, Minimum, Solver, minimize};
use crate::{Config, Optimizer};

/// Limited-memory BFGS: a solver for smooth functions, that is for a training loss over all rows.
///
/// `x ← x − t H g`, where `H` approximates the inverse of the Hessian from the last changes of `x` and `g`, and the line
/// search finds a step `t` that satisfies the strong Wolfe conditions.
///
/// In training an epoch is one iteration over all training rows. There is no learning rate and no batch size, and the loss must
/// be the same function of the weights in every evaluation: no dropout, no augmentation. On small data it often reaches a lower
/// loss in less time than steps on batches do. [`Lbfgs::minimize`] minimizes any other function.
///
/// # Numerics
/// All arithmetic is f64, in the order of the elements. Where the function is not finite, the step is shortened.
///
/// # Differences
/// PyTorch's optimizer of this name searches along a line only if asked to, and multiplies each step by a learning rate.
/// scikit-learn's solver also ends when the loss falls by less than 2.2·10⁻⁹ of its value.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::value_and_grad;
/// use rosenblatt_nn::optimizers::Lbfgs;
/// use rosenblatt_tensor::Tensor;
///
/// let minimum = Lbfgs::default().minimize(&[-1.2, 1.0], 100, |x| {
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
    /// How many changes of the weights and their gradients are kept, at least 1.
    pub history_size: usize,
    /// Evaluations of the loss in one line search, at most; at least 1.
    pub max_evaluations: usize,
    /// A gradient without a larger element ends the search, at least 0.
    pub tolerance_grad: f64,
}

impl Default for Lbfgs {
    /// The history and the line search of SciPy, the tolerance of PyTorch.
    fn default() -> Self {
        Self {
            history_size: 10,
            max_evaluations: 20,
            tolerance_grad: 1e-7,
        }
    }
}

impl Lbfgs {
    /// Minimizes a function from a starting point, in `max_iterations` at most; `f` gives value and gradient at a point.
    ///
    /// # Errors
    /// As [`minimize`]; [`rosenblatt_tensor::ErrorKind::Config`] for settings out of range.
    pub fn minimize(
        &self,
        start: &[f64],
        max_iterations: usize,
        f: impl FnMut(&[f64]) -> Result<(f64, Vec<f64>)>,
    ) -> Result<Minimum> {
        self.check()?;
        minimize(&mut Memory::new(self), start, max_iterations, f)
    }
}

impl Config for Lbfgs {
    const NAME: &'static str = "lbfgs";

    fn check(&self) -> Result<()> {
        let at_least_1 = |key, value: usize| expect(value >= 1, key, "to be at least 1", value);
        at_least_1("history_size", self.history_size)?;
        at_least_1("max_evaluations", self.max_evaluations)?;
        at_least_0("tolerance_grad", self.tolerance_grad)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                history_size: 1,
                max_evaluations: 5,
                tolerance_grad: 0.0,
            },
        ]
    }
}

impl Optimizer for Lbfgs {
    fn solver(&self) -> Option<Box<dyn Solver>> {
        Some(Box::new(Memory::new(self)))
    }

    fn state(&self, _parameter: Type) -> Vec<StateSpec> {
        Vec::new()
    }

    fn inputs(&self, _t: u64, _lr: f64) -> Scalars {
        Scalars::new([])
    }

    fn update<'g>(
        &self,
        _step: &OptimizerStep<'g>,
        _g: Var<'g>,
        theta: Var<'g>,
        _state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let error =
            Error::unsupported("`lbfgs` evaluates the loss of all rows at several points: it has no step on a batch");
        let error = error.hint("train with `Model::fit`, or choose an optimizer that takes steps, such as `adam`");
        (theta.fail(error), Vec::new())
    }

    /// Nothing is multiplied by it.
    fn usual_rate(&self) -> f64 {
        1.0
    }
}
