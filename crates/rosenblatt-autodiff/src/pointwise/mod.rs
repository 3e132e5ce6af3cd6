//! Activations: functions of one number, each one file.
//!
//! The formula of a function, [`Elementwise::f`], is written once for any
//! [`Real`](crate::Real): on f32 and f64 it is the loop, on [`Dual`] numbers the derivative, on [`Var`] the derivatives of
//! higher order. To add one: write `pointwise/<name>.rs`, then add its
//! lines here. That makes it an op and a layer of its name; its method of [`Var`] is in its file, as in `pointwise/mish.rs`.
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

mod derivative;
mod dual;
mod gelu;
mod gelu_tanh;
mod leaky_relu;
mod mish;
mod relu;
mod sigmoid;
mod silu;

mod softplus;
mod square;
mod tanh;

pub use derivative::Derivative;
pub use dual::Dual;
pub use gelu::Gelu;
pub use gelu_tanh::GeluTanh;
pub use leaky_relu::LeakyRelu;
pub use mish::Mish;
pub use relu::Relu;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softplus::Softplus;
pub use square::Square;
pub use tanh::Tanh;

pub(crate) use derivative::FAMILY as DERIVATIVE;

use std::fmt;

use crate::{Elementwise, Family, Unary, Var};

/// Calls a macro with every activation, in alphabetical order: its constant, its type, and its name. Tests are made by it,
/// too, so that each activation has its own.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_activation {
    ($with:ident) => {
        $with! {
            GELU = Gelu, gelu;
            GELU_TANH = GeluTanh, gelu_tanh;
            LEAKY_RELU = LeakyRelu, leaky_relu;
            MISH = Mish, mish;
            RELU = Relu, relu;
            SIGMOID = Sigmoid, sigmoid;
            SILU = Silu, silu;
            SOFTPLUS = Softplus, softplus;
            SQUARE = Square, square;
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

/// An activation with its usual settings: an entry of the registry.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::{eval, pointwise::{Activation, RELU}};
/// assert_eq!(eval(|[x]| RELU.apply(x), [&(-1.0).into()])?.item()?, 0.0);
/// assert_eq!(Activation::named("relu").map(|found| found.name()), Some("relu"));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Activation {
    family: Family,
    derivative: Option<Family>,
    apply: for<'g> fn(Var<'g>) -> Var<'g>,
    number: fn(f64) -> f64,
}

impl Activation {
    /// The entry of a function of one number.
    const fn of<E: Elementwise + Default>() -> Self {
        Self {
            family: Family::unary::<E>(),
            derivative: E::DERIVATIVE,
            apply: |x| x.apply(Unary(E::default())),
            number: |x| E::default().value(x),
        }
    }

    /// The activation of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ACTIVATIONS.iter().find(|activation| activation.name() == name).copied()
    }

    /// Its name: file, op, layer.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.family.name
    }

    /// Its value, element-wise.
    #[must_use]
    #[track_caller]
    pub fn apply<'g>(&self, x: Var<'g>) -> Var<'g> {
        (self.apply)(x)
    }

    /// Its value for one number.
    #[must_use]
    pub fn number(&self, x: f64) -> f64 {
        (self.number)(x)
    }

    /// The registry entry of its op.
    pub(crate) const fn family(&self) -> &Family {
        &self.family
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
