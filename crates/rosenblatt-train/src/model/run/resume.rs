//! A run as a checkpoint, and a checkpoint as a run.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::Params;
use rosenblatt_nn::TensorSpec;
use rosenblatt_tensor::{Error, Result};

use super::{Best, Run};
use crate::checkpoint::Progress;
use crate::container::Container;
use crate::epoch_log::{EpochLog, EpochReader};
use crate::model::Record;
use crate::model::history::RunningMetrics;
use crate::model::sections::{FIT, PROGRESS};
use crate::model::solving::Solving;
use crate::options::CheckpointOptions;
use crate::spec::differences;
use serde_json::Value;

/// Before the name of a tensor of the best parameters so far.
const BEST: &str = "best.";
/// Before the name of a tensor that is trained, where the model of the checkpoint has an average in its place.
const TRAINED: &str = "trained.";

impl Run<'_> {
    /// The run as a checkpoint: its model, and more.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn snapshot(&mut self) -> Result<Container> {
        let (batch, sums, seconds) = match self.between {
            true => (0, RunningMetrics::default(), 0.0),
            false => (self.batch, self.sums, self.seconds + self.since.elapsed().as_secs_f64()),
        };
        let log = self.log.as_mut().map(EpochLog::save).transpose()?;
        let (solver, kept) = self.solving.as_ref().map_or(Ok(None), Solving::snapshot)?.unzip();
        let progress = Progress {
            solver,
            step: self.step,
            epoch: self.epoch,
            batch,
            sums,
            seconds,
            history: match log {
                Some(_) => Vec::new(),
                None => self.history.to_vec(),
            },
            log,
            best: self.best.as_ref().map(|best| best.epoch),
            accumulated: self.fitter.accumulated(),
            finished: self.finished,
            data: self.fingerprint.clone(),
        };
        let mut tensors = self.tensors()?;
        tensors.extend(kept.into_iter().flatten());
        let trained = match &self.averages.trained {
            Some(trained) => trained.clone(),
            None => {
                let averages = self.evaluated()?;
                let named = averages.into_iter();
                let named = named.filter_map(|(name, average)| Some((name.clone(), tensors.insert(name, average)?)));
                named.collect()
            }
        };
        tensors.extend(
            trained
                .into_iter()
                .map(|(name, tensor)| (format!("{TRAINED}{name}"), tensor)),
        );
        let best = self.best.iter().flat_map(|best| &best.params);
        tensors.extend(best.map(|(name, tensor)| (format!("{BEST}{name}"), tensor.clone())));
        let container = self.model.container(tensors, self.epoch, &BTreeMap::new())?;
        let container = container.with(PROGRESS, &progress)?;
        match &self.settings {
            Some(settings) => container.with(FIT, settings),
            None => Ok(container),
        }
    }

    /// Goes on where a checkpoint stopped.
    ///
    /// # Errors
    /// It is of another run, or its content does not fit together.
    pub(super) fn resume(&mut self, container: &Container, options: &CheckpointOptions) -> Result<()> {
        let Some(progress) = Progress::of(container)? else {
            return Err(Error::data("this is a model, not a checkpoint"));
        };
        self.same_run(container, &progress)?;
        let expected = (progress.epoch as u64)
            .saturating_mul(self.batches.len() as u64)
            .saturating_add(progress.batch as u64);
        if progress.epoch > self.epochs || progress.batch > self.batches.len() || progress.step != expected {
            return Err(Error::data(format!(
                "{} steps do not make {} epochs",
                progress.step, progress.epoch
            )));
        }
        let specs = self.fitter.builder().tensors()?;
        let kept: Vec<TensorSpec> = self
            .fitter
            .builder()
            .slots()?
            .into_iter()
            .map(|slot| slot.spec)
            .collect();
        let tensors = &container.tensors;
        let mut params = needed(&specs, tensors)?;
        if self.averages.has_mean(progress.epoch) {
            let learned = self.fitter.parameter_names()?;
            let mean = params.iter().filter(|(name, _)| learned.contains(*name));
            self.averages.mean = Some(mean.map(|(name, tensor)| (name.clone(), tensor.clone())).collect());
        }
        if self.averages_weights()? {
            params = needed(&specs, &of_prefix(tensors, TRAINED, &params))?;
        }
        self.fitter.put(&params)?;
        self.fitter.put(&needed(&kept, tensors)?)?;
        self.fitter.put_accumulated(progress.accumulated);
        match (&mut self.solving, &progress.solver) {
            (Some(solving), Some(solver)) => solving.resume(solver, &params, tensors)?,
            (None, None) => {}
            (Some(_), None) if progress.step == 0 => {}
            _ => return Err(Error::data("the state of the solver does not fit the optimizer")),
        }
        self.best = match progress.best {
            Some(epoch) => {
                let params = needed(&specs, &of_prefix(tensors, BEST, &Params::new()))?;
                Some(Best { epoch, params })
            }
            None => None,
        };
        self.order_rows(progress.epoch as u64);
        (self.step, self.epoch, self.batch) = (progress.step, progress.epoch, progress.batch);
        (self.sums, self.seconds, self.since) = (progress.sums, progress.seconds, Instant::now());
        (self.finished, self.resumed) = (progress.finished, Some(progress.step));
        self.replay(&progress, options)
    }

    /// Goes through the records of the epochs done.
    fn replay(&mut self, progress: &Progress, options: &CheckpointOptions) -> Result<()> {
        let end = progress.log.unwrap_or_default();
        let mut log = EpochLog::new(&options.folder, &options.disk, end);
        let mut epochs = 0;
        let mut each = |record: Record| {
            epochs += 1;
            if record.epoch != epochs {
                let message = format!("expected the record of epoch {epochs}, got {}", record.epoch);
                return Err(Error::data(message));
            }
            if progress.log.is_none() {
                log.append(&record)?;
            }
            self.remember(record, progress.best);
            Ok(())
        };
        match progress.log {
            Some(end) => EpochReader::of(&options.folder, end)?.for_each(&mut each)?,
            // A checkpoint that holds its records itself.
            None => progress.history.iter().cloned().try_for_each(each)?,
        }
        self.log = Some(log);
        if epochs != progress.epoch {
            let message = format!("expected the records of {} epochs, got {epochs}", progress.epoch);
            return Err(Error::data(message));
        }
        Ok(())
    }

    /// Calls `each` with the record of every epoch that was done before the run was resumed.
    ///
    /// # Errors
    /// The file of records cannot be read.
    pub(crate) fn for_each_resumed(&self, each: &mut dyn FnMut(&Record)) -> Result<()> {
        match &self.log {
            Some(log) if self.history.every() > 1 => log.resumed()?.for_each(&mut |record| {
                each(&record);
                Ok(())
            }),
            _ => {
                self.history.iter().for_each(each);
                Ok(())
            }
        }
    }

    /// The checkpoint is of this very run, or an error says in what it is not.
    fn same_run(&self, before: &Container, progress: &Progress) -> Result<()> {
        let mut keys = self.model.differences(before)?;
        if let (Some(now), Some(then)) = (&self.settings, before.section::<Value>(FIT)?) {
            keys.extend(differences(&then, now));
        }
        keys.extend(progress.data.differences(&self.fingerprint)?);
        if keys.is_empty() {
            return Ok(());
        }
        Err(
            Error::config(format!("the checkpoint is of another run: {}", keys.join("; ")))
                .hint("use the same settings and data, or start from the beginning"),
        )
    }
}

/// Tensors whose names begin with `prefix`, without it, over `others`.
fn of_prefix(tensors: &Params, prefix: &str, others: &Params) -> Params {
    let named = tensors.iter();
    let named = named.filter_map(|(name, x)| Some((name.strip_prefix(prefix)?.to_owned(), x.clone())));
    let others = others.iter().map(|(name, x)| (name.clone(), x.clone()));
    others.chain(named).collect()
}

/// The tensors that are needed, among those of a file.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if one is missing or of another shape or type.
pub(crate) fn needed(specs: &[TensorSpec], tensors: &Params) -> Result<Params> {
    let find = |spec: &TensorSpec| {
        let tensor = tensors
            .get(&spec.name)
            .ok_or_else(|| Error::data(format!("there is no tensor `{}`", spec.name)))?;
        if *tensor.shape() != spec.shape || tensor.dtype() != spec.dtype {
            let (want, got) = (
                rosenblatt_autodiff::Type::new(spec.dtype, spec.shape),
                rosenblatt_autodiff::Type::of(tensor),
            );
            return Err(Error::data(format!(
                "`{}` is {got:?}, but the network needs {want:?}",
                spec.name
            )));
        }
        Ok((spec.name.clone(), tensor.clone()))
    };
    specs.iter().map(find).collect()
}
