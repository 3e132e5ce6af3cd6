//! Tensors that live from step to step.

use rosenblatt_autodiff::Type;
use rosenblatt_nn::init::first_value_with_gain;
use rosenblatt_nn::optimize::Slot;
use rosenblatt_nn::{Initializer, Role, TensorSpec};
use rosenblatt_tensor::{Error, Result, Tensor};

use super::{EMA, OPTIMIZER};
use crate::Params;

/// A parameter, a buffer, or what the optimizer keeps.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: String,
    ty: Type,
    /// Whether a plan holds its value.
    pub(super) held: bool,
    /// The gain of the activation that follows, if it is a weight.
    gain: f64,
    source: Origin,
}

#[derive(Clone, Debug)]
enum Origin {
    Network(TensorSpec),
    Optimizer(Slot),
}

impl From<TensorSpec> for Known {
    fn from(spec: TensorSpec) -> Self {
        Self {
            name: spec.name.clone(),
            ty: Type::new(spec.dtype, spec.shape),
            held: false,
            gain: 1.0,
            source: Origin::Network(spec),
        }
    }
}

impl From<Slot> for Known {
    fn from(slot: Slot) -> Self {
        Self {
            name: slot.spec.name.clone(),
            ty: Type::new(slot.spec.dtype, slot.spec.shape),
            held: false,
            gain: 1.0,
            source: Origin::Optimizer(slot),
        }
    }
}

impl Known {
    /// The same, with the gain of the activation that follows.
    pub(super) fn with_gain(self, gain: f64) -> Self {
        Self { gain, ..self }
    }

    /// Its initial value: a function of the seed and its name, or of the parameters.
    pub(super) fn initial(
        &self,
        seed: u64,
        (weights, biases): (&dyn Initializer, &dyn Initializer),
        params: &Params,
    ) -> Result<Tensor> {
        match &self.source {
            Origin::Network(spec) => first_value_with_gain(spec, seed, self.gain, weights, biases),
            Origin::Optimizer(slot) => slot.initial(params),
        }
    }

    pub(super) fn is_parameter(&self) -> bool {
        matches!(&self.source, Origin::Network(spec) if matches!(spec.role, Role::Parameter(_)))
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if a value has another shape or type.
    pub(super) fn check(&self, value: &Tensor) -> Result<()> {
        let got = Type::of(value);
        if got == self.ty {
            return Ok(());
        }
        Err(Error::shape(format!("expected {:?}, got {got:?}", self.ty)).within(&self.name))
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if a batch asks for another type than one before.
    pub(super) fn check_again(&self, asked: &Self) -> Result<()> {
        if asked.ty == self.ty {
            return Ok(());
        }
        let message = format!("an earlier batch asked for {:?}, this one for {:?}", self.ty, asked.ty);
        let error = Error::shape(message).within(&self.name);
        Err(error.hint("the shapes and types of parameters must not depend on the batch"))
    }
}

/// Whether it is the name of what the optimizer keeps.
pub(super) fn is_kept(name: &str) -> bool {
    name.starts_with(OPTIMIZER) || name.starts_with(EMA)
}
