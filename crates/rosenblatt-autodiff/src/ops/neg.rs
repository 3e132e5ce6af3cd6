//! Negation.

use crate::{Elementwise, Real};

/// Negation, element-wise.
///
/// `y = −x`;  `dy/dx = −1`
#[derive(Clone, Copy, Debug)]
pub struct Neg;

impl Elementwise for Neg {
    const NAME: &'static str = "neg";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        -x
    }

    fn df<T: Real>(&self, x: T, _y: T) -> T {
        x.full_like(-1.0)
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
