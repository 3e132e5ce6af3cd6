//! Training a spec on prepared data.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rosenblatt_data::Prepared;
use rosenblatt_tensor::{Advice, Error, Result};

use super::calibrate::{Calibration, calibrate};
use crate::callbacks::{Callback, EarlyStopping};
use crate::checkpoint::Folder;
use crate::files::{self, Disk};
use crate::folder_lock::FolderLock;
use crate::model::{ClassWeights, Data, Fit, History, Model, Validation, first_refused};
use crate::options::RunOptions;
use crate::spec::Spec;

/// Settings of a fit that a spec calls by the same names.
const FIT_KEYS: [&str; 10] = [
    "accumulate_steps",
    "augment",
    "batch_size",
    "class_weight",
    "early_stopping",
    "epochs",
    "mixup",
    "optimizer",
    "pocket",
    "swa",
];

/// What training gives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FitResult {
    /// The network and all that is needed to use it.
    pub model: Model,
    /// Its epochs, those before a resume too. Warnings about the data itself are in [`Prepared::warnings`].
    pub history: History,
    /// How its probabilities were calibrated, if it predicts some and there were validation rows.
    pub calibration: Option<Calibration>,
    /// How many numbers are learned.
    pub parameters: usize,
    /// Seconds this process has spent on it.
    pub seconds: f64,
    /// The folder of the run's checkpoints; of no use once the model is saved.
    pub checkpoints: Option<PathBuf>,
    /// The caller's lock of that folder.
    lock: Option<Arc<FolderLock>>,
}

/// Trains the network of a spec, or returns the error that stopped it.
///
/// It is [`Model::fit_with`] on the model that the spec and the data describe. What spec and options ask for (early stopping,
/// checkpoints, cancellation) does not depend on `callbacks`, which only add to it.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] or [`rosenblatt_tensor::ErrorKind::Shape`] if spec and data do not fit each
/// other; otherwise as [`Model::fit`].
///
/// # Example
/// ```
/// use rosenblatt_train::{RunOptions, Spec, fit};
/// let spec = Spec::default().with("data.source=iris")?.with("train.epochs=3")?;
/// let data = rosenblatt_data::load(&spec.data, spec.train.seed)?;
/// let result = fit(&spec, &data, &RunOptions::default(), &mut [])?;
/// assert_eq!(result.history.epochs.len(), 3);
/// assert_eq!(result.parameters, 4 * 3 + 3);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn fit(
    spec: &Spec,
    data: &Prepared,
    options: &RunOptions,
    callbacks: &mut [&mut dyn Callback],
) -> Result<FitResult> {
    let start = Instant::now();
    let mut model = Model::untrained(spec, data)?;
    check_targets(spec, data)?;
    model.table()?.check_file_size()?;
    let history = model
        .fit_with(&data.train, &fit_of(spec, data, options)?, callbacks)
        .map_err(in_spec)?;
    let calibration = calibrate(&mut model, spec, data, options)?;
    Ok(FitResult {
        calibration,
        parameters: model.parameter_count()?,
        model,
        history,
        seconds: start.elapsed().as_secs_f64(),
        checkpoints: options.checkpoint.as_ref().map(|checkpoint| checkpoint.folder.clone()),
        lock: options
            .checkpoint
            .as_ref()
            .and_then(|checkpoint| checkpoint.lock.clone()),
    })
}

/// An error about a setting of a fit, as one about that of a spec.
pub(crate) fn in_spec(error: Error) -> Error {
    error.rename_places(|place| FIT_KEYS.contains(&place).then(|| format!("train.{place}")))
}

/// Whether the targets are in the range of the loss.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] with the place of the first that is not.
fn check_targets(spec: &Spec, data: &Prepared) -> Result<()> {
    let loss = spec.loss(&data.schema.task);
    for rows in [Some(&data.train), data.valid.as_ref(), data.test.as_ref()]
        .into_iter()
        .flatten()
    {
        let refused = rows.targets().and_then(|targets| first_refused(&*loss, targets));
        if let Some((row, error)) = refused {
            return Err(rows.at_row(row, error.within(format!("target `{}`", data.schema.target.name))));
        }
    }
    Ok(())
}

/// How a spec says its model is fitted.
pub(crate) fn fit_of(spec: &Spec, data: &Prepared, options: &RunOptions) -> Result<Fit> {
    let train = &spec.train;
    if data.train.targets().is_none() {
        return Err(Error::data("the training rows have no targets"));
    }
    if train.early_stopping.is_some() && data.valid.is_none() {
        return Err(Error::config("early stopping needs validation rows")
            .within("train.early_stopping")
            .hint(Advice::new("hold some out: ").set("data.valid_fraction", 0.2)));
    }
    let classes = |rule: &crate::ClassWeight| {
        let weights = rule.weights(&data.schema.task, &Data::from(&data.train));
        weights
            .map(ClassWeights::Each)
            .map_err(|error| error.within("train.class_weight"))
    };
    Ok(Fit {
        epochs: train.epochs,
        batch_size: train.batch_size,
        shuffle: train.shuffle,
        accumulate_steps: train.accumulate_steps,
        swa: train.swa,
        seed: train.seed,
        validation: data.valid.as_ref().map_or(Validation::None, Validation::from),
        test: data.test.as_ref().map(Data::from),
        class_weight: train.class_weight.as_ref().map(classes).transpose()?,
        reduction: train.reduction,
        augment: train.augment.clone(),
        mixup: train.mixup,
        early_stopping: train.early_stopping.map(|stopping| EarlyStopping {
            min_delta: stopping.min_delta,
            ..EarlyStopping::after(stopping.patience)
        }),
        pocket: train.pocket,
        batch_norm_statistics: train.batch_norm_statistics,
        run: options.clone(),
    })
}

/// The error of a model that cannot be written after training: what was learned is not lost.
fn kept(error: Error, checkpoints: &Path) -> Error {
    let kept = format!(
        "the checkpoints in `{}` are kept: repeat it with ",
        checkpoints.display()
    );
    error.also(Advice::new(kept).setting("resume").text(" to write the model"))
}

impl FitResult {
    /// Writes the model, in place of any file of that name, then removes the run's checkpoints.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the model cannot be written: then the old file and the checkpoints are
    /// intact.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_by(path.as_ref(), files::write)
    }

    /// As [`FitResult::save`], but a file of that name stays as it is.
    ///
    /// # Errors
    /// As [`FitResult::save`]; [`rosenblatt_tensor::ErrorKind::Io`] also if there is a file of that name: then the checkpoints
    /// are intact.
    pub fn save_new(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_by(path.as_ref(), files::write_new)
    }

    fn save_by(&self, path: &Path, write: fn(&dyn Disk, &Path, &[u8]) -> Result<()>) -> Result<()> {
        let checkpoints = self.checkpoints.as_deref().filter(|folder| folder.exists());
        let disk = files::system();
        let written = self.model.to_bytes().and_then(|bytes| write(&*disk, path, &bytes));
        written.map_err(|error| match checkpoints {
            Some(folder) => kept(error, folder),
            None => error,
        })?;
        let saved = |error: Error| error.also(format!("the model is saved in `{}`", path.display()));
        let removed = checkpoints.map_or(Ok(()), |folder| Folder::remove(&*disk, folder).map_err(saved));
        self.lock.iter().for_each(|lock| lock.release());
        removed
    }
}
