//! A training run: where it is, what it has seen, and how it goes on.

mod resume;

use std::collections::BTreeMap;
use std::time::Instant;

use rosenblatt_autodiff::plan::Plan;
use rosenblatt_data::{Batches, Dataset, Prepared};
use rosenblatt_nn::Goal;
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::checkpoint::{Fingerprint, Folder, Found};
use crate::figures::{Epoch, Figures, Sums};
use crate::model_file::{About, Model};
use crate::network::{InputType, Network};
use crate::options::RunOptions;
use crate::recipe::Work;
use crate::spec::Spec;
use crate::trainer::Trainer;

/// A run as callbacks see it. They may look at everything and note that the parameters of this moment are the best;
/// they never touch weights.
pub struct Run<'d> {
    spec: Spec,
    data: &'d Prepared,
    about: About,
    trainer: Trainer,
    batches: Batches,
    fingerprint: Fingerprint,
    step: u64,
    epoch: usize,
    batch: usize,
    sums: Sums,
    seconds: f64,
    since: Instant,
    /// Whether the last epoch has ended and the next has not begun.
    between: bool,
    history: Vec<Epoch>,
    best: Option<Best>,
    finished: bool,
    notes: Vec<String>,
}

/// The parameters to be kept.
struct Best {
    epoch: usize,
    weights: BTreeMap<String, Tensor>,
}

/// A part of the data that training does not learn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// For decisions.
    Valid,
    /// For judging; it influences nothing.
    Test,
}

impl<'d> Run<'d> {
    /// Everything is compiled and has its first value, or that of the last checkpoint.
    ///
    /// # Errors
    /// Spec and data do not fit each other, or the checkpoint is of another run.
    pub(crate) fn start_or_resume(spec: &Spec, data: &'d Prepared, options: &RunOptions) -> Result<Self> {
        let mut run = Self::start(spec, data, options)?;
        if options.resume {
            let Some(checkpoint) = &options.checkpoint else {
                return Err(Error::config(
                    "to resume, the run needs to know where its checkpoints are",
                ));
            };
            let Found { model, notes } = Folder::new(checkpoint).newest()?;
            run.notes = notes;
            run.resume(model)
                .map_err(|error| error.within(checkpoint.folder.display().to_string()))?;
        }
        Ok(run)
    }

    fn start(spec: &Spec, data: &'d Prepared, options: &RunOptions) -> Result<Self> {
        spec.check()?;
        if spec.train.early_stopping.is_some() && data.valid.is_none() {
            return Err(Error::config("needs validation rows to decide by")
                .within("train.early_stopping")
                .hint("set some apart: `data.valid_fraction = 0.2` in a run file, `--valid-fraction 0.2` as a flag"));
        }
        let input = InputType::of(&data.train)?;
        let about = About::new(
            spec.without_paths(),
            input,
            data.schema.clone(),
            data.preprocessing.clone(),
        );
        let network = Network::of(&about)?;
        let first = network
            .first_values(&spec.model, spec.train.seed)
            .map_err(|error| error.within("model"))?;
        let batches = Batches::new(data.train.rows(), spec.train.batch_size, spec.train.seed)?;
        if batches.is_empty() {
            return Err(Error::data("there is no row to learn from"));
        }
        enough_rows(network.min_batch_size(), batches.full_size())?;
        let mut trainer = Trainer::new(spec, network, data, &batches, options)?;
        trainer.put(&first)?;
        for slot in trainer.runner().recipe().optimizer_state()? {
            let initial = slot.initial(&first)?;
            trainer.put(&BTreeMap::from([(slot.spec.name, initial)]))?;
        }
        let mut run = Self {
            spec: spec.clone(),
            data,
            about,
            trainer,
            batches,
            fingerprint: Fingerprint::of(data)?,
            step: 0,
            epoch: 0,
            batch: 0,
            sums: Sums::default(),
            seconds: 0.0,
            since: Instant::now(),
            between: false,
            history: Vec::new(),
            best: None,
            finished: false,
            notes: Vec::new(),
        };
        run.batches.shuffle(0);
        Ok(run)
    }

    /// Whether an epoch is to follow.
    pub(crate) fn goes_on(&self) -> bool {
        self.epoch < self.spec.train.epochs && !self.finished
    }

    /// Takes a step; false if the epoch has no batch left.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if loss or gradients are not finite.
    pub(crate) fn advance(&mut self) -> Result<bool> {
        let Some(rows) = self.batches.get(self.batch) else {
            return Ok(false);
        };
        self.trainer.step(rows, self.step, &mut self.sums)?;
        self.step += 1;
        self.batch += 1;
        Ok(true)
    }

    /// Takes a step on a full batch, whatever epoch it is of, and remembers nothing of it; see [`Trainer::step_timed`].
    ///
    /// # Errors
    /// As [`Run::advance`].
    pub(crate) fn step_for_bench(&mut self, times: Option<&mut [TaskTime]>) -> Result<()> {
        let full = self.batches.full_size();
        let fits = |batch: usize| self.batches.get(batch).filter(|rows| rows.len() == full);
        let at = if fits(self.batch).is_some() { self.batch } else { 0 };
        if let Some(rows) = fits(at) {
            self.trainer.step_timed(rows, at as u64, &mut Sums::default(), times)?;
        }
        self.batch = at + 1;
        Ok(())
    }

    /// Rows of a full batch.
    pub(crate) fn full_batch(&self) -> usize {
        self.batches.full_size()
    }

    /// The compiled step on a full batch, if it is compiled.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.trainer.runner().plan(Work::Train, self.batches.full_size())
    }

    /// Ends an epoch: its figures are complete once a callback has recorded them.
    pub(crate) fn close_epoch(&mut self) {
        self.seconds += self.since.elapsed().as_secs_f64();
        self.epoch += 1;
        self.between = true;
    }

    /// Begins the next epoch.
    pub(crate) fn open_epoch(&mut self) {
        (self.batch, self.sums, self.seconds) = (0, Sums::default(), 0.0);
        self.batches.shuffle(self.epoch as u64);
        (self.since, self.between) = (Instant::now(), false);
    }

    /// No epoch is to follow.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }

    /// The model, with the best parameters if some were kept.
    ///
    /// # Errors
    /// A part cannot be evaluated.
    pub(crate) fn into_model(mut self) -> Result<(Model, Vec<Epoch>)> {
        if let Some(best) = self.best.take() {
            self.trainer.put(&best.weights)?;
            self.about.epoch = best.epoch;
        } else {
            self.about.epoch = self.epoch;
        }
        for (name, part) in [("valid", Part::Valid), ("test", Part::Test)] {
            if let Some(figures) = self.evaluate(part)? {
                let metrics = [("loss", figures.loss), (figures.score.name(), figures.score.value())];
                self.about.metrics.insert(
                    name.to_owned(),
                    metrics.map(|(name, value)| (name.to_owned(), value)).into(),
                );
            }
        }
        Ok((
            Model {
                about: self.about,
                tensors: self.trainer.weights()?,
            },
            self.history,
        ))
    }

    /// Keeps the parameters of this moment as the best: the model will have them.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn mark_best(&mut self) -> Result<()> {
        self.best = Some(Best {
            epoch: self.epoch,
            weights: self.trainer.weights()?,
        });
        Ok(())
    }

    /// Loss and score of a part, if the data has it.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if they are not finite.
    pub fn evaluate(&mut self, part: Part) -> Result<Option<Figures>> {
        let (rows, name): (Option<&Dataset>, _) = match part {
            Part::Valid => (self.data.valid.as_ref(), "validation"),
            Part::Test => (self.data.test.as_ref(), "test"),
        };
        let Some(rows) = rows.filter(|rows| rows.rows() > 0) else {
            return Ok(None);
        };
        let figures = self.trainer.evaluate(part, rows)?.figures(self.goal());
        if figures.loss.is_finite() && figures.score.value().is_finite() {
            return Ok(Some(figures));
        }
        let error = Error::not_finite(format!("the loss of the {name} rows is not finite"));
        Err(error
            .within(format!("step {}", self.step))
            .hint("lower the learning rate"))
    }

    /// Adds the figures of the epoch that has ended.
    pub fn record(&mut self, epoch: Epoch) {
        self.history.push(epoch);
    }

    /// What is run.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// What is predicted.
    #[must_use]
    pub fn goal(&self) -> Goal {
        self.trainer.network().goal()
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

    /// Batches of an epoch.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.batches.len()
    }

    /// Means over the rows of this epoch so far, each counted by its weight.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.sums.figures(self.goal())
    }

    /// Seconds of training in the epoch that has ended.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Figures of the epochs done.
    #[must_use]
    pub fn history(&self) -> &[Epoch] {
        &self.history
    }

    /// What the user should know, one sentence each; taken out.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Number of learned numbers.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn parameters(&self) -> Result<usize> {
        self.trainer.network().parameters()
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.trainer.runner().threads()
    }
}

/// An error if every step has fewer rows than a layer needs.
fn enough_rows(least: usize, rows: usize) -> Result<()> {
    if rows >= least {
        return Ok(());
    }
    let error = Error::config(format!(
        "a layer that normalises over the rows of a step needs at least {least} of them, got {rows}"
    ));
    let hint = "set a larger `train.batch_size`, or take `layer_norm`, which looks at each row alone";
    Err(error.within("train.batch_size").hint(hint))
}
