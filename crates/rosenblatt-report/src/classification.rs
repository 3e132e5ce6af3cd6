//! Confusion matrix, metrics by class, calibration.

use rosenblatt_nn::metrics::{Calibration, ClassCounts, Confusion};
use rosenblatt_tensor::Result;
use serde::Serialize;

/// Bins of predicted probability.
const BINS: usize = 10;

/// Most pairs of confused classes that are listed.
const MAX_CONFUSED: usize = 10;

/// Details of the predictions of classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Classification {
    /// Their names, in the order of the class indices.
    pub names: Vec<String>,
    /// The confusion matrix.
    pub confusion: Confusion,
    /// Metrics of each class.
    pub by_class: Vec<ClassMetrics>,
    /// The most frequent confusions, at most ten.
    pub confused: Vec<Confused>,
    /// Accuracy without sample weights.
    pub accuracy: f64,
    /// Predicted probabilities compared with observed frequencies; none if the model gives scores, not probabilities.
    pub calibration: Option<CalibrationSummary>,
}

/// Predicted probabilities of the predicted class compared with how often it is correct.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationSummary {
    /// Rows binned by the predicted probability of the predicted class.
    pub bins: Calibration,
    /// Expected calibration error, in `[0, 1]`.
    pub error: f64,
    /// Mean predicted probability of the predicted class, in `[0, 1]`.
    pub confidence: f64,
    /// The mean predicted probability compared with the accuracy.
    pub verdict: CalibrationVerdict,
}

/// The mean predicted probability compared with the accuracy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationVerdict {
    /// The probability is higher, by more than the sampling error.
    Overconfident,
    /// The probability is lower, by more than the sampling error.
    Underconfident,
    /// The difference is within the sampling error, or below 0.01.
    Calibrated,
}

impl CalibrationVerdict {
    /// The sampling error is two standard errors of the accuracy: `2 √(a (1 − a) / rows)`.
    pub(super) fn of(confidence: f64, accuracy: f64, rows: usize) -> Self {
        let error = 2.0 * (accuracy * (1.0 - accuracy) / rows as f64).sqrt();
        match confidence - accuracy {
            gap if gap > error.max(0.01) => Self::Overconfident,
            gap if gap < -error.max(0.01) => Self::Underconfident,
            _ => Self::Calibrated,
        }
    }
}

/// Metrics of one class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassMetrics {
    /// Its name.
    pub name: String,
    /// Number of rows of the class.
    pub support: u64,
    /// Number of rows predicted to be of the class.
    pub predicted: u64,
    /// Share of these predictions that are correct; none if there are none.
    pub precision: Option<f64>,
    /// Share of the rows of the class that are predicted; none if there are none.
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
}

/// Rows of one class that are predicted to be of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confused {
    /// The true class.
    pub actual: String,
    /// The predicted class.
    pub predicted: String,
    /// Number of rows.
    pub rows: u64,
}

impl Classification {
    /// `probabilities` is `[rows, classes]`, row-major.
    pub(crate) fn of(
        names: Vec<String>,
        targets: &[i64],
        predicted: &[usize],
        probabilities: Option<&[f32]>,
    ) -> Result<Self> {
        let actual: Vec<usize> = targets
            .iter()
            .map(|&class| usize::try_from(class).unwrap_or(usize::MAX))
            .collect();
        let confusion = Confusion::of(names.len(), actual.iter().copied().zip(predicted.iter().copied()))?;
        let by_class = names
            .iter()
            .enumerate()
            .map(|(class, name)| ClassMetrics::of(name, confusion.class(class)));
        let confused = |(actual, predicted, rows): (usize, usize, u64)| Confused {
            actual: names[actual].clone(),
            predicted: names[predicted].clone(),
            rows,
        };
        let accuracy = confusion.correct() as f64 / predicted.len() as f64;
        let calibration = probabilities.map(|probabilities| {
            let rows = probabilities.chunks_exact(names.len().max(1)).zip(predicted);
            let confidences = rows.map(|(row, &class)| f64::from(row[class])).collect();
            let correct = actual
                .iter()
                .zip(predicted)
                .map(|(actual, predicted)| actual == predicted);
            CalibrationSummary::of(confidences, correct, accuracy)
        });
        Ok(Self {
            by_class: by_class.collect(),
            confused: confusion
                .most_confused(MAX_CONFUSED)
                .into_iter()
                .map(confused)
                .collect(),
            accuracy,
            calibration,
            confusion,
            names,
        })
    }
}

impl CalibrationSummary {
    /// Of the probability of the predicted class of each row, and whether it is correct.
    fn of(confidences: Vec<f64>, correct: impl Iterator<Item = bool>, accuracy: f64) -> Self {
        let rows = confidences.len();
        let confidence = confidences.iter().sum::<f64>() / rows as f64;
        let bins = Calibration::of(BINS, confidences.into_iter().zip(correct));
        Self {
            error: bins.error(),
            bins,
            confidence,
            verdict: CalibrationVerdict::of(confidence, accuracy, rows),
        }
    }
}

impl ClassMetrics {
    fn of(name: &str, counts: ClassCounts) -> Self {
        Self {
            name: name.to_owned(),
            support: counts.actual,
            predicted: counts.predicted,
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
        }
    }
}
