//! Activations: functions of one number, each one file.
//!
//! The formula of a function, [`Elementwise::f`](crate::Elementwise::f), is written once for any
//! [`Real`]: on f32 and f64 it is the loop, on [`Dual`] numbers the derivative, on [`Var`](crate::Var) the derivatives of
//! higher order. To add one: write `pointwise/<name>.rs`, then add its
//! lines here. That makes it an op and a layer of its name; its method of [`Var`](crate::Var) is in its file, as in
//! `pointwise/mish.rs`. A setting is declared in its file, too ([`Elementwise::SETTINGS`](crate::Elementwise::SETTINGS)): `pointwise/elu.rs` is the model.
//!
//! # Example
//! `pointwise/cube.rs`, which needs the lines `mod cube;`, `pub use cube::Cube;` and `CUBE = Cube, cube;` below:
//! ```
//! use rosenblatt_autodiff::pointwise::Derivative;
//! use rosenblatt_autodiff::{Elementwise, Family, Real};
//!
//! /// Cube, element-wise.
//! ///
//! /// `y = x³`
//! #[derive(Clone, Copy, Debug, Default)]
//! pub struct Cube;
//!
//! impl Elementwise for Cube {
//!     const NAME: &'static str = "cube";
//!     const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);
//!
//!     #[inline(always)]
//!     fn f<T: Real>(&self, x: T) -> T {
//!         x * x * x
//!     }
//!
//!     fn instances() -> Vec<Self> {
//!         vec![Self]
//!     }
//! }
//!
//! # use rosenblatt_autodiff::{Unary, grad};
//! let dx = grad(|[x]| x.apply(Unary(Cube)), [&2.0.into()])?;
//! assert_eq!(dx[0].item()?, 12.0);
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

mod activation;
mod derivative;
mod dual;
mod elu;
mod gelu;
mod gelu_logistic;
mod gelu_tanh;
mod hard_logistic;
mod hard_sigmoid;
mod hard_swish;
mod hard_tanh;
mod leaky_relu;
mod mish;
mod relu;
mod selu;
mod setting;
mod sigmoid;
mod sign;
mod silu;
mod softplus;
mod softsign;
mod square;
mod swish;
mod tanh;

pub use activation::Activation;
pub use derivative::Derivative;
pub use dual::Dual;
pub use elu::Elu;
pub use gelu::Gelu;
pub use gelu_logistic::GeluLogistic;
pub use gelu_tanh::GeluTanh;
pub use hard_logistic::HardLogistic;
pub use hard_sigmoid::HardSigmoid;
pub use hard_swish::HardSwish;
pub use hard_tanh::HardTanh;
pub use leaky_relu::LeakyRelu;
pub use mish::Mish;
pub use relu::Relu;
pub use selu::Selu;
pub use setting::Setting;
pub use sigmoid::Sigmoid;
pub use sign::Sign;
pub use silu::Silu;
pub use softplus::Softplus;
pub use softsign::Softsign;
pub use square::Square;
pub use swish::Swish;
pub use tanh::Tanh;

pub(crate) use derivative::FAMILY as DERIVATIVE;

use crate::Real;

/// Calls a macro with every activation, in alphabetical order: its constant, its type, and its name. Tests are made by it,
/// too, so that each activation has its own.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_activation {
    ($with:ident) => {
        $with! {
            ELU = Elu, elu;
            GELU = Gelu, gelu;
            GELU_LOGISTIC = GeluLogistic, gelu_logistic;
            GELU_TANH = GeluTanh, gelu_tanh;
            HARD_LOGISTIC = HardLogistic, hard_logistic;
            HARD_SIGMOID = HardSigmoid, hard_sigmoid;
            HARD_SWISH = HardSwish, hard_swish;
            HARD_TANH = HardTanh, hard_tanh;
            LEAKY_RELU = LeakyRelu, leaky_relu;
            MISH = Mish, mish;
            RELU = Relu, relu;
            SELU = Selu, selu;
            SIGMOID = Sigmoid, sigmoid;
            SIGN = Sign, sign;
            SILU = Silu, silu;
            SOFTPLUS = Softplus, softplus;
            SOFTSIGN = Softsign, softsign;
            SQUARE = Square, square;
            SWISH = Swish, swish;
            TANH = Tanh, tanh;
        }
    };
}

macro_rules! constants {
    ($($constant:ident = $type:ident, $name:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`: see [`", stringify!($type), "`].")]
            pub const $constant: Activation = Activation::of::<$type>();
        )*

        /// Every activation, in alphabetical order.
        pub static ACTIVATIONS: &[Activation] = &[$($constant),*];
    };
}
for_each_activation!(constants);

/// Beyond this size the factor of `x` in a gated activation, such as `σ(x)`, is 0 or 1 in f64.
const SATURATED: f64 = 1000.0;

/// `f(x)` for a function that is `x` far above 0 and 0 far below it, given `y = f(inside(x))`: `f` is computed only where it has
/// not reached its tails, so that neither its value nor a derivative of it is `∞ · 0`.
///
/// `f` is no closure: one that calls a function of many steps is not inlined, and the loop over elements then has no vectors.
#[inline(always)]
fn with_tails<T: Real>(x: T, y: T) -> T {
    T::select(x.gt(x.full_like(SATURATED)), x, y)
}

/// `x`, or the place from which on a function has reached its tail: see [`with_tails`].
#[inline(always)]
fn inside<T: Real>(x: T) -> T {
    clip(x, -SATURATED, SATURATED)
}

/// `x`, at least `low` and at most `high`; the derivative is 0 at both ends.
#[inline(always)]
fn clip<T: Real>(x: T, low: f64, high: f64) -> T {
    let (low, high) = (x.full_like(low), x.full_like(high));
    T::select(x.le(low), low, T::select(x.ge(high), high, x))
}

/// `eˣ − 1` for `x ≤ 0`, which does not cancel near 0: `2 t / (1 − t)` with `t = tanh(x/2)`.
#[inline(always)]
fn exp_m1_below_zero<T: Real>(x: T) -> T {
    let t = (x * x.full_like(0.5)).tanh();
    (t + t) / (x.full_like(1.0) - t)
}
