//! The largest number along axes.

use std::sync::Arc;

use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Result};

use crate::elementwise::{arity, random};
use crate::loops::{Fold, Reduce, axes_of, check_axes};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// The largest number along axes.
///
/// `y[kept] = max x[kept, reduced]`;  the gradient is shared evenly among ties, as by PyTorch's `amax`
///
/// # Numerics
/// NaN if one is among them; +0 for −0.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] unless the axes exist, ascend, and there is at least one; if one has size 0:
/// nothing has no largest number.
#[derive(Clone, Debug)]
pub struct Max {
    /// What is reduced, ascending.
    pub axes: Vec<usize>,
    /// Whether the reduced axes stay, with size 1.
    pub keep: bool,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "max",
    make: |attributes, _| {
        Ok(Arc::new(Max {
            axes: attributes.sizes("axes")?,
            keep: attributes.bool("keep")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Max {
    /// For each number its share of the gradient: 1 over the number of ties where it is the largest, else 0.
    fn shares<'g>(&self, x: Var<'g>, y: Var<'g>) -> Var<'g> {
        let ties = x.eq(y.reshape(&x.shape().without(&self.axes, true))).cast(x.dtype());
        ties / ties.sum(&self.signed(), true)
    }

    fn signed(&self) -> Vec<isize> {
        self.axes.iter().map(|&axis| axis as isize).collect()
    }
}

impl Op for Max {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axes", &self.axes[..]).with("keep", self.keep)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else {
            return Err(arity(self.name(), 1, x));
        };
        let dtype = same_float(self.name(), x)?;
        check_axes(&only.shape, &self.axes).map_err(|e| e.within(self.name()))?;
        if self.axes.is_empty() || self.axes.iter().any(|&axis| only.shape[axis] == 0) {
            let message = format!("no largest number along axes {:?} of {:?}", self.axes, only.shape);
            return Err(Error::shape(message).within(self.name()));
        }
        Ok(Type::new(dtype, only.shape.without(&self.axes, self.keep)))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(Reduce::<Largest>::new(&self.axes)))
    }

    /// x̄ = ȳ, shared among ties
    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let kept = x[0].shape().without(&self.axes, true);
        Some(dy.reshape(&kept) * self.shares(x[0], y))
    }

    /// ẏ = the mean of ẋ over ties
    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some((dx[0]? * self.shares(x[0], y)).sum(&self.signed(), self.keep))
    }
}

struct Largest;

impl Fold for Largest {
    #[inline(always)]
    fn row<'a, T: Float>(pieces: impl Iterator<Item = &'a [T]>) -> T {
        pieces.map(reduce::max).fold(T::NEG_INFINITY, larger)
    }

    #[inline(always)]
    fn columns<'a, T: Float>(rows: impl Iterator<Item = &'a [T]>, y: &mut [T]) {
        y.fill(T::NEG_INFINITY);
        for row in rows {
            y.iter_mut().zip(row).for_each(|(y, &x)| *y = larger(*y, x));
        }
        y.iter_mut().for_each(|y| *y = *y + T::ZERO); // −0 + 0 is +0
    }
}

/// The larger of two; NaN if either is.
#[inline(always)]
pub(super) fn larger<T: Float>(a: T, b: T) -> T {
    let larger = if b > a { b } else { a };
    if b.is_nan() { b } else { larger }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], &[usize]); 9] = [
        (&[2, 3, 4], &[0]),
        (&[2, 3, 4], &[1]),
        (&[2, 3, 4], &[2]),
        (&[2, 3, 5], &[0, 2]),
        (&[2, 3, 4], &[0, 1, 2]),
        (&[17], &[0]),
        (&[1, 4], &[0]),
        (&[0, 3], &[1]),
        (&[300, 2], &[0]),
    ];
    let both = cases.into_iter().flat_map(|case| [(case, false), (case, true)]);
    both.map(|((shape, axes), keep)| {
        Example::new(
            Max {
                axes: axes.to_vec(),
                keep,
            },
            [random(rng, shape, (-1.0, 1.0))],
        )
    })
    .collect()
}

impl<'g> Var<'g> {
    /// The largest number along `axes` (`-1` is the last one); with `keep` they stay with size 1. Over no axes: itself.
    #[must_use]
    #[track_caller]
    pub fn max(self, axes: &[isize], keep: bool) -> Self {
        match axes_of(self, axes) {
            Ok(axes) if axes.is_empty() => self,
            Ok(axes) => self.apply(Max { axes, keep }),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }
}
