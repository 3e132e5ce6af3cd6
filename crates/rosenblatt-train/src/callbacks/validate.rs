//! The record of every epoch.

use std::ops::ControlFlow;

use rosenblatt_tensor::Result;

use super::Callback;
use crate::model::{HeldOut, Record, Run};

/// Evaluates the validation and test rows after each epoch, and records their metrics with those of training.
#[derive(Clone, Copy, Debug, Default)]
pub struct Validate;

impl Validate {
    /// Its name: file, registry.
    pub const NAME: &'static str = "validate";
}

impl Callback for Validate {
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let (valid, test) = (run.evaluate(HeldOut::Valid)?, run.evaluate(HeldOut::Test)?);
        run.record(Record::new(run.epoch(), run.metrics(), valid, test, run.seconds()))?;
        Ok(ControlFlow::Continue(()))
    }
}
