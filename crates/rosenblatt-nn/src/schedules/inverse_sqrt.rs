//! Inverse square root decay.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Steps};
use crate::{Config, Schedule};

/// Inverse square root decay.
///
/// `factor = 1 / √(1 + step/timescale)`
///
/// After a `warm_up` of `timescale` steps, `step` counts from its end, so that the learning rate is that of the paper:
/// proportional to `1/√step` of the whole run.
///
/// # Reference
/// Vaswani and others: Attention Is All You Need. NeurIPS 2017. arXiv:1706.03762, equation 3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InverseSqrt {
    /// After how many steps the factor is `1/√2`: a share of all steps below 1, else their number.
    pub timescale: Steps,
}

impl Default for InverseSqrt {
    /// A twentieth of the run: the factor ends at 0.22.
    fn default() -> Self {
        Self { timescale: Steps(0.05) }
    }
}

impl Config for InverseSqrt {
    const NAME: &'static str = "inverse_sqrt";

    fn check(&self) -> Result<()> {
        self.timescale.check_some("timescale")
    }

    fn examples() -> Vec<Self> {
        let timescale = Steps(7.0);
        vec![Self::default(), Self { timescale }]
    }
}

impl Schedule for InverseSqrt {
    fn factor(&self, at: &At<'_>) -> f64 {
        let timescale = self.timescale.exactly(at.total_or_max());
        1.0 / libm::sqrt(1.0 + at.step as f64 / timescale)
    }

    fn needs_total(&self) -> bool {
        self.timescale.is_share()
    }
}
