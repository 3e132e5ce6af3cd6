//! A step on any number of arrays.

use rosenblatt_autodiff::plan::RunStatus;
use rosenblatt_nn::optimizers::Scalars;
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::model::network_step::{FIXED_INPUTS, NetworkStep};
use crate::model::step_kind::StepKind;
use crate::step::Runner;

/// The most arrays of rows a step is given without allocating: inputs and targets.
const FEW_ARRAYS: usize = 8;

/// Runs a step on inputs in the order of its builder, and allocates nothing for few arrays.
pub(super) fn run<'t>(
    runner: &mut Runner<NetworkStep>,
    kind: (StepKind, usize),
    mut inputs: impl Iterator<Item = &'t Tensor>,
    times: Option<&mut [TaskTime]>,
) -> Result<RunStatus> {
    const FEW: usize = FEW_ARRAYS + FIXED_INPUTS + Scalars::MAX;
    let first = inputs.next().ok_or_else(|| Error::internal("a step without inputs"))?;
    let (mut few, mut len, mut many) = ([first; FEW], 1, Vec::new());
    for input in inputs {
        if let Some(place) = few.get_mut(len) {
            *place = input;
            len += 1;
        } else {
            many.push(input);
        }
    }
    let all: Vec<&Tensor>;
    let list = if many.is_empty() {
        &few[..len]
    } else {
        all = few.into_iter().chain(many).collect();
        &all[..]
    };
    match times {
        None => runner.run(kind, list),
        Some(times) => runner.run_timed(kind, list, times),
    }
}
