//! The rise of the learning rate.

use rosenblatt_nn::schedules::At;
use rosenblatt_nn::{Config, Schedule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RateRange;

/// By the same factor from step to step: `factor = (max/min)^(step/(steps − 1))`.
///
/// It is in no registry: no run file has it, since no run is to end with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Rise {
    ratio: f64,
    steps: usize,
}

impl Rise {
    pub(super) fn of(range: &RateRange) -> Self {
        Self {
            ratio: range.max / range.min,
            steps: range.steps,
        }
    }

    pub(super) fn at(&self, step: u64) -> f64 {
        libm::pow(self.ratio, step as f64 / self.steps.saturating_sub(1).max(1) as f64)
    }
}

impl Config for Rise {
    const NAME: &'static str = "learning_rate_range_test";
}

impl Schedule for Rise {
    fn factor(&self, at: &At<'_>) -> f64 {
        self.at(at.step)
    }
}
