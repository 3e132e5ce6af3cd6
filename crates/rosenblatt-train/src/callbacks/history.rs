//! The figures of every epoch.

use std::ops::ControlFlow;

use rosenblatt_tensor::Result;

use super::Callback;
use crate::figures::Epoch;
use crate::run::{Part, Run};

/// Evaluates the validation and test rows after each epoch, and records their figures beside the training's.
#[derive(Clone, Copy, Debug, Default)]
pub struct History;

impl History {
    /// Its name: file, registry.
    pub const NAME: &'static str = "history";
}

impl Callback for History {
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let (valid, test) = (run.evaluate(Part::Valid)?, run.evaluate(Part::Test)?);
        run.record(Epoch {
            epoch: run.epoch(),
            train: run.figures(),
            valid,
            test,
            seconds: run.seconds(),
        });
        Ok(ControlFlow::Continue(()))
    }
}
