//! Random erasing.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{below, per_image, places, sizes};
use super::{Augmentation, Images};
use crate::entry::{expect, range};
use crate::{Config, Scope};

/// Erases a random rectangle of each image with probability `p`: its pixels become 0.
///
/// Its share of the image is drawn from `scale`, and its height over its width from `ratio`, so that the logarithm of it is
/// uniform; all places inside of the image are equally likely. `torchvision.transforms.RandomErasing(p, scale, ratio)`, but
/// where a rectangle is too long for the image, the ratio is drawn among those that fit, instead of anew.
///
/// # Reference
/// Zhong, Zheng, Kang, Li, Yang: Random Erasing Data Augmentation. AAAI 2020. arXiv:1708.04896, algorithm 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Erase {
    /// Probability of erasing, in `[0, 1]`.
    pub p: f64,
    /// Smallest and largest share of the image, in `(0, 1]`.
    pub scale: [f64; 2],
    /// Smallest and largest height over width, above 0.
    pub ratio: [f64; 2],
}

impl Default for Erase {
    fn default() -> Self {
        Self {
            p: 0.5,
            scale: [0.02, 0.33],
            ratio: [0.3, 3.3],
        }
    }
}

impl Config for Erase {
    const NAME: &'static str = "erase";
    const MAIN_SETTING: Option<&'static str> = Some("p");

    fn check(&self) -> Result<()> {
        let Self { p, scale, ratio } = self;
        range::probability("p", *p)?;
        let is_range = |[least, most]: [f64; 2], max: f64| least > 0.0 && least <= most && most <= max;
        let got = |[least, most]: [f64; 2]| format!("[{least}, {most}]");
        let range = "to be two numbers above 0, the smaller first, and at most 1";
        expect(is_range(*scale, 1.0), "scale", range, got(*scale))?;
        let range = "to be two finite numbers above 0, the smaller first";
        expect(is_range(*ratio, f64::MAX), "ratio", range, got(*ratio))
    }

    fn examples() -> Vec<Self> {
        let (scale, ratio) = ([0.1, 0.1], [1.0, 1.0]);
        vec![Self::default(), Self { p: 1.0, scale, ratio }]
    }
}

impl Augmentation for Erase {
    fn apply<'g>(&self, scope: &Scope<'g>, Images { pixels, .. }: Images<'g>) -> Var<'g> {
        let [rows, _, height, width] = sizes(pixels);
        let lengths = self.lengths(scope, pixels);
        let start = |name: &str, length: Var<'g>, size: usize| {
            let places = length.full_like((size + 1) as f64) - length;
            below(scope.uniform(name, &[rows]), places)
        };
        let [top, left] = [start("top", lengths[0], height), start("left", lengths[1], width)];
        let erase = scope.bernoulli("erase", self.p, &[rows]).cast(DType::Bool);
        let tall = erase.select(lengths[0], lengths[0].full_like(0.0));
        erased(pixels, [top, left], [tall, lengths[1]])
    }
}

impl Erase {
    /// Height and width of the rectangle of each image, i64 `[rows]`.
    fn lengths<'g>(&self, scope: &Scope<'g>, pixels: Var<'g>) -> [Var<'g>; 2] {
        let [rows, _, height, width] = sizes(pixels);
        let [least, most] = self.scale;
        let share = scope.uniform("share", &[rows]) * (most - least) + least;
        let area = (share * (height * width) as f64).ln();
        let [low, high] = self.ratio.map(|ratio| area.full_like(libm::log(ratio)));
        // √(area · ratio) is at most the height, and √(area / ratio) the width.
        let low = low.maximum(area - 2.0 * libm::log(width as f64));
        let high = high.minimum(-area + 2.0 * libm::log(height as f64));
        let ratio = low + (high - low) * scope.uniform("ratio", &[rows]);
        [(area + ratio, height), (area - ratio, width)].map(|(square, size)| {
            let length = ((square * 0.5).exp() + 0.5).cast(DType::I64);
            length
                .maximum(length.full_like(1.0))
                .minimum(length.full_like(size as f64))
        })
    }
}

/// Each image with a rectangle of 0, of which `place` is the top row and the left column, and `size` height and width.
///
/// # Shapes
/// - `pixels`: `[rows, channels, height, width]`; `place`, `size`: i64 `[rows]` each
/// - returns the shape of `pixels`
#[must_use]
pub fn erased<'g>(pixels: Var<'g>, place: [Var<'g>; 2], size: [Var<'g>; 2]) -> Var<'g> {
    let [row, column] = places(pixels);
    let inside = |number: Var<'g>, axis: usize| {
        let (start, length) = (per_image(place[axis]), per_image(size[axis]));
        let is_before_end = number.lt(start + length);
        number.ge(start).select(is_before_end, is_before_end.full_like(0.0))
    };
    let zero = pixels.full_like(0.0);
    let in_row = inside(column, 1).select(zero, pixels);
    inside(row, 0).select(in_row, pixels)
}
