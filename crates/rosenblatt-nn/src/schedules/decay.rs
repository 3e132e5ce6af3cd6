//! Decay by a factor: in steps, and exponential.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Steps};
use crate::entry::expect;
use crate::{Config, Schedule};

/// Schedules with a `gamma` and how often it is applied; `$times` is how often it was, at `at`.
macro_rules! decays {
    ($(
        $(#[$about:meta])*
        $decay:ident = $name:literal {
            $(#[$about_every:meta])* every: $every:literal,
            $(#[$about_gamma:meta])* gamma: $gamma:literal,
            example: ($every_of_example:literal, $gamma_of_example:literal),
            times: $times:expr,
        }
    )*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $decay {
            $(#[$about_every])*
            pub every: Steps,
            $(#[$about_gamma])*
            pub gamma: f64,
        }

        impl Default for $decay {
            fn default() -> Self {
                Self { every: Steps($every), gamma: $gamma }
            }
        }

        impl Config for $decay {
            const NAME: &'static str = $name;

            fn check(&self) -> Result<()> {
                self.every.check_some("every")?;
                // Rates neither grow nor end at once.
                expect(self.gamma > 0.0 && self.gamma <= 1.0, "gamma", "in (0, 1]", self.gamma)
            }

            fn examples() -> Vec<Self> {
                vec![Self::default(), Self { every: Steps($every_of_example), gamma: $gamma_of_example }]
            }
        }

        impl Schedule for $decay {
            fn factor(&self, at: &At<'_>) -> f64 {
                let times: fn(Steps, &At<'_>) -> f64 = $times;
                libm::pow(self.gamma, times(self.every, at))
            }

            fn needs_total(&self) -> bool {
                self.every.is_share()
            }
        }
    )*};
}

decays! {
    /// Multiplies the learning rate by `gamma` every `every` steps, as PyTorch's `StepLR`.
    ///
    /// `factor = gamma^⌊step/every⌋`
    ///
    /// By default a tenth after each three tenths of the run.
    Step = "step" {
        /// How long a factor stays: a share of all steps below 1, else their number.
        every: 0.3,
        /// What the factor is multiplied by then, in `(0, 1]`.
        gamma: 0.1,
        example: (4.0, 0.5),
        times: |every, at| (at.step / every.of(at.total_or_max()).max(1)) as f64,
    }

    /// Exponential decay of the learning rate, by `gamma` per `every` steps.
    ///
    /// `factor = gamma^(step/every)`
    ///
    /// A share of a run is not rounded to whole steps, so a short run ends where a long one does. By default down to six
    /// thousandths at the end of the run.
    Exponential = "exponential" {
        /// Over how many steps: a share of all steps below 1, else their number.
        every: 0.01,
        /// What the factor is multiplied by over them, in `(0, 1]`.
        gamma: 0.95,
        example: (1.0, 0.9),
        times: |every, at| at.step as f64 / every.exactly(at.total_or_max()),
    }
}
