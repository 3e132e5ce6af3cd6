//! How often each class was there, was called, and both, rows counted by their weights; and metrics that are a mean over
//! classes of such counts.

use std::collections::BTreeMap;

use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::{Error, Result};
use serde::Serialize;

use super::{Tally, Target};

/// Counts of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    /// Rows of this class.
    pub of: u64,
    /// Rows that were taken for this class.
    pub called: u64,
    /// Rows of this class that were taken for it.
    pub right: u64,
}

impl ClassCounts {
    /// Share of the rows taken for this class that are of it: `right / called`; none if none was.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        self.weights().precision()
    }

    /// Share of the rows of this class that were taken for it: `right / of`; none if there are none.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        self.weights().recall()
    }

    /// The harmonic mean of precision and recall: `2 · right / (of + called)`; none if both counts are 0.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        self.weights().f1()
    }

    /// Each row counts as 1.
    fn weights(&self) -> Counts {
        Counts {
            of: self.of as f64,
            called: self.called as f64,
            right: self.right as f64,
        }
    }
}

/// How many rows of each class were taken for each class.
///
/// # Example
/// ```
/// use rosenblatt_nn::metrics::Confusion;
/// let confusion = Confusion::of(2, [(0, 0), (0, 1), (1, 1)])?;
/// assert_eq!(confusion.rows_taken(0, 1), 1);
/// assert_eq!(confusion.class(1).precision(), Some(0.5));
/// assert_eq!(confusion.most_confused(5), [(0, 1, 1)]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confusion {
    classes: Vec<ClassCounts>,
    /// `(class, taken for, rows)` of the pairs that occur, in ascending order: of many classes few pairs do.
    pairs: Vec<(usize, usize, u64)>,
}

impl Confusion {
    /// Counts rows, each given by its class and the class it was taken for.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if one is none of the classes.
    pub fn of(classes: usize, rows: impl IntoIterator<Item = (usize, usize)>) -> Result<Self> {
        let (mut counts, mut pairs) = (vec![ClassCounts::default(); classes], BTreeMap::new());
        for (of, called) in rows {
            if of.max(called) >= classes {
                return Err(Error::data(format!("class {} of {classes} classes", of.max(called))));
            }
            counts[of].of += 1;
            counts[called].called += 1;
            counts[of].right += u64::from(of == called);
            *pairs.entry((of, called)).or_insert(0) += 1;
        }
        Ok(Self {
            classes: counts,
            pairs: pairs
                .into_iter()
                .map(|((of, called), rows)| (of, called, rows))
                .collect(),
        })
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes.len()
    }

    /// Number of rows of class `of` that were taken for class `called`; 0 of classes that do not exist.
    #[must_use]
    pub fn rows_taken(&self, of: usize, called: usize) -> u64 {
        let found = self
            .pairs
            .binary_search_by_key(&(of, called), |&(of, called, _)| (of, called));
        found.map_or(0, |at| self.pairs[at].2)
    }

    /// The counts of one class; all 0 of a class that does not exist.
    #[must_use]
    pub fn class(&self, class: usize) -> ClassCounts {
        self.classes.get(class).copied().unwrap_or_default()
    }

    /// Number of rows that were taken for their class.
    #[must_use]
    pub fn right(&self) -> u64 {
        self.classes.iter().map(|counts| counts.right).sum()
    }

    /// The most frequent mistakes, `(class, taken for, rows)`, at most `most`; of equally frequent ones the first
    /// classes come first.
    #[must_use]
    pub fn most_confused(&self, most: usize) -> Vec<(usize, usize, u64)> {
        let is_mistake = |&(of, called, _): &(usize, usize, u64)| of != called;
        let mut mistakes: Vec<_> = self.pairs.iter().copied().filter(is_mistake).collect();
        mistakes.sort_by_key(|&(.., rows)| std::cmp::Reverse(rows));
        mistakes.truncate(most);
        mistakes
    }
}

/// Weights of one class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Rows of this class.
    pub(super) of: f64,
    /// Rows that were taken for this class.
    pub(super) called: f64,
    /// Rows of this class that were taken for it.
    pub(super) right: f64,
}

impl Counts {
    fn precision(&self) -> Option<f64> {
        (self.called > 0.0).then(|| self.right / self.called)
    }

    pub(super) fn recall(&self) -> Option<f64> {
        (self.of > 0.0).then(|| self.right / self.of)
    }

    pub(super) fn f1(&self) -> Option<f64> {
        let both = self.of + self.called;
        (both > 0.0).then(|| 2.0 * self.right / both)
    }
}

/// The mean of a number over the classes that have one; NaN if no class has one or a target was not a class.
#[derive(Clone, Debug)]
pub(super) struct MeanOverClasses {
    of_class: fn(&Counts) -> Option<f64>,
    counts: Vec<Counts>,
    unseen_categories: bool,
}

impl MeanOverClasses {
    /// No rows of so many classes.
    pub(super) fn new(classes: usize, of_class: fn(&Counts) -> Option<f64>) -> Self {
        Self {
            of_class,
            counts: vec![Counts::default(); classes],
            unseen_categories: false,
        }
    }
}

impl Tally for MeanOverClasses {
    fn add(&mut self, logits: &[f64], target: Target<'_>, weight: f64) {
        let called = called(logits);
        let of = target.class().filter(|&class| class < self.counts.len());
        let Some(of) = of else {
            self.unseen_categories = true;
            return;
        };
        self.counts[of].of += weight;
        if let Some(called) = called {
            self.counts[called].called += weight;
            self.counts[called].right += if called == of { weight } else { 0.0 };
        }
    }

    fn value(&self) -> f64 {
        let (sum, classes) = self
            .counts
            .iter()
            .filter_map(self.of_class)
            .fold((0.0, 0.0), |(sum, classes), value| (sum + value, classes + 1.0));
        if self.unseen_categories {
            f64::NAN
        } else {
            sum / classes
        }
    }
}

/// The class with the largest output, of equal ones the first; none if there is a NaN.
pub(super) fn called(logits: &[f64]) -> Option<usize> {
    reduce::argmax(logits).filter(|&best| !logits[best].is_nan())
}
