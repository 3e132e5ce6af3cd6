//! Share of right classes, every class alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::confusion::{Counts, MeanOverClasses};
use super::{Better, Tally};
use crate::{Config, Metric, TargetKind};

/// The share of rows with the right class, of each class for itself, and the mean of these shares.
///
/// `mean_c right_c / rows_c` over the classes that have rows
///
/// # Numerics
/// A row with NaN among its outputs is wrong. NaN if a target is not a class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BalancedAccuracy {}

impl Config for BalancedAccuracy {
    const NAME: &'static str = "balanced_accuracy";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for BalancedAccuracy {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Classes(_))
    }

    fn better(&self) -> Better {
        Better::Higher
    }

    fn tally(&self, outputs: usize) -> Box<dyn Tally> {
        Box::new(MeanOverClasses::new(outputs, Counts::recall))
    }
}
