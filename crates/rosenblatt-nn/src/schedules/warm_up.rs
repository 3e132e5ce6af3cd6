//! A linear rise before another schedule.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Constant, Steps};
use crate::{Config, Entry, Schedule};

/// Linear warm-up, then another schedule over the rest of the run.
///
/// `factor = (step + 1)/n · first` for `step < n`, where `first` is what the other schedule begins with
///
/// # Reference
/// Goyal and others: Accurate, Large Minibatch SGD, Training ImageNet in 1 Hour. 2017. arXiv:1706.02677, section 2.2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WarmUp {
    /// How long: a share of all steps below 1, else their number.
    pub steps: Steps,
    /// Schedule after the warm-up.
    pub then: Entry<dyn Schedule>,
}

impl Default for WarmUp {
    /// A twentieth of the run.
    fn default() -> Self {
        Self {
            steps: Steps(0.05),
            then: Constant {}.into(),
        }
    }
}

impl Config for WarmUp {
    const NAME: &'static str = "warm_up";

    fn check(&self) -> Result<()> {
        self.steps.check("steps")?;
        self.then.validate().map_err(|error| error.within("then"))
    }

    fn examples() -> Vec<Self> {
        let cosine = super::Cosine {
            r#final: 0.25,
            ..Default::default()
        };
        vec![
            Self::default(),
            Self {
                steps: Steps(0.0),
                ..Self::default()
            },
            Self {
                steps: Steps(10.0),
                then: cosine.into(),
            },
        ]
    }
}

impl Schedule for WarmUp {
    fn factor(&self, at: &At<'_>) -> f64 {
        ramp(self.steps, at, |at| self.then.factor(at))
    }

    fn needs_total(&self) -> bool {
        self.steps.is_share() || self.then.needs_total()
    }

    fn observes(&self) -> bool {
        self.then.observes()
    }
}

/// A linear rise over the first `steps`, then `schedule`, whose run is what is left.
pub(super) fn ramp(steps: Steps, at: &At<'_>, schedule: impl Fn(&At<'_>) -> f64) -> f64 {
    let rise = steps.of(at.total_or_max());
    let rest = |step| At {
        step,
        total: at.total.map(|total| total - rise),
        ..*at
    };
    match at.step.checked_sub(rise) {
        Some(after) => schedule(&rest(after)),
        None => (at.step + 1) as f64 / rise as f64 * schedule(&rest(0)),
    }
}
