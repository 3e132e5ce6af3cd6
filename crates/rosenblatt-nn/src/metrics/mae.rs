//! Mean absolute error.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tally::mean_over_numbers;
use super::{Better, Mean, Tally, Target};
use crate::{Config, Metric, TargetKind};

/// Mean absolute error, in the unit of the target.
///
/// `mean_ij |prediction_ij − target_ij|`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mae {}

impl Config for Mae {
    const NAME: &'static str = "mae";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for Mae {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Values(_))
    }

    fn better(&self) -> Better {
        Better::Lower
    }

    fn tally(&self, _: usize) -> Box<dyn Tally> {
        Box::new(Mean::of(row))
    }
}

fn row(prediction: &[f64], target: Target<'_>) -> f64 {
    mean_over_numbers(prediction, target, f64::abs)
}
