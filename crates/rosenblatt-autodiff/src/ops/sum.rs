//! Sums over axes.

use std::sync::Arc;

use rosenblatt_tensor::kernels::product::KB;
use rosenblatt_tensor::kernels::reduce::LaneSum;
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Result};

use crate::elementwise::{arity, random};
use crate::loops::{Fold, Reduce, WIDTH, axes_of, check_axes};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Sum over axes; the sum of nothing is 0.
///
/// `y[kept] = Σ x[kept, summed]`
///
/// # Numerics
/// The order is the sum rule's, whatever computes it. Sums that keep the last axis: row-major over the summed axes, one
/// chain of additions from +0 in each block of 128, block sums added in order. Sums that include it: 16 lanes over
/// blocks of 1,024 in row-major order, in f64, rounded once.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] unless the axes exist, ascend, and there is at least one.
#[derive(Clone, Debug)]
pub struct Sum {
    /// What is summed over, ascending.
    pub axes: Vec<usize>,
    /// Whether the summed axes stay, with size 1.
    pub keep: bool,
    /// Whether all axes but the last are summed, which products' kernels do.
    columns: bool,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "sum",
    make: |attributes, x| {
        let rank = x.first().map_or(0, |x| x.shape.rank());
        Ok(Arc::new(Sum::new(
            attributes.sizes("axes")?,
            attributes.bool("keep")?,
            rank,
        )))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Sum {
    /// The sum over `axes`, in ascending order, of operands with `rank` axes.
    #[must_use]
    pub fn new(axes: Vec<usize>, keep: bool, rank: usize) -> Self {
        let columns = axes.len() + 1 == rank && axes.iter().copied().eq(0..axes.len());
        Self { axes, keep, columns }
    }
}

impl Op for Sum {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    /// Without `columns`, which follows from the axes and the operand.
    fn attributes(&self) -> Attributes {
        Attributes::new().with("axes", &self.axes[..]).with("keep", self.keep)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else {
            return Err(arity(self.name(), 1, x));
        };
        let dtype = same_float(self.name(), x)?;
        check_axes(&only.shape, &self.axes).map_err(|e| e.within(self.name()))?;
        if self.axes.is_empty() || self.columns && self.axes.len() + 1 != only.shape.rank() {
            let message = format!("{self:?} was not made for {:?}", only.shape);
            return Err(Error::shape(message).within(self.name()));
        }
        Ok(Type::new(dtype, only.shape.without(&self.axes, self.keep)))
    }

    fn lowering(&self) -> Lowering {
        if self.columns {
            Lowering::ColumnSum
        } else {
            Lowering::Kernel(Arc::new(Reduce::<Total>::new(&self.axes)))
        }
    }

    /// Time is one more axis to sum over.
    fn sum_over_steps<'g>(&self, x: &[Var<'g>]) -> Option<Var<'g>> {
        let (shape, later) = (x[0].shape(), self.axes.iter().map(|axis| axis + 1));
        let axes: Vec<usize> = [0].into_iter().chain(later).collect();
        let y = x[0].apply(Self::new(axes.clone(), false, shape.rank()));
        let kept = shape.without(&axes[1..], self.keep).without(&[0], false);
        Some(y.reshape(&kept))
    }

    /// x̄ = ȳ stretched along the summed axes
    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let shape = x[0].shape();
        Some(dy.reshape(&shape.without(&self.axes, true)).broadcast_to(&shape))
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.apply(self.clone()))
    }
}

/// Addition by the sum rule.
struct Total;

impl Fold for Total {
    #[inline(always)]
    fn row<'a, T: Float>(pieces: impl Iterator<Item = &'a [T]>) -> T {
        let mut sum = LaneSum::new();
        pieces.for_each(|piece| sum.push(piece));
        T::from_f64(sum.finish())
    }

    #[inline(always)]
    fn columns<'a, T: Float>(rows: impl Iterator<Item = &'a [T]>, y: &mut [T]) {
        let mut block = [T::ZERO; WIDTH];
        y.fill(T::ZERO);
        // A block sum started from +0 is never −0, so adding the first one to +0 leaves it as it is.
        for (k, row) in rows.enumerate() {
            if k > 0 && k.is_multiple_of(KB) {
                add(y, &block);
                block = [T::ZERO; WIDTH];
            }
            add(&mut block, row);
        }
        add(y, &block);
    }
}

#[inline(always)]
fn add<T: Float>(sums: &mut [T], x: &[T]) {
    sums.iter_mut().zip(x).for_each(|(sum, &x)| *sum = *sum + x);
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], &[usize]); 11] = [
        (&[2, 3, 4], &[0]),
        (&[2, 3, 4], &[1]),
        (&[2, 3, 4], &[2]),
        (&[2, 3, 5], &[0, 2]),
        (&[2, 3, 4], &[0, 1]),
        (&[2, 3, 4], &[0, 1, 2]),
        (&[17], &[0]),
        (&[1, 4], &[0]),
        (&[0, 3], &[0]),
        (&[3, 0], &[1]),
        (&[300, 2], &[0]),
    ];
    let both = cases.into_iter().flat_map(|case| [(case, false), (case, true)]);
    both.map(|((shape, axes), keep)| {
        Example::new(
            Sum::new(axes.to_vec(), keep, shape.len()),
            [random(rng, shape, (-1.0, 1.0))],
        )
    })
    .collect()
}

impl<'g> Var<'g> {
    /// Sum over `axes` (`-1` is the last one); with `keep` they stay with size 1. Over no axes: itself.
    #[must_use]
    #[track_caller]
    pub fn sum(self, axes: &[isize], keep: bool) -> Self {
        match axes_of(self, axes) {
            Ok(axes) if axes.is_empty() => self,
            Ok(axes) => self.apply(Sum::new(axes, keep, self.shape().rank())),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }

    /// Sum of all elements.
    #[must_use]
    #[track_caller]
    pub fn sum_all(self) -> Self {
        let axes: Vec<isize> = (0..self.shape().rank() as isize).collect();
        self.sum(&axes, false)
    }
}
