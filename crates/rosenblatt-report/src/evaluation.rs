//! Metrics of a model, and those of a baseline.

use rosenblatt_data::{Dataset, Prepared};
use rosenblatt_nn::metrics::{self, Better};
use rosenblatt_nn::{Entry, Metric, TargetKind};
use rosenblatt_tensor::{Error, Result, Tensor};
use serde::Serialize;

use rosenblatt_train::text::number;
use rosenblatt_train::{FitResult, Metrics, Prediction, Predictor, RunOptions, Warning};

use crate::baseline::Baseline;
use crate::{Classification, Regression, splits};

/// Rows that a model is evaluated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Training rows.
    Train,
    /// Validation rows, which choose the best epoch.
    Validation,
    /// Test rows, used only for the final score.
    Test,
    /// Rows of another file.
    New,
}

/// Metrics of a model on some rows, with their details.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Which rows.
    pub split: Split,
    /// Number of rows.
    pub rows: usize,
    /// The column with sample weights, which apply to the metrics only.
    pub weighted_by: Option<String>,
    /// What the baseline predicts: the most frequent class, or the mean.
    pub baseline: String,
    /// Whether the baseline is that of the training rows, rather than of the evaluated rows themselves.
    pub baseline_from_training: bool,
    /// Every metric of the task that the model's predictions have: the primary one first, then by name.
    pub metrics: Vec<MetricLine>,
    /// Details of the task.
    pub details: Details,
}

/// A metric of the model and of the baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricLine {
    /// Its name.
    pub name: String,
    /// Of the model; NaN where it is not defined.
    pub value: f64,
    /// Of the baseline.
    pub baseline: f64,
    /// Whether larger values are better.
    pub higher_is_better: bool,
}

impl MetricLine {
    /// Whether the model is better than the baseline.
    #[must_use]
    pub fn beats_baseline(&self) -> bool {
        if self.higher_is_better {
            self.value > self.baseline
        } else {
            self.value < self.baseline
        }
    }
}

/// Details of the task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Details {
    /// Confusion matrix, metrics by class, calibration.
    Classification(Classification),
    /// Predicted and true values, errors.
    Regression(Regression),
}

impl Evaluation {
    /// The primary metric: accuracy, or the root mean squared error.
    #[must_use]
    pub fn primary(&self) -> &MetricLine {
        &self.metrics[0]
    }

    /// The metrics of the model, by name.
    #[must_use]
    pub fn of_model(&self) -> Metrics {
        let named = |line: &MetricLine| (line.name.clone(), line.value);
        self.metrics.iter().map(named).collect()
    }

    /// The metrics of the baseline, by name.
    #[must_use]
    pub fn of_baseline(&self) -> Metrics {
        let named = |line: &MetricLine| (line.name.clone(), line.baseline);
        self.metrics.iter().map(named).collect()
    }

    /// What is to be said of the metrics: a model that is no better than the baseline, classes that are never predicted.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let metric = self.primary();
        let worse = (!metric.beats_baseline()).then(|| Warning::NoBetterThanBaseline {
            metric: metric.name.clone(),
            value: number(metric.value),
            baseline: number(metric.baseline),
            answer: self.baseline.clone(),
        });
        worse.into_iter().chain(self.never_predicted()).collect()
    }

    fn never_predicted(&self) -> Option<Warning> {
        /// Fewer rows say little.
        const ROWS: u64 = 5;
        let Details::Classification(details) = &self.details else {
            return None;
        };
        let never = details
            .by_class
            .iter()
            .filter(|class| class.predicted == 0 && class.support >= ROWS);
        let rows = never.clone().map(|class| class.support).sum();
        let classes: Vec<String> = never.map(|class| class.name.clone()).collect();
        (!classes.is_empty()).then_some(Warning::ClassesNeverPredicted { classes, rows })
    }
}

/// The evaluation of a trained model on its test rows, or else on its validation rows; none if no rows were held out.
///
/// # Errors
/// As [`Predictor::evaluate`].
pub fn evaluate_held_out(trained: &FitResult, data: &Prepared, options: &RunOptions) -> Result<Option<Evaluation>> {
    let Some((split, rows)) = splits(data).last().copied().filter(|(split, _)| *split != Split::Train) else {
        return Ok(None);
    };
    let mut predictor = Predictor::new(&trained.model, options)?;
    evaluate(&mut predictor, split, rows, Some(&data.train)).map(Some)
}

/// Predicts rows and compares with their targets; the baseline is that of `train`, or else of the rows themselves.
///
/// # Errors
/// As [`Predictor::evaluate`].
pub fn evaluate(
    predictor: &mut Predictor,
    split: Split,
    rows: &Dataset,
    train: Option<&Dataset>,
) -> Result<Evaluation> {
    let table = predictor.table();
    let (target_kind, weighted_by) = (table.target_kind(), table.schema.sample_weight.clone());
    let baseline = Baseline::of(train.unwrap_or(rows), target_kind)?;
    let metrics = metric_lines(predictor, rows, target_kind, &baseline)?;
    let (details, baseline) = details(predictor.predict(rows)?, rows, &baseline)?;
    Ok(Evaluation {
        split,
        rows: rows.len(),
        weighted_by: weighted_by.filter(|_| rows.weights().is_some()),
        baseline,
        baseline_from_training: train.is_some(),
        metrics,
        details,
    })
}

fn metric_lines(
    predictor: &mut Predictor,
    rows: &Dataset,
    target_kind: TargetKind,
    baseline: &Baseline,
) -> Result<Vec<MetricLine>> {
    let mut entries = predictor.metrics();
    let usual = metrics::usual(target_kind);
    entries.sort_by_key(|metric| *metric != usual);
    let values = predictor.measure(rows, &entries)?;
    let line = |(metric, value): (&Entry<dyn Metric>, f64)| {
        Ok(MetricLine {
            name: metric.name().to_owned(),
            value,
            baseline: baseline.measure(&**metric, rows)?,
            higher_is_better: metric.better() == Better::Higher,
        })
    };
    entries.iter().zip(values).map(line).collect()
}

/// Details of the task, and what the baseline predicts.
fn details(prediction: Prediction, rows: &Dataset, baseline: &Baseline) -> Result<(Details, String)> {
    let targets = targets(rows)?;
    let of_classes = |names: Vec<String>, classes: &[usize], probabilities: Option<&[f32]>| {
        let frequent = names[baseline.most_frequent()].clone();
        let details = Classification::of(names, &targets.to_vec::<i64>()?, classes, probabilities)?;
        Ok::<_, Error>((Details::Classification(details), frequent))
    };
    Ok(match prediction {
        Prediction::Classes {
            names,
            classes,
            probabilities,
        } => of_classes(names, &classes, Some(&probabilities))?,
        Prediction::Scores { names, classes, .. } => of_classes(names, &classes, None)?,
        Prediction::Numbers(predictions) => {
            let details = Regression::of(&targets.to_f64(), &predictions);
            (
                Details::Regression(details),
                rosenblatt_train::text::rounded(baseline.mean()),
            )
        }
    })
}

pub(crate) fn targets(rows: &Dataset) -> Result<&Tensor> {
    let missing = || Error::data("rows without targets cannot be evaluated");
    rows.targets().ok_or_else(missing)
}
