//! Which classes are told apart, and whether probabilities are to be believed.

use rosenblatt_nn::metrics::{Calibration, Confusion};
use rosenblatt_tensor::Result;
use serde::Serialize;

/// Bins of [`Calibration`].
const BINS: usize = 10;

/// How many kinds of mistakes are listed.
const MISTAKES: usize = 10;

/// Predictions of classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Classes {
    /// Their names, in the order of the class indices.
    pub names: Vec<String>,
    /// What was taken for what.
    pub confusion: Confusion,
    /// One for each class.
    pub figures: Vec<ClassFigures>,
    /// The most frequent ones, at most ten.
    pub mistakes: Vec<Mistake>,
    /// By how sure the model was.
    pub calibration: Calibration,
    /// Expected calibration error, in `[0, 1]`.
    pub calibration_error: f64,
    /// Mean confidence, in `[0, 1]`.
    pub confidence: f64,
    /// Share of right rows, each counting as one.
    pub accuracy: f64,
    /// Whether that is about the accuracy.
    pub verdict: CalibrationVerdict,
}

/// How sure a model is, beside how often it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationVerdict {
    /// More sure than right, by more than chance.
    Overconfident,
    /// Less sure than right, by more than chance.
    Underconfident,
    /// As sure as right, as far as so many rows can tell.
    Calibrated,
}

impl CalibrationVerdict {
    /// Differences up to two standard errors of the accuracy, `2 √(a (1 − a) / rows)`, may be chance, and those up to
    /// one in a hundred do not matter.
    fn of(confidence: f64, accuracy: f64, rows: usize) -> Self {
        let chance = 2.0 * (accuracy * (1.0 - accuracy) / rows as f64).sqrt();
        match confidence - accuracy {
            gap if gap > chance.max(0.01) => Self::Overconfident,
            gap if gap < -chance.max(0.01) => Self::Underconfident,
            _ => Self::Calibrated,
        }
    }
}

/// Figures of one class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassFigures {
    /// Its name.
    pub name: String,
    /// Rows of it.
    pub rows: u64,
    /// Rows taken for it.
    pub called: u64,
    /// Of the rows taken for it, the share that is of it.
    pub precision: Option<f64>,
    /// Of its rows, the share that is taken for it.
    pub recall: Option<f64>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
}

/// Rows of one class that were taken for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The class they are of.
    pub of: String,
    /// The class they were taken for.
    pub called: String,
    /// How many.
    pub rows: u64,
}

impl Classes {
    /// `probabilities` is `[rows, classes]`, row-major.
    pub(crate) fn of(names: Vec<String>, targets: &[i64], called: &[usize], probabilities: &[f32]) -> Result<Self> {
        let truth = targets
            .iter()
            .map(|&class| usize::try_from(class).unwrap_or(usize::MAX));
        let confusion = Confusion::of(names.len(), truth.clone().zip(called.iter().copied()))?;
        let figures = |(class, name): (usize, &String)| {
            let counts = confusion.class(class);
            ClassFigures {
                name: name.clone(),
                rows: counts.of,
                called: counts.called,
                precision: counts.precision(),
                recall: counts.recall(),
                f1: counts.f1(),
            }
        };
        let mistake = |(of, called, rows): (usize, usize, u64)| Mistake {
            of: names[of].clone(),
            called: names[called].clone(),
            rows,
        };
        let sure = probabilities.chunks_exact(names.len().max(1)).zip(called);
        let sure: Vec<f64> = sure.map(|(row, &called)| f64::from(row[called])).collect();
        let right = truth.zip(called).map(|(truth, &called)| truth == called);
        let confidence = sure.iter().sum::<f64>() / sure.len() as f64;
        let accuracy = confusion.right() as f64 / sure.len() as f64;
        let calibration = Calibration::of(BINS, sure.iter().copied().zip(right));
        Ok(Self {
            figures: names.iter().enumerate().map(figures).collect(),
            mistakes: confusion.most_confused(MISTAKES).into_iter().map(mistake).collect(),
            calibration_error: calibration.error(),
            verdict: CalibrationVerdict::of(confidence, accuracy, sure.len()),
            accuracy,
            confidence,
            confusion,
            calibration,
            names,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_by_class_and_by_confidence() {
        let names = ["a", "b"].map(str::to_owned).to_vec();
        let probabilities = [0.9, 0.1, 0.2, 0.8, 0.4, 0.6, 0.55, 0.45];
        let classes = Classes::of(names, &[0, 1, 0, 1], &[0, 1, 1, 0], &probabilities).unwrap();
        assert_eq!(classes.confusion.right(), 2);
        let rates = |figures: &ClassFigures| [figures.precision, figures.recall, figures.f1];
        assert_eq!(rates(&classes.figures[0]), [Some(0.5); 3]);
        let mistakes: Vec<_> = classes.mistakes.iter().map(|m| (&*m.of, &*m.called, m.rows)).collect();
        assert_eq!(mistakes, [("a", "b", 1), ("b", "a", 1)]);
        let rows: Vec<u64> = classes.calibration.bins.iter().map(|bin| bin.rows).collect();
        // A probability of 0.6 in f32 is a little above 0.6.
        assert_eq!(rows, [0, 0, 0, 0, 0, 1, 1, 0, 2, 0]);
        // Confidences 0.9 and 0.8 of right rows, 0.6 and 0.55 of wrong ones.
        let expected = (2.0 * 0.15 + 0.6 + 0.55) / 4.0;
        assert!(
            (classes.calibration_error - expected).abs() < 1e-7,
            "{}",
            classes.calibration_error
        );
        assert!((classes.confidence - 0.7125).abs() < 1e-7);
    }

    #[test]
    fn a_difference_that_may_be_chance_is_none() {
        for (confidence, accuracy, rows, expected) in [
            // Two standard errors: 0.1 of 100 rows, 0.01 of 10,000.
            (0.59, 0.5, 100, CalibrationVerdict::Calibrated),
            (0.61, 0.5, 100, CalibrationVerdict::Overconfident),
            (0.39, 0.5, 100, CalibrationVerdict::Underconfident),
            (0.52, 0.5, 10_000, CalibrationVerdict::Overconfident),
            (0.48, 0.5, 10_000, CalibrationVerdict::Underconfident),
            (0.995, 1.0, 50, CalibrationVerdict::Calibrated),
            (0.9, 1.0, 50, CalibrationVerdict::Underconfident),
            (f64::NAN, f64::NAN, 0, CalibrationVerdict::Calibrated),
        ] {
            assert_eq!(
                CalibrationVerdict::of(confidence, accuracy, rows),
                expected,
                "{confidence} {accuracy} {rows}"
            );
        }
    }

    #[test]
    fn no_rows_make_no_figures() {
        let classes = Classes::of(vec!["a".into(), "b".into()], &[], &[], &[]).unwrap();
        assert!(classes.mistakes.is_empty() && classes.calibration_error.is_nan());
        assert_eq!(classes.figures[1].precision, None);
        assert!(Classes::of(vec!["a".into()], &[-1], &[0], &[1.0]).is_err());
    }
}
