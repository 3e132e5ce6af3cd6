//! Random rotations.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{at, per_image, places, sizes};
use super::{Augmentation, Images};
use crate::entry::expect;
use crate::{Config, Scope};

/// Rotates each image about its center by an angle in `[−degrees, degrees]`, all equally likely; what comes in is 0.
///
/// `torchvision.transforms.RandomRotation(degrees, InterpolationMode.BILINEAR)`; see [`rotated`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rotate {
    /// Largest angle in either direction in degrees, above 0 and at most 180.
    pub degrees: f64,
}

impl Default for Rotate {
    fn default() -> Self {
        Self { degrees: 10.0 }
    }
}

impl Config for Rotate {
    const NAME: &'static str = "rotate";

    fn check(&self) -> Result<()> {
        let range = "to be above 0 and at most 180";
        expect(
            self.degrees > 0.0 && self.degrees <= 180.0,
            "degrees",
            range,
            self.degrees,
        )
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { degrees: 180.0 }]
    }
}

impl Augmentation for Rotate {
    fn apply<'g>(&self, scope: &Scope<'g>, Images { pixels, .. }: Images<'g>) -> Var<'g> {
        let uniform = scope.uniform("angle", &pixels.shape()[..1]);
        rotated(pixels, (uniform * 2.0 - 1.0) * self.degrees.to_radians())
    }
}

/// Each image rotated about its center by an angle in radians, counter-clockwise if it is positive, by bilinear interpolation.
///
/// A pixel in row `i` and column `j` is what is at the place `(i', j')` of the image, with the center
/// `(c, d) = ((height − 1) / 2, (width − 1) / 2)`:
///
/// `i' = c + (j − d) sin φ + (i − c) cos φ`, `j' = d + (j − d) cos φ − (i − c) sin φ`
///
/// There it is the mean of the four pixels around, weighed by how near they are; pixels outside of the image are 0. These are
/// the conventions of `affine_grid` and `grid_sample` with `align_corners=False`, of which torchvision's `rotate` is made.
///
/// # Shapes
/// - `pixels`: `[rows, channels, height, width]`; `radians`: `[rows]`
/// - returns the shape of `pixels`
#[must_use]
pub fn rotated<'g>(pixels: Var<'g>, radians: Var<'g>) -> Var<'g> {
    let [_, _, height, width] = sizes(pixels);
    let centers = [height, width].map(|size| (size as f64 - 1.0) / 2.0);
    let [row, column] = places(pixels).map(|place| place.cast(pixels.dtype()));
    let (y, x) = (row - centers[0], column - centers[1]);
    let (sin, cos) = (per_image(radians.sin()), per_image(radians.cos()));
    let [(y, below), (x, right)] = [x * sin + y * cos + centers[0], x * cos - y * sin + centers[1]].map(floor_and_rest);
    let one = y.full_like(1.0);
    let row_of = |y: Var<'g>| at(pixels, [y, x]) * (-right + 1.0) + at(pixels, [y, x + one]) * right;
    row_of(y) * (-below + 1.0) + row_of(y + one) * below
}

/// The whole number below, as i64, and how much is above it.
fn floor_and_rest(place: Var<'_>) -> (Var<'_>, Var<'_>) {
    let cut = place.cast(DType::I64);
    let is_above = cut.cast(place.dtype()).gt(place);
    let floor = is_above.select(cut - cut.full_like(1.0), cut);
    (floor, place - floor.cast(place.dtype()))
}
