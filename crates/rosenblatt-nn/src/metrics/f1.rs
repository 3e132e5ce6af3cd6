//! F1, every class alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::confusion::{Counts, MeanOverClasses};
use super::{Better, Tally};
use crate::{Config, Metric, TargetKind};

/// The harmonic mean of precision and recall of each class, and the mean over classes (macro F1).
///
/// `mean_c 2 · correct_c / (actual_c + predicted_c)` over the classes that have rows or were predicted
///
/// # Numerics
/// A row with NaN among its outputs has no predicted class. NaN if a target is not a class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct F1 {}

impl Config for F1 {
    const NAME: &'static str = "f1";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for F1 {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Classes(_))
    }

    fn better(&self) -> Better {
        Better::Higher
    }

    fn tally(&self, outputs: usize) -> Box<dyn Tally> {
        Box::new(MeanOverClasses::new(outputs, Counts::f1))
    }
}
