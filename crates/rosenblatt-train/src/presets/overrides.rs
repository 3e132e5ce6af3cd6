//! What the user says, on top of a preset or a run file.

use std::str::FromStr;

use rosenblatt_nn::layers::{BatchNorm, LayerNorm};
use rosenblatt_nn::schedules::{Steps, WarmUp};
use rosenblatt_nn::{Entry, Initializer, Layer, Loss, Optimizer, Schedule};
use rosenblatt_tensor::{Advice, Error, Result};

use super::{Draft, plain};
use crate::spec::{ClassWeight, EarlyStopping, Spec};

/// Settings given one by one, as flags are; what is `None` is left to others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Widths of the hidden layers; an empty list for none.
    pub hidden: Option<Vec<usize>>,
    /// What normalizes each hidden layer, before the activation.
    pub norm: Option<Norm>,
    /// What follows each hidden layer.
    pub activation: Option<Entry<dyn Layer>>,
    /// Probability of dropout after each hidden layer, in `[0, 1)`.
    pub dropout: Option<f64>,
    /// First values of weights.
    pub init: Option<Entry<dyn Initializer>>,
    /// First values of biases.
    pub bias_init: Option<Entry<dyn Initializer>>,
    /// What is made small.
    pub loss: Option<Entry<dyn Loss>>,
    /// How much the rows of each class count.
    pub class_weight: Option<ClassWeight>,
    /// The rule of the steps.
    pub optimizer: Option<Entry<dyn Optimizer>>,
    /// Size of a step.
    pub learning_rate: Option<f64>,
    /// How the learning rate changes.
    pub schedule: Option<Entry<dyn Schedule>>,
    /// Linear rise before: a share of all steps below 1, else their number.
    pub warmup: Option<f64>,
    /// Weight decay of the optimizer.
    pub weight_decay: Option<f64>,
    /// The largest norm of all gradients together.
    pub clip_norm: Option<f64>,
    /// Passes over the training rows.
    pub epochs: Option<usize>,
    /// Rows of a step.
    pub batch_size: Option<usize>,
    /// Epochs to wait for a lower validation loss; 0 for no early stop.
    pub early_stopping: Option<usize>,
    /// Decides every random number.
    pub seed: Option<u64>,
}

/// What is normalized after a hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Each row: [`LayerNorm`] with its defaults.
    Layer,
    /// Each feature over the rows of a batch: [`BatchNorm`] with its defaults.
    Batch,
}

impl Norm {
    /// The layer.
    pub(crate) fn layer(self) -> Entry<dyn Layer> {
        match self {
            Self::Layer => LayerNorm::default().into(),
            Self::Batch => BatchNorm::default().into(),
        }
    }
}

impl FromStr for Norm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "layer" => Ok(Self::Layer),
            "batch" => Ok(Self::Batch),
            other => Err(Error::config(format!("expected `layer` or `batch`, got `{other}`"))),
        }
    }
}

impl Overrides {
    /// A spec with these overrides in place of what it said.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a wish is out of range, or if norm, activation or dropout are wished
    /// for a network that is written layer by layer.
    pub fn over(&self, spec: &Spec) -> Result<Spec> {
        let mut spec = spec.clone();
        match self.hidden {
            None => self.needs_hidden_layers(&[])?,
            Some(_) => {
                let mut draft = plain::draft()?;
                self.shape(&mut draft);
                spec.model.layers = draft.layers();
            }
        }
        self.apply(spec)
    }

    /// All overrides but those about the hidden layers.
    pub(super) fn apply(&self, mut spec: Spec) -> Result<Spec> {
        let (model, train, wish) = (&mut spec.model, &mut spec.train, self.clone());
        replace(&mut model.init, wish.init);
        replace(&mut model.bias_init, wish.bias_init);
        replace(&mut train.optimizer, wish.optimizer);
        replace(&mut train.schedule, wish.schedule);
        replace(&mut train.learning_rate, wish.learning_rate);
        replace(&mut train.epochs, wish.epochs);
        replace(&mut train.batch_size, wish.batch_size);
        replace(&mut train.seed, wish.seed);
        train.loss = wish.loss.or_else(|| train.loss.take());
        train.class_weight = wish.class_weight.or_else(|| train.class_weight.take());
        train.clip_norm = wish.clip_norm.or(train.clip_norm);
        if let Some(patience) = wish.early_stopping {
            train.early_stopping = (patience > 0).then_some(EarlyStopping { patience });
        }
        if let Some(decay) = wish.weight_decay {
            train.optimizer = train.optimizer.with("weight_decay", decay)?;
        }
        if let Some(warmup) = wish.warmup {
            train.schedule = match train.schedule.fields().contains_key("warmup") {
                true => train.schedule.with("warmup", warmup)?,
                false => WarmUp {
                    steps: Steps(warmup),
                    then: train.schedule.clone(),
                }
                .into(),
            };
        }
        spec.check()?;
        Ok(spec)
    }

    /// An error if norm, activation or dropout are set, and there is no hidden layer.
    pub(super) fn needs_hidden_layers(&self, hidden: &[usize]) -> Result<()> {
        let name = match (&self.activation, self.norm, self.dropout) {
            _ if !hidden.is_empty() || self.hidden.is_some() => return Ok(()),
            (Some(_), ..) => "activation",
            (None, Some(_), _) => "norm",
            (None, None, Some(_)) => "dropout",
            (None, None, None) => return Ok(()),
        };
        let error = Error::config(format!("`{name}` needs hidden layers that are given by their widths"));
        let hint = Advice::new("add ").set("model.hidden", 64).text(", or leave ");
        Err(error.hint(hint.setting(format!("model.{name}")).text(" out")))
    }

    /// Sets what layers are made from.
    pub(super) fn shape(&self, draft: &mut Draft) {
        if let Some(hidden) = &self.hidden {
            draft.hidden.clone_from(hidden);
        }
        if let Some(activation) = &self.activation {
            draft.activation = activation.clone();
        }
        draft.norm = self.norm.or(draft.norm);
        draft.dropout = self.dropout.unwrap_or(draft.dropout);
    }

    /// Whether the user has decided what a preset would choose under this key.
    pub(super) fn decides(&self, key: &str) -> bool {
        match key {
            "hidden" => self.hidden.is_some(),
            "activation" => self.activation.is_some(),
            // What was chosen has a decay and a warm-up: with another one it is no longer that.
            "optimizer" => self.optimizer.is_some() || self.weight_decay.is_some(),
            "lr" => self.learning_rate.is_some(),
            "schedule" => self.schedule.is_some() || self.warmup.is_some(),
            "batch-size" => self.batch_size.is_some(),
            "epochs" => self.epochs.is_some(),
            "early-stopping" => self.early_stopping.is_some(),
            _ => false,
        }
    }
}

/// Sets what is wished for.
fn replace<T>(place: &mut T, wish: Option<T>) {
    if let Some(wish) = wish {
        *place = wish;
    }
}
