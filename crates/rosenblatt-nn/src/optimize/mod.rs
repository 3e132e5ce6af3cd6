//! How parameters are optimized: rule, learning rate, schedule, clipping, groups, penalties, constraints, EMA.
//!
//! [`Optimize`] is plain data, and [`OptimizeExt`] writes it in a line. [`updates`] puts one step on a graph for whoever
//! trains; [`slots`] lists what the optimizer keeps from step to step.
//!
//! # Example
//! ```
//! use rosenblatt_nn::optimize::{Optimize, OptimizeExt};
//! use rosenblatt_nn::optimizers::Adam;
//! use rosenblatt_nn::penalties::L1;
//! use rosenblatt_nn::schedules::Cosine;
//!
//! let optimize = Adam::default()
//!     .lr(0.01)
//!     .schedule(Cosine::default())
//!     .clip_norm(1.0)
//!     .freeze("encoder.")
//!     .group("head.", 0.1)
//!     .decay("bias", 0.0)
//!     .penalty(L1 { alpha: 1e-4 });
//! let json = serde_json::to_string(&optimize).unwrap();
//! assert_eq!(serde_json::from_str::<Optimize>(&json).unwrap(), optimize);
//! ```

mod accumulate;
mod builder;
mod clip;
mod objective;
mod path;
mod resolve;
mod slots;
mod updates;

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_tensor::{DType, Error, Result, Shape};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::optimizers::{OptimizerStep, Scalars};
use crate::schedules::{At, Constant};
use crate::{Config, Constraint, Entry, Optimizer, Penalty, Schedule};

pub use accumulate::{Micro, accumulators};
pub use builder::OptimizeExt;
pub use objective::{Objective, objective, trained_parameters};
pub use path::covers;
pub use resolve::ParameterRule;
pub use slots::{Slot, Start, evaluated, slots};
pub use updates::{Updates, accumulated_updates, updates};

/// The path of a penalty or constraint that names none: weights, that is parameters called `weight`.
const WEIGHTS: &str = "weight";

/// How parameters are optimized.
///
/// A step: gradients of the loss and the penalties; clipping; the optimizer's rule with each parameter's factors; proximal
/// penalties of the new value; constraints on it; its moving average.
///
/// Where more than one way to clip is given, all are applied in this order: elements (`clip_value`), then the norm of each
/// parameter's gradient (`clip_parameter_norm`), then the norm of all gradients together (`clip_norm`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Optimize {
    /// The optimizer.
    pub optimizer: Entry<dyn Optimizer>,
    /// The learning rate, above 0, before the factors of schedule and group.
    pub learning_rate: f64,
    /// Learning-rate schedule over the run.
    #[serde(default = "constant")]
    pub schedule: Entry<dyn Schedule>,
    /// Each element of a gradient is limited to this size; above 0. As `torch.nn.utils.clip_grad_value_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_value: Option<f64>,
    /// The gradient of each parameter is scaled so that its own norm is at most this; above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_parameter_norm: Option<f64>,
    /// Gradients are scaled so that their norm, over all parameters together, is at most this; above 0. As
    /// `torch.nn.utils.clip_grad_norm_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Other settings for some parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Terms added to the loss of training steps; the loss of an evaluation is without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub penalties: Vec<Penalize>,
    /// What holds for parameters after every step, applied in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constrain>,
    /// Decay `d` of an exponential moving average of the parameters, in `(0, 1)`.
    ///
    /// After each step `e ← e + (1 − d)(θ − e)`; the average begins as a copy of the parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ema: Option<f64>,
}

/// Other settings for the parameters a path covers (see [`covers`]).
///
/// For each setting on its own, the last group that covers a parameter and has the setting decides: `freeze("encoder")`
/// and then `decay("bias", 0.0)` leaves the biases of the encoder frozen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Which parameters.
    pub path: String,
    /// Factor on the learning rate, at least 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Factor on the optimizer's weight decay, at least 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// Whether they keep their values: no gradient, no state of the optimizer, no constraint, no penalty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<bool>,
}

/// A penalty on the parameters a path covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Penalize {
    /// Which parameters; those called `weight` if it is left out.
    #[serde(default = "weights")]
    pub path: String,
    /// The penalty of each of them.
    pub penalty: Entry<dyn Penalty>,
}

/// A constraint on the parameters a path covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constrain {
    /// Which parameters; those called `weight` if it is left out.
    #[serde(default = "weights")]
    pub path: String,
    /// What holds for each of them.
    pub constraint: Entry<dyn Constraint>,
}

fn constant() -> Entry<dyn Schedule> {
    Constant {}.into()
}

fn weights() -> String {
    WEIGHTS.to_owned()
}

impl Optimize {
    /// An optimizer with its usual learning rate, and nothing else.
    pub fn new(optimizer: impl Into<Entry<dyn Optimizer>>) -> Self {
        let optimizer = optimizer.into();
        Self {
            learning_rate: optimizer.usual_rate(),
            optimizer,
            schedule: constant(),
            clip_value: None,
            clip_parameter_norm: None,
            clip_norm: None,
            groups: Vec::new(),
            penalties: Vec::new(),
            constraints: Vec::new(),
            ema: None,
        }
    }

    /// Checks every number against its range, and that paths are paths.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], with the key.
    pub fn check(&self) -> Result<()> {
        let positive = |value: f64, key| expect(value > 0.0 && value.is_finite(), key, "to be above 0", value);
        self.optimizer.validate().map_err(|error| error.within("optimizer"))?;
        self.schedule.validate().map_err(|error| error.within("schedule"))?;
        positive(self.learning_rate, "learning_rate")?;
        for (key, limit) in self.clipping() {
            limit.map_or(Ok(()), |limit| positive(limit, key))?;
        }
        self.check_solver()?;
        let ema = self.ema.unwrap_or(0.5);
        expect(ema > 0.0 && ema < 1.0, "ema", "in (0, 1)", ema)?;
        if self.ema.is_some() && self.optimizer.evaluated_state().is_some() {
            let message = format!("weights are averaged by `{}` already", self.optimizer.name());
            return Err(Error::config(message).within("ema").hint("leave one of the two out"));
        }
        let averages = self.ema.is_some() || self.optimizer.evaluated_state().is_some();
        if averages && self.is_proximal() {
            let error = Error::config("an average of weights has no zeros").within("penalties");
            return Err(error.hint("leave out the average, or the proximal penalty"));
        }
        each("groups", &self.groups, Group::check)?;
        each("penalties", &self.penalties, |Penalize { path, penalty }| {
            path::check(path)?;
            penalty.validate()
        })?;
        each("constraints", &self.constraints, |Constrain { path, constraint }| {
            path::check(path)?;
            constraint.validate()
        })
    }

    /// Whether a penalty makes weights exactly 0.
    #[must_use]
    pub fn is_proximal(&self) -> bool {
        self.penalties.iter().any(|of| of.penalty.is_proximal())
    }

    /// Whether its numbers are above 0 in the type that steps are computed in, too.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if one is below the smallest normal number of `dtype`: nothing would be learned.
    pub fn check_dtype(&self, dtype: DType) -> Result<()> {
        let least = match dtype {
            DType::F64 => f64::MIN_POSITIVE,
            _ => f64::from(f32::MIN_POSITIVE),
        };
        let range = format!("to be at least {least:.3e}, the smallest normal {dtype}");
        expect(
            self.learning_rate >= least,
            "learning_rate",
            &range,
            format_args!("{:e}", self.learning_rate),
        )?;
        for (key, limit) in self.clipping() {
            let limit = limit.unwrap_or(1.0);
            expect(limit >= least, key, &range, format_args!("{limit:e}"))?;
        }
        Ok(())
    }

    /// Limits of gradients by the names of their settings.
    fn clipping(&self) -> [(&'static str, Option<f64>); 3] {
        [
            ("clip_value", self.clip_value),
            ("clip_parameter_norm", self.clip_parameter_norm),
            ("clip_norm", self.clip_norm),
        ]
    }

    /// Gradients as the optimizer gets them.
    fn clip<'g>(&self, gradients: Vec<Var<'g>>) -> Vec<Var<'g>> {
        let by = |gradients: Vec<Var<'g>>, limit: Option<f64>, clip: fn(&[Var<'g>], f64) -> Vec<Var<'g>>| match limit {
            Some(limit) => clip(&gradients, limit),
            None => gradients,
        };
        let gradients = by(gradients, self.clip_value, clip::by_value);
        let gradients = by(gradients, self.clip_parameter_norm, clip::by_parameter_norm);
        by(gradients, self.clip_norm, clip::by_norm)
    }

    /// Checks that the schedule can be used in a run of this length.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if the length is unknown and the schedule depends on it.
    pub fn check_total(&self, total: Option<u64>) -> Result<()> {
        if total.is_some() || !self.schedule.needs_total() {
            return Ok(());
        }
        let name = self.schedule.name();
        let error = Error::config(format!("`{name}` needs the number of steps of the run"));
        let error = error.within("schedule").within("optimize");
        Err(error.hint("give the number of steps of the run, or use settings in steps instead of shares of the run"))
    }

    /// The learning rate of a step: `learning_rate · schedule.factor(at)`.
    ///
    /// # Errors
    /// As [`Optimize::check_total`].
    pub fn rate(&self, at: &At<'_>) -> Result<f64> {
        self.check_total(at.total)?;
        Ok(self.learning_rate * self.schedule.factor(at))
    }

    /// The scalars of a step: those of [`Optimizer::inputs`], then the learning rate if a proximal penalty needs it.
    fn inputs(&self, t: u64, lr: f64) -> Scalars {
        let inputs = self.optimizer.inputs(t, lr);
        match self.is_proximal() {
            true => inputs.with_lr(lr),
            false => inputs,
        }
    }

    /// The step on a graph; `input` makes the scalar input with the given name, asked for in the order of [`Optimize::scalars`].
    pub fn step<'g>(&self, input: impl FnMut(&'static str) -> Var<'g>) -> OptimizerStep<'g> {
        OptimizerStep::of(&self.inputs(1, 0.0), input)
    }

    /// Names and types of the scalar inputs of a step on parameters of `dtype`, in the order of [`Optimize::scalars`].
    #[must_use]
    pub fn scalar_inputs(&self, dtype: DType) -> Vec<(String, Type)> {
        let inputs = self.inputs(1, 0.0);
        let names = inputs.iter().map(|&(name, _)| name.to_owned());
        names.map(|name| (name, Type::new(dtype, Shape::SCALAR))).collect()
    }

    /// The scalar inputs of a step: those of [`Optimizer::inputs`], then `lr` if a proximal penalty needs it.
    ///
    /// # Errors
    /// As [`Optimize::check_total`].
    pub fn scalars(&self, at: &At<'_>) -> Result<Scalars> {
        Ok(self.inputs(at.step + 1, self.rate(at)?))
    }
}

impl<T: Optimizer + Config> From<T> for Optimize {
    fn from(optimizer: T) -> Self {
        Self::new(optimizer)
    }
}

impl From<Entry<dyn Optimizer>> for Optimize {
    fn from(optimizer: Entry<dyn Optimizer>) -> Self {
        Self::new(optimizer)
    }
}

impl Group {
    fn check(&self) -> Result<()> {
        path::check(&self.path)?;
        if (self.learning_rate, self.weight_decay, self.frozen) == (None, None, None) {
            let error = Error::config(format!("the group `{}` changes nothing", self.path));
            return Err(error.hint("there are `learning_rate`, `weight_decay`, `frozen`"));
        }
        for (key, factor) in [
            ("learning_rate", self.learning_rate),
            ("weight_decay", self.weight_decay),
        ] {
            let factor = factor.unwrap_or(1.0);
            expect((0.0..f64::INFINITY).contains(&factor), key, "to be at least 0", factor)?;
        }
        Ok(())
    }
}

/// Checks each element of a list, whose place is its number.
fn each<T>(key: &str, list: &[T], check: impl Fn(&T) -> Result<()>) -> Result<()> {
    let numbered = |(i, element)| check(element).map_err(|error: Error| error.within(format!("{key}.{i}")));
    list.iter().enumerate().try_for_each(numbered)
}
