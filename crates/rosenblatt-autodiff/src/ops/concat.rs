//! Values joined along an axis.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Element, Error, Isa, Result};

use crate::elementwise::random;
use crate::loops::by_type;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// Operands one after the other along an axis.
///
/// # Shapes
/// One to eight operands of one type (any) and rank (at least 1), alike except along `axis`.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if they are not.
#[derive(Clone, Copy, Debug)]
pub struct Concat {
    /// The axis.
    pub axis: usize,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "concat",
    make: |attributes, _| {
        Ok(Arc::new(Concat {
            axis: attributes.size("axis")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

/// What a kernel may read.
pub(crate) const MOST: usize = 8;

impl Concat {
    /// As [`MOST`].
    pub(crate) const MOST: usize = MOST;
}

impl Op for Concat {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let fail = |message: String| Err(Error::shape(message).within(self.name()));
        let Some(first) = x.first().filter(|_| x.len() <= MOST) else {
            return fail(format!("expected 1 to {MOST} operands, got {}", x.len()));
        };
        if self.axis >= first.shape.rank() {
            return fail(format!("axis {} does not exist in {:?}", self.axis, first.shape));
        }
        let rest = |x: &Type| (x.dtype, x.shape.rank(), x.shape.without(&[self.axis], false));
        if let Some(other) = x.iter().find(|other| rest(other) != rest(first)) {
            return fail(format!("{other:?} does not fit {first:?} along axis {}", self.axis));
        }
        let mut sizes = first.shape.to_vec();
        sizes[self.axis] = x.iter().map(|x| x.shape[self.axis]).sum();
        Ok(Type::new(first.dtype, rosenblatt_tensor::Shape::new(&sizes)?))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ᵢ = its part of ȳ
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let size = |x: &Var<'g>| x.shape()[self.axis];
        let start: usize = x[..i].iter().map(size).sum();
        Some(dy.slice(self.axis as isize, start, start + size(&x[i])))
    }

    /// ẏ = the tangents joined, zeros where there is none
    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        dx.iter().flatten().next()?;
        let parts = x
            .iter()
            .zip(dx)
            .map(|(x, dx)| dx.unwrap_or_else(|| y.full_like(0.0).broadcast_to(&x.shape())));
        Some(y.graph().apply(*self, &parts.collect::<Vec<_>>()))
    }
}

/// Copies the runs of each operand that fall into a range of the result.
struct Join<'a, T> {
    /// Operands, and the length of one run of each: the sizes from the axis on.
    parts: [(&'a [T], usize); MOST],
    y: &'a mut [T],
    /// The place of `y` in the result.
    first: usize,
}

impl<T: Element> Loop for Join<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let whole: usize = self.parts.iter().map(|(_, run)| run).sum();
        let mut at = 0;
        while at < self.y.len() {
            let (row, mut column) = ((self.first + at) / whole, (self.first + at) % whole);
            for (x, run) in self.parts {
                let len = run.saturating_sub(column).min(self.y.len() - at);
                if len > 0 {
                    self.y[at..at + len].copy_from_slice(&x[row * run + column..][..len]);
                }
                at += len;
                column = column.saturating_sub(run);
            }
        }
    }
}

impl Kernel for Concat {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_type!(output.dtype(), T => {
            let mut parts: [(&[T], usize); MOST] = [(&[], 0); MOST];
            for (part, x) in parts.iter_mut().zip(inputs) {
                *part = (x.contiguous::<T>()?, x.shape()[self.axis..].iter().product());
            }
            let y = output.numbers::<T>()?;
            let first = if self.axis == 0 { range.start * (y.len() / range.len().max(1)) } else { 0 };
            isa.run(Join { parts, y, first });
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        if self.axis == 0 { Reads::Whole } else { Reads::Rows }
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[&[usize]], usize); 7] = [
        (&[&[2, 3], &[1, 3]], 0),
        (&[&[2, 3], &[2, 1], &[2, 2]], 1),
        (&[&[2], &[0], &[1]], 0),
        (&[&[1, 2, 2], &[1, 2, 2]], 2),
        (&[&[3, 17, 2], &[3, 5, 2]], 1),
        (&[&[0, 3], &[0, 2]], 1),
        (&[&[4]], 0),
    ];
    cases
        .map(|(shapes, axis)| {
            let inputs: Vec<_> = shapes.iter().map(|shape| random(rng, shape, (-1.0, 1.0))).collect();
            Example::new(Concat { axis }, inputs)
        })
        .into()
}

impl<'g> Var<'g> {
    /// This value and others, one after the other along `axis` (`-1` is the last one); more than eight in groups.
    #[must_use]
    #[track_caller]
    pub fn concat(self, others: &[Self], axis: isize) -> Self {
        let axis = match self.shape().axis(axis) {
            Ok(axis) => axis,
            Err(error) => return self.fail(error.within(FAMILY.name)),
        };
        let mut parts = [&[self], others].concat();
        while parts.len() > MOST {
            let mut groups = Vec::new();
            for group in parts.chunks(MOST) {
                groups.push(self.graph().apply(Concat { axis }, group)); // not in a closure, which hides the caller
            }
            parts = groups;
        }
        self.graph().apply(Concat { axis }, &parts)
    }
}
