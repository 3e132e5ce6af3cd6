//! Constant, then cosine decay.

use std::f64::consts::PI;

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Steps};
use crate::entry::expect;
use crate::{Config, Schedule};

/// Constant up to `start`, then cosine annealing down to `final`.
///
/// `factor = 1` for `step < start`, else `final + (1 − final) · (1 + cos(π (step − start)/(total − start))) / 2`
///
/// As `fit_flat_cos` of fastai, and `flat_cos` of RealMLP with `start = 0.5`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FlatCos {
    /// Where the decay begins: a share of all steps below 1, else their number.
    pub start: Steps,
    /// The factor that is reached when all steps are done, in `[0, 1]`.
    pub r#final: f64,
}

impl Default for FlatCos {
    /// The values of fastai.
    fn default() -> Self {
        Self {
            start: Steps(0.75),
            r#final: 0.0,
        }
    }
}

impl Config for FlatCos {
    const NAME: &'static str = "flat_cos";

    fn check(&self) -> Result<()> {
        self.start.check("start")?;
        expect((0.0..=1.0).contains(&self.r#final), "final", "in [0, 1]", self.r#final)
    }

    fn examples() -> Vec<Self> {
        let other = Self {
            start: Steps(5.0),
            r#final: 0.1,
        };
        vec![Self::default(), other]
    }
}

impl Schedule for FlatCos {
    fn factor(&self, at: &At<'_>) -> f64 {
        let total = at.total_or_max();
        let start = self.start.of(total);
        let (done, all) = (at.step.min(total).saturating_sub(start), total - start);
        let progress = done as f64 / all.max(1) as f64;
        self.r#final + (1.0 - self.r#final) * (1.0 + libm::cos(PI * progress)) / 2.0
    }

    fn needs_total(&self) -> bool {
        true
    }
}
