//! What happens in a run between its steps.
//!
//! To add one: write `callbacks/<name>.rs`, then add its lines here. Callbacks run in the order they are added; they see
//! the run, may record, save or stop it, and never touch weights.

mod cancel;
mod checkpoint;
mod early_stopping;
mod pocket;
mod progress;
mod validate;

use std::ops::ControlFlow;
use std::path::PathBuf;

use rosenblatt_tensor::{Advice, Error, Result};

use crate::model::{Fit, Run};

pub use cancel::CancelFlag;
pub use checkpoint::Checkpoint;
pub use early_stopping::EarlyStopping;
use early_stopping::Stopping;
pub use pocket::Pocket;
pub use progress::{Observer, Progress};
pub use validate::Validate;

/// Every callback, in alphabetical order.
pub static CALLBACKS: &[&str] = &[
    CancelFlag::NAME,
    Checkpoint::NAME,
    EarlyStopping::NAME,
    Pocket::NAME,
    Progress::NAME,
    Validate::NAME,
];

/// Looks at a run between its steps.
pub trait Callback: Send {
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

/// The callbacks of a run, in their order: validation, early stopping, pocket, those of the caller, saving, cancellation.
pub(crate) struct Callbacks<'a>(Vec<Box<dyn Callback + 'a>>);

/// A callback of the caller's.
struct Borrowed<'a, 'b>(&'a mut (dyn Callback + 'b));

impl Callback for Borrowed<'_, '_> {
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.0.at_start(run)
    }

    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        self.0.after_step(run)
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        self.0.after_epoch(run)
    }

    fn at_cancel(&mut self, run: &mut Run<'_>) -> Result<Option<PathBuf>> {
        self.0.at_cancel(run)
    }
}

impl<'a> Callbacks<'a> {
    /// What a fit asks for, and more.
    pub(crate) fn new<'b: 'a>(fit: &Fit, more: &'a mut [&'b mut dyn Callback]) -> Self {
        let mut callbacks: Vec<Box<dyn Callback + 'a>> = vec![Box::new(Validate)];
        if let Some(stopping) = &fit.early_stopping {
            callbacks.push(Box::new(Stopping::new(stopping.clone())));
        }
        if fit.pocket {
            callbacks.push(Box::new(Pocket::default()));
        }
        callbacks.extend(
            more.iter_mut()
                .map(|callback| Box::new(Borrowed(*callback)) as Box<dyn Callback + 'a>),
        );
        if let Some(checkpoint) = &fit.run.checkpoint {
            callbacks.push(Box::new(Checkpoint::new(checkpoint)));
        }
        callbacks.push(Box::new(CancelFlag {
            cancel: fit.run.cancel.clone(),
        }));
        Self(callbacks)
    }

    /// Saves what can be saved, and says how to go on.
    pub(crate) fn cancelled(&mut self, run: &mut Run<'_>) -> Result<Error> {
        let saved = self.at_cancel(run)?;
        let error = Error::cancelled(format!("stopped after step {} (epoch {})", run.step(), run.epoch() + 1));
        Ok(match saved {
            Some(folder) => error.hint(
                Advice::new(format!("checkpoint saved in `{}`: repeat it with ", folder.display()))
                    .setting("resume")
                    .text(" to continue"),
            ),
            None => error.hint("nothing was saved: the run had no place for checkpoints"),
        })
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

    fn at_cancel(&mut self, run: &mut Run<'_>) -> Result<Option<PathBuf>> {
        let mut saved = None;
        for callback in &mut self.0 {
            saved = callback.at_cancel(run)?.or(saved);
        }
        Ok(saved)
    }
}
