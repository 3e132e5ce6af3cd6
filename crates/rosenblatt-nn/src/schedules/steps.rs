//! A number of steps, absolute or as a share of the run.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;

/// A part of a run: below 1 a share of its steps, from 1 on a whole number of steps.
///
/// # Example
/// ```
/// use rosenblatt_nn::schedules::Steps;
/// assert_eq!(Steps(0.05).of(1000), 50);
/// assert_eq!(Steps(300.0).of(1000), 300);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Steps(pub f64);

impl Steps {
    /// How many steps that are in a run of `total`, at most all of them; a share is rounded, halves up.
    #[must_use]
    pub fn of(self, total: u64) -> u64 {
        let steps = if self.0 < 1.0 {
            libm::round(self.0 * total as f64)
        } else {
            self.0
        };
        // The conversion saturates.
        (steps as u64).min(total)
    }

    /// Whether this is a share of the run, so that its length must be known.
    #[must_use]
    pub fn is_share(self) -> bool {
        self.0 > 0.0 && self.0 < 1.0
    }

    /// The same without rounding and without an end: what a rate is counted by.
    #[must_use]
    pub fn exactly(self, total: u64) -> f64 {
        if self.0 < 1.0 {
            self.0 * total.max(1) as f64
        } else {
            self.0
        }
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it is neither a share nor a whole number of steps.
    pub(super) fn check(self, field: &str) -> Result<()> {
        let whole = self.0 >= 1.0 && self.0.is_finite() && libm::trunc(self.0) == self.0;
        let holds = (0.0..1.0).contains(&self.0) || whole;
        expect(
            holds,
            field,
            "to be a share of the steps in [0, 1) or a whole number of steps",
            self.0,
        )
    }

    /// # Errors
    /// As [`Steps::check`], and if there are none.
    pub(super) fn check_some(self, field: &str) -> Result<()> {
        self.check(field)?;
        let range = "to be a share of the steps in (0, 1) or a whole number of steps";
        expect(self.0 > 0.0, field, range, self.0)
    }
}
