//! Linear decay.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::entry::expect;
use crate::{Config, Schedule};

/// Linear decay from 1 down to `final`; `warm_up` puts a warm-up before it.
///
/// `factor = 1 − (1 − final) · step/total`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Linear {
    /// The factor that is reached when all steps are done, in `[0, 1]`.
    pub r#final: f64,
}

impl Config for Linear {
    const NAME: &'static str = "linear";

    fn check(&self) -> Result<()> {
        expect((0.0..=1.0).contains(&self.r#final), "final", "in [0, 1]", self.r#final)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { r#final: 0.1 }]
    }
}

impl Schedule for Linear {
    fn factor(&self, at: &At<'_>) -> f64 {
        let total = at.total_or_max();
        let progress = at.step.min(total) as f64 / total.max(1) as f64;
        1.0 - (1.0 - self.r#final) * progress
    }

    fn needs_total(&self) -> bool {
        true
    }
}
