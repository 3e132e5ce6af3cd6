//! An end before the last epoch, when the validation loss no longer falls.

use std::ops::ControlFlow;

use rosenblatt_tensor::Result;

use super::Callback;
use crate::figures::Epoch;
use crate::run::Run;

/// Keeps the parameters of the epoch with the lowest validation loss, and ends the run when no epoch has been better for
/// a while.
///
/// It remembers nothing: what it decides follows from the history, so a resumed run decides the same.
///
/// # Reference
/// Prechelt: Early Stopping, But When? Neural Networks: Tricks of the Trade, 1998.
#[derive(Clone, Copy, Debug)]
pub struct StopEarly {
    /// Epochs to wait for an improvement.
    pub patience: usize,
}

impl StopEarly {
    /// Its name: file, registry.
    pub const NAME: &'static str = "early_stopping";

    /// Epochs since the best one; of equal ones the first counts. Nothing if an epoch was not validated.
    fn since_best(history: &[Epoch]) -> Option<usize> {
        let losses = history
            .iter()
            .map(|epoch| epoch.valid.map(|figures| figures.loss))
            .collect::<Option<Vec<_>>>()?;
        let best = (0..losses.len()).min_by(|&a, &b| losses[a].total_cmp(&losses[b]))?;
        Some(losses.len() - 1 - best)
    }
}

impl Callback for StopEarly {
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let since = Self::since_best(run.history());
        if since == Some(0) {
            run.mark_best()?;
        }
        Ok(if since >= Some(self.patience) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Figures, Score};

    #[test]
    fn the_first_of_equal_epochs_is_the_best() {
        let figures = |loss| Figures {
            loss,
            score: Score::Accuracy(0.5),
        };
        let history = |losses: &[f64]| -> Vec<Epoch> {
            let epoch = |(i, &loss): (usize, &f64)| Epoch {
                epoch: i + 1,
                train: figures(0.0),
                valid: Some(figures(loss)),
                test: None,
                seconds: 0.0,
            };
            losses.iter().enumerate().map(epoch).collect()
        };
        for (losses, since) in [
            (&[][..], None),
            (&[1.0], Some(0)),
            (&[1.0, 1.0], Some(1)),
            (&[2.0, 1.0, 3.0], Some(1)),
        ] {
            assert_eq!(StopEarly::since_best(&history(losses)), since, "{losses:?}");
        }
        let mut unvalidated = history(&[1.0, 2.0]);
        unvalidated[1].valid = None;
        assert_eq!(StopEarly::since_best(&unvalidated), None);
    }
}
