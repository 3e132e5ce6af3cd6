//! The largest row of each segment.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Isa, Result};

use super::max::larger;
use super::scatter_add::rows_by_number;
use super::take::random_index;
use crate::elementwise::random;
use crate::loops::{by_float, first_outside, index_error};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// The largest numbers, column by column, of the rows of each segment.
///
/// `y_s = max x_i` over all `i` with `index_i = s`;  the gradient is shared evenly among ties, as by [`super::Max`]
///
/// # Shapes
/// - `x`: `[m, …]`; `index`: `[m]`, i64, in any order
/// - `y`: `[segments, …]`
///
/// # Numerics
/// NaN if one is among them; +0 for −0; −∞, the largest of nothing, for a segment without rows.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands are not so; [`rosenblatt_tensor::ErrorKind::Data`], when it
/// runs, for an index outside `0..segments`.
#[derive(Clone, Copy, Debug)]
pub struct SegmentMax {
    /// Rows of the result.
    pub segments: usize,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "segment_max",
    make: |attributes, _| {
        Ok(Arc::new(SegmentMax {
            segments: attributes.size("segments")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl SegmentMax {
    /// For each number its share of the gradient: 1 over the number of ties where it is the largest, else 0.
    fn shares<'g>(&self, x: &[Var<'g>], y: Var<'g>) -> Var<'g> {
        let ties = x[0].eq(y.take(x[1])).cast(y.dtype());
        ties / ties.scatter_add(x[1], self.segments).take(x[1])
    }
}

impl Op for SegmentMax {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("segments", self.segments)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        rows_by_number(self.name(), x, self.segments)
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ᵢ = ȳ of its segment, shared among ties
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        (i == 0).then(|| dy.take(x[1]) * self.shares(x, y))
    }

    /// ẏ = the mean of ẋ over ties
    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some((dx[0]? * self.shares(x, y)).scatter_add(x[1], self.segments))
    }
}

/// Looks at the rows whose number lies in `own`, and leaves the others to other threads.
struct LargestRows<'a, T> {
    x: &'a [T],
    index: &'a [i64],
    y: &'a mut [T],
    own: Range<usize>,
}

impl<T: Float> Loop for LargestRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { x, index, y, own } = self;
        let width = y.len() / own.len().max(1);
        y.fill(T::NEG_INFINITY);
        for (i, &number) in index.iter().enumerate() {
            let number = number as usize;
            if own.contains(&number) {
                let row = &mut y[(number - own.start) * width..][..width];
                let rivals = &x[i * width..][..width];
                row.iter_mut().zip(rivals).for_each(|(y, &x)| *y = larger(*y, x));
            }
        }
        y.iter_mut().for_each(|y| *y = *y + T::ZERO); // −0 + 0 is +0
    }
}

impl Kernel for SegmentMax {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_float!(output.dtype(), T => {
            let (x, index, y) = (inputs[0].contiguous::<T>()?, inputs[1].contiguous::<i64>()?, output.numbers::<T>()?);
            if let Some(bad) = first_outside(index, self.segments) {
                return Err(index_error(index[bad], bad, self.segments));
            }
            isa.run(LargestRows { x, index, y, own: range });
            Ok(())
        })
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], usize); 7] = [
        (&[4, 3], 3),
        (&[1, 2], 1),
        (&[6], 3),
        (&[3, 2, 2], 2),
        (&[0, 2], 0),
        (&[300, 2], 2),
        (&[5, 0], 2),
    ];
    // Each segment has a row: −∞ has no differences.
    let covered = |rng: &mut Stream, count: usize, segments: usize| {
        let mut index = random_index(rng, count, segments).to_vec::<i64>().unwrap_or_default();
        index
            .iter_mut()
            .zip(0..segments as i64)
            .for_each(|(i, segment)| *i = segment);
        index.sort_unstable();
        index
    };
    let mut example = |(shape, segments): (&[usize], usize)| {
        let x = random(rng, shape, (-1.0, 1.0));
        let index = rosenblatt_tensor::Tensor::from_vec(covered(rng, shape[0], segments), &[shape[0]]);
        index
            .ok()
            .map(|index| Example::new(SegmentMax { segments }, [x, index]))
    };
    cases.into_iter().filter_map(&mut example).collect()
}

impl<'g> Var<'g> {
    /// The largest row, column by column, of each of `segments` segments; row `i` of this value belongs to segment
    /// `index[i]`. −∞ for a segment without rows.
    #[must_use]
    #[track_caller]
    pub fn segment_max(self, index: Self, segments: usize) -> Self {
        self.apply2(SegmentMax { segments }, index)
    }
}
