//! Share of right classes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Better, Target};
use crate::{Goal, Metric, Settings};

/// Share of rows whose largest output is that of their class; of equal outputs the first counts.
///
/// # Numerics
/// A row with NaN among its outputs is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {}

impl Settings for Accuracy {
    const NAME: &'static str = "accuracy";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for Accuracy {
    fn fits(&self, goal: Goal) -> bool {
        matches!(goal, Goal::Classes(_))
    }

    fn better(&self) -> Better {
        Better::Higher
    }

    fn row(&self, logits: &[f64], target: Target<'_>) -> f64 {
        let Target::Class(class) = target else { return f64::NAN };
        let class = usize::try_from(class).unwrap_or(usize::MAX);
        let Some(own) = logits.get(class) else { return 0.0 };
        let (before, from) = logits.split_at(class);
        let right = before.iter().all(|other| own > other) && from.iter().all(|other| own >= other);
        f64::from(u8::from(right))
    }
}
