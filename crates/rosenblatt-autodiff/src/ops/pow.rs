//! Powers.

use crate::{Binary, Elementwise2, Real, Var};

/// Power, element-wise; operands are broadcast.
///
/// `y = aᵇ`;  `∂y/∂a = b aᵇ⁻¹`, `∂y/∂b = y ln a`
///
/// # Numerics
/// At most 1 ULP off in f32. `a⁰ = 1` for every `a`, and its derivative with respect to `a` is 0, also at `a = 0`; the
/// derivative with respect to `b` at `a = 0`, `b ≥ 0` is 0: all as in PyTorch. Higher derivatives are right at `b = 0`,
/// too (`∂²y/∂a∂b = 1/a`), except where a power of `1/a` overflows. NaN for a negative base with an exponent
/// that is not whole.
#[derive(Clone, Copy, Debug)]
pub struct Pow;

impl Elementwise2 for Pow {
    const NAME: &'static str = "pow";
    const DOMAIN: [(f64, f64); 2] = [(0.1, 4.0), (-2.0, 3.0)];
    // A base of 0 has no differences on both sides: `tests/all/conventions.rs` has it.
    const EDGES: &'static [[f64; 2]] = &[[2.0, 0.0], [0.5, 0.0], [1.0, 0.0], [1.0, -1.0], [3.0, 1.0], [3.0, 2.0]];

    #[inline(always)]
    fn f<T: Real>(&self, a: T, b: T) -> T {
        a.pow(b)
    }

    #[inline(always)]
    fn da<T: Real>(&self, a: T, b: T, _y: T, dy: T) -> T {
        // Where b = 0 the factor b makes it 0, whatever a is; a base of 1 where 1/a is not finite, which b would not.
        let inverse = a.full_like(1.0) / a;
        let is_finite = inverse.abs().lt(a.full_like(f64::INFINITY));
        let base = T::select(b.eq(b.full_like(0.0)), T::select(is_finite, a, a.full_like(1.0)), a);
        dy * (b * base.pow(b - b.full_like(1.0)))
    }

    #[inline(always)]
    fn db<T: Real>(&self, a: T, b: T, y: T, dy: T) -> T {
        // A base of 1 has the logarithm 0, which stands for lim y ln a = 0.
        let base = T::select(
            a.eq(a.full_like(0.0)),
            T::select(b.ge(b.full_like(0.0)), a.full_like(1.0), a),
            a,
        );
        dy * (y * base.ln())
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}

impl<'g> Var<'g> {
    /// `self` to the power `exponent`, element-wise.
    #[must_use]
    #[track_caller]
    pub fn pow(self, exponent: Self) -> Self {
        self.apply2(Binary(Pow), exponent)
    }
}
