//! Steps and evaluations on prepared data, without allocating.

use std::collections::BTreeMap;

use rosenblatt_autodiff::plan::Outcome;
use rosenblatt_data::{Batches, Dataset, Prepared};
use rosenblatt_nn::optimizers::Scalars;
use rosenblatt_nn::schedules::At;
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::diagnose;
use crate::figures::Sums;
use crate::network::Network;
use crate::options::RunOptions;
use crate::recipe::{LOSS, Recipe, SCORE, Work};
use crate::run::Part;
use crate::runner::Runner;
use crate::spec::Spec;
use crate::weights::{self, RowWeights, Totals};

/// Rows that are evaluated together.
const TOGETHER: usize = 256;
/// The most inputs of a step beside the optimiser's.
const FIXED: usize = 5 + weights::INPUTS.len();

/// A network with its optimiser, ready to take steps on some data.
pub(crate) struct Trainer {
    runner: Runner,
    /// Steps of the whole run, for the schedule.
    total: u64,
    seed: u64,
    features: Tensor,
    targets: Tensor,
    /// Of the training rows.
    weights: RowWeights,
    /// Of validation and test rows, if there are any.
    held_out: [Option<RowWeights>; 2],
    /// Inputs that change; their memory is reused.
    cells: Cells,
}

struct Cells {
    divisor: Tensor,
    /// Row numbers, one tensor for each size of a batch.
    rows: Vec<Tensor>,
    numbers: Vec<i64>,
    counter: Tensor,
    scalars: Vec<Tensor>,
}

impl Trainer {
    /// Compiles what will be run: a step for the full batch and for the short last one, and the evaluations.
    ///
    /// # Errors
    /// The network does not fit its input, the training rows have no targets, or class weights do not fit the classes.
    pub(crate) fn new(
        spec: &Spec,
        network: Network,
        data: &Prepared,
        batches: &Batches,
        options: &RunOptions,
    ) -> Result<Self> {
        let targets = data
            .train
            .targets()
            .ok_or_else(|| Error::data("the training rows have no targets"))?;
        if spec.train.schedule.observes() {
            let message = format!(
                "`{}` needs a metric to observe, and this run has none",
                spec.train.schedule.name()
            );
            return Err(Error::config(message).within("train.schedule"));
        }
        let recipe = Recipe::new(spec, network, &data.schema, data.train.rows());
        let sizes = [batches.full_size(), batches.last_size()];
        let mut works: Vec<_> = sizes.iter().map(|&size| (Work::Train, size)).collect();
        for part in [&data.valid, &data.test].into_iter().flatten() {
            works.extend(evaluations(part.rows()).map(|rows| (Work::Evaluate, rows)));
        }
        let scalars = recipe
            .optimize
            .optimizer
            .inputs(1, 0.0)
            .iter()
            .map(|_| Tensor::scalar(0f32))
            .collect();
        let row_numbers = |&size: &usize| Tensor::from_vec(vec![0i64; size], &[size]);
        let cells = Cells {
            divisor: Tensor::scalar(0f32),
            rows: sizes.iter().map(row_numbers).collect::<Result<_>>()?,
            numbers: Vec::with_capacity(sizes[0]),
            counter: Tensor::from_vec(vec![0i64; 2], &[2])?,
            scalars,
        };
        let classes = weights::of_classes(spec, &data.schema.task, &data.train)?;
        let weighting = recipe.weighting();
        let weights = |part: &Dataset| RowWeights::new(weighting, part, classes.as_deref());
        Ok(Self {
            weights: weights(&data.train)?,
            held_out: [
                data.valid.as_ref().map(weights).transpose()?,
                data.test.as_ref().map(weights).transpose()?,
            ],
            runner: Runner::new(recipe, options.engine()?, options.execution, &works)?,
            total: (batches.len() as u64).saturating_mul(spec.train.epochs as u64),
            seed: spec.train.seed,
            features: data.train.features().clone(),
            targets: targets.clone(),
            cells,
        })
    }

    /// What runs.
    pub(crate) fn runner(&self) -> &Runner {
        &self.runner
    }

    /// The network.
    pub(crate) fn network(&self) -> &Network {
        &self.runner.recipe().network
    }

    /// One step on the given rows: adds mean loss before it, and the sum of right rows or of squared errors, to `sums`.
    ///
    /// `step` counts from 0. Nothing is allocated by a static run.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if loss or gradients are not finite.
    pub(crate) fn step(&mut self, rows: &[u64], step: u64, sums: &mut Sums) -> Result<()> {
        self.step_timed(rows, step, sums, None)
    }

    /// The same; adds how long each task of the compiled step took, if somebody wants to know.
    ///
    /// # Errors
    /// As [`Trainer::step`]; [`rosenblatt_tensor::ErrorKind::Unsupported`] if there are times and no tasks.
    pub(crate) fn step_timed(
        &mut self,
        rows: &[u64],
        step: u64,
        sums: &mut Sums,
        times: Option<&mut [TaskTime]>,
    ) -> Result<()> {
        let totals = self.weights.totals(rows.iter().map(|&row| row as usize))?;
        let outcome = self.run_step(rows, step, totals, times)?;
        let size = rows.len();
        match outcome {
            Outcome::Done => {}
            Outcome::Stopped => return Err(diagnose::loss(self, rows, step)),
            Outcome::NotFinite(names) => return Err(diagnose::watched(self, &names, step)),
        }
        let unit = self.network().unit();
        let score = self.runner.number(Work::Train, size, SCORE)? * (unit * unit);
        sums.add(self.runner.number(Work::Train, size, LOSS)?, score, totals);
        Ok(())
    }

    fn run_step(&mut self, rows: &[u64], step: u64, totals: Totals, times: Option<&mut [TaskTime]>) -> Result<Outcome> {
        let lr = self.rate(step);
        let scalars: Scalars = self.runner.recipe().optimize.optimizer.inputs(step + 1, lr);
        let cells = &mut self.cells;
        cells.divisor.write(&[totals.divisor()])?;
        cells.counter.write(&[self.seed as i64, step as i64])?;
        cells.numbers.clear();
        cells.numbers.extend(rows.iter().map(|&row| row as i64));
        let numbers = cells.rows.iter_mut().find(|cell| cell.elements() == rows.len());
        let numbers = numbers.ok_or_else(|| Error::internal(format!("a batch of {} rows", rows.len())))?;
        numbers.write(&cells.numbers)?;
        for (cell, &(_, value)) in cells.scalars.iter_mut().zip(scalars.iter()) {
            cell.write(&[value as f32])?;
        }
        let rows_before = [&self.features, &self.targets]
            .into_iter()
            .chain(self.weights.tensors());
        let of_step = [&cells.divisor, &*numbers, &cells.counter]
            .into_iter()
            .chain(&cells.scalars);
        let work = (Work::Train, rows.len());
        run(&mut self.runner, work, rows_before.chain(of_step), times)
    }

    /// The learning rate of a step, counted from 0.
    pub(crate) fn rate(&self, step: u64) -> f64 {
        let optimize = &self.runner.recipe().optimize;
        optimize.learning_rate * optimize.schedule.factor(&At::new(step, self.total))
    }

    /// Features of training rows, for a diagnosis.
    pub(crate) fn features(&self) -> &Tensor {
        &self.features
    }

    /// The count of randomness of the last step, for a diagnosis.
    pub(crate) fn counter(&self) -> &Tensor {
        &self.cells.counter
    }

    /// Loss and score over all rows of a part.
    ///
    /// # Errors
    /// The part has no targets.
    pub(crate) fn evaluate(&mut self, which: Part, part: &Dataset) -> Result<Sums> {
        let targets = part
            .targets()
            .ok_or_else(|| Error::data("rows without targets cannot be evaluated"))?;
        let weights = &self.held_out[which as usize];
        let weights = weights
            .as_ref()
            .ok_or_else(|| Error::internal("a part without its weights"))?;
        let cells = &mut self.cells;
        let unit = self.runner.recipe().network.unit();
        let mut sums = Sums::default();
        let mut start = 0;
        while start < part.rows() {
            let end = part.rows().min(start + TOGETHER);
            let (features, targets) = (part.features().slice(0, start, end)?, targets.slice(0, start, end)?);
            let (rows, weights) = (end - start, weights.slice(start, end)?);
            let totals = weights.totals(0..rows)?;
            cells.divisor.write(&[totals.divisor()])?;
            let of_rows = [&features, &targets].into_iter().chain(weights.tensors());
            let work = (Work::Evaluate, rows);
            run(&mut self.runner, work, of_rows.chain([&cells.divisor]), None)?;
            let score = self.runner.number(Work::Evaluate, rows, SCORE)? * (unit * unit);
            sums.add(self.runner.number(Work::Evaluate, rows, LOSS)?, score, totals);
            start = end;
        }
        Ok(sums)
    }

    /// Copies of parameters and buffers by name.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn weights(&self) -> Result<BTreeMap<String, Tensor>> {
        let names = self.network().tensors()?.into_iter().map(|spec| spec.name);
        names.map(|name| Ok((name.clone(), self.runner.read(&name)?))).collect()
    }

    /// Copies of the optimiser's state by name.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn optimizer_state(&self) -> Result<BTreeMap<String, Tensor>> {
        let names = self
            .runner
            .recipe()
            .optimizer_state()?
            .into_iter()
            .map(|slot| slot.spec.name);
        names.map(|name| Ok((name.clone(), self.runner.read(&name)?))).collect()
    }

    /// Puts named tensors in their places.
    ///
    /// # Errors
    /// There is no such place, or it has another shape.
    pub(crate) fn put(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
        tensors
            .iter()
            .try_for_each(|(name, tensor)| self.runner.write(name, tensor))
    }
}

/// Runs a work on inputs in the order of [`Recipe::inputs`], and allocates nothing for them.
fn run<'t>(
    runner: &mut Runner,
    (work, batch): (Work, usize),
    mut inputs: impl Iterator<Item = &'t Tensor>,
    times: Option<&mut [TaskTime]>,
) -> Result<Outcome> {
    let first = inputs.next().ok_or_else(|| Error::internal("a work without inputs"))?;
    let (mut list, mut len) = ([first; FIXED + Scalars::MOST], 1);
    for input in inputs {
        list[len] = input;
        len += 1;
    }
    match times {
        None => runner.run(work, batch, &list[..len]),
        Some(times) => runner.run_timed((work, batch), &list[..len], times),
    }
}

/// The numbers of rows in which `rows` rows are evaluated.
fn evaluations(rows: usize) -> impl Iterator<Item = usize> {
    [TOGETHER.min(rows), rows % TOGETHER]
        .into_iter()
        .filter(|&rows| rows > 0)
}
