//! What happens in a run beside its steps.
//!
//! To add one: write `callbacks/<name>.rs`, then add its lines here. Callbacks run in the order they are added; they see
//! the run, may record, save or stop it, and never touch weights.

mod checkpoint;
mod early_stopping;
mod history;
mod progress;
mod stop;

use std::ops::ControlFlow;
use std::path::PathBuf;

use rosenblatt_tensor::Result;

use crate::options::RunOptions;
use crate::run::Run;
use crate::spec::Spec;

pub use checkpoint::Checkpoint;
pub use early_stopping::StopEarly;
pub use history::History;
pub use progress::{Observer, Progress};
pub use stop::StopFlag;

/// Every callback, in alphabetical order.
pub static CALLBACKS: &[&str] = &[
    Checkpoint::NAME,
    StopEarly::NAME,
    History::NAME,
    Progress::NAME,
    StopFlag::NAME,
];

/// Something that looks at a run between its steps.
pub trait Callback {
    /// Before the first step, or the first one after a resume.
    ///
    /// # Errors
    /// Ends the run.
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        let _ = run;
        Ok(())
    }

    /// After each step. A break cancels the run: it saves and returns an error.
    ///
    /// # Errors
    /// Ends the run.
    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let _ = run;
        Ok(ControlFlow::Continue(()))
    }

    /// After the last step of an epoch. A break completes the run: no epoch follows.
    ///
    /// # Errors
    /// Ends the run.
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let _ = run;
        Ok(ControlFlow::Continue(()))
    }

    /// When the run is about to end because it was cancelled; returns the folder of what was saved.
    ///
    /// # Errors
    /// It could not be saved.
    fn at_cancel(&mut self, run: &mut Run<'_>) -> Result<Option<PathBuf>> {
        let _ = run;
        Ok(None)
    }
}

/// The callbacks of a run, in their order.
pub struct Callbacks<'a>(Vec<Box<dyn Callback + 'a>>);

impl<'a> Callbacks<'a> {
    /// None at all.
    #[must_use]
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Those every run has: history, then what spec and options ask for.
    #[must_use]
    pub fn usual(spec: &Spec, options: &RunOptions) -> Self {
        let mut callbacks = Self(vec![Box::new(History)]);
        if let Some(stopping) = spec.train.early_stopping {
            callbacks.0.push(Box::new(StopEarly {
                patience: stopping.patience,
            }));
        }
        if let Some(checkpoint) = &options.checkpoint {
            callbacks.0.push(Box::new(Checkpoint::new(checkpoint)));
        }
        callbacks.0.push(Box::new(StopFlag {
            cancel: options.cancel.clone(),
        }));
        callbacks
    }

    /// The same and one more.
    #[must_use]
    pub fn and(mut self, callback: impl Callback + 'a) -> Self {
        self.0.push(Box::new(callback));
        self
    }

    pub(crate) fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.0.iter_mut().try_for_each(|callback| callback.at_start(run))
    }

    pub(crate) fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        for callback in &mut self.0 {
            if callback.after_step(run)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// All of them run, whatever the first ones decide, so that a checkpoint knows that the run is complete.
    pub(crate) fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        for callback in &mut self.0 {
            if callback.after_epoch(run)?.is_break() {
                run.finish();
            }
        }
        Ok(())
    }

    pub(crate) fn at_cancel(&mut self, run: &mut Run<'_>) -> Result<Option<PathBuf>> {
        let mut saved = None;
        for callback in &mut self.0 {
            saved = callback.at_cancel(run)?.or(saved);
        }
        Ok(saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_registered() {
        assert!(CALLBACKS.is_sorted(), "keep CALLBACKS in alphabetical order");
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/callbacks")).unwrap() {
            let stem = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(
                stem == "mod" || CALLBACKS.contains(&stem.as_str()),
                "{stem}.rs is not in CALLBACKS"
            );
        }
    }
}
