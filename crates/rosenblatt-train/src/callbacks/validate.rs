//! The record of every epoch.

use std::ops::ControlFlow;

use rosenblatt_tensor::Result;

use super::Callback;
use crate::model::{HeldOut, MISCLASSIFIED, Record, Run};

/// Evaluates the validation and test rows after each epoch, and records their metrics with those of training; with a pocket also
/// how many training rows are misclassified.
#[derive(Clone, Copy, Debug, Default)]
pub struct Validate;

impl Validate {
    /// Its name: file, registry.
    pub const NAME: &'static str = "validate";
}

impl Callback for Validate {
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let (valid, test) = (run.evaluate(HeldOut::Valid)?, run.evaluate(HeldOut::Test)?);
        let mut train = run.metrics();
        if let Some(rows) = run.misclassified()? {
            train.insert(MISCLASSIFIED, rows as f64);
        }
        run.record(Record {
            evaluations: run.evaluations(),
            ..Record::new(run.epoch(), train, valid, test, run.seconds())
        })?;
        Ok(ControlFlow::Continue(()))
    }
}
