//! Cube.

use super::Derivative;
use crate::{Elementwise, Family, Real};

/// Cube, element-wise.
///
/// `y = x³`
#[derive(Clone, Copy, Debug, Default)]
pub struct Cube;

impl Elementwise for Cube {
    const NAME: &'static str = "cube";
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x * x * x
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
