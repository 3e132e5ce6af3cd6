//! What an optimizer keeps from step to step.

use std::collections::BTreeMap;

use rosenblatt_autodiff::Type;
use rosenblatt_tensor::{Error, Result, Tensor};

use super::{Optimize, ParameterRule};
use crate::optimizers::{StateSpec, StateStart};
use crate::{Role, TensorSpec};

/// The first name of the optimizer's state.
const OPTIMIZER: &str = "optimizer";
/// The first name of moving averages.
const EMA: &str = "ema";

/// A tensor that is kept from step to step: state of the optimizer, or a moving average.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// Name (`optimizer.layers.0.weight.m`, `ema.layers.0.weight`), shape and element type.
    pub spec: TensorSpec,
    /// Its initial value.
    pub start: Start,
}

/// The initial value of a [`Slot`].
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// The same number everywhere.
    Constant(f64),
    /// A copy of the parameter with this name.
    CopyOf(String),
}

impl Slot {
    /// The initial value, for parameters with these values.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if the parameter it copies is not there.
    pub fn initial(&self, parameters: &BTreeMap<String, Tensor>) -> Result<Tensor> {
        match &self.start {
            Start::Constant(start) => Tensor::scalar_of(self.spec.dtype, *start)
                .broadcast_to(&self.spec.shape)
                .map(|value| value.contiguous()),
            Start::CopyOf(name) => match parameters.get(name) {
                Some(value) => Ok(value.clone()),
                None => Err(Error::config(format!("there is no parameter `{name}`")).within(&self.spec.name)),
            },
        }
    }
}

/// Everything that is kept for these tensors of a network, in the order of [`super::updates`].
///
/// `set` names what the step itself sets, as in [`super::updates`]: such a parameter has no state of the optimizer.
///
/// # Errors
/// As [`Optimize::rules`], and if two tensors had the same name.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Type;
/// use rosenblatt_nn::layers::{Linear, Sequential};
/// use rosenblatt_nn::optimize::{OptimizeExt, Start, slots};
/// use rosenblatt_nn::optimizers::Sgd;
/// use rosenblatt_nn::scope;
/// use rosenblatt_tensor::{DType, Shape};
///
/// let network = Sequential::new().then(Linear::new(3));
/// let tensors = scope::tensors("layers", &network, Type::new(DType::F32, Shape::new(&[8, 4])?))?;
/// let momentum = Sgd { momentum: 0.9, ..Sgd::default() };
/// let kept = slots(&momentum.freeze("bias").ema(0.99), &tensors, &[])?;
/// let names: Vec<&str> = kept.iter().map(|slot| slot.spec.name.as_str()).collect();
/// assert_eq!(names, ["optimizer.layers.0.weight.velocity", "ema.layers.0.weight"]);
/// assert_eq!(kept[1].start, Start::CopyOf("layers.0.weight".to_owned()));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn slots(optimize: &Optimize, tensors: &[TensorSpec], set: &[&str]) -> Result<Vec<Slot>> {
    let parameters: Vec<&TensorSpec> = tensors.iter().filter(|spec| is_parameter(spec)).collect();
    let names: Vec<&str> = parameters.iter().map(|spec| spec.name.as_str()).collect();
    let rules = optimize.rules(&names)?;
    let kept = parameters.into_iter().zip(&rules).flat_map(|(spec, rule)| {
        let set = set.contains(&spec.name.as_str());
        let state = if trained(rule, set) {
            states(optimize, spec)
        } else {
            Vec::new()
        };
        let average = averaged(rule, set).then(|| average(optimize, spec)).flatten();
        state.into_iter().chain(average)
    });
    let kept: Vec<Slot> = kept.collect();
    match kept
        .iter()
        .find(|slot| tensors.iter().any(|spec| spec.name == slot.spec.name))
    {
        None => Ok(kept),
        Some(slot) => Err(
            Error::config(format!("`{}` is a tensor of the network", slot.spec.name))
                .within("optimize")
                .hint(format!(
                    "`{OPTIMIZER}` and `{EMA}` are names of what the optimizer keeps"
                )),
        ),
    }
}

/// For each parameter that evaluation, prediction and the final model take from a slot, its name and that of the slot: the
/// state that its optimizer names for that, or its moving average. Other parameters are evaluated as they are.
///
/// `set` is as in [`slots`].
///
/// # Errors
/// As [`Optimize::rules`].
pub fn evaluated(optimize: &Optimize, tensors: &[TensorSpec], set: &[&str]) -> Result<Vec<(String, String)>> {
    let parameters: Vec<&TensorSpec> = tensors.iter().filter(|spec| is_parameter(spec)).collect();
    let names: Vec<&str> = parameters.iter().map(|spec| spec.name.as_str()).collect();
    let rules = optimize.rules(&names)?;
    let of = |(spec, rule): (&TensorSpec, &ParameterRule)| {
        let set = set.contains(&spec.name.as_str());
        let state = trained(rule, set).then(|| evaluated_state(optimize, spec)).flatten();
        let average = || averaged(rule, set).then(|| average(optimize, spec)).flatten();
        let slot = state.or_else(|| Some(average()?.spec.name))?;
        Some((spec.name.clone(), slot))
    };
    Ok(parameters.into_iter().zip(&rules).filter_map(of).collect())
}

/// Whether the optimizer's rule changes a parameter.
pub(super) fn trained(rule: &ParameterRule, set: bool) -> bool {
    !rule.frozen && !set
}

/// Whether a parameter changes, so that an average differs from it.
pub(super) fn averaged(rule: &ParameterRule, set: bool) -> bool {
    !rule.frozen || set
}

pub(super) fn is_parameter(spec: &TensorSpec) -> bool {
    matches!(spec.role, Role::Parameter(_))
}

/// What the optimizer's rule keeps for a parameter: `optimizer.layers.0.weight.m`.
pub(super) fn states(optimize: &Optimize, parameter: &TensorSpec) -> Vec<Slot> {
    let state = optimize.optimizer.state(Type::new(parameter.dtype, parameter.shape));
    let slot = |state: StateSpec| {
        let (number, start) = match state.start {
            StateStart::Constant(number) => (number, Start::Constant(number)),
            StateStart::Parameter => (0.0, Start::CopyOf(parameter.name.clone())),
        };
        let spec = TensorSpec {
            name: format!("{OPTIMIZER}.{}.{}", parameter.name, state.name),
            shape: state.shape,
            role: Role::Buffer { start: number },
            ..parameter.clone()
        };
        Slot { spec, start }
    };
    state.into_iter().map(slot).collect()
}

/// The name of the state that a trained parameter is evaluated with, if its optimizer keeps one:
/// `optimizer.layers.0.weight.x`.
pub(super) fn evaluated_state(optimize: &Optimize, parameter: &TensorSpec) -> Option<String> {
    let state = optimize.optimizer.evaluated_state()?;
    Some(format!("{OPTIMIZER}.{}.{state}", parameter.name))
}

/// The moving average of a parameter, if there is one: `ema.layers.0.weight`.
pub(super) fn average(optimize: &Optimize, parameter: &TensorSpec) -> Option<Slot> {
    optimize.ema.map(|_| Slot {
        spec: TensorSpec {
            name: format!("{EMA}.{}", parameter.name),
            role: Role::Buffer { start: 0.0 },
            ..parameter.clone()
        },
        start: Start::CopyOf(parameter.name.clone()),
    })
}
