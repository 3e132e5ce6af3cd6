//! How long a metric has not improved.

/// The best value of a metric so far, and how many observations ago it was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SinceBest {
    /// Higher is worse.
    best: Option<f64>,
    /// Observations since then; nothing if there was one without a value.
    pub(crate) since: Option<usize>,
}

impl SinceBest {
    /// Before the first observation.
    pub(crate) const START: Self = Self {
        best: None,
        since: Some(0),
    };

    /// Looks at the next value, which improves on the best by more than `min_delta` or not; of equal ones the first is the best.
    pub(crate) fn observe(&mut self, value: Option<f64>, higher_is_better: bool, min_delta: f64) {
        let sign = if higher_is_better { -1.0 } else { 1.0 };
        // A value that is not a number is worse than any other.
        let value = value.map(|value| if value.is_nan() { f64::INFINITY } else { sign * value });
        let improves = |value: f64| {
            self.best
                .is_none_or(|best| value.total_cmp(&(best - min_delta)).is_lt())
        };
        self.since = match (value, self.since) {
            (Some(value), Some(_)) if improves(value) => {
                self.best = Some(value);
                Some(0)
            }
            (Some(_), Some(since)) => Some(since + 1),
            _ => None,
        };
    }
}
