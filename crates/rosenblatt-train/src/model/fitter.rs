//! Steps and evaluations of a network on rows, without allocating where they are in memory.

mod objective;
mod run_step;
mod training_rows;

use std::collections::{BTreeMap, BTreeSet};

use rosenblatt_autodiff::plan::RunStatus;
use rosenblatt_data::Batches;
use rosenblatt_nn::optimize::evaluated;
use rosenblatt_nn::optimizers::Scalars;
use rosenblatt_nn::schedules::At;
use rosenblatt_nn::{Entry, Metric, Role, TensorSpec};
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::accumulation::{Accumulation, Place};
use super::head::Head;
use super::history::RunningMetrics;
use super::mixup::Mixup;
use super::network_step::{LOSS, NetworkStep, SCORE};
use super::reduction::Reduction;
use super::step_kind::StepKind;
use super::weights::{RowWeights, Totals};
use super::{BatchSource, Data, Fit, HeldOut, Model, batch_statistics};
use crate::Params;
use crate::diagnose;
use crate::step::Runner;

pub(crate) use objective::{BLOCK, Evaluated, flat};
use run_step::run;

/// Rows that are evaluated together.
pub(crate) const EVAL_BATCH: usize = 256;

/// A network with its optimizer, ready to take steps on some rows.
pub(crate) struct Fitter<'d> {
    runner: Runner<NetworkStep>,
    source: &'d dyn BatchSource,
    /// Which batches are a step of the optimizer.
    accumulation: Accumulation,
    epochs: u64,
    seed: u64,
    /// All training rows in the model's types, if they are in memory, and how much they count.
    lent: Option<(Data, RowWeights)>,
    /// The weight of each class.
    classes: Option<Vec<f64>>,
    /// Validation and test rows, if there are any, and how much they count.
    held_out: [Option<(Data, RowWeights)>; 2],
    /// Inputs that change; their memory is reused.
    cells: Cells,
}

struct Cells {
    batch_weight: Tensor,
    /// Row numbers, one tensor for each size of a batch.
    rows: Vec<Tensor>,
    numbers: Vec<i64>,
    counter: Tensor,
    /// How much of the mean gradient so far stays, and how much the batch adds to it, if gradients are accumulated.
    shares: Vec<Tensor>,
    scalars: Vec<Tensor>,
    mixup: Option<Mixup>,
}

/// What a fitter works on.
pub(crate) struct Rows<'d> {
    pub(crate) source: &'d dyn BatchSource,
    pub(crate) held_out: [Option<Data>; 2],
    pub(crate) classes: Option<Vec<f64>>,
}

impl<'d> Fitter<'d> {
    /// Compiles what will be run: a step for the full batch and for the short last one, and the evaluations.
    ///
    /// # Errors
    /// The network does not fit its inputs, or class weights do not fit the classes.
    pub(crate) fn new(step: NetworkStep, rows: Rows<'d>, batches: &Batches, fit: &Fit) -> Result<Self> {
        let options = &fit.run;
        let (dtype, weighting, reduction) = (step.dtype, step.weighting, step.reduction);
        step.optimize.check_dtype(dtype)?;
        let weigh = |data: Data, classes: Option<&[f64]>| {
            let weights = RowWeights::new(weighting, &data, classes, dtype)?;
            Ok::<_, Error>((data, weights))
        };
        let classes = rows.classes.as_deref();
        let lend = |data: &Data| match reduction {
            Reduction::Mean => weigh(step.prepared(data)?, classes),
            // The unit of weights is a factor of the gradient.
            Reduction::Sum => {
                let data = step.prepared(data)?;
                let weights = RowWeights::of_batch(weighting, &data, classes, dtype)?;
                Ok((data, weights))
            }
        };
        let lent = rows.source.in_memory().map(lend).transpose()?;
        let [valid, test] = rows
            .held_out
            .map(|part| part.map(|data| weigh(data, classes)).transpose());
        let held_out = [valid?, test?];
        let accumulation = Accumulation::new(fit.accumulate_steps, batches.len());
        let solves = step.optimize.optimizer.solver().is_some();
        let work = |last| match solves {
            true => StepKind::Objective,
            false => StepKind::training(lent.is_some(), last),
        };
        let sizes = [batches.full_size(), batches.last_size()];
        let accumulates = step.accumulates;
        let mut runner = Runner::new(step, options.engine()?, options.execution);
        sizes.iter().try_for_each(|&size| runner.prepare((work(true), size)))?;
        if accumulates {
            runner.prepare((work(false), sizes[0]))?;
        }
        if solves {
            // It holds the buffers that evaluations of a solver neither read nor change.
            runner.prepare((StepKind::Predict, 1))?;
        }
        for (data, _) in held_out.iter().flatten() {
            batches_of(data.len(), EVAL_BATCH).try_for_each(|rows| runner.prepare((StepKind::Evaluate, rows)))?;
        }
        let scalars = runner.builder().optimize.scalar_inputs(dtype);
        let cells = Cells {
            batch_weight: Tensor::scalar_of(dtype, 0.0),
            rows: sizes
                .iter()
                .map(|&size| Tensor::from_vec(vec![0i64; size], &[size]))
                .collect::<Result<_>>()?,
            numbers: Vec::with_capacity(sizes[0]),
            counter: Tensor::from_vec(vec![0i64; 2], &[2])?,
            shares: (0..2)
                .filter(|_| accumulates)
                .map(|_| Tensor::scalar_of(dtype, 0.0))
                .collect(),
            scalars: scalars.iter().map(|_| Tensor::scalar_of(dtype, 0.0)).collect(),
            mixup: fit.mixup.map(|alpha| Mixup::new(alpha, &sizes, dtype)).transpose()?,
        };
        Ok(Self {
            runner,
            source: rows.source,
            accumulation,
            epochs: fit.epochs as u64,
            seed: fit.seed,
            lent,
            classes: rows.classes,
            held_out,
            cells,
        })
    }

    /// What runs.
    pub(crate) fn runner(&self) -> &Runner<NetworkStep> {
        &self.runner
    }

    /// What a step computes.
    pub(crate) fn builder(&self) -> &NetworkStep {
        self.runner.builder()
    }

    /// The step of the optimizer on a batch of so many rows.
    pub(crate) fn work(&self, rows: usize) -> (StepKind, usize) {
        match self.builder().optimize.optimizer.solver() {
            Some(_) => (StepKind::Objective, rows.min(BLOCK)),
            None => (StepKind::training(self.lent.is_some(), true), rows),
        }
    }

    /// Whether the optimizer takes a step after the batch of this number.
    pub(crate) fn ends_step(&self, batch: u64) -> bool {
        self.accumulation.place(batch).last
    }

    /// The weight of the rows whose gradients are accumulated, for a checkpoint.
    pub(crate) fn accumulated(&self) -> f64 {
        self.accumulation.weight
    }

    /// Goes on with accumulated gradients of rows of this weight.
    pub(crate) fn put_accumulated(&mut self, weight: f64) {
        self.accumulation.weight = weight;
    }

    /// One batch of the given rows: adds mean loss before it, and the sum of correct rows or of squared errors, to `sums`.
    ///
    /// `batch` counts the batches of the run from 0; the last one of a step of the optimizer lets it take the step. A static run on rows in memory allocates nothing. `times` gets how long each task took, if given.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if loss or gradients are not finite;
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if there are times and no tasks.
    pub(crate) fn step(
        &mut self,
        rows: &[u64],
        (batch, observed): (u64, &[f64]),
        sums: &mut RunningMetrics,
        times: Option<&mut [TaskTime]>,
    ) -> Result<()> {
        let place = self.accumulation.place(batch);
        let at = &self.at(batch, observed);
        let (outcome, totals) = match self.lent.take() {
            Some((data, weights)) => {
                let done = self.step_lent(rows, (&data, &weights), (place, at), times);
                data.touch(rows.len(), true);
                self.lent = Some((data, weights));
                done?
            }
            None => self.step_read(rows, (place, at), times)?,
        };
        match outcome {
            RunStatus::Done => {}
            RunStatus::Stopped => return Err(diagnose::loss(self, rows, at)),
            RunStatus::NotFinite(names) => return Err(diagnose::not_finite(self, &names, at)),
        }
        let kind = (StepKind::training(self.lent.is_some(), place.last), rows.len());
        add(&self.runner, kind, totals, sums)
    }

    /// A step on rows in memory, picked by number inside it.
    fn step_lent(
        &mut self,
        rows: &[u64],
        (data, weights): (&Data, &RowWeights),
        (place, at): (Place, &At<'_>),
        times: Option<&mut [TaskTime]>,
    ) -> Result<(RunStatus, Totals)> {
        let totals = weights.totals(rows.iter().map(|&row| row as usize))?;
        self.set_cells(totals, rows.len(), place, at)?;
        let cells = &mut self.cells;
        cells.numbers.clear();
        cells.numbers.extend(rows.iter().map(|&row| row as i64));
        let numbers = cells.rows.iter_mut().find(|cell| cell.elements() == rows.len());
        let numbers = numbers.ok_or_else(|| Error::internal(format!("a batch of {} rows", rows.len())))?;
        numbers.write(&cells.numbers)?;
        let arrays = data.inputs.iter().chain(&data.targets).chain(weights.tensors());
        let of_step = [&cells.batch_weight, &*numbers, &cells.counter]
            .into_iter()
            .chain(cells.mixup.iter().flat_map(|mixup| mixup.tensors(rows.len())))
            .chain(&cells.shares)
            .chain(&cells.scalars);
        let outcome = run(
            &mut self.runner,
            (StepKind::training(true, place.last), rows.len()),
            arrays.chain(of_step),
            times,
        )?;
        Ok((outcome, totals))
    }

    /// A step on rows that are read for it.
    fn step_read(
        &mut self,
        rows: &[u64],
        (place, at): (Place, &At<'_>),
        times: Option<&mut [TaskTime]>,
    ) -> Result<(RunStatus, Totals)> {
        let NetworkStep { dtype, weighting, .. } = *self.builder();
        let data = self.builder().prepared(&self.source.rows(rows)?)?;
        self.check(&data)?;
        let weights = RowWeights::of_batch(weighting, &data, self.classes.as_deref(), dtype)?;
        let totals = weights.totals(0..rows.len())?;
        self.set_cells(totals, rows.len(), place, at)?;
        let cells = &self.cells;
        let arrays = data.inputs.iter().chain(&data.targets).chain(weights.tensors());
        let of_step = [&cells.batch_weight, &cells.counter]
            .into_iter()
            .chain(cells.mixup.iter().flat_map(|mixup| mixup.tensors(rows.len())))
            .chain(&cells.shares)
            .chain(&cells.scalars);
        let outcome = run(
            &mut self.runner,
            (StepKind::training(false, place.last), rows.len()),
            arrays.chain(of_step),
            times,
        )?;
        Ok((outcome, totals))
    }

    /// # Errors
    /// Rows that were read are not what the network takes.
    fn check(&self, data: &Data) -> Result<()> {
        let NetworkStep { inputs, heads, .. } = self.builder();
        let targets = heads.iter().map(|head| &head.targets);
        inputs
            .iter()
            .zip(&data.inputs)
            .chain(targets.zip(&data.targets))
            .try_for_each(|(ty, array)| ty.check(array))
    }

    fn set_cells(&mut self, totals: Totals, rows: usize, place: Place, at: &At<'_>) -> Result<()> {
        let scalars: Scalars = self.builder().optimize.scalars(at)?;
        let sum = self.builder().reduction == Reduction::Sum;
        let shares = self.accumulation.shares(place, totals.loss, sum);
        let cells = &mut self.cells;
        write(&mut cells.batch_weight, totals.batch_weight())?;
        cells.counter.write(&[self.seed as i64, place.batch as i64])?;
        if let Some(mixup) = &mut cells.mixup {
            mixup.draw(rows, self.seed, place.batch)?;
        }
        for (cell, share) in cells.shares.iter_mut().zip(shares) {
            write(cell, share)?;
        }
        let values = scalars.iter().map(|&(_, value)| value);
        cells
            .scalars
            .iter_mut()
            .zip(values)
            .try_for_each(|(cell, value)| write(cell, value))
    }

    /// Where the step of the optimizer that a batch of the run belongs to is, for the schedule.
    fn at<'a>(&self, batch: u64, observed: &'a [f64]) -> At<'a> {
        At {
            step: self.accumulation.place(batch).step,
            total: Some(self.accumulation.steps(self.epochs)),
            observed,
        }
    }

    /// The learning rate of a step.
    ///
    /// # Errors
    /// The schedule does not fit the run.
    pub(crate) fn rate(&self, at: &At<'_>) -> Result<f64> {
        self.builder().optimize.rate(at)
    }

    /// Training rows with these numbers, in the model's types, for a diagnosis.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn batch(&self, rows: &[u64]) -> Result<Data> {
        match &self.lent {
            Some((data, _)) => data.select(rows),
            None => self.builder().prepared(&self.source.rows(rows)?),
        }
    }

    /// The count of randomness of the last step, for a diagnosis.
    pub(crate) fn counter(&self) -> &Tensor {
        &self.cells.counter
    }

    /// What was drawn to mix the rows of the last step, if they are mixed, for a diagnosis.
    pub(crate) fn mixup(&self, rows: usize) -> impl Iterator<Item = &Tensor> {
        self.cells.mixup.iter().flat_map(move |mixup| mixup.tensors(rows))
    }

    /// Loss and score over all rows of a part; `None` if there are none.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn evaluate(&mut self, part: HeldOut) -> Result<Option<RunningMetrics>> {
        let held_out = &mut self.held_out[part as usize];
        let Some((data, weights)) = held_out.take_if(|(data, _)| !data.is_empty()) else {
            return Ok(None);
        };
        let sums = losses_of(&mut self.runner, &data, &weights, EVAL_BATCH);
        self.held_out[part as usize] = Some((data, weights));
        sums.map(Some)
    }

    /// For each row of a part how large the largest of the network's outputs is, for a diagnosis.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn sizes(&mut self, model: &Model, part: HeldOut) -> Result<Vec<f64>> {
        let Some((data, _)) = &self.held_out[part as usize] else {
            return Ok(Vec::new());
        };
        let mut sizes = Vec::new();
        model.in_batches(&mut self.runner, StepKind::Score, data, |runner, kind, _| {
            let scores = runner.output(kind, 0)?.to_f64();
            sizes.extend(
                scores
                    .chunks(scores.len().div_ceil(kind.1).max(1))
                    .map(diagnose::largest),
            );
            Ok(())
        })?;
        Ok(sizes)
    }

    /// Some metrics over all rows of a part.
    ///
    /// # Errors
    /// As [`Model::measure`].
    pub(crate) fn measure(
        &mut self,
        model: &Model,
        part: HeldOut,
        metrics: &[Entry<dyn Metric>],
    ) -> Result<Vec<(String, f64)>> {
        match &self.held_out[part as usize] {
            Some((data, _)) if !metrics.is_empty() => {
                let place =
                    |row: usize, error: Error| error.within(format!("row {} of the {} rows", row + 1, part.name()));
                model.measure(&mut self.runner, data, metrics, place)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Copies of parameters and buffers by name.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn params(&self) -> Result<BTreeMap<String, Tensor>> {
        self.read(self.builder().tensors()?)
    }

    /// Names of the tensors that are learned.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn parameter_names(&self) -> Result<BTreeSet<String>> {
        let tensors = self.builder().tensors()?.into_iter();
        let learned = tensors.filter(|spec| matches!(spec.role, Role::Parameter(_)));
        Ok(learned.map(|spec| spec.name).collect())
    }

    /// Copies of the optimizer's state by name.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn optimizer_state(&self) -> Result<BTreeMap<String, Tensor>> {
        self.read(self.builder().slots()?.into_iter().map(|slot| slot.spec))
    }

    /// The parameters that are evaluated in place of those that are trained, where they are kept: moving averages.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn evaluated(&self) -> Result<Params> {
        let step = self.builder();
        let read = |(name, slot): (String, String)| Ok((name, self.runner.read(&slot)?));
        evaluated(&step.optimize, &step.tensors()?, &[])?
            .into_iter()
            .map(read)
            .collect()
    }

    fn read(&self, specs: impl IntoIterator<Item = TensorSpec>) -> Result<BTreeMap<String, Tensor>> {
        let names = specs.into_iter().map(|spec| spec.name);
        names.map(|name| Ok((name.clone(), self.runner.read(&name)?))).collect()
    }

    /// Replaces the running statistics of batch normalization by those over all training rows, with the weights as they are.
    ///
    /// # Errors
    /// As [`Model::recompute_batch_norm`].
    pub(crate) fn recompute_batch_norm(&mut self) -> Result<()> {
        batch_statistics::recompute(&mut self.runner, self.source)
    }

    /// Gives variables values.
    ///
    /// # Errors
    /// There is no such variable, or it has another shape.
    pub(crate) fn put(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
        tensors
            .iter()
            .try_for_each(|(name, tensor)| self.runner.write(name, tensor))
    }
}

/// Writes a number into a scalar of its own type.
fn write(cell: &mut Tensor, value: f64) -> Result<()> {
    match cell.dtype() {
        DType::F64 => cell.write(&[value]),
        _ => cell.write(&[value as f32]),
    }
}

/// Loss and score over all rows; the steps were prepared.
///
/// # Errors
/// None that a user can cause.
pub(crate) fn losses_of(
    runner: &mut Runner<NetworkStep>,
    data: &Data,
    weights: &RowWeights,
    batch_size: usize,
) -> Result<RunningMetrics> {
    let mut batch_weight = Tensor::scalar_of(runner.builder().dtype, 0.0);
    let mut slices = Vec::with_capacity(data.inputs.len() + data.targets.len());
    let (mut sums, mut start) = (RunningMetrics::default(), 0);
    while start < data.len() {
        let end = data.len().min(start + batch_size);
        let weights = weights.slice(start, end)?;
        let totals = weights.totals(0..end - start)?;
        write(&mut batch_weight, totals.batch_weight())?;
        slices.clear();
        for array in data.inputs.iter().chain(&data.targets) {
            slices.push(array.slice(0, start, end)?);
        }
        let kind = (StepKind::Evaluate, end - start);
        run(
            runner,
            kind,
            slices.iter().chain(weights.tensors()).chain([&batch_weight]),
            None,
        )?;
        add(runner, kind, totals, &mut sums)?;
        data.touch(end - start, false);
        start = end;
    }
    Ok(sums)
}

/// Adds loss and score of what ran last.
fn add(runner: &Runner<NetworkStep>, kind: (StepKind, usize), totals: Totals, sums: &mut RunningMetrics) -> Result<()> {
    let step = runner.builder();
    let unit = step.heads.first().map_or(1.0, Head::unit);
    let score = match step.score {
        Some(_) => runner.number(kind, SCORE)? * (unit * unit),
        None => 0.0,
    };
    sums.add(runner.number(kind, LOSS)?, score, totals);
    Ok(())
}

/// The numbers of rows of the batches into which so many rows are cut.
pub(crate) fn batches_of(rows: usize, batch_size: usize) -> impl Iterator<Item = usize> {
    [batch_size.min(rows), rows % batch_size]
        .into_iter()
        .filter(|&rows| rows > 0)
}
