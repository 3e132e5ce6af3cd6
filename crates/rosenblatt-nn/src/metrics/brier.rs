//! Squared error of probabilities.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Better, Mean, Tally, Target};
use crate::{Config, Metric, TargetKind};

/// Mean squared error of the probabilities; of two classes only the second one's counts, as Brier had it for events.
///
/// `row = Σ_j (p_j − [j = class])²` with `p = softmax(logits)`, and half of that for two classes
///
/// # Numerics
/// `1 − p_class` is taken as the sum of the other probabilities, so no digits are lost where it is small.
///
/// # Reference
/// Brier: Verification of Forecasts Expressed in Terms of Probability. Monthly Weather Review 78, 1950.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Brier {}

impl Config for Brier {
    const NAME: &'static str = "brier";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for Brier {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Classes(_))
    }

    fn needs_probabilities(&self, _: usize) -> bool {
        true
    }

    fn better(&self) -> Better {
        Better::Lower
    }

    fn tally(&self, _: usize) -> Box<dyn Tally> {
        Box::new(Mean::of(row))
    }
}

fn row(logits: &[f64], target: Target<'_>) -> f64 {
    let Some(class) = target.class().filter(|&class| class < logits.len()) else {
        return f64::NAN;
    };
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut total, mut others, mut squares) = (0.0, 0.0, 0.0);
    for (i, logit) in logits.iter().enumerate() {
        let power = libm::exp(logit - largest);
        total += power;
        if i != class {
            others += power;
            squares += power * power;
        }
    }
    let row = (squares + others * others) / (total * total);
    if logits.len() == 2 { row / 2.0 } else { row }
}
