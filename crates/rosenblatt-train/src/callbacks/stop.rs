//! An end because somebody asked for it.

use std::ops::ControlFlow;

use rosenblatt_tensor::Result;

use super::Callback;
use crate::options::Cancel;
use crate::run::Run;

/// Stops the run after the step during which a flag is raised.
#[derive(Clone, Debug)]
pub struct StopFlag {
    /// The flag.
    pub cancel: Cancel,
}

impl StopFlag {
    /// Its name: file, registry.
    pub const NAME: &'static str = "stop";
}

impl Callback for StopFlag {
    fn after_step(&mut self, _run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        Ok(if self.cancel.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }
}
