//! Share of right classes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::confusion::predicted_class;
use super::{Better, Mean, Tally, Target};
use crate::{Config, Metric, TargetKind};

/// Share of rows whose largest output is that of their class; of equal outputs the first counts.
///
/// # Numerics
/// A row with NaN among its outputs is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {}

impl Config for Accuracy {
    const NAME: &'static str = "accuracy";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for Accuracy {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Classes(_))
    }

    fn better(&self) -> Better {
        Better::Higher
    }

    fn tally(&self, _: usize) -> Box<dyn Tally> {
        Box::new(Mean::of(row))
    }
}

fn row(logits: &[f64], target: Target<'_>) -> f64 {
    let right = target
        .class()
        .is_some_and(|class| predicted_class(logits) == Some(class));
    f64::from(u8::from(right))
}
