//! Decay by a factor at milestones.

use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Steps};
use crate::entry::expect;
use crate::{Config, Schedule};

/// Multiplies the learning rate by `gamma` at each milestone, as PyTorch's `MultiStepLR`.
///
/// `factor = gamma^k`, where `k` milestones are at most `step`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MultiStep {
    /// When: each a share of all steps below 1, else the number of the step.
    pub milestones: Vec<Steps>,
    /// What the factor is multiplied by then, in `(0, 1]`.
    pub gamma: f64,
}

impl Default for MultiStep {
    /// A tenth at half and at three quarters of the run.
    fn default() -> Self {
        Self {
            milestones: vec![Steps(0.5), Steps(0.75)],
            gamma: 0.1,
        }
    }
}

impl Config for MultiStep {
    const NAME: &'static str = "multi_step";

    fn check(&self) -> Result<()> {
        if self.milestones.is_empty() {
            return Err(Error::config("expected at least one of `milestones`").hint("`constant` has no milestone"));
        }
        for milestone in &self.milestones {
            milestone.check("milestones")?;
        }
        let gamma = self.gamma > 0.0 && self.gamma <= 1.0;
        expect(gamma, "gamma", "in (0, 1]", self.gamma)
    }

    fn examples() -> Vec<Self> {
        let other = Self {
            milestones: vec![Steps(9.0), Steps(4.0), Steps(9.0)],
            gamma: 0.5,
        };
        vec![Self::default(), other]
    }
}

impl Schedule for MultiStep {
    fn factor(&self, at: &At<'_>) -> f64 {
        let total = at.total_or_max();
        // Counted in a run of any length: a milestone after its end is never reached.
        let reached = |milestone: &&Steps| match milestone.is_share() {
            true => at.step >= milestone.of(total),
            false => at.step as f64 >= milestone.0,
        };
        libm::pow(self.gamma, self.milestones.iter().filter(reached).count() as f64)
    }

    fn needs_total(&self) -> bool {
        self.milestones.iter().any(|milestone| milestone.is_share())
    }
}
