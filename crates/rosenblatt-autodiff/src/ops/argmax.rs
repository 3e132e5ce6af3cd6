//! The place of the largest number along an axis.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result};

use crate::elementwise::{arity, random};
use crate::loops::{by_float, check_axes};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// The place of the first largest number along an axis, of the first NaN if there is one.
///
/// # Shapes
/// The axis goes away; the result is i64. It has no derivative.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the axis does not exist or has size 0.
#[derive(Clone, Copy, Debug)]
pub struct ArgMax {
    /// The axis.
    pub axis: usize,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "argmax",
    make: |attributes, _| {
        Ok(Arc::new(ArgMax {
            axis: attributes.size("axis")?,
        }))
    },
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for ArgMax {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else {
            return Err(arity(self.name(), 1, x));
        };
        same_float(self.name(), x)?;
        check_axes(&only.shape, &[self.axis]).map_err(|e| e.within(self.name()))?;
        if only.shape[self.axis] == 0 {
            let message = format!("no largest number along axis {} of {:?}", self.axis, only.shape);
            return Err(Error::shape(message).within(self.name()));
        }
        Ok(Type::new(DType::I64, only.shape.without(&[self.axis], false)))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    crate::op::no_gradient!();
}

/// Results `first..first + y.len()`; result `outer · inner + i` looks at `len` numbers, `inner` apart.
struct Places<'a, T> {
    x: &'a [T],
    y: &'a mut [i64],
    first: usize,
    len: usize,
    inner: usize,
}

impl<T: Float> Loop for Places<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            x,
            y,
            first,
            len,
            inner,
        } = self;
        for (result, y) in (first..).zip(y) {
            let base = result / inner * len * inner + result % inner;
            let place = if inner == 1 {
                reduce::argmax(&x[base..base + len])
            } else {
                strided(&x[base..], len, inner)
            };
            *y = place.unwrap_or(0) as i64;
        }
    }
}

/// As [`reduce::argmax`], of numbers that lie `step` apart.
#[inline(always)]
fn strided<T: Float>(x: &[T], len: usize, step: usize) -> Option<usize> {
    (0..len).reduce(|best, i| {
        let (champion, rival) = (x[best * step], x[i * step]);
        if !champion.is_nan() && (rival > champion || rival.is_nan()) {
            i
        } else {
            best
        }
    })
}

impl Kernel for ArgMax {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_float!(inputs[0].dtype(), T => {
            let (shape, x, y) = (inputs[0].shape(), inputs[0].contiguous::<T>()?, output.numbers::<i64>()?);
            let first = if self.axis == 0 { range.start * (y.len() / range.len().max(1)) } else { 0 };
            isa.run(Places { x, y, first, len: shape[self.axis], inner: shape[self.axis + 1..].iter().product() });
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        if self.axis == 0 { Reads::Whole } else { Reads::Rows }
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], usize); 6] = [
        (&[3, 17], 1),
        (&[3, 17], 0),
        (&[2, 3, 4], 1),
        (&[1], 0),
        (&[0, 3], 1),
        (&[5, 1], 1),
    ];
    cases
        .map(|(shape, axis)| Example::new(ArgMax { axis }, [random(rng, shape, (-1.0, 1.0))]))
        .into()
}

impl<'g> Var<'g> {
    /// The place of the first largest number along `axis` (`-1` is the last one), as i64.
    #[must_use]
    #[track_caller]
    pub fn argmax(self, axis: isize) -> Self {
        match self.shape().axis(axis) {
            Ok(axis) => self.apply(ArgMax { axis }),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }
}
