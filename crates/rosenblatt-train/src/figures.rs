//! What is reported of a training run.

use rosenblatt_nn::Goal;
use serde::{Deserialize, Serialize};

/// Figures of one epoch.
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
    /// How many there were.
    pub rows: u64,
}

impl Sums {
    /// Adds a batch: its mean loss, its sum of right rows or squared errors, its rows.
    pub(crate) fn add(&mut self, mean_loss: f64, score: f64, rows: usize) {
        self.loss += mean_loss * rows as f64;
        self.score += score;
        self.rows += rows as u64;
    }

    /// Means over the rows so far; NaN of none.
    pub(crate) fn figures(&self, goal: Goal) -> Figures {
        let mean = self.score / self.rows as f64;
        let score = match goal {
            Goal::Classes(_) => Score::Accuracy(mean),
            Goal::Numbers(_) => Score::Rmse(mean.sqrt()),
        };
        Figures {
            loss: self.loss / self.rows as f64,
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
        sums.add(1.0, 2.0, 4);
        sums.add(4.0, 1.0, 2);
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
