//! From a rule for one number to an op: shapes, kernels and derivatives follow from the rule and its derivatives.

mod binary;
mod unary;

pub use binary::{Binary, Elementwise2};
pub use unary::{Elementwise, Unary};

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::Attributes;
use crate::op::Type;

/// Element `i`, or the only one.
#[inline(always)]
pub(crate) fn at<T: Copy>(x: &[T], i: usize) -> T {
    if let [only] = x { *only } else { x[i] }
}

pub(crate) fn arity(name: &str, want: usize, got: &[Type]) -> Error {
    Error::shape(format!("expected {want} operands, got {}", got.len())).within(name)
}

/// The attributes of a rule without fields; a rule with fields is refused by the compiler.
fn no_attributes<E>() -> Attributes {
    const {
        assert!(
            size_of::<E>() == 0,
            "a rule with fields writes `attributes`, with all of them"
        )
    };
    Attributes::new()
}

/// The only rule of its type, if it has no fields; a rule with fields is refused by the compiler.
fn only_instance<E>(instances: Vec<E>, name: &str) -> Result<E> {
    const {
        assert!(
            size_of::<E>() == 0,
            "a rule with fields writes `make`, from all of them"
        )
    };
    let missing = || Error::internal(format!("`{name}` has no instances"));
    instances.into_iter().next().ok_or_else(missing)
}

/// Shapes of two operands in examples: equal, broadcast, of one element, and of none.
pub(crate) const BROADCAST: [[&[usize]; 2]; 5] = [
    [&[], &[]],
    [&[0, 2], &[2]],
    [&[3, 5], &[3, 5]],
    [&[2, 3, 17], &[3, 1]],
    [&[1], &[4]],
];

/// A random tensor of the given shape with elements uniform in `[low, high)`.
pub(crate) fn random(rng: &mut Stream, shape: &[usize], (low, high): (f64, f64)) -> Tensor {
    let values = (0..shape.iter().product())
        .map(|_| low + (high - low) * rng.next_f64())
        .collect();
    Tensor::from_vec::<f64>(values, shape).unwrap_or_else(|error| unreachable!("{error}"))
}
