//! The weights with the fewest errors, kept in the pocket.

use std::ops::ControlFlow;

use rosenblatt_tensor::Result;

use super::Callback;
use crate::model::{MISCLASSIFIED, Record, Run};
use crate::since_best::SinceBest;

/// Keeps the parameters of the epoch after which the fewest training rows were misclassified, and ends the run when none is.
///
/// Gallant counts errors between updates; here they are counted once an epoch, with the parameters of that moment. It remembers
/// nothing: what it decides follows from the history, so a resumed run decides the same.
///
/// # Reference
/// Gallant: Perceptron-Based Learning Algorithms. IEEE Transactions on Neural Networks 1, 1990.
#[derive(Clone, Debug)]
pub struct Pocket {
    progress: SinceBest,
}

impl Default for Pocket {
    fn default() -> Self {
        let progress = SinceBest::START;
        Self { progress }
    }
}

impl Pocket {
    /// Its name: file, registry.
    pub const NAME: &'static str = "pocket";

    fn observe(&mut self, record: &Record) {
        self.progress.observe(record.train.get(MISCLASSIFIED), false, 0.0);
    }
}

impl Callback for Pocket {
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        run.for_each_resumed(&mut |record| self.observe(record))
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let last = run.history().last();
        last.into_iter().for_each(|record| self.observe(record));
        let none_left = last.is_some_and(|record| record.train.get(MISCLASSIFIED) == Some(0.0));
        if self.progress.since == Some(0) {
            run.mark_best()?;
        }
        Ok(if none_left {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }
}
