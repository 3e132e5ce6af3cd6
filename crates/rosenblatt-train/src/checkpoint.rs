//! Checkpoints: a folder with the last two states of a run.
//!
//! Each generation is one file, `step-<steps done>.safetensors`: a model file with the optimizer's state, the best
//! parameters so far and [`Progress`]. If the newest is damaged, the one before is used.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rosenblatt_tensor::{Advice, Error, ErrorKind, Result, Tensor};
use serde::{Deserialize, Serialize};

use crate::container::Container;
use crate::epoch_log::{self, EpochReader, LogPosition};
use crate::files::{self, Disk};
use crate::model::sections::PROGRESS;
use crate::model::{BatchSource, Data, Record, RunningMetrics, SolverProgress};
use crate::options::CheckpointOptions;
use crate::spec::differences;
use crate::warning::Warning;

/// Generations that are kept.
const GENERATIONS: usize = 2;

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Steps done.
    pub step: u64,
    /// Epochs done.
    pub epoch: usize,
    /// Batches done of the epoch that is under way.
    pub batch: usize,
    /// Metrics over those batches.
    pub sums: RunningMetrics,
    /// Seconds those batches took.
    pub seconds: f64,
    /// Records of the epochs done, if they are not in the file of records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Record>,
    /// How much of the file of records belongs to this checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogPosition>,
    /// The epoch whose parameters are the best so far, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<usize>,
    /// Weight of the rows of the batches whose gradients are accumulated for the next step of the optimizer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub accumulated: f64,
    /// Where the solver is that trains in place of steps on batches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solver: Option<SolverProgress>,
    /// Whether a callback has ended the run.
    pub finished: bool,
    /// The rows it runs on.
    pub data: Fingerprint,
}

fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

impl Progress {
    /// How far the run of a checkpoint is; `None` for a model.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if it does not read as what it should be, or no run could be so far.
    pub(crate) fn of(container: &Container) -> Result<Option<Self>> {
        let progress: Option<Self> = container.section(PROGRESS)?;
        if let Some(progress) = &progress {
            progress
                .check()
                .map_err(|error| error.within(PROGRESS).within("header"))?;
        }
        Ok(progress)
    }

    fn check(&self) -> Result<()> {
        let epochs: Vec<usize> = self.history.iter().map(|record| record.epoch).collect();
        let ascending = epochs.is_sorted_by(|one, next| one < next) && epochs.first() != Some(&0);
        let last = epochs.last().copied().unwrap_or(0);
        if !ascending || self.log.is_none() && last != self.epoch {
            let message = format!(
                "the records of {} epochs do not end with epoch {}",
                epochs.len(),
                self.epoch
            );
            return Err(Error::data(message).within("history"));
        }
        if let Some(best) = self.best.filter(|best| !(1..=self.epoch).contains(best)) {
            return Err(Error::data(format!("epoch {best} of {}", self.epoch)).within("best"));
        }
        let RunningMetrics {
            loss,
            score,
            rows,
            loss_weight,
        } = &self.sums;
        let counts = [
            self.seconds,
            *score,
            *rows,
            loss_weight.unwrap_or(0.0),
            self.accumulated,
        ];
        let seconds = self.history.iter().map(|record| record.seconds);
        if loss.is_finite()
            && counts
                .into_iter()
                .chain(seconds)
                .all(|count| count.is_finite() && count >= 0.0)
        {
            return Ok(());
        }
        Err(Error::data("a sum, a count or a time is negative or not finite"))
    }

    /// How far the run of a checkpoint is; `None` for a model.
    ///
    /// # Errors
    /// As [`crate::Model::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Option<Self>> {
        let path = path.as_ref();
        let read = Container::load(path).and_then(|container| Self::of(&container));
        read.map_err(|error| error.within(path.display().to_string()))
    }
}

/// Which rows a run is on: their numbers, and a checksum of their contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// Of the training rows.
    pub train: String,
    /// Of the validation rows.
    pub valid: String,
    /// Of the test rows.
    pub test: String,
}

impl Fingerprint {
    /// Of training rows, and of validation and test rows. Rows that are read as they are needed are known by their number
    /// and their first.
    ///
    /// # Errors
    /// The data is of an unknown type, or cannot be read.
    pub(crate) fn of(source: &dyn BatchSource, held_out: &[Option<Data>; 2]) -> Result<Self> {
        let part = |part: &Option<Data>| part.as_ref().map_or(Ok("none".to_owned()), fingerprint);
        let train = match source.in_memory() {
            Some(all) => fingerprint(all)?,
            None => format!(
                "{} rows read, first {}",
                source.len(),
                fingerprint(&source.rows(&[0])?)?
            ),
        };
        Ok(Self {
            train,
            valid: part(&held_out[0])?,
            test: part(&held_out[1])?,
        })
    }

    /// In which parts another differs, one text each.
    pub(crate) fn differences(&self, now: &Self) -> Result<Vec<String>> {
        let json = |value: &Self| serde_json::to_value(value).map_err(|error| Error::internal(error.to_string()));
        Ok(differences(&json(self)?, &json(now)?))
    }
}

fn fingerprint(data: &Data) -> Result<String> {
    let all = |arrays: &[Tensor]| -> Result<String> {
        let sums = arrays
            .iter()
            .map(|array| Ok(format!("{:08x}", checksum(&array.contiguous())?)));
        Ok(sums.collect::<Result<Vec<_>>>()?.join(" "))
    };
    let targets = match all(data.targets())? {
        none if none.is_empty() => "0".to_owned(),
        sums => sums,
    };
    let weights = match data.weights() {
        Some(weights) => format!(" {:08x}", checksum(&weights.contiguous())?),
        None => String::new(),
    };
    Ok(format!(
        "{} rows, {} {targets}{weights}",
        data.len(),
        all(data.inputs())?
    ))
}

/// CRC-32C of the numbers as little-endian bytes.
fn checksum(tensor: &Tensor) -> Result<u32> {
    fn words<T: Copy, const N: usize>(tensor: &Tensor, values: &[T], bytes: impl Fn(T) -> [u8; N]) -> u32 {
        let mut sum = 0;
        for chunk in values.chunks(4096) {
            let chunk: Vec<u8> = chunk.iter().flat_map(|&value| bytes(value)).collect();
            sum = crc32c::crc32c_append(sum, &chunk);
            tensor.touch(chunk.len());
        }
        sum
    }
    if let Ok(values) = tensor.as_slice::<u8>() {
        return Ok(crc32c::crc32c(values));
    }
    if let Ok(values) = tensor.as_slice::<f32>() {
        return Ok(words(tensor, values, f32::to_le_bytes));
    }
    if let Ok(values) = tensor.as_slice::<f64>() {
        return Ok(words(tensor, values, f64::to_le_bytes));
    }
    Ok(words(tensor, tensor.as_slice::<i64>()?, i64::to_le_bytes))
}

/// The folder of a run's checkpoints.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    /// Generations of this run, oldest first.
    own: Vec<PathBuf>,
}

/// A checkpoint that was found.
pub(crate) struct Latest {
    pub(crate) container: Container,
    /// About newer ones that cannot be used.
    pub(crate) warnings: Vec<Warning>,
}

impl Folder {
    /// The folder of some options, which are to hold its lock.
    pub(crate) fn new(options: &CheckpointOptions) -> Self {
        Self {
            path: options.folder.clone(),
            disk: Arc::clone(&options.disk),
            own: Vec::new(),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one more generation, then removes all but the last two of this run.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`]; the generations before are intact.
    pub(crate) fn save(&mut self, container: &Container, step: u64) -> Result<()> {
        let bytes = container.to_bytes()?;
        files::create_folder(&*self.disk, &self.path)?;
        let file = self.path.join(format!("step-{step:012}.safetensors"));
        files::write(&*self.disk, &file, &bytes)?;
        self.own.retain(|known| *known != file);
        self.own.push(file);
        let kept = self.own.split_off(self.own.len().saturating_sub(GENERATIONS));
        self.own = kept;
        for old in files_in(&self.path).into_iter().filter(|old| !self.own.contains(old)) {
            // A file too many does no harm: the next save tries again.
            let _ = self.disk.remove(&old);
        }
        Ok(())
    }

    /// The newest generation that can be read.
    ///
    /// # Errors
    /// There is none, or all are damaged.
    pub(crate) fn newest(&mut self) -> Result<Latest> {
        let mut skipped = Vec::new();
        for file in generations(&self.path).iter().rev() {
            let reason = match Container::load(file) {
                Ok(container) if container.has(PROGRESS) => match check_log(&self.path, &container) {
                    Err(error) => error.to_string(),
                    Ok(()) => {
                        self.own = vec![file.clone()];
                        let warning = |(file, reason)| Warning::CheckpointSkipped { file, reason };
                        let warnings = skipped.into_iter().map(warning).collect();
                        return Ok(Latest { container, warnings });
                    }
                },
                Ok(_) => "not a checkpoint".to_owned(),
                Err(error) if matches!(error.kind(), ErrorKind::Data | ErrorKind::Io) => error.to_string(),
                Err(error) => return Err(error.within(file.display().to_string())),
            };
            skipped.push((file.display().to_string(), reason));
        }
        let place = self.path.display();
        match skipped.first() {
            None => Err(Error::config(format!("there is no checkpoint in `{place}`")).hint(
                Advice::new("leave ")
                    .setting("resume")
                    .text(" out to start from the beginning"),
            )),
            Some((file, reason)) => {
                Err(Error::data(format!("no checkpoint can be read: {file}: {reason}")).within(place.to_string()))
            }
        }
    }

    /// Removes the folder with all generations, once they are no longer needed.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] with the file that stays.
    pub(crate) fn remove(disk: &dyn Disk, path: &Path) -> Result<()> {
        let log = Some(path.join(epoch_log::NAME)).filter(|log| log.exists());
        for file in files_in(path).into_iter().chain(log) {
            files::remove(disk, &file)?;
        }
        // Other files stay, and the folder with them.
        let _ = fs::remove_dir(path);
        Ok(())
    }
}

/// An error if the file of records is not as a checkpoint left it.
fn check_log(folder: &Path, container: &Container) -> Result<()> {
    match container
        .section::<Progress>(PROGRESS)?
        .and_then(|progress| progress.log)
    {
        Some(end) => EpochReader::of(folder, end)?.for_each(&mut |_| Ok(())),
        None => Ok(()),
    }
}

/// Generations, complete or not, in no order: `step-<digits>.safetensors`, perhaps with the end of a draft. Other files of
/// the folder are not ours.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_own = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let parts = name.and_then(|name| name.strip_prefix("step-")?.split_once(".safetensors"));
        parts.is_some_and(|(step, end)| {
            is_number(step) && (end.is_empty() || end.strip_prefix(files::DRAFT).is_some_and(is_number))
        })
    };
    entries.map(|entry| entry.path()).filter(is_own).collect()
}

/// Complete generations, oldest first.
pub(crate) fn generations(folder: &Path) -> Vec<PathBuf> {
    let mut generations = files_in(folder);
    generations.retain(|path| !files::is_temporary(path));
    generations.sort();
    generations
}
