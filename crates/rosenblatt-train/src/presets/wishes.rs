//! What the user says, on top of a preset or a run file.

use rosenblatt_nn::entry::Kind;
use rosenblatt_nn::schedules::{Steps, WarmUp};
use rosenblatt_nn::{Entry, Initializer, Layer, Loss, Optimizer, Schedule};
use rosenblatt_tensor::{Error, Result};
use serde_json::Value;

use super::{Draft, plain};
use crate::spec::{EarlyStopping, Spec};

/// Settings given one by one, as flags are; what is `None` is left to others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    /// Widths of the hidden layers; an empty list for none.
    pub hidden: Option<Vec<usize>>,
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
    /// The rule of the steps.
    pub optimizer: Option<Entry<dyn Optimizer>>,
    /// Size of a step.
    pub learning_rate: Option<f64>,
    /// How the learning rate changes.
    pub schedule: Option<Entry<dyn Schedule>>,
    /// Linear rise before: a share of all steps below 1, else their number.
    pub warmup: Option<f64>,
    /// Weight decay of the optimiser.
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

impl Wishes {
    /// A spec with these wishes in place of what it said.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a wish is out of range, or if activation or dropout are wished for a
    /// network that is written layer by layer.
    pub fn over(&self, spec: &Spec) -> Result<Spec> {
        let mut spec = spec.clone();
        self.network(&mut spec)?;
        let train = &mut spec.train;
        let wish = self.clone();
        train.loss = wish.loss.or_else(|| train.loss.take());
        train.optimizer = wish.optimizer.unwrap_or_else(|| train.optimizer.clone());
        train.schedule = wish.schedule.unwrap_or_else(|| train.schedule.clone());
        train.learning_rate = wish.learning_rate.unwrap_or(train.learning_rate);
        train.clip_norm = wish.clip_norm.or(train.clip_norm);
        train.epochs = wish.epochs.unwrap_or(train.epochs);
        train.batch_size = wish.batch_size.unwrap_or(train.batch_size);
        train.seed = wish.seed.unwrap_or(train.seed);
        if let Some(patience) = wish.early_stopping {
            train.early_stopping = (patience > 0).then_some(EarlyStopping { patience });
        }
        if let Some(decay) = wish.weight_decay {
            train.optimizer = setting(&train.optimizer, "weight_decay", decay)?;
        }
        if let Some(warmup) = wish.warmup {
            train.schedule = match train.schedule.fields().contains_key("warmup") {
                true => setting(&train.schedule, "warmup", warmup)?,
                false => WarmUp { steps: Steps(warmup), then: train.schedule.clone() }.into(),
            };
        }
        spec.check()?;
        Ok(spec)
    }

    fn network(&self, spec: &mut Spec) -> Result<()> {
        let model = &mut spec.model;
        model.init = self.init.clone().unwrap_or_else(|| model.init.clone());
        model.bias_init = self.bias_init.clone().unwrap_or_else(|| model.bias_init.clone());
        let mut draft = plain::draft()?;
        self.shape(&mut draft);
        if self.hidden.is_some() {
            model.layers = draft.layers();
        } else if (self.activation.is_some() || self.dropout.is_some()) && model.layers.is_empty() {
            return Err(Error::config("an activation or dropout, but no hidden layer").hint("say how wide with `--hidden`"));
        }
        Ok(())
    }

    /// Sets what layers are made from.
    pub(super) fn shape(&self, draft: &mut Draft) {
        if let Some(hidden) = &self.hidden {
            draft.hidden.clone_from(hidden);
        }
        if let Some(activation) = &self.activation {
            draft.activation = activation.clone();
        }
        draft.dropout = self.dropout.unwrap_or(draft.dropout);
    }

    /// Whether the user has decided what a preset would choose under this key.
    pub(super) fn decides(&self, key: &str) -> bool {
        match key {
            "hidden" => self.hidden.is_some(),
            "activation" => self.activation.is_some(),
            "optimizer" => self.optimizer.is_some(),
            "lr" => self.learning_rate.is_some(),
            "schedule" => self.schedule.is_some(),
            "batch-size" => self.batch_size.is_some(),
            "epochs" => self.epochs.is_some(),
            "early-stopping" => self.early_stopping.is_some(),
            _ => false,
        }
    }
}

/// An entry with another value for one of its settings.
fn setting<K: Kind + ?Sized>(entry: &Entry<K>, key: &str, value: f64) -> Result<Entry<K>> {
    let mut fields = entry.fields();
    if fields.insert(key.to_owned(), Value::from(value)).is_none() {
        return Err(Error::config(format!("the {} `{}` has no `{key}`", K::KIND, entry.name())));
    }
    Entry::make(entry.name(), fields)
}
