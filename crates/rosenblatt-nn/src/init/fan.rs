//! Rules whose spread follows from the number of inputs and outputs: variance scaling.

use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Init, Initializer, fill_normal, fill_uniform};
use crate::Config;

/// Rules that fill with a distribution of spread `√(numerator / fan)`.
macro_rules! fan_rules {
    ($($(#[$about:meta])* $rule:ident = $name:literal: $fill:ident($numerator:literal / $fan:expr);)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $rule {}

        impl Config for $rule {
            const NAME: &'static str = $name;

            fn examples() -> Vec<Self> {
                vec![Self {}]
            }
        }

        impl Initializer for $rule {
            fn fill(&self, init: Init, rng: &Rng, values: &mut [f64]) {
                $fill(rng, spread($numerator, $fan(init)), values);
            }
        }
    )*};
}

fan_rules! {
    /// Uniform in ±1/√fan_in, the default of PyTorch's `Linear`.
    ///
    /// `U(−a, a), a = 1 / √fan_in`
    ///
    /// # Reference
    /// LeCun, Bottou, Orr, Müller: Efficient BackProp. 1998, section 4.6, has the same scaling with another factor.
    FanInUniform = "fan_in_uniform": fill_symmetric(1.0 / Init::fan_in);

    /// Balances the sizes of activations and of gradients; normal. Also called Xavier.
    ///
    /// `N(0, 2 / (fan_in + fan_out))`
    ///
    /// # Reference
    /// Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks. AISTATS 2010,
    /// equation 12.
    GlorotNormal = "glorot_normal": fill_normal(2.0 / both_fans);

    /// Balances the sizes of activations and of gradients; uniform. Also called Xavier.
    ///
    /// `U(−a, a), a = √(6 / (fan_in + fan_out))`
    ///
    /// # Reference
    /// Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks. AISTATS 2010,
    /// equation 16.
    GlorotUniform = "glorot_uniform": fill_symmetric(6.0 / both_fans);

    /// Keeps the size of activations through layers with ReLU; normal.
    ///
    /// `N(0, 2 / fan_in)`
    ///
    /// # Reference
    /// He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015. arXiv:1502.01852, equation 10.
    HeNormal = "he_normal": fill_normal(2.0 / Init::fan_in);

    /// Keeps the size of activations through layers with ReLU; uniform.
    ///
    /// `U(−a, a), a = √(6 / fan_in)`
    ///
    /// # Reference
    /// He, Zhang, Ren, Sun: Delving Deep into Rectifiers. ICCV 2015. arXiv:1502.01852, equation 10.
    HeUniform = "he_uniform": fill_symmetric(6.0 / Init::fan_in);
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
