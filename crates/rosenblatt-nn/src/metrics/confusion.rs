//! How often each class was there, was called, and both, rows counted by their weights; and metrics that are a mean over classes of such counts.

use super::{Tally, Target};

/// Counts of one class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Rows of this class.
    pub(super) of: f64,
    /// Rows that were taken for this class.
    pub(super) called: f64,
    /// Rows of this class that were taken for it.
    pub(super) right: f64,
}

/// The mean of a number over the classes that have one; NaN if no class has one or a target was not a class.
#[derive(Clone, Debug)]
pub(super) struct MeanOverClasses {
    of_class: fn(&Counts) -> Option<f64>,
    counts: Vec<Counts>,
    strangers: bool,
}

impl MeanOverClasses {
    /// No rows of so many classes.
    pub(super) fn new(classes: usize, of_class: fn(&Counts) -> Option<f64>) -> Self {
        Self {
            of_class,
            counts: vec![Counts::default(); classes],
            strangers: false,
        }
    }
}

impl Tally for MeanOverClasses {
    fn add(&mut self, logits: &[f64], target: Target<'_>, weight: f64) {
        let called = called(logits);
        let of = target.class().filter(|&class| class < self.counts.len());
        let Some(of) = of else {
            self.strangers = true;
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
        if self.strangers { f64::NAN } else { sum / classes }
    }
}

/// The class with the largest output, of equal ones the first; none if there is a NaN.
pub(super) fn called(logits: &[f64]) -> Option<usize> {
    if logits.iter().any(|logit| logit.is_nan()) {
        return None;
    }
    (0..logits.len()).reduce(|best, i| if logits[i] > logits[best] { i } else { best })
}
