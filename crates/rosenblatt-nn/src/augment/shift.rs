//! Random shifts.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{at, below, per_image, places};
use super::{Augmentation, Images};
use crate::entry::expect;
use crate::{Config, Scope};

/// The largest shift.
const MAX_PIXELS: usize = 65_536;

/// Shifts each image by whole pixels, up to `pixels` up or down and up to `pixels` to the left or right; what comes in is 0.
///
/// All `(2 · pixels + 1)²` shifts are equally likely: `torchvision.transforms.RandomCrop(size, padding=pixels)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Shift {
    /// Largest shift in either direction, at least 1 and at most 65,536.
    pub pixels: usize,
}

impl Default for Shift {
    fn default() -> Self {
        Self { pixels: 2 }
    }
}

impl Config for Shift {
    const NAME: &'static str = "shift";

    fn check(&self) -> Result<()> {
        let range = "to be at least 1 and at most 65536";
        expect((1..=MAX_PIXELS).contains(&self.pixels), "pixels", range, self.pixels)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { pixels: 1 }]
    }
}

impl Augmentation for Shift {
    fn apply<'g>(&self, scope: &Scope<'g>, Images { pixels, .. }: Images<'g>) -> Var<'g> {
        let [down, right] = ["down", "right"].map(|name| {
            let uniform = scope.uniform(name, &pixels.shape()[..1]);
            let offset = below(uniform, uniform.full_like((2 * self.pixels + 1) as f64));
            offset - offset.full_like(self.pixels as f64)
        });
        shifted(pixels, down, right)
    }
}

/// Each image moved down and to the right by whole pixels; negative numbers move it up and to the left, what comes in is 0.
///
/// # Shapes
/// - `pixels`: `[rows, channels, height, width]`; `down`, `right`: i64 `[rows]`
/// - returns the shape of `pixels`
#[must_use]
pub fn shifted<'g>(pixels: Var<'g>, down: Var<'g>, right: Var<'g>) -> Var<'g> {
    let [row, column] = places(pixels);
    at(pixels, [row - per_image(down), column - per_image(right)])
}
