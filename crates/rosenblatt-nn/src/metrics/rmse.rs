//! Root of the mean squared error.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tally::mean_over_numbers;
use super::{Better, Mean, Tally, Target};
use crate::{Config, Metric, TargetKind};

/// Root of the mean squared error, in the unit of the target.
///
/// `√(mean_ij (prediction_ij − target_ij)²)`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rmse {}

impl Config for Rmse {
    const NAME: &'static str = "rmse";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for Rmse {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Values(_))
    }

    fn better(&self) -> Better {
        Better::Lower
    }

    fn tally(&self, _: usize) -> Box<dyn Tally> {
        Box::new(Mean::of(row).then(libm::sqrt))
    }
}

fn row(prediction: &[f64], target: Target<'_>) -> f64 {
    mean_over_numbers(prediction, target, |error| error * error)
}
