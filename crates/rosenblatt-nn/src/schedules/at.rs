//! What a schedule knows.

/// What a schedule may look at: the step, the length of the run, and the metric observed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct At<'a> {
    /// The step, counted from 0.
    pub step: u64,
    /// Number of steps of the whole run; `None` for a loop without a known end.
    pub total: Option<u64>,
    /// The observed metric, oldest first: one number for each epoch, or for each call that reports one.
    pub observed: &'a [f64],
}

impl At<'_> {
    /// A step of a run of `total` steps in which nothing was observed.
    #[must_use]
    pub fn new(step: u64, total: u64) -> Self {
        Self {
            step,
            total: Some(total),
            observed: &[],
        }
    }

    /// Number of steps of the whole run; as many as can be counted if there is no known end.
    #[must_use]
    pub fn total_or_max(&self) -> u64 {
        self.total.unwrap_or(u64::MAX)
    }
}
