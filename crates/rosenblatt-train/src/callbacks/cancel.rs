//! An end that was asked for.

use std::ops::ControlFlow;

use rosenblatt_tensor::Result;

use super::Callback;
use crate::model::Run;
use crate::options::Cancel;

/// Stops the run after the step during which a flag is raised.
#[derive(Clone, Debug)]
pub struct CancelFlag {
    /// The flag.
    pub cancel: Cancel,
}

impl CancelFlag {
    /// Its name: file, registry.
    pub const NAME: &'static str = "cancel";
}

impl Callback for CancelFlag {
    fn after_step(&mut self, _run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        Ok(if self.cancel.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }
}
