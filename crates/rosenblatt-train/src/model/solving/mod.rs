//! Training by a solver: an epoch is one iteration over all training rows.

mod checks;
mod resume;

use rosenblatt_nn::TensorSpec;
use rosenblatt_nn::optimize::trained_parameters;
use rosenblatt_nn::schedules::At;
use rosenblatt_nn::solvers::{Ended, Moved, Point, Solver};
use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Fit;
use super::fitter::{Evaluated, Fitter, flat};
use super::history::RunningMetrics;
use super::network_step::NetworkStep;
use crate::diagnose;

pub use resume::SolverProgress;

/// How a solver has trained: see [`super::History::solved`].
///
/// # Example
/// ```
/// use rosenblatt_nn::layers::{Linear, Sequential};
/// use rosenblatt_nn::solvers::Ended;
/// use rosenblatt_nn::{losses::Mse, metrics::Rmse, optimizers::Lbfgs};
/// use rosenblatt_tensor::{DType, Tensor};
/// use rosenblatt_train::{Compile as _, Fit};
///
/// let x = Tensor::from_vec((0..20).map(f64::from).collect(), &[20, 1])?;
/// let y = Tensor::from_vec((0..20).map(|x| 0.5 * f64::from(x) + 3.0).collect(), &[20, 1])?;
/// let line = Sequential::new().then(Linear::new(1));
/// let mut model = line.compile(Mse {}, Lbfgs::default(), [Rmse {}])?.with_dtype(DType::F64)?;
/// let history = model.fit((&x, &y), &Fit::epochs(100))?;
/// let solved = history.solved.unwrap();
/// assert_eq!(solved.ended, Some(Ended::Gradient));
/// assert!(solved.evaluations < 20 && history.curve("loss").last().unwrap() < &1e-12);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Solved {
    /// How often loss and gradient of all training rows were computed.
    pub evaluations: u64,
    /// Why it ended; `None` if something else ended the run, early stopping for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// A solver in a run.
pub(super) struct Solving {
    solver: Box<dyn Solver>,
    /// What it changes: the numbers of a point, in this order.
    parameters: Vec<TensorSpec>,
    /// Where it is, once the loss was evaluated there.
    point: Option<Point>,
    /// Loss and score there.
    pub(super) sums: RunningMetrics,
    /// Evaluations so far.
    pub(super) evaluations: u64,
    /// Those of the last iteration.
    pub(super) of_epoch: u64,
    /// Why it has ended, if it has.
    pub(super) ended: Option<Ended>,
    /// Whether there are statistics to compute after each iteration.
    normalizes: bool,
}

impl Solving {
    /// The solver of a fit on so many rows, if its optimizer is one.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if something that is asked for needs batches, or makes the loss another function in
    /// each evaluation.
    pub(super) fn of(step: &NetworkStep, fit: &Fit, rows: usize) -> Result<Option<Self>> {
        let Some(solver) = step.optimize.optimizer.solver() else {
            return Ok(None);
        };
        checks::of_fit(step.optimize.optimizer.name(), fit)?;
        let normalizes = checks::of_network(step, rows)?;
        Ok(Some(Self {
            solver,
            parameters: trained_parameters(&step.optimize, &step.tensors()?)?,
            point: None,
            sums: RunningMetrics::default(),
            evaluations: 0,
            of_epoch: 0,
            ended: None,
            normalizes,
        }))
    }

    /// One iteration; the parameters of the fitter are those of the point it leads to.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if the loss is not finite at the starting point.
    pub(super) fn iterate(&mut self, fitter: &mut Fitter<'_>) -> Result<()> {
        self.of_epoch = 0;
        let mut point = match self.point.take() {
            Some(point) => point,
            None => self.start(fitter)?,
        };
        let (mut last, mut evaluations) = (self.sums, 0);
        let parameters = &self.parameters;
        let mut evaluate = |x: &mut [f64]| {
            evaluations += 1;
            let Evaluated {
                value, gradient, sums, ..
            } = fitter.objective(parameters, x)?;
            last = sums;
            Ok((value, gradient))
        };
        let moved = match self.solver.is_minimum(&point) {
            true => Moved::Nowhere,
            false => self.solver.iterate(&mut point, &mut evaluate)?,
        };
        if moved == Moved::Down {
            // The last point where the loss was evaluated is the one that was taken.
            self.sums = last;
        }
        self.ended = match self.solver.is_minimum(&point) {
            true => Some(Ended::Gradient),
            false => (moved == Moved::Nowhere).then_some(Ended::NoProgress),
        };
        self.of_epoch += evaluations;
        self.evaluations = self.evaluations.saturating_add(self.of_epoch);
        fitter.put_flat(&self.parameters, &point.x)?;
        self.point = Some(point);
        if self.normalizes {
            fitter.recompute_batch_norm()?;
        }
        Ok(())
    }

    /// The point that the parameters are at.
    fn start(&mut self, fitter: &mut Fitter<'_>) -> Result<Point> {
        let mut x = flat(&self.parameters, &fitter.params()?)?;
        let Evaluated {
            value,
            gradient,
            sums,
            not_finite,
        } = fitter.objective(&self.parameters, &mut x)?;
        (self.sums, self.of_epoch) = (sums, 1);
        if let Some(rows) = not_finite {
            let at = At {
                step: 0,
                total: None,
                observed: &[],
            };
            return Err(diagnose::loss(fitter, &rows.collect::<Vec<_>>(), &at));
        }
        let point = Point { x, value, gradient };
        if !point.is_finite() {
            let error = Error::not_finite("the gradient of the loss is not finite with the initial weights");
            return Err(error.hint("look at the inputs, the targets and the initial values of the weights"));
        }
        Ok(point)
    }

    /// How it has trained, `finished` if all epochs were done.
    pub(super) fn solved(&self, finished: bool) -> Solved {
        Solved {
            evaluations: self.evaluations,
            ended: self.ended.or(finished.then_some(Ended::Iterations)),
        }
    }
}
