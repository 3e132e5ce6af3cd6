//! Confusion matrix, and metrics that are a mean over classes of its counts, rows weighted.

use std::collections::BTreeMap;

use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::{Error, Result};
use serde::Serialize;

use super::{Tally, Target};

/// Counts of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    /// Rows of this class.
    pub actual: u64,
    /// Rows predicted to be of this class.
    pub predicted: u64,
    /// Rows of this class that were predicted to be of it.
    pub correct: u64,
}

impl ClassCounts {
    /// Share of the predictions of this class that are correct: `correct / predicted`; none if there are none.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        self.weights().precision()
    }

    /// Share of the rows of this class that are predicted: `correct / actual`; none if there are none.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        self.weights().recall()
    }

    /// The harmonic mean of precision and recall: `2 · correct / (actual + predicted)`; none if both counts are 0.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        self.weights().f1()
    }

    /// Each row counts as 1.
    fn weights(&self) -> Counts {
        Counts {
            actual: self.actual as f64,
            predicted: self.predicted as f64,
            correct: self.correct as f64,
        }
    }
}

/// Confusion matrix: how many rows of each class were predicted to be of each class.
///
/// # Example
/// ```
/// use rosenblatt_nn::metrics::Confusion;
/// let confusion = Confusion::of(2, [(0, 0), (0, 1), (1, 1)])?;
/// assert_eq!(confusion.count(0, 1), 1);
/// assert_eq!(confusion.class(1).precision(), Some(0.5));
/// assert_eq!(confusion.most_confused(5), [(0, 1, 1)]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confusion {
    classes: Vec<ClassCounts>,
    /// `(actual, predicted, rows)` of the pairs that occur, in ascending order: of many classes few pairs do.
    pairs: Vec<(usize, usize, u64)>,
}

impl Confusion {
    /// Counts rows, each given by its actual and its predicted class.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a class does not exist.
    pub fn of(classes: usize, rows: impl IntoIterator<Item = (usize, usize)>) -> Result<Self> {
        let (mut counts, mut pairs) = (vec![ClassCounts::default(); classes], BTreeMap::new());
        for (actual, predicted) in rows {
            if actual.max(predicted) >= classes {
                return Err(Error::data(format!(
                    "class {} of {classes} classes",
                    actual.max(predicted)
                )));
            }
            counts[actual].actual += 1;
            counts[predicted].predicted += 1;
            counts[actual].correct += u64::from(actual == predicted);
            *pairs.entry((actual, predicted)).or_insert(0) += 1;
        }
        Ok(Self {
            classes: counts,
            pairs: pairs
                .into_iter()
                .map(|((actual, predicted), rows)| (actual, predicted, rows))
                .collect(),
        })
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes.len()
    }

    /// Number of rows of one class that were predicted to be of another; 0 for classes that do not exist.
    #[must_use]
    pub fn count(&self, actual: usize, predicted: usize) -> u64 {
        let found = self
            .pairs
            .binary_search_by_key(&(actual, predicted), |&(actual, predicted, _)| (actual, predicted));
        found.map_or(0, |at| self.pairs[at].2)
    }

    /// `(actual, predicted, rows)` of the pairs that occur, correct ones too, in ascending order.
    #[must_use]
    pub fn pairs(&self) -> &[(usize, usize, u64)] {
        &self.pairs
    }

    /// The counts of one class; all 0 for a class that does not exist.
    #[must_use]
    pub fn class(&self, class: usize) -> ClassCounts {
        self.classes.get(class).copied().unwrap_or_default()
    }

    /// Number of rows whose predicted class is correct.
    #[must_use]
    pub fn correct(&self) -> u64 {
        self.classes.iter().map(|counts| counts.correct).sum()
    }

    /// The most frequent confusions, `(actual, predicted, rows)`, at most `most`; equally frequent ones in the order of the
    /// classes.
    #[must_use]
    pub fn most_confused(&self, most: usize) -> Vec<(usize, usize, u64)> {
        let is_confusion = |&(actual, predicted, _): &(usize, usize, u64)| actual != predicted;
        let mut pairs: Vec<_> = self.pairs.iter().copied().filter(is_confusion).collect();
        pairs.sort_by_key(|&(.., rows)| std::cmp::Reverse(rows));
        pairs.truncate(most);
        pairs
    }
}

/// Weights of one class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Rows of this class.
    pub(super) actual: f64,
    /// Rows predicted to be of this class.
    pub(super) predicted: f64,
    /// Rows of this class that were predicted to be of it.
    pub(super) correct: f64,
}

impl Counts {
    fn precision(&self) -> Option<f64> {
        (self.predicted > 0.0).then(|| self.correct / self.predicted)
    }

    pub(super) fn recall(&self) -> Option<f64> {
        (self.actual > 0.0).then(|| self.correct / self.actual)
    }

    pub(super) fn f1(&self) -> Option<f64> {
        let both = self.actual + self.predicted;
        (both > 0.0).then(|| 2.0 * self.correct / both)
    }
}

/// The mean of a number over the classes that have one; NaN if no class has one or a target was not a class.
#[derive(Clone, Debug)]
pub(super) struct MeanOverClasses {
    of_class: fn(&Counts) -> Option<f64>,
    counts: Vec<Counts>,
    is_invalid: bool,
}

impl MeanOverClasses {
    /// No rows of so many classes.
    pub(super) fn new(classes: usize, of_class: fn(&Counts) -> Option<f64>) -> Self {
        Self {
            of_class,
            counts: vec![Counts::default(); classes],
            is_invalid: false,
        }
    }
}

impl Tally for MeanOverClasses {
    fn add(&mut self, logits: &[f64], target: Target<'_>, weight: f64) {
        let predicted = predicted_class(logits);
        let actual = target.class().filter(|&class| class < self.counts.len());
        let Some(actual) = actual else {
            self.is_invalid = true;
            return;
        };
        self.counts[actual].actual += weight;
        if let Some(predicted) = predicted {
            self.counts[predicted].predicted += weight;
            self.counts[predicted].correct += if predicted == actual { weight } else { 0.0 };
        }
    }

    fn value(&self) -> f64 {
        let (sum, classes) = self
            .counts
            .iter()
            .filter_map(self.of_class)
            .fold((0.0, 0.0), |(sum, classes), value| (sum + value, classes + 1.0));
        if self.is_invalid { f64::NAN } else { sum / classes }
    }
}

/// The class with the largest output, of equal ones the first; none if there is a NaN.
pub(super) fn predicted_class(logits: &[f64]) -> Option<usize> {
    reduce::argmax(logits).filter(|&best| !logits[best].is_nan())
}
