//! The run file: which data, which network, how it is trained.
//!
//! One description everywhere: run file, command line, model file, Python, studio. It is plain data; unknown keys are
//! refused with the nearest right name. What does not belong to the result (threads, way to run, instruction set) is not
//! part of it: see [`crate::RunOptions`].
//!
//! A setting is declared once: its field has its documentation, default, range, unit and names; [`crate::settings`] reads them from there.
//! `text.rs` reads and writes a spec as TOML and JSON, `set.rs` sets single keys, `commented.rs` writes it with an explanation of every key;
//! `difference.rs` lists in what two of them differ, `file.rs` reads them from bytes.

mod class_weight;
mod commented;
mod difference;
mod file;
mod set;
mod solver;
mod text;

use rosenblatt_data::{DataOptions, DataRef, Task, resolve};
use rosenblatt_nn::constraints::MaxNorm;
use rosenblatt_nn::init::FanInUniform;
use rosenblatt_nn::optimize::{Optimize, OptimizeExt as _};
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_nn::penalties::{L1Proximal, L2};
use rosenblatt_nn::schedules::Constant;
use rosenblatt_nn::{Augmentation, Entry, Initializer, Layer, Loss, Optimizer, Schedule, TargetKind, losses};
use rosenblatt_tensor::{DType, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smart_default::SmartDefault;

use crate::model::{BatchNormStatistics, Reduction, check_averages};
use crate::settings;

pub use class_weight::ClassWeight;
pub(crate) use difference::differences;
pub use file::RunFile;
pub(crate) use solver::{ALL_ROWS, DROPOUT, NO_NOISE, NOT_OF_SOLVERS, RANDOM};
pub(crate) use text::{known, not_finite};

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
#[derive(Clone, Debug, PartialEq, SmartDefault, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-group" = "Model"))]
pub struct ModelSpec {
    /// Hidden layers, first to last; the output layer follows from the task.
    #[schemars(extend(
        "x-flag" = false,
        "x-takes" = "a list of layers such as `[{ linear = { out_features = 64 } }, \"relu\"]`"
    ))]
    pub layers: Vec<Entry<dyn Layer>>,
    /// Embedding dimension of columns with many categories.
    #[default = 8]
    #[schemars(range(min = 1))]
    pub embedding_dim: usize,
    /// Weight initialization.
    #[default(FanInUniform {}.into())]
    #[schemars(extend("x-value" = "RULE", "x-example" = "`he_uniform`, `normal:0.01`"))]
    pub init: Entry<dyn Initializer>,
    /// Bias initialization.
    #[default(FanInUniform {}.into())]
    #[schemars(extend("x-value" = "RULE", "x-example" = "`fan_in_uniform`, `zeros`"))]
    pub bias_init: Entry<dyn Initializer>,
    /// Standardize the target of a regression during training (not with `poisson` or `gamma`); predictions keep their units.
    pub scale_target: bool,
    /// A linear layer from the features to the output, next to the hidden layers: the network adds to a linear model.
    pub linear_path: bool,
    /// Predict nothing below the least or above the greatest training target of a regression.
    pub clip_predictions: bool,
}

/// How the parameters are found.
#[derive(Clone, Debug, PartialEq, SmartDefault, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-group" = "Training"))]
pub struct TrainSpec {
    /// Loss function [default: follows from the task].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "LOSS"))]
    pub loss: Option<Entry<dyn Loss>>,
    /// Class weights in the loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend(
        "x-value" = "WEIGHTS",
        "x-example" = "`balanced`, `no=1,yes=5`",
        "x-takes" = "`balanced`, or a table of classes and their weights such as `{ yes = 5 }`"
    ))]
    pub class_weight: Option<ClassWeight>,
    /// Reduction of the losses of a batch; the gradient of `sum` grows with the batch size, so it needs a lower learning rate.
    pub reduction: Reduction,
    /// L1 penalty λ on weights (lasso): after each step they move towards 0 by the learning rate times λ, so small ones become 0.
    #[schemars(range(min = 0), extend("x-value" = "LAMBDA"))]
    pub l1: f64,
    /// L2 penalty λ on weights: training minimizes mean loss + ½ λ ‖W‖² (not the same as decoupled weight decay).
    #[schemars(range(min = 0), extend("x-value" = "LAMBDA"))]
    pub l2: f64,
    /// Augmentation of training images, in this order: each is changed at random, in another way in each epoch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend(
        "x-value" = "RULE,...",
        "x-example" = "`flip,shift:2,rotate:10,noise:0.1,erase:0.25`, `none`",
        "x-takes" = "a list of augmentations such as `[\"flip\", { shift = { pixels = 2 } }]`"
    ))]
    pub augment: Vec<Entry<dyn Augmentation>>,
    /// Mixup: the rows of a training batch are mixed with others of it, with λ of Beta(α, α), and so are their losses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "ALPHA", "x-example" = "`0.2`", "exclusiveMinimum" = 0))]
    pub mixup: Option<f64>,
    /// Optimizer.
    #[default(Adam::default().into())]
    #[schemars(extend("x-value" = "RULE", "x-example" = "`adamw`, `sgd:momentum=0.9`"))]
    pub optimizer: Entry<dyn Optimizer>,
    /// Learning-rate schedule.
    #[default(Constant {}.into())]
    #[schemars(extend("x-value" = "RULE", "x-example" = "`constant`, `cosine`"))]
    pub schedule: Entry<dyn Schedule>,
    /// Learning rate; by default the usual one of the optimizer.
    #[default = 1e-3]
    #[schemars(extend("x-flag" = "lr", "x-value" = "RATE", "exclusiveMinimum" = 0))]
    pub learning_rate: f64,
    /// Clip each element of a gradient to this size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "SIZE", "exclusiveMinimum" = 0))]
    pub clip_value: Option<f64>,
    /// Clip the gradient of each parameter to this norm.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "NORM", "exclusiveMinimum" = 0))]
    pub clip_parameter_norm: Option<f64>,
    /// Clip gradients to this global norm.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "NORM", "exclusiveMinimum" = 0))]
    pub clip_norm: Option<f64>,
    /// Largest norm of the weights of each unit; longer ones are scaled down after each step.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "NORM", "exclusiveMinimum" = 0))]
    pub max_norm: Option<f64>,
    /// Maximum number of epochs (passes over the training rows).
    #[default = 10]
    #[schemars(range(min = 1), extend("x-unit" = "epochs"))]
    pub epochs: usize,
    /// Batch size; the last batch of an epoch may be smaller. `lbfgs` takes all rows.
    #[default = 32]
    #[schemars(range(min = 1), extend("x-unit" = "rows"))]
    pub batch_size: usize,
    /// Shuffle the training rows before each epoch; else they stay in the order they are read.
    #[default = true]
    pub shuffle: bool,
    /// Accumulate the gradients of this many batches for one step of the optimizer.
    #[default = 1]
    #[schemars(range(min = 1), extend("x-unit" = "batches"))]
    pub accumulate_steps: usize,
    /// Decay of an exponential moving average (EMA) of the weights, which is evaluated and saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "DECAY", "x-example" = "`0.999`", "exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub ema: Option<f64>,
    /// Stochastic weight averaging (SWA) from this epoch on, or after this share of the epochs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        range(min = 0),
        extend(
            "x-value" = "FROM",
            "x-example" = "`0.75`, `30`",
            "x-takes" = "the number of an epoch, or a share of the epochs below 1",
            "x-whole-from" = 1
        )
    )]
    pub swa: Option<f64>,
    /// Early stopping on the validation loss; the parameters of the best epoch are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-flag" = false, "x-takes" = "a table such as `{ patience = 10 }`"))]
    pub early_stopping: Option<EarlyStopping>,
    /// Keep the weights of the epoch with the fewest misclassified training rows, and stop when there are none (pocket algorithm).
    pub pocket: bool,
    /// Calibrate the probabilities of classes on the validation rows (temperature scaling); not with class weights.
    pub calibrate: bool,
    /// Statistics of batch normalization in prediction: running averages, or exact ones over all training rows.
    pub batch_norm_statistics: BatchNormStatistics,
    /// Random seed: split, initialization, batches, dropout, augmentation, mixup.
    pub seed: u64,
}

/// The key of [`TrainSpec::clip_norm`], for advice about training that diverges.
pub(crate) const CLIPPING: &str = "train.clip_norm";

/// When to stop early.
#[derive(Clone, Copy, Debug, PartialEq, SmartDefault, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopping {
    /// Epochs without improvement before training stops.
    #[default = 10]
    #[schemars(range(min = 1), extend("x-unit" = "epochs"))]
    pub patience: usize,
    /// Smallest decrease of the validation loss that counts as an improvement.
    #[schemars(range(min = 0))]
    pub min_delta: f64,
}

impl TrainSpec {
    /// What happens to parameters in a step; without what is for weights alone, see [`TrainSpec::regularize`].
    pub(crate) fn optimize(&self) -> Optimize {
        Optimize {
            schedule: self.schedule.clone(),
            clip_value: self.clip_value,
            clip_parameter_norm: self.clip_parameter_norm,
            clip_norm: self.clip_norm,
            ema: self.ema,
            learning_rate: match self.optimizer.solver() {
                Some(_) => self.optimizer.usual_rate(),
                None => self.learning_rate,
            },
            ..Optimize::new(self.optimizer.clone())
        }
    }

    /// Whether weights alone are treated in a way of their own.
    pub(crate) fn regularizes(&self) -> bool {
        self.l1 > 0.0 || self.l2 > 0.0 || self.max_norm.is_some()
    }

    /// Adds what is for the weights with these names alone: not for biases, nor for the scales of normalizing layers.
    pub(crate) fn regularize<'a>(&self, optimize: Optimize, weights: impl Iterator<Item = &'a str>) -> Optimize {
        weights.fold(optimize, |mut optimize, name| {
            if self.l1 > 0.0 {
                optimize = optimize.penalty_on(name, L1Proximal { alpha: self.l1 });
            }
            if self.l2 > 0.0 {
                optimize = optimize.penalty_on(name, L2 { alpha: self.l2 });
            }
            if let Some(max) = self.max_norm {
                optimize = optimize.constraint_on(name, MaxNorm { max });
            }
            optimize
        })
    }
}

impl Spec {
    /// Checks every number against its range.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], with the key.
    pub fn check(&self) -> Result<()> {
        for (i, layer) in self.model.layers.iter().enumerate() {
            layer
                .validate()
                .map_err(|error| error.within(format!("layers.{i}")).within("model"))?;
        }
        let train = &self.train;
        for augmentation in &train.augment {
            augmentation
                .validate()
                .map_err(|error| error.within("augment").within("train"))?;
        }
        let checks = [
            ("loss", train.loss.as_ref().map_or(Ok(()), |loss| loss.validate())),
            (
                "class_weight",
                train.class_weight.as_ref().map_or(Ok(()), ClassWeight::check),
            ),
            ("optimizer", train.optimizer.validate()),
            ("schedule", train.schedule.validate()),
        ];
        for (key, checked) in checks {
            checked.map_err(|error| error.within(key).within("train"))?;
        }
        let json = self.numbers().to_json()?;
        settings::descriptors()
            .iter()
            .try_for_each(|setting| setting.check(&json))?;
        let checked = train.optimize().check_dtype(DType::F32);
        checked.map_err(|error| error.rename_places(|key| Some(format!("train.{key}"))))
    }

    /// As [`Spec::check`], and what settings are to each other: for a spec that is complete, in which no setting is to be
    /// replaced.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], with the key.
    pub fn check_complete(&self) -> Result<()> {
        self.check()?;
        self.check_solver()?;
        let Self { train, .. } = self;
        let averaging = train.optimizer.evaluated_state().is_some();
        if train.ema.is_some() && averaging {
            let message = format!("weights are averaged by `{}` already", train.optimizer.name());
            let error = Error::config(message).within("train.ema");
            return Err(error.hint("leave one of the two out"));
        }
        if train.l1 > 0.0 && (averaging || train.ema.is_some() || train.swa.is_some()) {
            let error = Error::config("an average of weights has no exact zeros").within("train.l1");
            return Err(error.hint("leave out the average, or the L1 penalty"));
        }
        let checked = check_averages(Some(&train.optimize()), train.swa, train.epochs);
        checked.map_err(|error| error.rename_places(|key| Some(format!("train.{key}"))))
    }

    /// The same without what may have no JSON: entries that are not registered, and paths.
    fn numbers(&self) -> Self {
        let (model, train) = (ModelSpec::default(), TrainSpec::default());
        Self {
            data: DataOptions {
                more: Vec::new(),
                valid: None,
                test: None,
                ..self.data.clone()
            },
            model: ModelSpec {
                layers: model.layers,
                init: model.init,
                bias_init: model.bias_init,
                ..self.model
            },
            train: TrainSpec {
                loss: None,
                class_weight: None,
                augment: Vec::new(),
                optimizer: train.optimizer,
                schedule: train.schedule,
                ..self.train
            },
        }
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
        (spec.data.valid, spec.data.test, spec.data.memory) = (None, None, None);
        spec
    }
}

/// What a network for a task puts out.
pub(crate) fn target_kind(task: &Task) -> TargetKind {
    task.classes()
        .map_or(TargetKind::Values(1), |classes| TargetKind::Classes(classes.len()))
}
