//! Gradients accumulated over several batches, for one step of the optimizer.

use rosenblatt_autodiff::{Real, Rule, Var};
use rosenblatt_tensor::{Error, Result};

use super::Optimize;
use super::slots::{Slot, Start, is_parameter, trained};
use crate::{Role, TensorSpec};

/// The first name of accumulated gradients.
const ACCUMULATED: &str = "accumulated";

/// One of several batches whose gradients are averaged for one step of the optimizer.
///
/// The gradient of the loss of batch `j`, a mean over its rows, is `g`, and `w` is the weight of its rows. With
/// `W = w₁ + … + w_j` the mean over all rows so far is `a ← (1 − w/W) a + (w/W) g`: nothing of later batches needs to be known.
#[derive(Clone, Copy, Debug)]
pub struct Micro<'g> {
    /// `1 − w/W`, a scalar of the type of the parameters; 0 for the first batch of a step.
    pub keep: Var<'g>,
    /// `w/W`, a scalar of the type of the parameters; 1 for the first batch of a step.
    pub share: Var<'g>,
    /// Whether the step of the optimizer follows.
    pub last: bool,
    /// Whether the loss is a sum over the rows, so that gradients are added: `keep` and `share` are 1, and penalties, which count
    /// once a step, are added to the loss of the last batch alone.
    pub sum: bool,
}

/// What accumulation keeps for these tensors of a network from batch to batch: `accumulated.layers.0.weight`.
///
/// `set` is as in [`super::slots`].
///
/// # Errors
/// As [`Optimize::rules`], and if two tensors had the same name.
pub fn accumulators(optimize: &Optimize, tensors: &[TensorSpec], set: &[&str]) -> Result<Vec<Slot>> {
    let parameters: Vec<&TensorSpec> = tensors.iter().filter(|spec| is_parameter(spec)).collect();
    let names: Vec<&str> = parameters.iter().map(|spec| spec.name.as_str()).collect();
    let rules = optimize.rules(&names)?;
    let kept = parameters.into_iter().zip(&rules);
    let kept: Vec<Slot> = kept
        .filter(|(spec, rule)| trained(rule, set.contains(&spec.name.as_str())))
        .map(|(spec, _)| accumulator(spec))
        .collect();
    let taken = |slot: &&Slot| tensors.iter().any(|spec| spec.name == slot.spec.name);
    match kept.iter().find(taken) {
        None => Ok(kept),
        Some(slot) => {
            let error = Error::config(format!("`{}` is a tensor of the network", slot.spec.name)).within("optimize");
            Err(error.hint(format!("`{ACCUMULATED}` is a name of what accumulation keeps")))
        }
    }
}

/// The accumulated gradient of a parameter.
pub(super) fn accumulator(parameter: &TensorSpec) -> Slot {
    Slot {
        spec: TensorSpec {
            name: format!("{ACCUMULATED}.{}", parameter.name),
            role: Role::Buffer { start: 0.0 },
            ..parameter.clone()
        },
        start: Start::Constant(0.0),
    }
}

impl<'g> Micro<'g> {
    /// The mean gradient over the rows so far.
    pub(super) fn add(&self, accumulated: Var<'g>, g: Var<'g>) -> Var<'g> {
        let [mean] = Accumulate.apply([accumulated], [g, self.keep, self.share]);
        mean
    }
}

/// The step of a mean that takes in one more gradient.
#[derive(Clone, Debug)]
struct Accumulate;

impl Rule<1, 3> for Accumulate {
    const LABEL: &'static str = "accumulate";

    #[inline(always)]
    fn step<T: Real>(&self, [mean]: [T; 1], [g, keep, share]: [T; 3]) -> [T; 1] {
        [(mean * keep + g * share).flush()]
    }
}
