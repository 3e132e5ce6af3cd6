//! Mean cross-entropy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Better, Mean, Tally, Target};
use crate::{Config, Metric, TargetKind};

/// Mean of `−log softmax(logits)[class]`, in nats.
///
/// `row = ln Σ_j e^(x_j − x_class)`
///
/// # Numerics
/// The largest logit is taken out first, so logits of any size are safe; a row whose class is impossible gives `∞`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogLoss {}

impl Config for LogLoss {
    const NAME: &'static str = "log_loss";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for LogLoss {
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
    let Some(own) = target.class().and_then(|class| logits.get(class)) else {
        return f64::NAN;
    };
    let (at, largest) = logits.iter().copied().enumerate().fold((0, f64::NEG_INFINITY), larger);
    // The largest term is 1 exactly, and `ln_1p` keeps what the others add to it.
    let others = logits.iter().enumerate().filter(|&(i, _)| i != at);
    let rest: f64 = others.map(|(_, logit)| libm::exp(logit - largest)).sum();
    (largest - own) + libm::log1p(rest)
}

/// The larger one with its place; NaN beats all.
fn larger(best: (usize, f64), next: (usize, f64)) -> (usize, f64) {
    if next.1 > best.1 || next.1.is_nan() { next } else { best }
}
