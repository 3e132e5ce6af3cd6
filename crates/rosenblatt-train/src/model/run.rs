//! A training run: where it is, what it has seen, and how it goes on.

mod averages;
mod resume;
mod settings;

use averages::Averages;
pub(crate) use resume::needed;
use settings::settings;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::{Params, Warning};
use rosenblatt_autodiff::plan::Plan;
use rosenblatt_data::Batches;
use rosenblatt_nn::optimize::Slot;
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{Error, Result, Tensor};
use serde_json::Value;

use super::fit::Parts;
use super::fitter::{BLOCK, Fitter, Rows};
use super::history::{Metrics, Record, RunningMetrics};
use super::pocket::check_pocket;
use super::records::Records;
use super::solving::{Solved, Solving};
use super::{BatchNormStatistics, BatchSource, Fit, HeldOut, Model, check_averages};
use crate::checkpoint::{Fingerprint, Folder, Latest};
use crate::diagnose;
use crate::epoch_log::{EpochLog, EpochReader, LogPosition};

/// A run as callbacks see it. They may look at everything and note that the parameters of this moment are the best; they
/// never change parameters.
pub struct Run<'d> {
    /// The model as it was before the run; its parameters are those of the fitter meanwhile.
    model: &'d Model,
    epochs: usize,
    fitter: Fitter<'d>,
    /// The solver that trains in place of steps on batches, if one does.
    solving: Option<Solving>,
    batches: Batches,
    /// Whether rows come in another order in each epoch.
    shuffle: bool,
    /// Whether misclassified training rows are counted after each epoch.
    pocket: bool,
    fingerprint: Fingerprint,
    /// What the spec of a table would say.
    settings: Option<Value>,
    step: u64,
    epoch: usize,
    batch: usize,
    sums: RunningMetrics,
    seconds: f64,
    since: Instant,
    /// Whether the last epoch has ended and the next has not begun.
    between: bool,
    history: Records,
    /// All records, if there is a folder for them.
    log: Option<EpochLog>,
    /// What the schedule has observed, if it observes.
    observed: Vec<f64>,
    best: Option<Best>,
    averages: Averages,
    batch_norm: BatchNormStatistics,
    finished: bool,
    warnings: Vec<Warning>,
    /// Warnings to show during the run, which are not stored.
    pending_warnings: Vec<Warning>,
    /// The step after which it was resumed, if it was.
    resumed: Option<u64>,
}

/// The parameters to be kept.
struct Best {
    epoch: usize,
    params: Params,
}

/// What a run leaves.
pub(crate) struct Finished {
    pub(crate) params: Params,
    pub(crate) epoch: usize,
    pub(crate) steps: u64,
    pub(crate) history: Records,
    /// All records, if `history` has not.
    pub(crate) all: Option<EpochReader>,
    /// Of the parts that training does not learn from.
    pub(crate) metrics: BTreeMap<String, Metrics>,
    pub(crate) solved: Option<Solved>,
}

impl<'d> Run<'d> {
    /// Everything is compiled and has its initial value, or that of the last checkpoint.
    ///
    /// # Errors
    /// Model and data do not fit each other, or the checkpoint is of another run.
    pub(crate) fn start_or_resume(model: &'d Model, source: &'d dyn BatchSource, fit: &Fit) -> Result<Self> {
        let mut run = Self::start(model, source, fit)?;
        if fit.run.resume {
            let Some(checkpoint) = &fit.run.checkpoint else {
                return Err(Error::config(
                    "to resume, the run needs to know where its checkpoints are",
                ));
            };
            let Latest { container, warnings } = Folder::new(checkpoint).newest()?;
            run.warnings = warnings;
            run.resume(&container, checkpoint)
                .map_err(|error| error.within(checkpoint.folder.display().to_string()))?;
        }
        Ok(run)
    }

    fn start(model: &'d Model, source: &'d dyn BatchSource, fit: &Fit) -> Result<Self> {
        fit.check()?;
        let Parts {
            held_out,
            classes,
            weighting,
        } = Parts::of(model, source, fit)?;
        let fingerprint = Fingerprint::of(source, &held_out)?;
        let step = model.step(source.len())?.of_fit(fit, weighting);
        let solving = Solving::of(&step, fit, source.len())?;
        // An iteration of a solver is a batch of all rows, of which a block is computed at a time.
        let sizes = solving
            .as_ref()
            .map_or([fit.batch_size; 2], |_| [source.len().max(1), BLOCK]);
        let [batches, computed] = sizes.map(|rows| Batches::new(source.len(), rows, fit.seed));
        let (batches, computed) = (batches?, computed?);
        if batches.is_empty() {
            return Err(Error::data("there is no row to learn from"));
        }
        step.check_batch(computed.full_size())
            .map_err(|error| error.within("batch_size"))?;
        step.check_training_inputs()?;
        if fit.pocket {
            check_pocket(&step)?;
        }
        let rows = Rows {
            source,
            held_out,
            classes,
        };
        let fitted_classes = rows.classes.clone();
        check_averages(Some(&step.optimize), fit.swa, fit.epochs)?;
        let mut fitter = Fitter::new(step, rows, &computed, fit)?;
        fitter.put(model.params())?;
        let initial = |slot: Slot| Ok((slot.spec.name.clone(), slot.initial(model.params())?));
        let state = fitter
            .builder()
            .slots()?
            .into_iter()
            .map(initial)
            .collect::<Result<Params>>()?;
        fitter.put(&state)?;
        let checkpoint = fit.run.checkpoint.as_ref();
        let mut run = Self {
            model,
            epochs: fit.epochs,
            fitter,
            solving,
            batches,
            shuffle: fit.shuffle,
            pocket: fit.pocket,
            fingerprint,
            settings: settings(model, fit, fitted_classes.as_deref()),
            step: 0,
            epoch: 0,
            batch: 0,
            sums: RunningMetrics::default(),
            seconds: 0.0,
            since: Instant::now(),
            between: false,
            history: Records::default(),
            log: checkpoint.map(|options| EpochLog::new(&options.folder, &options.disk, LogPosition::default())),
            observed: Vec::new(),
            best: None,
            averages: Averages::new(fit)?,
            batch_norm: fit.batch_norm_statistics,
            finished: false,
            warnings: Vec::new(),
            pending_warnings: Vec::new(),
            resumed: None,
        };
        run.order_rows(0);
        Ok(run)
    }

    /// Whether an epoch is to follow.
    pub(crate) fn goes_on(&self) -> bool {
        self.epoch < self.epochs && !self.finished
    }

    /// Takes a step; false if the epoch has no batch left.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if loss or gradients are not finite.
    pub(crate) fn advance(&mut self) -> Result<bool> {
        let Some(rows) = self.batches.get(self.batch) else {
            return Ok(false);
        };
        match &mut self.solving {
            Some(solving) => {
                solving.iterate(&mut self.fitter)?;
                self.sums = solving.sums;
            }
            None => {
                let at = (self.step, &self.observed[..]);
                self.fitter.step(rows, at, &mut self.sums, None)?;
            }
        }
        self.step += 1;
        self.batch += 1;
        Ok(true)
    }

    /// Takes a step on a full batch, whatever epoch it is of, and remembers nothing of it; see [`Fitter::step`].
    ///
    /// # Errors
    /// As [`Run::advance`].
    pub(crate) fn step_for_bench(&mut self, times: Option<&mut [TaskTime]>) -> Result<()> {
        let full = self.batches.full_size();
        let fits = |batch: usize| self.batches.get(batch).filter(|rows| rows.len() == full);
        let at = if fits(self.batch).is_some() { self.batch } else { 0 };
        if let Some(rows) = fits(at) {
            let at = (at as u64, &self.observed[..]);
            self.fitter.step(rows, at, &mut RunningMetrics::default(), times)?;
        }
        self.batch = at + 1;
        Ok(())
    }

    /// Takes the batches of the next step of the optimizer, those of the next epoch where this one has none left, and remembers
    /// nothing else of it: the mean loss of their rows.
    ///
    /// # Errors
    /// As [`Run::advance`].
    pub(crate) fn step_of_optimizer(&mut self) -> Result<f64> {
        let mut sums = RunningMetrics::default();
        loop {
            if self.batch >= self.batches.len() {
                (self.epoch, self.batch) = (self.epoch + 1, 0);
                self.order_rows(self.epoch as u64);
            }
            if let Some(rows) = self.batches.get(self.batch) {
                self.fitter.step(rows, (self.step, &[]), &mut sums, None)?;
            }
            (self.step, self.batch) = (self.step + 1, self.batch + 1);
            if self.fitter.ends_step(self.step - 1) {
                return Ok(sums.metrics(None).loss());
            }
        }
    }

    /// The compiled step on a full batch, if it is compiled.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.fitter.runner().plan(self.fitter.work(self.batches.full_size()))
    }

    /// Ends an epoch: its figures are complete once a callback has recorded them. Until the next one begins, the parameters are
    /// those to evaluate with.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn close_epoch(&mut self) -> Result<()> {
        self.seconds += self.since.elapsed().as_secs_f64();
        self.epoch += 1;
        self.between = true;
        self.finished |= self.solving.as_ref().is_some_and(|solving| solving.ended.is_some());
        self.average()?;
        self.show_evaluated()
    }

    /// Begins the next epoch.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn open_epoch(&mut self) -> Result<()> {
        if self.goes_on() {
            self.show_trained()?;
        }
        (self.batch, self.sums, self.seconds) = (0, RunningMetrics::default(), 0.0);
        self.order_rows(self.epoch as u64);
        (self.since, self.between) = (Instant::now(), false);
        Ok(())
    }

    /// Puts the rows into the order of an epoch.
    fn order_rows(&mut self, epoch: u64) {
        if self.shuffle {
            self.batches.shuffle(epoch);
        }
    }

    /// No epoch is to follow.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }

    /// What the model has learned, with the best parameters if some were kept.
    ///
    /// # Errors
    /// A part cannot be evaluated.
    pub(crate) fn finished(mut self) -> Result<Finished> {
        let epoch = match self.best.take() {
            Some(best) => {
                self.fitter.put(&best.params)?;
                best.epoch
            }
            None => {
                self.show_evaluated()?;
                self.epoch
            }
        };
        if self.batch_norm == BatchNormStatistics::Exact {
            self.fitter.recompute_batch_norm()?;
        }
        let mut metrics = BTreeMap::new();
        for (name, part) in [("valid", HeldOut::Valid), ("test", HeldOut::Test)] {
            if let Some(of_part) = self.evaluate(part)? {
                metrics.insert(name.to_owned(), of_part);
            }
        }
        let all = self.log.take().filter(|_| self.history.every() > 1);
        let all_epochs = self.epoch >= self.epochs;
        Ok(Finished {
            all: all.map(EpochLog::finished).transpose()?,
            params: self.fitter.params()?,
            epoch,
            steps: self.step,
            history: self.history,
            metrics,
            solved: self.solving.map(|solving| solving.solved(all_epochs)),
        })
    }

    /// Keeps the parameters of this moment as the best: the model will have them.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn mark_best(&mut self) -> Result<()> {
        self.best = Some(Best {
            epoch: self.epoch,
            params: self.fitter.params()?,
        });
        Ok(())
    }

    /// Number of the epoch whose parameters are kept as the best, from 1; `None` if no epoch was marked.
    #[must_use]
    pub fn best_epoch(&self) -> Option<usize> {
        self.best.as_ref().map(|best| best.epoch)
    }

    /// Loss and metrics of a part, if the data has it.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if they are not finite.
    pub fn evaluate(&mut self, part: HeldOut) -> Result<Option<Metrics>> {
        let Some(sums) = self.fitter.evaluate(part)? else {
            return Ok(None);
        };
        let mut metrics = sums.metrics(self.fitter.builder().score);
        if !metrics.are_finite() {
            let sizes = self.fitter.sizes(self.model, part)?;
            return Err(diagnose::held_out(part, &sizes).within(format!("step {}", self.step)));
        }
        let more = self.model.metrics_beside(self.fitter.builder().score);
        for (name, value) in self.fitter.measure(self.model, part, &more)? {
            metrics.insert(name, value);
        }
        Ok(Some(metrics))
    }

    /// How many training rows are misclassified with the parameters of this moment; `None` in a run without a pocket.
    ///
    /// # Errors
    /// Rows cannot be read.
    pub fn misclassified(&mut self) -> Result<Option<u64>> {
        self.pocket.then(|| self.fitter.misclassified()).transpose()
    }

    /// Copies of parameters, buffers and the optimizer's state by name.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn tensors(&self) -> Result<Params> {
        let mut tensors = self.fitter.params()?;
        tensors.extend(self.fitter.optimizer_state()?);
        Ok(tensors)
    }

    /// Copies of parameters and buffers by name.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn params(&self) -> Result<Params> {
        self.fitter.params()
    }

    /// The output of a layer or node for some rows, with the parameters of this moment; see [`Model::output_of`].
    ///
    /// # Errors
    /// As [`Model::output_of`].
    pub fn output_of(&self, inputs: impl Into<super::Inputs>, node: &str) -> Result<Tensor> {
        super::predict::output_of(self.model, &self.fitter.params()?, &inputs.into(), node)
    }

    /// Adds the record of the epoch that has ended; schedules observe its validation loss, or its loss without validation.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the file of records cannot be written.
    pub fn record(&mut self, record: Record) -> Result<()> {
        if let Some(log) = &mut self.log {
            log.append(&record)?;
        }
        self.remember(record, self.best_epoch());
        Ok(())
    }

    fn remember(&mut self, record: Record, best: Option<usize>) {
        if self.fitter.builder().optimize.schedule.observes() {
            self.observed.push(watched(&record));
        }
        self.history.push(record, best);
    }

    /// The model that is trained; its own parameters are those before the run.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.model
    }

    /// Epochs of the whole run.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Steps done.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Epochs done.
    #[must_use]
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Batches done of this epoch.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Rows of a full batch.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.batches.full_size()
    }

    /// Batches of an epoch.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.batches.len()
    }

    /// Means over the rows of this epoch so far, each counted by its weight.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.sums.metrics(self.fitter.builder().score)
    }

    /// How often a solver has computed loss and gradient of all training rows in the last epoch; `None` without a solver.
    #[must_use]
    pub fn evaluations(&self) -> Option<u64> {
        self.solving.as_ref().map(|solving| solving.of_epoch)
    }

    /// Seconds of training in the epoch that has ended.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Records of the epochs done; of a long run a part of them.
    #[must_use]
    pub fn history(&self) -> &Records {
        &self.history
    }

    /// What changes the result, or may.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Something for whoever watches the run, which is part of no result.
    pub(crate) fn warn(&mut self, warning: Warning) {
        self.pending_warnings.push(warning);
    }

    /// Warnings that were not shown yet.
    pub(crate) fn take_pending_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.pending_warnings)
    }

    /// The step after which the run was resumed, if it was.
    #[must_use]
    pub fn resumed(&self) -> Option<u64> {
        self.resumed
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.fitter.runner().threads()
    }
}

/// What a schedule observes of an epoch.
fn watched(record: &Record) -> f64 {
    record.valid.as_ref().unwrap_or(&record.train).loss()
}
