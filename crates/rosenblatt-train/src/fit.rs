//! Training.

use std::path::{Path, PathBuf};
use std::time::Instant;

use rosenblatt_data::Prepared;
use rosenblatt_tensor::{Error, Result};

use crate::callbacks::Callbacks;
use crate::checkpoint::Folder;
use crate::figures::Epoch;
use crate::files;
use crate::model_file::Model;
use crate::options::RunOptions;
use crate::run::Run;
use crate::spec::Spec;

/// What training gives.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The network and all that is needed to use it.
    pub model: Model,
    /// Figures of all epochs, those before a resume too.
    pub epochs: Vec<Epoch>,
    /// Steps taken, those before a resume too.
    pub steps: u64,
    /// Number of learned numbers.
    pub parameters: usize,
    /// Seconds this process has spent on it.
    pub seconds: f64,
    /// The folder of the run's checkpoints; of no use once the model is saved.
    pub checkpoints: Option<PathBuf>,
}

/// Trains a network, or returns the error that stopped it.
///
/// Everything beyond "take a step" is a [`crate::callbacks::Callback`]: validation, early stopping, checkpoints, progress.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] or [`rosenblatt_tensor::ErrorKind::Shape`] if spec and data do not fit each
/// other; [`rosenblatt_tensor::ErrorKind::NotFinite`], with step and layer, if the numbers are left;
/// [`rosenblatt_tensor::ErrorKind::Cancelled`] if it was asked to stop; [`rosenblatt_tensor::ErrorKind::Io`] if a
/// checkpoint cannot be written.
///
/// # Example
/// ```
/// use rosenblatt_train::{Callbacks, RunOptions, Spec, fit};
/// let spec = Spec::default().with("data.source=iris")?.with("train.epochs=3")?;
/// let data = rosenblatt_data::load(&spec.data, spec.train.seed)?;
/// let options = RunOptions::default();
/// let trained = fit(&spec, &data, &options, &mut Callbacks::usual(&spec, &options))?;
/// assert_eq!(trained.epochs.len(), 3);
/// assert_eq!(trained.parameters, 4 * 3 + 3);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn fit(spec: &Spec, data: &Prepared, options: &RunOptions, callbacks: &mut Callbacks<'_>) -> Result<Trained> {
    let start = Instant::now();
    let mut run = Run::start_or_resume(spec, data, options)?;
    callbacks.at_start(&mut run)?;
    while run.goes_on() {
        while run
            .advance()
            .map_err(|error| error.within(format!("epoch {}", run.epoch() + 1)))?
        {
            if callbacks.after_step(&mut run)?.is_break() {
                return Err(cancelled(&mut run, callbacks)?);
            }
        }
        run.close_epoch();
        callbacks.after_epoch(&mut run)?;
        run.open_epoch();
    }
    let (steps, parameters) = (run.step(), run.parameters()?);
    let (model, epochs) = run.into_model()?;
    let checkpoints = options.checkpoint.as_ref().map(|checkpoint| checkpoint.folder.clone());
    Ok(Trained {
        model,
        epochs,
        steps,
        parameters,
        seconds: start.elapsed().as_secs_f64(),
        checkpoints,
    })
}

/// Saves what can be saved and says how to go on.
fn cancelled(run: &mut Run<'_>, callbacks: &mut Callbacks<'_>) -> Result<Error> {
    let saved = callbacks.at_cancel(run)?;
    let error = Error::cancelled(format!("stopped after step {} (epoch {})", run.step(), run.epoch() + 1));
    Ok(match saved {
        Some(folder) => error.hint(format!(
            "saved in `{}`: the same command with `--resume` goes on",
            folder.display()
        )),
        None => error.hint("nothing was saved: the run had no place for checkpoints"),
    })
}

/// The error of a model that cannot be written after training: what was learned is not lost.
fn kept(error: Error, checkpoints: &Path) -> Error {
    error.also(format!(
        "the checkpoints in `{}` are kept, so the same command with `--resume` writes the model",
        checkpoints.display()
    ))
}

impl Trained {
    /// Writes the model, then removes the run's checkpoints.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the model cannot be written: then the old file and the checkpoints are
    /// intact.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let checkpoints = self.checkpoints.as_deref().filter(|folder| folder.exists());
        let (disk, path) = (files::system(), path.as_ref());
        self.model.save_on(&*disk, path).map_err(|error| match checkpoints {
            Some(folder) => kept(error, folder),
            None => error,
        })?;
        let saved = |error: Error| error.also(format!("the model is saved in `{}`", path.display()));
        checkpoints.map_or(Ok(()), |folder| Folder::remove(&*disk, folder).map_err(saved))
    }
}
