//! Cumulative sums.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Element, Isa, Result, Tensor};

use crate::elementwise::{arity, random};
use crate::loops::{WIDTH, by_number, check_axes};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_number};
use crate::{Attributes, Var};

/// Cumulative sum along an axis, of floating-point numbers or i64.
///
/// `y_k = x_0 + … + x_k`, or with `reverse` `y_k = x_k + … + x_{n−1}`, which is the gradient of the other
///
/// # Numerics
/// Added one after the other in f64 (f32 too) from +0, and rounded once for each result; i64 wraps. From a NaN on all
/// results are NaN.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the axis does not exist.
#[derive(Clone, Copy, Debug)]
pub struct CumSum {
    /// The axis.
    pub axis: usize,
    /// Whether the sums begin at the end.
    pub reverse: bool,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "cumsum",
    make: |attributes, _| {
        Ok(Arc::new(CumSum {
            axis: attributes.size("axis")?,
            reverse: attributes.bool("reverse")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for CumSum {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axis", self.axis).with("reverse", self.reverse)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else {
            return Err(arity(self.name(), 1, x));
        };
        same_number(self.name(), x)?;
        check_axes(&only.shape, &[self.axis]).map_err(|e| e.within(self.name()))?;
        Ok(*only)
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = the sums of ȳ from the other end
    fn vjp<'g>(&self, _: usize, _x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let other = Self {
            reverse: !self.reverse,
            ..*self
        };
        y.dtype().is_float().then(|| dy.apply(other))
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.apply(*self))
    }
}

/// A number with what its sums are kept in.
trait Summed: Element {
    type Sum: Copy + Default;
    fn add(sum: Self::Sum, x: Self) -> Self::Sum;
    fn round(sum: Self::Sum) -> Self;
}

macro_rules! summed {
    ($($number:ty: $sum:ty, |$total:ident, $x:ident| $add:expr;)*) => {$(
        impl Summed for $number {
            type Sum = $sum;
            #[inline(always)]
            fn add($total: $sum, $x: $number) -> $sum { $add }
            #[inline(always)]
            fn round(sum: $sum) -> $number { sum as $number }
        }
    )*};
}
summed! {
    f32: f64, |sum, x| sum + f64::from(x);
    f64: f64, |sum, x| sum + x;
    i64: i64, |sum, x| sum.wrapping_add(x);
}

/// Blocks of `len` rows of `inner` numbers; of each block the rows `own` are stored.
struct Sums<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    len: usize,
    inner: usize,
    own: Range<usize>,
    reverse: bool,
}

impl<T: Summed> Loop for Sums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (inner, own) = (self.inner, self.own);
        if self.y.is_empty() {
            return;
        }
        let blocks = self.x.chunks_exact(self.len * inner);
        for (x, y) in blocks.zip(self.y.chunks_exact_mut(own.len() * inner)) {
            for column in (0..inner).step_by(WIDTH) {
                let width = WIDTH.min(inner - column);
                let mut sums = [T::Sum::default(); WIDTH];
                let mut push = |k: usize| {
                    let row = &x[k * inner + column..][..width];
                    sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum = T::add(*sum, x));
                    if own.contains(&k) {
                        let row = &mut y[(k - own.start) * inner + column..][..width];
                        row.iter_mut().zip(&sums).for_each(|(y, &sum)| *y = T::round(sum));
                    }
                };
                if self.reverse {
                    (own.start..self.len).rev().for_each(&mut push);
                } else {
                    (0..own.end).for_each(&mut push);
                }
            }
        }
    }
}

impl Kernel for CumSum {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        by_number!(output.dtype(), T => {
            let (shape, x, y) = (inputs[0].shape(), inputs[0].contiguous::<T>()?, output.numbers::<T>()?);
            let (len, inner) = (shape[self.axis], shape[self.axis + 1..].iter().product());
            let own = if self.axis == 0 { range } else { 0..len };
            isa.run(Sums { x, y, len, inner, own, reverse: self.reverse });
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        if self.axis == 0 { Reads::Whole } else { Reads::Rows }
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], usize); 9] = [
        (&[5], 0),
        (&[1], 0),
        (&[0], 0),
        (&[3, 17], 1),
        (&[3, 17], 0),
        (&[2, 3, 4], 1),
        (&[2, 0, 3], 1),
        (&[2, 3, 0], 1),
        (&[2, 70], 0),
    ];
    let mut examples = Vec::new();
    for ((shape, axis), reverse) in cases.into_iter().flat_map(|case| [(case, false), (case, true)]) {
        let op = CumSum { axis, reverse };
        examples.push(Example::new(op, [random(rng, shape, (-1.0, 1.0))]));
    }
    let op = CumSum {
        axis: 0,
        reverse: false,
    };
    let strided = random(rng, &[4, 3], (-1.0, 1.0)).permute(&[1, 0]);
    let whole = Tensor::from_vec(vec![i64::MAX, 1, -3], &[3]);
    examples.extend([strided, whole].into_iter().flatten().map(|x| Example::new(op, [x])));
    examples
}

impl<'g> Var<'g> {
    /// Cumulative sum along `axis` (`-1` is the last one): each element and all before it added up.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::eval;
    /// assert_eq!(eval(|[x]| x.cumsum(0), [&[1.0, 2.0, 3.0].into()])?.to_f64(), [1.0, 3.0, 6.0]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cumsum(self, axis: isize) -> Self {
        match self.shape().axis(axis) {
            Ok(axis) => self.apply(CumSum { axis, reverse: false }),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }
}
