//! Random noise.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Augmentation, Images};
use crate::entry::range;
use crate::{Config, Scope};

/// Adds a normal random number of mean 0 to each pixel.
///
/// `y = x + std · white · n`, with `white` 255 for images of bytes, else 1; limited to `[0, white]` if `clip`
///
/// With `clip`, `torchvision.transforms.v2.GaussianNoise(sigma=std)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Noise {
    /// Standard deviation, above 0, where black is 0 and white is 1.
    pub std: f64,
    /// Whether pixels are limited to the range from black to white.
    pub clip: bool,
}

impl Default for Noise {
    fn default() -> Self {
        Self { std: 0.1, clip: false }
    }
}

impl Config for Noise {
    const NAME: &'static str = "noise";
    const MAIN_SETTING: Option<&'static str> = Some("std");

    fn check(&self) -> Result<()> {
        range::above_0("std", self.std)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { std: 0.5, clip: true }]
    }
}

impl Augmentation for Noise {
    fn apply<'g>(&self, scope: &Scope<'g>, Images { pixels, white }: Images<'g>) -> Var<'g> {
        let noisy = pixels + scope.normal("noise", &pixels.shape()) * (self.std * white);
        match self.clip {
            true => noisy.clamp(0.0, white),
            false => noisy,
        }
    }
}
