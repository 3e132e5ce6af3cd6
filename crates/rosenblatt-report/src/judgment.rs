//! How good predictions are, beside what anybody would guess.

use rosenblatt_data::Dataset;
use rosenblatt_nn::metrics::{self, Better, Running, Targets};
use rosenblatt_nn::{Entry, Metric, TargetKind};
use rosenblatt_tensor::{Error, Result, Tensor};
use serde::Serialize;

use super::{Classes, Numbers};
use rosenblatt_train::{Prediction, Predictor};

/// Rows that a guess is measured on at once.
const EVAL_BATCH: usize = 256;

/// Rows that a model is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Those it learned from: they say little about others.
    Train,
    /// Those that decided when to stop.
    Valid,
    /// Those that decided nothing.
    Test,
    /// Rows of another file.
    New,
}

/// How good the predictions for some rows are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgment {
    /// Which rows.
    pub part: Judged,
    /// How many.
    pub rows: usize,
    /// The column by which rows count in the metrics; everything else counts rows.
    pub weighted_by: Option<String>,
    /// What one would guess without a model: the most frequent class, or the mean.
    pub guess: String,
    /// Whether that was found out from the training rows, rather than from the judged rows themselves.
    pub guess_from_training: bool,
    /// Every metric of the task: the usual one first, then by name.
    pub metrics: Vec<MetricLine>,
    /// What a metric cannot say.
    pub details: Details,
}

/// A metric, beside that of the trivial guess.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricLine {
    /// Its name.
    pub name: String,
    /// Of the model; NaN where it is not defined.
    pub value: f64,
    /// Of the trivial guess.
    pub guess: f64,
    /// Whether larger values are better.
    pub higher_is_better: bool,
}

impl MetricLine {
    /// Whether the model is better than the trivial guess.
    #[must_use]
    pub fn beats_guess(&self) -> bool {
        if self.higher_is_better {
            self.value > self.guess
        } else {
            self.value < self.guess
        }
    }
}

/// What a metric cannot say.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Details {
    /// Of classes.
    Classes(Classes),
    /// Of numbers.
    Numbers(Numbers),
}

impl Judgment {
    /// Predicts rows and compares; the trivial guess comes from `train`, or else from the rows themselves.
    pub(crate) fn of(predictor: &mut Predictor, part: Judged, rows: &Dataset, train: Option<&Dataset>) -> Result<Self> {
        let schema = &predictor.table().schema;
        let (target_kind, weighted_by) = (predictor.table().target_kind(), schema.sample_weight.clone());
        let guess = Guess::of(train.unwrap_or(rows), target_kind)?;
        let metrics = metric_lines(predictor, rows, target_kind, &guess)?;
        let (details, guess) = details(predictor.predict(rows)?, rows, &guess)?;
        Ok(Self {
            part,
            rows: rows.len(),
            weighted_by: weighted_by.filter(|_| rows.weights().is_some()),
            guess,
            guess_from_training: train.is_some(),
            metrics,
            details,
        })
    }

    /// The metric people ask for first.
    #[must_use]
    pub fn usual(&self) -> &MetricLine {
        &self.metrics[0]
    }
}

fn metric_lines(
    predictor: &mut Predictor,
    rows: &Dataset,
    target_kind: TargetKind,
    guess: &Guess,
) -> Result<Vec<MetricLine>> {
    let mut entries: Vec<Entry<dyn Metric>> = metrics::fitting(target_kind).collect();
    let usual = metrics::usual(target_kind);
    entries.sort_by_key(|metric| *metric != usual);
    let values = predictor.measure(rows, &entries)?;
    let line = |(metric, value): (&Entry<dyn Metric>, f64)| {
        Ok(MetricLine {
            name: metric.name().to_owned(),
            value,
            guess: guess.measure(&**metric, rows)?,
            higher_is_better: metric.better() == Better::Higher,
        })
    };
    entries.iter().zip(values).map(line).collect()
}

/// What metrics cannot say, and the trivial guess as a text.
fn details(prediction: Prediction, rows: &Dataset, guess: &Guess) -> Result<(Details, String)> {
    let targets = targets(rows)?;
    Ok(match prediction {
        Prediction::Classes {
            names,
            classes,
            probabilities,
        } => {
            let guess = names[guess.likeliest()].clone();
            let classes = Classes::of(names, &targets.to_vec::<i64>()?, &classes, &probabilities)?;
            (Details::Classes(classes), guess)
        }
        Prediction::Numbers(predictions) => {
            let numbers = Numbers::of(&targets.to_vec::<f32>()?, &predictions);
            (Details::Numbers(numbers), rosenblatt_train::text::rounded(guess.0[0]))
        }
    })
}

fn targets(rows: &Dataset) -> Result<&Tensor> {
    let missing = || Error::data("rows without targets cannot be judged");
    rows.targets().ok_or_else(missing)
}

/// What a network would put out that knows the targets and no column: the logarithms of the shares of the classes, or
/// the mean.
struct Guess(Vec<f64>);

impl Guess {
    fn of(rows: &Dataset, target_kind: TargetKind) -> Result<Self> {
        let targets = targets(rows)?;
        let weights = rows.weights().map_or_else(|| vec![1.0; rows.len()], Tensor::to_f64);
        let total: f64 = weights.iter().sum();
        Ok(Self(match target_kind {
            TargetKind::Classes(classes) => {
                let mut sums = vec![0.0; classes];
                for (class, weight) in targets.to_vec::<i64>()?.into_iter().zip(weights) {
                    let sum = usize::try_from(class).ok().and_then(|class| sums.get_mut(class));
                    let invalid = || Error::data(format!("class {class}, but the model has {classes} classes"));
                    *sum.ok_or_else(invalid)? += weight;
                }
                sums.into_iter().map(|sum| libm::log(sum / total)).collect()
            }
            TargetKind::Values(_) => {
                let weighted = targets
                    .to_f64()
                    .into_iter()
                    .zip(weights)
                    .map(|(target, weight)| target * weight);
                vec![weighted.sum::<f64>() / total]
            }
        }))
    }

    fn likeliest(&self) -> usize {
        (0..self.0.len()).fold(0, |best, i| if self.0[i] > self.0[best] { i } else { best })
    }

    /// A metric of the same guess for every row.
    fn measure(&self, metric: &dyn Metric, rows: &Dataset) -> Result<f64> {
        let targets = targets(rows)?.contiguous();
        let mut running = Running::new(metric, self.0.len());
        let guesses = self.0.repeat(EVAL_BATCH.min(rows.len()));
        let weights = rows.weights().map(Tensor::as_slice::<f32>).transpose()?;
        for start in (0..rows.len()).step_by(EVAL_BATCH) {
            let end = rows.len().min(start + EVAL_BATCH);
            let targets = targets.slice(0, start, end)?;
            let guesses = &guesses[..(end - start) * self.0.len()];
            running.add_weighted(
                guesses,
                Targets::of(&targets)?,
                weights.map(|weights| &weights[start..end]),
            )?;
        }
        Ok(running.value())
    }
}
