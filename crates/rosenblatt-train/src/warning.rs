//! Warnings of a training run.

use std::fmt;

use rosenblatt_data::WarningLine;
use rosenblatt_tensor::Advice;
use rosenblatt_tensor::names::listing;
use serde::{Deserialize, Serialize};

use crate::text::{count, one_line};

/// Something about a run, or its data, that changes a result, or may.
///
/// As JSON it is an object with its `kind` and its fields, as [`rosenblatt_data::Warning`] is.
///
/// # Example
/// ```
/// use rosenblatt_train::Warning;
/// let warning = Warning::CheckpointsReplaced { file: "model.checkpoint".into() };
/// let json = serde_json::to_value(&warning).unwrap();
/// assert_eq!((json["kind"].as_str(), warning.kind()), (Some("checkpoints_replaced"), "checkpoints_replaced"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// A checkpoint that cannot be used: the run resumes from an older one.
    CheckpointSkipped {
        /// Its file.
        file: String,
        /// Why.
        reason: String,
    },
    /// Checkpoints of an unfinished run that a new run overwrites.
    CheckpointsReplaced {
        /// Their folder.
        file: String,
    },
    /// More than half of the time goes into saving checkpoints. It is told while the run goes on and kept nowhere, since no
    /// result may depend on time.
    CheckpointsSlow,
    /// A model that is no better than an answer without any feature.
    NoBetterThanBaseline {
        /// The metric.
        metric: String,
        /// Of the model.
        value: String,
        /// Of the baseline.
        baseline: String,
        /// What the baseline always answers: the most frequent class, or the mean.
        answer: String,
    },
    /// Classes that no row is predicted to be of, though some are.
    ClassesNeverPredicted {
        /// Their names.
        classes: Vec<String>,
        /// Rows of these classes.
        rows: u64,
    },
    /// A warning about the data.
    #[serde(untagged)]
    Data(rosenblatt_data::Warning),
}

impl Warning {
    /// The kind in snake case: `checkpoint_skipped`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CheckpointSkipped { .. } => "checkpoint_skipped",
            Self::CheckpointsReplaced { .. } => "checkpoints_replaced",
            Self::CheckpointsSlow => "checkpoints_slow",
            Self::NoBetterThanBaseline { .. } => "no_better_than_baseline",
            Self::ClassesNeverPredicted { .. } => "classes_never_predicted",
            Self::Data(warning) => warning.kind(),
        }
    }

    /// What to do about it, if there is something.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::CheckpointsReplaced { .. } => Some(Advice::default().setting("resume").text(" continues that run")),
            Self::CheckpointsSlow => Some(Advice::new("save less often with ").set("checkpoint_every", "60s")),
            Self::ClassesNeverPredicted { .. } => Some(
                Advice::new("train with ")
                    .set("train.class_weight", "balanced")
                    .text(" if they matter as much as others"),
            ),
            Self::CheckpointSkipped { .. } | Self::NoBetterThanBaseline { .. } => None,
            Self::Data(warning) => warning.advice(),
        }
    }

    /// One line for each warning; those about data share lines as [`rosenblatt_data::Warning::lines`] says, and come first.
    #[must_use]
    pub fn lines(warnings: &[Self]) -> Vec<WarningLine> {
        let data = warnings.iter().filter_map(|warning| match warning {
            Self::Data(warning) => Some(warning),
            _ => None,
        });
        let others = warnings.iter().filter(|warning| !matches!(warning, Self::Data(_)));
        let line = |warning: &Self| WarningLine {
            text: warning.to_string(),
            advice: warning.advice(),
        };
        let mut lines = rosenblatt_data::Warning::lines(data);
        lines.extend(others.map(line));
        lines
    }
}

impl From<rosenblatt_data::Warning> for Warning {
    fn from(warning: rosenblatt_data::Warning) -> Self {
        Self::Data(warning)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CheckpointSkipped { file, reason } => {
                write!(f, "{file}: {reason}; resuming from the checkpoint before it")
            }
            Self::CheckpointsReplaced { file } => {
                write!(f, "the checkpoints of an unfinished run in {file} are replaced")
            }
            Self::NoBetterThanBaseline {
                metric,
                value,
                baseline,
                answer,
            } => write!(
                f,
                "{metric} {value} is no better than {baseline}, which always answering `{}` has",
                one_line(answer)
            ),
            Self::ClassesNeverPredicted { classes, rows } => {
                let rows = count(*rows as usize, "row");
                let names = listing(classes.iter().map(String::as_str));
                write!(f, "never predicted: {names}, which {rows} have")
            }
            Self::CheckpointsSlow => f.write_str("more than half of the time goes into saving checkpoints"),
            Self::Data(warning) => warning.fmt(f),
        }
    }
}
