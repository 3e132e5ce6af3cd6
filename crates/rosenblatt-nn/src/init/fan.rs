//! Rules whose spread follows from the number of inputs and outputs: variance scaling.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Gain, Init, Initializer, ParameterInfo, fill_normal, fill_uniform};
use crate::Config;

/// Whose sizes a rule keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FanMode {
    /// Those of activations, forward: the number of inputs decides.
    #[default]
    FanIn,
    /// Those of gradients, backward: the number of outputs decides.
    FanOut,
}

impl FanMode {
    fn of(self, init: Init) -> usize {
        match self {
            Self::FanIn => init.fan_in(),
            Self::FanOut => init.fan_out(),
        }
    }

    fn is_fan_in(&self) -> bool {
        *self == Self::FanIn
    }
}

/// Uniform in ±1/√fan_in, the default of PyTorch's `Linear`.
///
/// `U(−a, a), a = 1 / √fan_in`
///
/// # Reference
/// LeCun, Bottou, Orr, Müller: Efficient BackProp. 1998, section 4.6, has the same scaling with another factor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FanInUniform {}

impl Config for FanInUniform {
    const NAME: &'static str = "fan_in_uniform";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Initializer for FanInUniform {
    fn fill(&self, parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]) {
        fill_symmetric(rng, spread(1.0, parameter.init.fan_in()), values);
    }
}

/// Rules that fill with a distribution of spread `√(factor · gain² / fan)`.
macro_rules! fan_rules {
    ($($(#[$about:meta])* $rule:ident = $name:literal: $fill:ident($factor:literal * $usual:literal);)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $rule {
            /// Whether the number of inputs decides (`fan_in`), or that of outputs (`fan_out`).
            #[serde(skip_serializing_if = "FanMode::is_fan_in")]
            pub mode: FanMode,
            /// Factor for the activation that follows: `auto`, or a number above 0 [default: the rule's own].
            #[serde(skip_serializing_if = "Option::is_none")]
            pub gain: Option<Gain>,
        }

        impl Config for $rule {
            const NAME: &'static str = $name;
            const MAIN_SETTING: Option<&'static str> = Some("gain");

            fn check(&self) -> Result<()> {
                Gain::check(self.gain)
            }

            fn examples() -> Vec<Self> {
                let auto = Self { gain: Some(Gain::AUTO), ..Self::default() };
                vec![Self::default(), auto, Self { mode: FanMode::FanOut, gain: Some(Gain::Number(1.5)) }]
            }
        }

        impl Initializer for $rule {
            fn fill(&self, parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]) {
                let squared = Gain::squared(self.gain, parameter.gain, $usual);
                $fill(rng, spread($factor * squared, self.mode.of(parameter.init)), values);
            }

            fn needs_gain(&self) -> bool {
                self.gain == Some(Gain::AUTO)
            }
        }
    )*};
}

fan_rules! {
    /// Keeps the size of activations through layers with ReLU, or with another activation by its gain; normal.
    ///
    /// `N(0, gain² / fan)`, with `gain² = 2` unless `gain` is given
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::{Entry, Initializer, init::{Gain, HeNormal}};
    /// let rule = Entry::<dyn Initializer>::parse("he_normal:gain=auto")?;
    /// assert_eq!(rule, HeNormal { gain: Some(Gain::AUTO), ..HeNormal::default() }.into());
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    ///
    /// # Reference
    /// He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015. arXiv:1502.01852, equations 10 and 14.
    HeNormal = "he_normal": fill_normal(1.0 * 2.0);

    /// Keeps the size of activations through layers with ReLU, or with another activation by its gain; uniform.
    ///
    /// `U(−a, a), a = gain √(3 / fan)`, with `gain² = 2` unless `gain` is given
    ///
    /// # Reference
    /// He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015. arXiv:1502.01852, equations 10 and 14.
    HeUniform = "he_uniform": fill_symmetric(3.0 * 2.0);

    /// Keeps the size of numbers through linear layers, and with SELU; normal.
    ///
    /// `N(0, gain² / fan)`, with `gain = 1` unless it is given
    ///
    /// # Differences
    /// Keras and JAX cut the distribution of this name at two standard deviations; this one is a normal distribution.
    ///
    /// # Reference
    /// LeCun, Bottou, Orr, Müller: Efficient BackProp. 1998, section 4.6.
    LecunNormal = "lecun_normal": fill_normal(1.0 * 1.0);

    /// Keeps the size of numbers through linear layers, and with SELU; uniform.
    ///
    /// `U(−a, a), a = gain √(3 / fan)`, with `gain = 1` unless it is given
    ///
    /// # Reference
    /// LeCun, Bottou, Orr, Müller: Efficient BackProp. 1998, section 4.6.
    LecunUniform = "lecun_uniform": fill_symmetric(3.0 * 1.0);
}

/// Rules that fill with a distribution of spread `√(factor · gain² / (fan_in + fan_out))`.
macro_rules! glorot_rules {
    ($($(#[$about:meta])* $rule:ident = $name:literal: $fill:ident($factor:literal);)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $rule {
            /// Factor for the activation that follows: `auto`, or a number above 0 [default: 1].
            #[serde(skip_serializing_if = "Option::is_none")]
            pub gain: Option<Gain>,
        }

        impl Config for $rule {
            const NAME: &'static str = $name;

            fn check(&self) -> Result<()> {
                Gain::check(self.gain)
            }

            fn examples() -> Vec<Self> {
                vec![Self::default(), Self { gain: Some(Gain::AUTO) }, Self { gain: Some(Gain::Number(1.5)) }]
            }
        }

        impl Initializer for $rule {
            fn fill(&self, parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]) {
                let squared = Gain::squared(self.gain, parameter.gain, 1.0);
                $fill(rng, spread($factor * squared, both_fans(parameter.init)), values);
            }

            fn needs_gain(&self) -> bool {
                self.gain == Some(Gain::AUTO)
            }
        }
    )*};
}

glorot_rules! {
    /// Balances the sizes of activations and of gradients; normal. Also called Xavier.
    ///
    /// `N(0, 2 gain² / (fan_in + fan_out))`
    ///
    /// # Reference
    /// Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks. AISTATS 2010,
    /// equation 12.
    GlorotNormal = "glorot_normal": fill_normal(2.0);

    /// Balances the sizes of activations and of gradients; uniform. Also called Xavier.
    ///
    /// `U(−a, a), a = gain √(6 / (fan_in + fan_out))`
    ///
    /// # Reference
    /// Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks. AISTATS 2010,
    /// equation 16.
    GlorotUniform = "glorot_uniform": fill_symmetric(6.0);
}

fn both_fans(init: Init) -> usize {
    init.fan_in() + init.fan_out()
}

/// `√(numerator / fan)`, and 0 where nothing comes in.
fn spread(numerator: f64, fan: usize) -> f64 {
    if fan == 0 {
        0.0
    } else {
        libm::sqrt(numerator / fan as f64)
    }
}

/// Uniform in `[−bound, bound)`.
fn fill_symmetric(rng: &Rng, bound: f64, values: &mut [f64]) {
    fill_uniform(rng, -bound, bound, values);
}
