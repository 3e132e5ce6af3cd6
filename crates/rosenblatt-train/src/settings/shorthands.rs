//! Settings that stand for a part of another: the shape of hidden layers, the warm-up of a schedule.

use std::fmt;
use std::str::FromStr;

use rosenblatt_data::ColumnKind;
use rosenblatt_nn::layers::{BatchNorm, LayerNorm, RmsNorm};
use rosenblatt_nn::schedules::{Steps, WarmUp};
use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::{Advice, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::{EarlyStopping, Spec};

/// Settings that no run file has: each decides a part of the key it `x-sets`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Shorthands {
    /// Treat these numeric columns as categorical; on the target: classification.
    #[schemars(extend("x-sets" = "data.columns", "x-group" = "Data", "x-value" = "COLUMN,...", "x-separator" = ","))]
    pub(crate) categorical: Vec<String>,
    /// Treat these columns as numbers; on the target: regression.
    #[schemars(extend("x-sets" = "data.columns", "x-group" = "Data", "x-value" = "COLUMN,...", "x-separator" = ","))]
    pub(crate) numeric: Vec<String>,
    /// Treat these columns as dates, times or durations.
    #[schemars(extend("x-sets" = "data.columns", "x-group" = "Data", "x-value" = "COLUMN,...", "x-separator" = ","))]
    pub(crate) date: Vec<String>,
    /// Kind of model: `mlp`; `linear`, no hidden layers; `perceptron`, Rosenblatt's rule (two classes); `cnn`, convolutions for images.
    #[schemars(extend("x-sets" = "model.layers", "x-group" = "Model"))]
    pub(crate) model: Option<ModelKind>,
    /// Widths of the hidden layers, or `none`.
    #[schemars(extend("x-sets" = "model.layers", "x-group" = "Model", "x-value" = "256,128|none"))]
    pub(crate) hidden: Option<Vec<usize>>,
    /// Activation function of the hidden layers.
    #[schemars(extend(
        "x-sets" = "model.layers",
        "x-group" = "Model",
        "x-value" = "LAYER",
        "x-example" = "`gelu`, `elu:0.5`, `prelu`, `swiglu`, `maxout:3`"
    ))]
    pub(crate) activation: Option<Entry<dyn Layer>>,
    /// Normalization of each hidden layer, before the activation.
    #[schemars(extend("x-sets" = "model.layers", "x-group" = "Model"))]
    pub(crate) norm: Option<Norm>,
    /// Dropout probability after each hidden layer.
    #[schemars(range(min = 0), extend("x-sets" = "model.layers", "x-group" = "Model", "exclusiveMaximum" = 1))]
    pub(crate) dropout: Option<f64>,
    /// Linear warm-up of the learning rate: number of steps; below 1: fraction of all steps.
    #[schemars(range(min = 0), extend(
        "x-sets" = "train.schedule",
        "x-group" = "Training",
        "x-value" = "STEPS",
        "x-whole-from" = 1,
        "x-takes" = "a whole number of steps, or a share of them below 1"
    ))]
    pub(crate) warmup: Option<f64>,
    /// Weight decay (if the optimizer supports it).
    #[schemars(range(min = 0), extend("x-sets" = "train.optimizer", "x-group" = "Training", "x-value" = "RATE"))]
    pub(crate) weight_decay: Option<f64>,
    /// Stop when the validation loss has not improved for N epochs; 0: never.
    #[schemars(extend("x-sets" = "train.early_stopping", "x-group" = "Training", "x-flag" = "early-stopping", "x-unit" = "epochs"))]
    pub(crate) patience: Option<usize>,
}

/// What a model is called that is a choice of several settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Hidden layers as they are given or chosen.
    Mlp,
    /// No hidden layers: linear regression, logistic and softmax regression.
    Linear,
    /// No hidden layers, trained by Rosenblatt's rule, one row at a time, from weights of 0; the pocket keeps the best weights.
    Perceptron,
    /// For images: blocks of convolution and pooling before the hidden layers.
    Cnn,
}

impl ModelKind {
    /// What it stands for besides the layers: keys of a run file and their values as JSON. What is given by itself goes over it.
    pub(crate) fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Mlp | Self::Linear | Self::Cnn => &[],
            Self::Perceptron => &[
                ("model.init", r#""zeros""#),
                ("model.bias_init", r#""zeros""#),
                ("train.loss", r#""perceptron""#),
                ("train.optimizer", r#""sgd""#),
                ("train.learning_rate", "1.0"),
                ("train.schedule", r#""constant""#),
                ("train.batch_size", "1"),
                ("train.epochs", "1000"),
                ("train.pocket", "true"),
            ],
        }
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mlp => "mlp",
            Self::Linear => "linear",
            Self::Perceptron => "perceptron",
            Self::Cnn => "cnn",
        })
    }
}

/// Normalization of a hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// Each row: [`LayerNorm`] with its defaults.
    Layer,
    /// Each feature over the rows of a batch: [`BatchNorm`] with its defaults.
    Batch,
    /// Each row, without its mean: [`RmsNorm`] with its defaults.
    Rms,
}

impl Norm {
    /// The layer.
    pub(crate) fn layer(self) -> Entry<dyn Layer> {
        match self {
            Self::Layer => LayerNorm::default().into(),
            Self::Batch => BatchNorm::default().into(),
            Self::Rms => RmsNorm::default().into(),
        }
    }
}

impl FromStr for Norm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "layer" => Ok(Self::Layer),
            "batch" => Ok(Self::Batch),
            "rms" => Ok(Self::Rms),
            other => Err(Error::config(format!(
                "expected `layer`, `batch` or `rms`, got `{other}`"
            ))),
        }
    }
}

impl Shorthands {
    /// Puts them into a spec, but for those about hidden layers.
    pub(crate) fn apply(&self, spec: &mut Spec) -> Result<()> {
        let train = &mut spec.train;
        let kinds = [
            (&self.categorical, ColumnKind::Categorical),
            (&self.numeric, ColumnKind::Numeric),
            (&self.date, ColumnKind::Date),
        ];
        for (names, kind) in kinds {
            spec.data.columns.extend(names.iter().map(|name| (name.clone(), kind)));
        }
        if let Some(patience) = self.patience {
            train.early_stopping = (patience > 0).then(|| EarlyStopping {
                patience,
                ..train.early_stopping.unwrap_or_default()
            });
        }
        if let Some(decay) = self.weight_decay {
            let has_decay = train.optimizer.fields().contains_key("weight_decay");
            let penalty = || {
                Advice::new("the penalty of ")
                    .setting("train.l2")
                    .text(" is one of the loss")
            };
            let decayed = train.optimizer.with("weight_decay", decay);
            train.optimizer = decayed.map_err(|error| if has_decay { error } else { error.hint(penalty()) })?;
        }
        if let Some(warmup) = self.warmup {
            train.schedule = match train.schedule.fields().contains_key("warmup") {
                true => train.schedule.with("warmup", warmup)?,
                false => WarmUp {
                    steps: Steps(warmup),
                    then: train.schedule.clone(),
                }
                .into(),
            };
        }
        Ok(())
    }

    /// Whether the model that is chosen has no hidden layers.
    pub(crate) fn is_linear(&self) -> bool {
        matches!(self.model, Some(ModelKind::Linear | ModelKind::Perceptron))
    }

    /// Whether the model that is chosen begins with convolutions.
    pub(crate) fn is_convolutional(&self) -> bool {
        self.model == Some(ModelKind::Cnn)
    }

    /// An error if the model that is chosen cannot have what is given about its layers.
    pub(crate) fn check_model(&self) -> Result<()> {
        self.check_convolutions()?;
        let given = [
            ("hidden", self.hidden.as_ref().is_some_and(|hidden| !hidden.is_empty())),
            ("activation", self.activation.is_some()),
            ("norm", self.norm.is_some()),
            ("dropout", self.dropout.is_some()),
        ];
        let of_hidden = given.into_iter().find(|(_, is_given)| *is_given);
        let (Some(kind), Some((name, _))) = (self.model.filter(|_| self.is_linear()), of_hidden) else {
            return Ok(());
        };
        let error = Error::config(format!(
            "the model `{kind}` has no hidden layers, which `{name}` is for"
        ));
        let hint = Advice::new("leave ")
            .setting(format!("model.{name}"))
            .text(" out, or choose ");
        Err(error.hint(hint.set("model.model", "mlp")))
    }

    /// An error if convolutions are to have what is for rows of features.
    fn check_convolutions(&self) -> Result<()> {
        if !self.is_convolutional() {
            return Ok(());
        }
        let fail = |message: String, hint: Advice| Err(Error::config(message).hint(hint));
        let several = |layer: &&Entry<dyn Layer>| layer.inputs_per_output() > 1;
        if let Some(activation) = self.activation.as_ref().filter(several) {
            let message = format!("`{activation}` cannot follow a convolution: it combines features of a linear layer");
            return fail(
                message,
                Advice::new("use another activation, such as ").set("model.activation", "relu"),
            );
        }
        if self.norm == Some(Norm::Rms) {
            let message = "`rms` normalization is not available after convolutions";
            let hint = Advice::new("use ").set("model.norm", "batch");
            return fail(message.to_owned(), hint.text(" or ").set("model.norm", "layer"));
        }
        Ok(())
    }

    /// An error if activation, normalization or dropout are given, and there are no hidden layers to have them.
    pub(crate) fn needs_hidden_layers(&self, hidden: &[usize]) -> Result<()> {
        let name = match (&self.activation, self.norm, self.dropout) {
            _ if !hidden.is_empty() || self.hidden.is_some() || self.is_convolutional() => return Ok(()),
            (Some(_), ..) => "activation",
            (None, Some(_), _) => "norm",
            (None, None, Some(_)) => "dropout",
            (None, None, None) => return Ok(()),
        };
        let error = Error::config(format!("`{name}` needs hidden layers that are given by their widths"));
        let hint = Advice::new("add ").set("model.hidden", 64).text(", or leave ");
        Err(error.hint(hint.setting(format!("model.{name}")).text(" out")))
    }
}
