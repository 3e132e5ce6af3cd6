//! The run file: which data, which network, how it is trained.
//!
//! One description everywhere: run file, command line, model file, Python, studio. It is plain data; unknown keys are
//! refused with the nearest right name. What does not belong to the result (threads, way to run, instruction set) is not
//! part of it: see [`crate::RunOptions`].
//!
//! `text.rs` reads and writes it as TOML and JSON, `setting.rs` sets single keys, `commented.rs` writes it with an
//! explanation of every key, `expected.rs` says what their values must be; `difference.rs` says in what two of them
//! differ, `file.rs` reads them from bytes.

mod class_weight;
mod commented;
mod difference;
mod expected;
mod file;
mod setting;
mod text;

use rosenblatt_data::{DataOptions, DataRef, Task, resolve};
use rosenblatt_nn::init::FanInUniform;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_nn::schedules::Constant;
use rosenblatt_nn::{Entry, Initializer, Layer, Loss, Optimizer, Schedule, TargetKind, losses};
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use class_weight::ClassWeight;
pub(crate) use difference::differences;
pub use setting::Setting;

/// Everything that decides what a training run gives.
///
/// # Example
/// ```
/// use rosenblatt_train::Spec;
/// let spec = Spec::from_toml(r#"
///     [data]
///     source = "penguins"
///     [model]
///     layers = [{ linear = { out_features = 16 } }, "relu"]
///     [train]
///     optimizer = { sgd = { momentum = 0.9 } }
/// "#)?;
/// assert_eq!(spec.model.layers.len(), 2);
/// assert_eq!(Spec::from_toml(&spec.to_toml()?)?, spec);
///
/// let error = Spec::from_toml("[train]\nepoch = 3").unwrap_err();
/// assert_eq!(error.to_string(), "train: unknown key `epoch`");
/// assert_eq!(error.hint_text(), Some("did you mean `epochs`?"));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Spec {
    /// Which data, and what is predicted from it.
    pub data: DataOptions,
    /// The network.
    pub model: ModelSpec,
    /// How its parameters are found.
    pub train: TrainSpec,
}

/// The network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSpec {
    /// The hidden layers, first one first; the output layer follows from the task.
    pub layers: Vec<Entry<dyn Layer>>,
    /// Learned numbers for each value of a column with many categories, at least 1.
    pub embedding_dim: usize,
    /// First values of weights.
    pub init: Entry<dyn Initializer>,
    /// First values of biases.
    pub bias_init: Entry<dyn Initializer>,
    /// Whether a regression is trained on targets of mean 0 and standard deviation 1; predictions keep their units.
    pub scale_target: bool,
}

/// How the parameters are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrainSpec {
    /// What is made small; follows from the task if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<Entry<dyn Loss>>,
    /// How much the rows of each class count in the loss: `balanced`, or a weight for each of some classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weight: Option<ClassWeight>,
    /// The rule that turns gradients into steps.
    pub optimizer: Entry<dyn Optimizer>,
    /// How the learning rate changes over the run.
    pub schedule: Entry<dyn Schedule>,
    /// Size of a step, above 0, before the schedule's factor.
    pub learning_rate: f64,
    /// The largest norm of all gradients together, above 0; longer ones are shortened to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Passes over the training rows, at least 1.
    pub epochs: usize,
    /// Rows of a step, at least 1; the last batch of an epoch has what is left.
    pub batch_size: usize,
    /// Stop when the loss on the validation rows no longer falls, and take the parameters where it was lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// Decides every random number: splits, first values, order of rows, dropout.
    pub seed: u64,
}

/// When to stop early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopping {
    /// Epochs to wait for an improvement, at least 1.
    pub patience: usize,
}

impl Default for ModelSpec {
    /// No hidden layer, first values as PyTorch's `Linear`, eight numbers for a category.
    fn default() -> Self {
        let fan_in = || FanInUniform {}.into();
        Self {
            layers: Vec::new(),
            embedding_dim: 8,
            init: fan_in(),
            bias_init: fan_in(),
            scale_target: false,
        }
    }
}

impl Default for TrainSpec {
    /// Adam at 0.001, ten epochs of batches of 32 rows.
    fn default() -> Self {
        Self {
            loss: None,
            class_weight: None,
            optimizer: Adam::default().into(),
            schedule: Constant {}.into(),
            learning_rate: 1e-3,
            clip_norm: None,
            epochs: 10,
            batch_size: 32,
            early_stopping: None,
            seed: 0,
        }
    }
}

impl Default for EarlyStopping {
    /// Ten epochs.
    fn default() -> Self {
        Self { patience: 10 }
    }
}

impl Spec {
    /// Checks every number against its range.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], with the key.
    pub fn check(&self) -> Result<()> {
        let TrainSpec {
            loss,
            class_weight,
            optimizer,
            schedule,
            learning_rate,
            clip_norm,
            epochs,
            batch_size,
            ..
        } = &self.train;
        for (i, layer) in self.model.layers.iter().enumerate() {
            layer
                .validate()
                .map_err(|error| error.within(format!("layers.{i}")).within("model"))?;
        }
        if self.model.embedding_dim == 0 {
            return Err(Error::config("expected at least 1, got `0`").within("model.embedding_dim"));
        }
        let within = |key: &'static str| move |error: Error| error.within(key).within("train");
        loss.as_ref()
            .map_or(Ok(()), |loss| loss.validate())
            .map_err(within("loss"))?;
        class_weight
            .as_ref()
            .map_or(Ok(()), ClassWeight::check)
            .map_err(within("class_weight"))?;
        optimizer.validate().map_err(within("optimizer"))?;
        schedule.validate().map_err(within("schedule"))?;
        let positive = |key, value: f64| in_range(key, value > 0.0 && value.is_finite(), "a number above 0", value);
        positive("learning_rate", *learning_rate)?;
        clip_norm.map_or(Ok(()), |norm| positive("clip_norm", norm))?;
        in_range("epochs", *epochs >= 1, "at least 1", *epochs)?;
        in_range("batch_size", *batch_size >= 1, "at least 1", *batch_size)?;
        let patience = self.train.early_stopping.map_or(1, |stopping| stopping.patience);
        in_range("early_stopping.patience", patience >= 1, "at least 1", patience)
    }

    /// The loss: the chosen one, or the usual one of the task.
    #[must_use]
    pub fn loss(&self, task: &Task) -> Entry<dyn Loss> {
        self.train
            .loss
            .clone()
            .unwrap_or_else(|| losses::usual(target_kind(task)))
    }

    /// The same without what says where files lie: the name of a data set stays, paths go.
    pub(crate) fn without_paths(&self) -> Self {
        let mut spec = self.clone();
        if !matches!(resolve(&spec.data.source), Ok(DataRef::Set(_))) {
            spec.data.source.clear();
        }
        spec.data.more.clear();
        (spec.data.valid, spec.data.test) = (None, None);
        spec
    }
}

/// What a network for a task puts out.
pub(crate) fn target_kind(task: &Task) -> TargetKind {
    task.classes()
        .map_or(TargetKind::Values(1), |classes| TargetKind::Classes(classes.len()))
}

fn in_range(key: &str, holds: bool, range: &str, got: impl std::fmt::Display) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::config(format!("expected {range}, got `{got}`")).within(format!("train.{key}")))
    }
}
