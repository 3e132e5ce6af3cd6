//! What is reported of a training run.

use rosenblatt_nn::Goal;
use serde::{Deserialize, Serialize};

use crate::weights::Totals;

/// Figures of one epoch.
///
/// Rows count by their weights, if they have some: in the loss sample weight times class weight, in the score the sample
/// weight alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// Means over the rows of the training pass, each batch before its update.
    pub train: Figures,
    /// Of the validation rows, after the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<Figures>,
    /// Of the test rows, after the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Figures>,
    /// Time of the training pass alone.
    pub seconds: f64,
}

/// Loss and score of some rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Mean over the rows.
    pub loss: f64,
    /// What people ask for first.
    #[serde(flatten)]
    pub score: Score,
}

/// A score that depends on the task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// Share of right classes.
    Accuracy(f64),
    /// Root of the mean squared error, in the units of the target.
    Rmse(f64),
}

impl Score {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy(_) => "accuracy",
            Self::Rmse(_) => "rmse",
        }
    }

    /// Its value.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Accuracy(value) | Self::Rmse(value) => value,
        }
    }
}

/// Loss and score added up over batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Of the rows' losses.
    pub loss: f64,
    /// Right rows, or squared errors.
    pub score: f64,
    /// How many there were, or the sum of their sample weights.
    pub rows: f64,
    /// What the losses are divided by, where that is not `rows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_weight: Option<f64>,
}

impl Sums {
    /// Adds a batch: its mean loss, its sum of right rows or squared errors, and what these are to be divided by.
    pub(crate) fn add(&mut self, mean_loss: f64, score: f64, totals: Totals) {
        let loss_weight = self.loss_weight() + totals.loss;
        self.loss += mean_loss * totals.loss;
        self.score += score;
        self.rows += totals.score;
        self.loss_weight = (loss_weight != self.rows).then_some(loss_weight);
    }

    fn loss_weight(&self) -> f64 {
        self.loss_weight.unwrap_or(self.rows)
    }

    /// Means over the rows so far; NaN of none.
    pub(crate) fn figures(&self, goal: Goal) -> Figures {
        let mean = self.score / self.rows;
        let score = match goal {
            Goal::Classes(_) => Score::Accuracy(mean),
            Goal::Numbers(_) => Score::Rmse(mean.sqrt()),
        };
        Figures {
            loss: self.loss / self.loss_weight(),
            score,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_batch_counts_by_its_rows() {
        let mut sums = Sums::default();
        sums.add(1.0, 2.0, Totals { loss: 4.0, score: 4.0 });
        sums.add(4.0, 1.0, Totals { loss: 2.0, score: 2.0 });
        assert_eq!(sums.loss_weight, None);
        assert_eq!(
            sums.figures(Goal::Classes(3)),
            Figures {
                loss: 2.0,
                score: Score::Accuracy(0.5)
            }
        );
        assert_eq!(
            sums.figures(Goal::Numbers(1)),
            Figures {
                loss: 2.0,
                score: Score::Rmse(0.5f64.sqrt())
            }
        );
    }

    #[test]
    fn loss_and_score_are_divided_by_their_own_weights() {
        let mut sums = Sums::default();
        sums.add(1.0, 0.5, Totals { loss: 3.0, score: 1.0 });
        sums.add(5.0, 1.0, Totals { loss: 1.0, score: 2.0 });
        let expected = Figures {
            loss: 2.0,
            score: Score::Accuracy(0.5),
        };
        assert_eq!(sums.figures(Goal::Classes(2)), expected);
        let json = serde_json::to_string(&sums).unwrap();
        assert_eq!(serde_json::from_str::<Sums>(&json).unwrap(), sums);
        // As checkpoints had it before there were weights.
        let before: Sums = serde_json::from_str(r#"{"loss":3.0,"score":2.0,"rows":4}"#).unwrap();
        assert_eq!(before.figures(Goal::Classes(2)).loss, 0.75);
    }

    #[test]
    fn reports_name_the_score() {
        let figures = Figures {
            loss: 0.5,
            score: Score::Accuracy(0.25),
        };
        let json = serde_json::to_string(&figures).unwrap();
        assert_eq!(json, r#"{"loss":0.5,"accuracy":0.25}"#);
        assert_eq!(serde_json::from_str::<Figures>(&json).unwrap(), figures);
    }
}
