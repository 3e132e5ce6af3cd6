//! What a network is trained for, and how.

use rosenblatt_data::preprocess::Standardize;
use rosenblatt_nn::init::FanInUniform;
use rosenblatt_nn::layers::{Functional, Sequential};
use rosenblatt_nn::optimize::Optimize;
use rosenblatt_nn::{Entry, Initializer, Loss, Metric, Network};
use rosenblatt_tensor::{DType, Error, Result};
use serde::{Deserialize, Serialize};

use super::Model;
use super::head::Head;
use super::history::Score;

/// How a network is trained: plain data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Training {
    /// One for each output of the network.
    pub(crate) outputs: Vec<OutputTraining>,
    pub(crate) optimize: Optimize,
    pub(crate) metrics: Vec<Entry<dyn Metric>>,
    pub(crate) init: Entry<dyn Initializer>,
    pub(crate) bias_init: Entry<dyn Initializer>,
    /// `f32` or `f64`.
    pub(crate) dtype: String,
}

/// What an output is trained for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputTraining {
    pub(crate) loss: Entry<dyn Loss>,
    /// How much its loss counts.
    pub(crate) weight: f64,
    /// Mean and spread of the targets, if they are learned on a scale of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scale: Option<Standardize>,
    /// No prediction is below or above these, in the units of the targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) range: Option<[f64; 2]>,
}

impl Training {
    pub(crate) fn new(outputs: Vec<OutputTraining>, optimize: Optimize, metrics: Vec<Entry<dyn Metric>>) -> Self {
        Self {
            outputs,
            optimize,
            metrics,
            init: FanInUniform {}.into(),
            bias_init: FanInUniform {}.into(),
            dtype: DType::F32.to_string(),
        }
    }

    pub(super) fn dtype(&self) -> Result<DType> {
        let known = [DType::F32, DType::F64]
            .into_iter()
            .find(|dtype| dtype.to_string() == self.dtype);
        known.ok_or_else(|| Error::config(format!("expected `f32` or `f64`, got `{}`", self.dtype)).within("dtype"))
    }

    /// # Errors
    /// There is not one loss for each output of the network, or a setting is out of range.
    pub(super) fn check(&self, network: &Network) -> Result<()> {
        let names = network.outputs();
        if names.len() != self.outputs.len() {
            let message = format!(
                "{} losses for a network with the outputs {}",
                self.outputs.len(),
                names.join(", ")
            );
            return Err(Error::config(message).hint("give one loss for each output, with `compile_outputs`"));
        }
        self.dtype()?;
        for OutputTraining {
            loss,
            weight,
            scale,
            range,
        } in &self.outputs
        {
            loss.validate()
                .map_err(|error| error.within(loss.name()).within("loss"))?;
            if !(weight.is_finite() && *weight >= 0.0) {
                let error = Error::config(format!("expected a weight of at least 0, got {weight}"));
                return Err(error.within(loss.name()).within("loss"));
            }
            if let Some([low, high]) = range.filter(|[low, high]| low.is_nan() || high.is_nan() || low > high) {
                return Err(Error::config(format!("{low} to {high} is no range")).within("range"));
            }
            if let Some(Standardize { mean, std }) = scale.as_ref().filter(|scale| !is_scale(scale)) {
                let error = Error::config(format!(
                    "mean {mean} and std {std}, expected finite numbers and std above 0"
                ));
                return Err(error.within("scale"));
            }
        }
        self.optimize.check()
    }

    /// The metric that a step sums up itself: the first that can be, of a single output.
    pub(super) fn score(&self, heads: &[Head]) -> Option<Score> {
        let [head] = heads else { return None };
        let score = if head.is_classes() {
            Score::Accuracy
        } else {
            Score::Rmse
        };
        self.metrics
            .iter()
            .any(|metric| metric.name() == score.name())
            .then_some(score)
    }
}

fn is_scale(scale: &Standardize) -> bool {
    scale.mean.is_finite() && scale.std.is_finite() && scale.std > 0.0
}

/// Networks that can be compiled into a [`Model`].
pub trait Compile: Sized {
    /// The network as data.
    fn network(self) -> Network;

    /// A model of this network with one output, trained by this loss, optimizer and these metrics.
    ///
    /// A final softmax or sigmoid that belongs to the loss is known to it: training reads what is before it, predictions
    /// what is after it. Nothing is added to the network.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for settings out of range, for several outputs, and for a last layer that
    /// does not go with the loss.
    fn compile(
        self,
        loss: impl Into<Entry<dyn Loss>>,
        optimize: impl Into<Optimize>,
        metrics: impl IntoIterator<Item = impl Into<Entry<dyn Metric>>>,
    ) -> Result<Model> {
        self.compile_outputs([(loss.into(), 1.0)], optimize, metrics)
    }

    /// A model of this network with a loss and a weight for each output, in their order; the weighted sum is minimized.
    ///
    /// # Errors
    /// As [`Compile::compile`], and if there is not one loss for each output.
    fn compile_outputs(
        self,
        losses: impl IntoIterator<Item = (Entry<dyn Loss>, f64)>,
        optimize: impl Into<Optimize>,
        metrics: impl IntoIterator<Item = impl Into<Entry<dyn Metric>>>,
    ) -> Result<Model> {
        let output = |(loss, weight)| OutputTraining {
            loss,
            weight,
            scale: None,
            range: None,
        };
        let metrics = metrics.into_iter().map(Into::into).collect();
        let outputs = losses.into_iter().map(output).collect();
        Model::new(self.network(), Training::new(outputs, optimize.into(), metrics))
    }
}

impl Compile for Network {
    fn network(self) -> Network {
        self
    }
}

impl Compile for Sequential {
    fn network(self) -> Network {
        Network::Sequential(self)
    }
}

impl Compile for Functional {
    fn network(self) -> Network {
        Network::Functional(self)
    }
}

impl Model {
    /// The same with other initial values of weights and biases; without it those of PyTorch's `Linear`.
    #[must_use]
    pub fn init(
        mut self,
        weights: impl Into<Entry<dyn Initializer>>,
        biases: impl Into<Entry<dyn Initializer>>,
    ) -> Self {
        (self.training.init, self.training.bias_init) = (weights.into(), biases.into());
        self
    }

    /// The same with parameters of this type, f32 or f64; arrays of floating-point numbers are rounded to it once.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for other types, and if the model has parameters already.
    pub fn with_dtype(mut self, dtype: DType) -> Result<Self> {
        if !self.params.is_empty() {
            return Err(Error::config("the model has parameters already").within("dtype"));
        }
        self.training.dtype = dtype.to_string();
        self.training.dtype().map(|_| self)
    }
}
