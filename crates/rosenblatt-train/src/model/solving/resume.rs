//! A solver as a part of a checkpoint.

use std::collections::BTreeMap;

use rosenblatt_nn::solvers::{Ended, Point};
use rosenblatt_tensor::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::Solving;
use crate::Params;
use crate::model::fitter::flat;
use crate::model::history::RunningMetrics;

/// Before the name of a tensor that a solver keeps.
pub(super) const SOLVER: &str = "solver.";
/// The name of the gradient at the point where it is.
const GRADIENT: &str = "gradient";

/// Where a solver is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolverProgress {
    /// The loss with its penalties at the point where it is.
    pub value: f64,
    /// Loss and score there.
    pub sums: RunningMetrics,
    /// Evaluations so far.
    pub evaluations: u64,
    /// Those of the last iteration.
    pub of_epoch: u64,
    /// Why it has ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

impl Solving {
    /// Where it is, and the tensors it goes on from besides the parameters; `None` before the first iteration.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(in crate::model) fn snapshot(&self) -> Result<Option<(SolverProgress, Params)>> {
        let Some(point) = &self.point else { return Ok(None) };
        let tensor = |(name, numbers): (String, Vec<f64>)| {
            let size = numbers.len();
            Ok((format!("{SOLVER}{name}"), Tensor::from_vec(numbers, &[size])?))
        };
        let gradient = (GRADIENT.to_owned(), point.gradient.clone());
        let tensors = self.solver.kept().into_iter().chain([gradient]).map(tensor);
        let progress = SolverProgress {
            value: point.value,
            sums: self.sums,
            evaluations: self.evaluations,
            of_epoch: self.of_epoch,
            ended: self.ended,
        };
        Ok(Some((progress, tensors.collect::<Result<_>>()?)))
    }

    /// Goes on from a checkpoint with these parameters and tensors.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a tensor is missing or of another size or type.
    pub(in crate::model) fn resume(
        &mut self,
        progress: &SolverProgress,
        params: &Params,
        tensors: &Params,
    ) -> Result<()> {
        let x = flat(&self.parameters, params)?;
        let mut kept = BTreeMap::new();
        for (name, tensor) in tensors {
            let Some(own) = name.strip_prefix(SOLVER) else { continue };
            let numbers = tensor
                .to_vec::<f64>()
                .map_err(|error| Error::data(error.to_string()).within(name))?;
            if numbers.len() != x.len() || numbers.iter().any(|number| !number.is_finite()) {
                return Err(Error::data(format!("expected {} finite numbers", x.len())).within(name));
            }
            kept.insert(own.to_owned(), numbers);
        }
        let gradient = kept
            .remove(GRADIENT)
            .ok_or_else(|| Error::data(format!("there is no tensor `{SOLVER}{GRADIENT}`")))?;
        self.solver.put(kept)?;
        let value = progress.value;
        self.point = Some(Point { x, value, gradient });
        (self.sums, self.ended) = (progress.sums, progress.ended);
        (self.evaluations, self.of_epoch) = (progress.evaluations, progress.of_epoch);
        Ok(())
    }
}
