//! Cosine decay.

use std::f64::consts::PI;

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::warm_up::ramp;
use super::{At, Steps};
use crate::entry::expect;
use crate::{Config, Schedule};

/// Cosine annealing from 1 down to `final`, after an optional linear warm-up.
///
/// `factor = final + (1 − final) · (1 + cos(π s/n)) / 2`, with `s` of the `n` steps after the warm-up done
///
/// # Reference
/// Loshchilov, Hutter: SGDR, Stochastic Gradient Descent with Warm Restarts. ICLR 2017. arXiv:1608.03983, equation 5,
/// without restarts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cosine {
    /// Steps of the linear rise before: a share of all below 1, else their number.
    pub warmup: Steps,
    /// The factor that is reached when all steps are done, in `[0, 1]`.
    pub r#final: f64,
}

impl Config for Cosine {
    const NAME: &'static str = "cosine";

    fn check(&self) -> Result<()> {
        self.warmup.check("warmup")?;
        expect((0.0..=1.0).contains(&self.r#final), "final", "in [0, 1]", self.r#final)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                warmup: Steps(0.05),
                r#final: 0.0,
            },
            Self {
                warmup: Steps(7.0),
                r#final: 0.1,
            },
        ]
    }
}

impl Schedule for Cosine {
    fn factor(&self, at: &At<'_>) -> f64 {
        ramp(self.warmup, at, |at| {
            let total = at.total_or_max();
            let progress = at.step.min(total) as f64 / total.max(1) as f64;
            self.r#final + (1.0 - self.r#final) * (1.0 + libm::cos(PI * progress)) / 2.0
        })
    }

    fn needs_total(&self) -> bool {
        true
    }
}
