//! How a model was trained.

use rosenblatt_tensor::Result;
use rosenblatt_train::settings::{Origin, SettingOrigin, value_text};
use rosenblatt_train::{Metrics, Record};
use serde::Serialize;

use crate::TrainingRun;

/// How a model was trained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Training {
    /// What chose the unset options: `preset auto`, `run file`.
    pub decided_by: String,
    /// Every setting with its origin.
    pub settings: Vec<SettingLine>,
    /// All settings as a run file.
    pub run_file: String,
    /// Metrics of the epochs; of a long run of every `every`-th.
    pub epochs: Vec<EpochMetrics>,
    /// 1 if `epochs` has all of them.
    pub every: usize,
    /// The epoch (from 1) whose parameters the model has.
    pub best_epoch: usize,
    /// Number of trainable parameters.
    pub parameters: usize,
    /// Number of input features.
    pub features: usize,
    /// What the training loss is of.
    #[serde(skip)]
    pub training_loss: &'static str,
}

/// A setting, its value and where that comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingLine {
    /// Its key in a run file.
    pub name: String,
    /// Its value, as one would write it.
    pub value: String,
    /// Where the value comes from: a flag, the run file, the preset with its reason, or the default.
    pub origin: String,
}

/// The record of one epoch, without the time it took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpochMetrics {
    /// Its number, from 1.
    pub epoch: usize,
    /// As [`Record::train`].
    pub train: Metrics,
    /// As [`Record::valid`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<Metrics>,
    /// As [`Record::test`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Metrics>,
}

impl Training {
    pub(crate) fn of(run: &TrainingRun<'_>) -> Result<Self> {
        let (trained, model) = (run.trained, &run.trained.model);
        Ok(Self {
            decided_by: run.decided_by.to_owned(),
            settings: run
                .settings
                .iter()
                .map(|setting| SettingLine::of(setting, run.decided_by))
                .collect(),
            run_file: run.spec.to_toml()?,
            epochs: trained.history.epochs.iter().map(EpochMetrics::of).collect(),
            every: trained.history.every,
            best_epoch: model.metadata().epoch,
            parameters: trained.parameters,
            features: model.table()?.input.shape.iter().product(),
            training_loss: training_loss(run),
        })
    }
}

fn training_loss(run: &TrainingRun<'_>) -> &'static str {
    let train = &run.spec.train;
    match (train.optimizer.solver(), train.mixup) {
        (Some(_), _) => "The training loss is that of the weights after the iteration.",
        (None, Some(_)) => {
            "The training loss and metric are those of mixed rows, which are harder, as a mean over the batches of an epoch, while \
             the weights still change."
        }
        (None, None) => "The training loss is the mean over the batches of an epoch, while the weights still change.",
    }
}

impl SettingLine {
    fn of(setting: &SettingOrigin, decided_by: &str) -> Self {
        Self {
            name: setting.key.clone(),
            value: value_text(&setting.value),
            origin: match &setting.origin {
                Origin::Preset { reason } => format!("{decided_by}: {reason}"),
                Origin::RunFile(_) => "run file".to_owned(),
                other => other.to_string(),
            },
        }
    }
}

impl EpochMetrics {
    /// The number of the last epoch.
    pub(crate) fn last(epochs: &[Self]) -> usize {
        epochs.last().map_or(0, |last| last.epoch)
    }

    pub(crate) fn of(record: &Record) -> Self {
        Self {
            epoch: record.epoch,
            train: record.train.clone(),
            valid: record.valid.clone(),
            test: record.test.clone(),
        }
    }

    /// The metric that is recorded in addition to the loss.
    pub(crate) fn metric(epochs: &[Self]) -> &str {
        let metric = epochs.first().and_then(|epoch| epoch.train.score());
        metric.map_or("metric", |(name, _)| name)
    }

    /// The best epoch, if validation rows have chosen one.
    pub(crate) fn best(epochs: &[Self], kept: usize) -> Option<usize> {
        let chosen = epochs.iter().any(|epoch| epoch.epoch == kept && epoch.valid.is_some());
        chosen.then_some(kept)
    }
}
