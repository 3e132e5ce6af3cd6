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
/// Any number of operands, at least one, of one type (any) and rank (at least 1), alike except along `axis`.
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

/// Elements of the result that are filled before going on to the next rows: few enough to stay in the first-level cache.
const BLOCK: usize = 2048;

impl Op for Concat {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let fail = |message: String| Err(Error::shape(message).within(self.name()));
        let Some(first) = x.first() else {
            return fail("expected at least one operand".to_string());
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
    parts: &'a [View<'a>],
    /// Elements of one run of a part: the sizes from here on.
    axis: usize,
    y: &'a mut [T],
    /// The place of `y` in the result.
    first: usize,
}

impl<T: Element> Loop for Join<'_, T> {
    type Output = Result<()>;

    #[inline(always)]
    fn run(self) -> Result<()> {
        let run = |x: &View<'_>| x.shape()[self.axis..].iter().product::<usize>();
        let whole = self.parts.iter().map(run).sum::<usize>().max(1);
        let (first, end) = (self.first, self.first + self.y.len());
        let rows = first / whole..end.div_ceil(whole);
        let at_once = (BLOCK / whole).max(1);
        for row in rows.clone().step_by(at_once) {
            let rows = row..(row + at_once).min(rows.end);
            let mut column = 0;
            for part in self.parts {
                let (x, run) = (part.contiguous::<T>()?, run(part));
                for row in rows.clone() {
                    let start = row * whole + column;
                    let (from, to) = (start.max(first), (start + run).min(end));
                    if from < to {
                        let x = &x[row * run + (from - start)..][..to - from];
                        self.y[from - first..to - first].copy_from_slice(x);
                    }
                }
                column += run;
            }
        }
        Ok(())
    }
}

impl Kernel for Concat {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_type!(output.dtype(), T => {
            let (axis, y) = (self.axis, output.numbers::<T>()?);
            let first = if axis == 0 { range.start * (y.len() / range.len().max(1)) } else { 0 };
            isa.run(Join { parts: inputs, axis, y, first })
        })
    }

    fn reads(&self, _: usize) -> Reads {
        if self.axis == 0 { Reads::Whole } else { Reads::Rows }
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[&[usize]], usize); 8] = [
        (&[&[2, 3], &[1, 3]], 0),
        (&[&[2, 3], &[2, 1], &[2, 2]], 1),
        (&[&[2], &[0], &[1]], 0),
        (&[&[1, 2, 2], &[1, 2, 2]], 2),
        (&[&[3, 17, 2], &[3, 5, 2]], 1),
        (&[&[0, 3], &[0, 2]], 1),
        (&[&[4]], 0),
        (&[&[2, 1][..]; 12], 1),
    ];
    cases
        .map(|(shapes, axis)| {
            let inputs: Vec<_> = shapes.iter().map(|shape| random(rng, shape, (-1.0, 1.0))).collect();
            Example::new(Concat { axis }, inputs)
        })
        .into()
}

impl<'g> Var<'g> {
    /// This value and others, one after the other along `axis` (`-1` is the last one).
    #[must_use]
    #[track_caller]
    pub fn concat(self, others: &[Self], axis: isize) -> Self {
        let axis = match self.shape().axis(axis) {
            Ok(axis) => axis,
            Err(error) => return self.fail(error.within(FAMILY.name)),
        };
        self.graph().apply(Concat { axis }, &[&[self], others].concat())
    }
}
