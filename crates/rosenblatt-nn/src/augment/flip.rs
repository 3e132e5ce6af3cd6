//! Random flips.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{at, per_image, places, sizes};
use super::{Augmentation, Images};
use crate::entry::range;
use crate::{Config, Scope};

/// Flips each image with probability `p`: left and right change places, or top and bottom if `vertical`.
///
/// `torchvision.transforms.RandomHorizontalFlip(p)` and `RandomVerticalFlip(p)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Flip {
    /// Probability of a flip, in `[0, 1]`.
    pub p: f64,
    /// Whether top and bottom change places, not left and right.
    pub vertical: bool,
}

impl Default for Flip {
    fn default() -> Self {
        Self {
            p: 0.5,
            vertical: false,
        }
    }
}

impl Config for Flip {
    const NAME: &'static str = "flip";
    const MAIN_SETTING: Option<&'static str> = Some("p");

    fn check(&self) -> Result<()> {
        range::probability("p", self.p)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::default(),
            Self {
                p: 0.25,
                vertical: true,
            },
        ]
    }
}

impl Augmentation for Flip {
    fn apply<'g>(&self, scope: &Scope<'g>, Images { pixels, .. }: Images<'g>) -> Var<'g> {
        let flip = scope.bernoulli("flip", self.p, &pixels.shape()[..1]);
        flipped(pixels, flip.cast(DType::Bool), self.vertical)
    }
}

/// The images whose `flip` is true with left and right in each other's place, or top and bottom if `vertical`.
///
/// # Shapes
/// - `pixels`: `[rows, channels, height, width]`; `flip`: bool `[rows]`
/// - returns the shape of `pixels`
#[must_use]
pub fn flipped<'g>(pixels: Var<'g>, flip: Var<'g>, vertical: bool) -> Var<'g> {
    let [_, _, height, width] = sizes(pixels);
    let [row, column] = places(pixels);
    let turned = |place: Var<'g>, size: usize| {
        let opposite = place.full_like(size.saturating_sub(1) as f64) - place;
        per_image(flip).select(opposite, place)
    };
    match vertical {
        true => at(pixels, [turned(row, height), column]),
        false => at(pixels, [row, turned(column, width)]),
    }
}
