//! Four cycles of growing length.

use std::f64::consts::PI;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::{Config, Schedule};

/// Four cycles from 0 up to 1 and back to 0, each twice as long as the one before: the schedule of RealMLP.
///
/// `factor = (1 − cos(2π log₂(1 + 15 step/total))) / 2`
///
/// The first step has the factor 0.
///
/// # Reference
/// Holzmüller, Grinsztajn, Steinwart: Better by Default, Strong Pre-Tuned MLPs and Boosted Trees on Tabular Data. NeurIPS
/// 2024. arXiv:2407.04491, section 3.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosLog4 {}

impl Config for CosLog4 {
    const NAME: &'static str = "coslog4";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Schedule for CosLog4 {
    fn factor(&self, at: &At<'_>) -> f64 {
        let total = at.total_or_max();
        let progress = at.step.min(total) as f64 / total.max(1) as f64;
        let cycles = libm::log2(1.0 + 15.0 * progress);
        // Without whole cycles, so that π times them loses no digit.
        let part = cycles - libm::floor(cycles);
        (1.0 - libm::cos(2.0 * PI * part)) / 2.0
    }

    fn needs_total(&self) -> bool {
        true
    }
}
