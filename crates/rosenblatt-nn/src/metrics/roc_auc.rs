//! Area under the ROC curve.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Better, Tally, Target};
use crate::{Config, Metric, TargetKind};

/// How often a row of a class has a larger probability of it than a row of another class; a tie counts half. A pair of
/// rows counts by the product of their weights.
///
/// Of two classes it is that of the second; of more the mean over all classes, each against the rest (macro).
///
/// # Numerics
/// Log-odds are compared, which do not run together where probabilities are nearly 0 or 1. Pairs are counted in f64:
/// exactly, up to 10⁸ rows that count alike. NaN if a class has no row, or all; if a target is not a class; if an output is NaN. All rows are kept.
///
/// # Reference
/// Hanley, McNeil: The Meaning and Use of the Area under a Receiver Operating Characteristic (ROC) Curve. Radiology 143,
/// 1982.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RocAuc {}

impl Config for RocAuc {
    const NAME: &'static str = "roc_auc";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Metric for RocAuc {
    fn fits(&self, target_kind: TargetKind) -> bool {
        matches!(target_kind, TargetKind::Classes(_))
    }

    /// Scores of two classes are compared as log-odds are; of more classes, one against the rest, only probabilities can be.
    fn needs_probabilities(&self, classes: usize) -> bool {
        classes != 2
    }

    fn better(&self) -> Better {
        Better::Higher
    }

    fn tally(&self, outputs: usize) -> Box<dyn Tally> {
        Box::new(Ranks::new(outputs))
    }
}

/// Scores and classes of all rows.
#[derive(Debug)]
struct Ranks {
    /// For each curve the score of each row.
    scores: Vec<Vec<f64>>,
    classes: Vec<Option<usize>>,
    weights: Vec<f64>,
    outputs: usize,
}

impl Ranks {
    fn new(outputs: usize) -> Self {
        Self {
            scores: vec![Vec::new(); if outputs == 2 { 1 } else { outputs }],
            classes: Vec::new(),
            weights: Vec::new(),
            outputs,
        }
    }

    /// The area under the curve of one class against the rest.
    fn area(&self, class: usize, scores: &[f64]) -> f64 {
        let own_and_rest = |(&of, &weight)| {
            if of == Some(class) {
                (weight, 0.0)
            } else {
                (0.0, weight)
            }
        };
        let weights = self.classes.iter().zip(&self.weights).map(own_and_rest);
        let mut rows: Vec<(f64, (f64, f64))> = scores.iter().copied().zip(weights).collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut own, mut rest, mut twice_won) = (0.0, 0.0, 0.0);
        for ties in rows.chunk_by(|a, b| a.0 == b.0) {
            let sums = ties.iter().map(|(_, weights)| weights);
            let (of_class, others) = sums.fold((0.0, 0.0), |(a, b), (own, rest)| (a + own, b + rest));
            twice_won += of_class * (2.0 * rest + others);
            own += of_class;
            rest += others;
        }
        twice_won / (2.0 * own * rest)
    }
}

impl Tally for Ranks {
    fn add(&mut self, logits: &[f64], target: Target<'_>, weight: f64) {
        self.weights.push(weight);
        self.classes.push(target.class().filter(|&class| class < self.outputs));
        match *logits {
            [no, yes] => self.scores[0].push(yes - no),
            _ => log_odds(logits, |class, score| self.scores[class].push(score)),
        }
    }

    fn value(&self) -> f64 {
        let nan = self.scores.iter().flatten().any(|score| score.is_nan());
        if nan || self.classes.contains(&None) {
            return f64::NAN;
        }
        // Of two classes the only curve is that of the second.
        let first = usize::from(self.outputs == 2);
        let areas = self.scores.iter().enumerate();
        let sum: f64 = areas.map(|(i, scores)| self.area(first + i, scores)).sum();
        sum / self.scores.len() as f64
    }
}

/// Gives `take` for each class the logarithm of its odds, `x_c − ln Σ_{j≠c} e^(x_j)`.
fn log_odds(logits: &[f64], mut take: impl FnMut(usize, f64)) {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let at = logits.iter().position(|&logit| logit == largest);
    let power = |logit: f64| libm::exp(logit - largest);
    let below: f64 = (0..logits.len())
        .filter(|&i| Some(i) != at)
        .map(|i| power(logits[i]))
        .sum();
    for (class, &logit) in logits.iter().enumerate() {
        // The largest power is 1 exactly; taking another one from the sum cancels no more than half of it.
        let others = if Some(class) == at {
            below
        } else {
            1.0 + (below - power(logit))
        };
        take(class, (logit - largest) - libm::log(others));
    }
}
