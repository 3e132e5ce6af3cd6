//! Which network, and how it is trained.

use rosenblatt_nn::entry::Registry;
use rosenblatt_nn::{Entry, Initializer, Layer, Loss, Optimizer, Schedule};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::ClassWeight;
use rosenblatt_train::presets::Overrides;

use super::suggested::{entries, words};
use super::values;

/// Flags that become the `[model]` and `[train]` parts of a run file.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelFlags {
    /// Widths of the hidden layers, or `none`.
    #[arg(long, value_name = "256,128|none")]
    hidden: Option<String>,
    /// What follows each hidden layer: `gelu`, `leaky_relu:0.01`.
    #[arg(long, value_name = "LAYER", value_parser = entries::<dyn Layer>(), hide_possible_values = true)]
    activation: Option<String>,
    /// What normalizes each hidden layer, before the activation.
    #[arg(long, value_name = "layer|batch", value_parser = words(|| vec!["layer", "batch"]), hide_possible_values = true)]
    norm: Option<String>,
    /// Probability of dropout after each hidden layer.
    #[arg(long, value_name = "0..1", value_parser = values::probability)]
    dropout: Option<f64>,
    /// First values of weights: `he_uniform`, `normal:0.01`.
    #[arg(long, value_name = "RULE", value_parser = entries::<dyn Initializer>(), hide_possible_values = true)]
    init: Option<String>,
    /// First values of biases: `fan_in_uniform`, `zeros`.
    #[arg(long, value_name = "RULE", value_parser = entries::<dyn Initializer>(), hide_possible_values = true)]
    bias_init: Option<String>,
    /// What is made small [default: follows from the task].
    #[arg(long, value_name = "LOSS", value_parser = entries::<dyn Loss>(), hide_possible_values = true)]
    loss: Option<String>,
    /// How much rows of a class count in the loss: `balanced`, `no=1,yes=5`.
    #[arg(long, value_name = "WEIGHTS", value_parser = words(|| vec!["balanced"]), hide_possible_values = true)]
    class_weight: Option<String>,
    /// The rule of the steps: `adamw`, `sgd:momentum=0.9`.
    #[arg(long, value_name = "RULE", value_parser = entries::<dyn Optimizer>(), hide_possible_values = true)]
    optimizer: Option<String>,
    /// Size of a step: the learning rate.
    #[arg(long, value_name = "RATE", value_parser = values::above_0)]
    lr: Option<f64>,
    /// How the learning rate changes: `constant`, `cosine`.
    #[arg(long, value_name = "RULE", value_parser = entries::<dyn Schedule>(), hide_possible_values = true)]
    schedule: Option<String>,
    /// Steps in which the learning rate rises from 0; below 1: a share of all.
    #[arg(long, value_name = "STEPS", value_parser = values::steps)]
    warmup: Option<f64>,
    /// Pull of weights towards 0, where the optimizer has one.
    #[arg(long, value_name = "RATE", value_parser = values::from_0)]
    weight_decay: Option<f64>,
    /// The largest norm of all gradients together.
    #[arg(long, value_name = "NORM", value_parser = values::above_0)]
    clip_norm: Option<f64>,
    /// Passes over the training rows.
    #[arg(long, value_name = "N", value_parser = values::count)]
    epochs: Option<usize>,
    /// Rows of a step.
    #[arg(long, value_name = "N", value_parser = values::count)]
    batch_size: Option<usize>,
    /// Stop when the validation loss has not fallen for N epochs; 0: never.
    #[arg(long, value_name = "N", value_parser = values::index)]
    early_stopping: Option<usize>,
    /// Decides every random number: splits, first values, order, dropout.
    #[arg(long, value_name = "N", value_parser = values::seed)]
    seed: Option<u64>,
}

impl ModelFlags {
    /// What the user overrides.
    ///
    /// # Errors
    /// A name or a setting that does not exist, with the flag and the nearest right name.
    pub(crate) fn overrides(&self) -> Result<Overrides> {
        Ok(Overrides {
            hidden: self.hidden.as_deref().map(widths).transpose()?,
            activation: entry("--activation", self.activation.as_deref())?,
            norm: (self.norm.as_deref().map(str::parse).transpose()).map_err(|error: Error| error.within("--norm"))?,
            dropout: self.dropout,
            init: entry("--init", self.init.as_deref())?,
            bias_init: entry("--bias-init", self.bias_init.as_deref())?,
            loss: entry("--loss", self.loss.as_deref())?,
            class_weight: self.class_weight.as_deref().map(class_weight).transpose()?,
            optimizer: entry("--optimizer", self.optimizer.as_deref())?,
            learning_rate: self.lr,
            schedule: entry("--schedule", self.schedule.as_deref())?,
            warmup: self.warmup,
            weight_decay: self.weight_decay,
            clip_norm: self.clip_norm,
            epochs: self.epochs,
            batch_size: self.batch_size,
            early_stopping: self.early_stopping,
            seed: self.seed,
        })
    }
}

impl ModelFlags {
    /// Keys of the run file with the flags that gave them, of those that a run may refuse.
    pub(crate) fn given(&self) -> Vec<(String, &'static str)> {
        let keys = [
            ("loss", self.loss.is_some(), "--loss"),
            ("class_weight", self.class_weight.is_some(), "--class-weight"),
            ("batch_size", self.batch_size.is_some(), "--batch-size"),
            ("early_stopping", self.early_stopping.is_some(), "--early-stopping"),
        ];
        let given = keys.into_iter().filter(|(_, given, _)| *given);
        given.map(|(key, _, flag)| (format!("train.{key}"), flag)).collect()
    }
}

fn entry<K: Registry + ?Sized>(flag: &str, text: Option<&str>) -> Result<Option<Entry<K>>> {
    text.map(Entry::parse).transpose().map_err(|error| error.within(flag))
}

fn class_weight(text: &str) -> Result<ClassWeight> {
    text.parse().map_err(|error: Error| error.within("--class-weight"))
}

fn widths(text: &str) -> Result<Vec<usize>> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let width = |word: &str| word.trim().parse().ok().filter(|&width| width > 0);
    text.split(',').map(width).collect::<Option<_>>().ok_or_else(|| {
        let error = Error::config(format!(
            "expected numbers above 0 such as `256,128`, or `none`, got `{text}`"
        ));
        error.within("--hidden")
    })
}

/// Names that flags take, from the registries, for the long help.
pub(crate) fn names() -> String {
    fn line<K: Registry + ?Sized>(text: &mut String) {
        *text += &format!("  {}:", K::KIND);
        let mut width = K::KIND.len() + 3;
        for registration in K::registry().iter().filter(|registration| registration.has_defaults()) {
            if width + registration.name.len() + 1 > 78 {
                *text += "\n   ";
                width = 3;
            }
            *text += &format!(" {}", registration.name);
            width += registration.name.len() + 1;
        }
        *text += "\n";
    }
    let mut text = "Names:\n".to_owned();
    line::<dyn Layer>(&mut text);
    line::<dyn Initializer>(&mut text);
    line::<dyn Loss>(&mut text);
    line::<dyn Optimizer>(&mut text);
    line::<dyn Schedule>(&mut text);
    text + "A setting follows a name: `normal:0.01`, `sgd:momentum=0.9,nesterov=true`."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_numbers_above_0_or_none() {
        assert_eq!(widths("256, 128").unwrap(), [256, 128]);
        assert!(widths("none").unwrap().is_empty());
        for wrong in ["", "0", "8,", "8;8", "-1", "None"] {
            assert_eq!(
                widths(wrong).unwrap_err().kind(),
                rosenblatt_tensor::ErrorKind::Config,
                "{wrong}"
            );
        }
    }

    #[test]
    fn names_come_from_the_registries_and_fit_a_terminal() {
        let names = names();
        assert!(names.lines().all(|line| line.chars().count() <= 80), "{names}");
        for name in ["gelu", "leaky_relu", "he_normal", "cross_entropy", "adamw", "cosine"] {
            assert!(names.split_whitespace().any(|word| word == name), "{name}");
        }
    }
}
