//! Metrics of a model on rows.

use std::borrow::Cow;

use rosenblatt_data::Dataset;
use rosenblatt_nn::metrics::{Running, Targets};
use rosenblatt_nn::{Entry, Metric};
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::Model;
use super::data::Data;
use super::fitter::{EVAL_BATCH, losses_of};
use super::history::Metrics;
use super::network_step::NetworkStep;
use super::step_kind::StepKind;
use super::time_steps::steps_of;
use super::weights::{RowWeights, Weighting};
use crate::options::RunOptions;
use crate::step::Runner;

/// The weights of rows as those of their steps.
fn repeated(weights: &[f32], steps: usize) -> Cow<'_, [f32]> {
    match steps {
        1 => weights.into(),
        _ => weights
            .iter()
            .flat_map(|&weight| std::iter::repeat_n(weight, steps))
            .collect(),
    }
}

/// The weights of rows or steps, 0 where their class is ignored.
fn counted<'w>(
    weights: Option<Cow<'w, [f32]>>,
    targets: &Tensor,
    ignored: Option<i64>,
) -> Result<Option<Cow<'w, [f32]>>> {
    let Some(ignored) = ignored else { return Ok(weights) };
    let classes = targets.as_slice::<i64>()?.iter().enumerate();
    let weight = |(at, class): (usize, &i64)| match &weights {
        _ if *class == ignored => 0.0,
        Some(weights) => weights[at],
        None => 1.0,
    };
    Ok(Some(classes.map(weight).collect()))
}

/// Refuses outputs of the last run of [`StepKind::Score`] that are NaN or infinite in the type of the model, with the first
/// row that has one: no decision can be made from them.
pub(crate) fn check_finite(
    runner: &Runner<NetworkStep>,
    kind: (StepKind, usize),
) -> std::result::Result<(), (usize, Error)> {
    let step = runner.builder();
    let largest = match step.dtype {
        DType::F64 => f64::MAX,
        _ => f64::from(f32::MAX),
    };
    for output in 0..2 * step.heads.len() {
        let numbers = runner.output(kind, output).map_err(|error| (0, error))?.to_f64();
        // A NaN fits no range.
        if let Some(at) = numbers
            .iter()
            .position(|number| !(0.0..=largest).contains(&number.abs()))
        {
            let message =
                "the output of the network is not finite: the row is too far from the values seen in training";
            return Err((at * kind.1 / numbers.len(), Error::data(message)));
        }
    }
    Ok(())
}

impl Model {
    /// Measures a part of the data again, if its metrics are kept: after parameters were changed.
    pub(crate) fn measure_again(&mut self, part: &str, rows: &Dataset, options: &RunOptions) -> Result<()> {
        if self.metadata.metrics.contains_key(part) {
            let metrics = self.evaluate_with(rows.into(), EVAL_BATCH, options)?;
            self.metadata.metrics.insert(part.to_owned(), metrics);
        }
        Ok(())
    }

    /// The loss and the model's metrics on rows; rows count by their sample weights, if they have some.
    ///
    /// With several outputs the metrics of each are called `<output>.<metric>`.
    ///
    /// # Numerics
    /// Rows are added up in f64, in their order and by lanes: metrics have the same bits however rows are batched. The loss is
    /// summed in batches of 256 rows.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] for other rows than in training, or without targets; [`rosenblatt_tensor::ErrorKind::Config`] if the model was not fitted;
    /// [`rosenblatt_tensor::ErrorKind::Data`], with the row, counted from 0, if an output is NaN or infinite.
    pub fn evaluate(&self, data: impl Into<Data>) -> Result<Metrics> {
        self.evaluate_batched(data, EVAL_BATCH)
    }

    /// As [`Model::evaluate`], whose loss is summed in batches of so many rows.
    ///
    /// # Errors
    /// As [`Model::evaluate`], and for batches without rows.
    pub fn evaluate_batched(&self, data: impl Into<Data>, batch_size: usize) -> Result<Metrics> {
        if batch_size == 0 {
            return Err(Error::config("expected at least 1, got 0").within("batch_size"));
        }
        self.evaluate_with(data.into(), batch_size, &RunOptions::default())
    }

    fn evaluate_with(&self, data: Data, batch_size: usize, options: &RunOptions) -> Result<Metrics> {
        let data = self.check_rows(self.prepared(&data)?)?;
        if data.targets.len() != self.network().outputs().len() {
            return Err(Error::shape(
                "rows without targets for every output cannot be evaluated",
            ));
        }
        if data.is_empty() {
            return Err(Error::data("there is no row to evaluate"));
        }
        data.check_some_weight()?;
        let mut step = self.step(0)?;
        let score = data.weights.is_some();
        let ignored = step.ignored();
        step.weighting = Weighting {
            loss: score,
            score,
            ignored,
        };
        let weights = RowWeights::new(step.weighting, &data, None, step.dtype)?;
        step.score = None;
        let mut runner = Runner::new(step, options.engine()?, options.execution);
        for rows in super::fitter::batches_of(data.len(), batch_size) {
            self.prepare(&mut runner, (StepKind::Evaluate, rows))?;
        }
        let mut metrics = losses_of(&mut runner, &data, &weights, batch_size)?.metrics(None);
        let more = &self.training.metrics;
        let place = |row: usize, error: Error| error.within(format!("row {row}"));
        for (name, value) in self.with_runner(|runner| self.measure(runner, &data, more, place))? {
            metrics.insert(name, value);
        }
        Ok(metrics)
    }

    /// Some metrics of every output that they fit; `place` says in an error which row it is about.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there are no targets; [`rosenblatt_tensor::ErrorKind::Data`] if an output is
    /// not finite.
    pub(crate) fn measure(
        &self,
        runner: &mut Runner<NetworkStep>,
        data: &Data,
        metrics: &[Entry<dyn Metric>],
        place: impl Fn(usize, Error) -> Error,
    ) -> Result<Vec<(String, f64)>> {
        let names = self.network().outputs();
        let widths = self.score_widths()?;
        let heads = runner.builder().heads.clone();
        let mut running: Vec<(String, usize, Running<'_>)> = Vec::new();
        for (i, (head, &width)) in heads.iter().zip(&widths).enumerate() {
            for metric in metrics.iter().filter(|metric| head.fits(&***metric, width)) {
                let name = match names.len() {
                    1 => metric.name().to_owned(),
                    _ => format!("{}.{}", names[i], metric.name()),
                };
                running.push((name, i, Running::new(&**metric, width)));
            }
        }
        let targets = heads
            .iter()
            .zip(&data.targets)
            .map(|(head, targets)| head.as_metric_targets(targets));
        let targets = targets.collect::<Result<Vec<_>>>()?;
        let weights = data.weights.as_ref().map(Tensor::as_slice::<f32>).transpose()?;
        self.in_batches(runner, StepKind::Score, data, |runner, kind, start| {
            check_finite(runner, kind).map_err(|(row, error)| place(start + row, error))?;
            for (_, head, metric) in &mut running {
                let outputs = runner.output(kind, 2 * *head)?.contiguous();
                let targets = targets[*head].slice(0, start, start + kind.1)?.contiguous();
                let steps = steps_of(outputs.shape());
                let weights = weights.map(|weights| repeated(&weights[start..start + kind.1], steps));
                let weights = counted(weights, &targets, heads[*head].ignored())?;
                let weights = weights.as_deref();
                match outputs.dtype() {
                    DType::F64 => metric.add_weighted(outputs.as_slice::<f64>()?, Targets::of(&targets)?, weights)?,
                    _ => metric.add_weighted(outputs.as_slice::<f32>()?, Targets::of(&targets)?, weights)?,
                }
            }
            Ok(())
        })?;
        Ok(running
            .into_iter()
            .map(|(name, _, metric)| (name, metric.value()))
            .collect())
    }
}
