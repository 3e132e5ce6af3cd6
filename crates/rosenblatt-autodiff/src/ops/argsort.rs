//! The order of numbers, and what is sorted by it.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Element, Error, Isa, Result, Tensor};

use crate::elementwise::{arity, random};
use crate::loops::by_type;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// The places of the elements of each row in the order of their values.
///
/// `x[i, y[i, 0]] ≤ x[i, y[i, 1]] ≤ …`, or with `descending` `≥`
///
/// # Shapes
/// `[…, m, n]`, at least two axes (the method of [`Var`] takes one, too), any type; the result is i64. It has no
/// derivative.
///
/// # Numerics
/// Stable: equal elements keep their order, also descending; −0 equals 0. NaN counts as larger than all others, as in
/// PyTorch.
#[derive(Clone, Copy, Debug)]
pub struct ArgSort {
    /// Whether the largest comes first.
    pub descending: bool,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "argsort",
    make: |attributes, _| {
        Ok(Arc::new(ArgSort {
            descending: attributes.bool("descending")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for ArgSort {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("descending", self.descending)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else {
            return Err(arity(self.name(), 1, x));
        };
        if only.shape.rank() < 2 {
            return Err(Error::shape(format!("expected two axes or more, got {only:?}")).within(self.name()));
        }
        Ok(Type::new(DType::I64, only.shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    fn vjp<'g>(&self, _: usize, _x: &[Var<'g>], _y: Var<'g>, _dy: Var<'g>) -> Option<Var<'g>> {
        None
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, _dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        None
    }
}

struct SortRows<'a, T> {
    x: &'a [T],
    y: &'a mut [i64],
    n: usize,
    descending: bool,
}

impl<T: Element + PartialOrd> Loop for SortRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let n = self.n.max(1);
        for (x, y) in self.x.chunks_exact(n).zip(self.y.chunks_exact_mut(n)) {
            y.iter_mut().zip(0..).for_each(|(y, i)| *y = i);
            let at = |&i: &i64| x[i as usize];
            // By place where values are equal: stable without the memory that a stable sort asks for.
            if self.descending {
                y.sort_unstable_by(|a, b| order(at(b), at(a)).then(a.cmp(b)));
            } else {
                y.sort_unstable_by(|a, b| order(at(a), at(b)).then(a.cmp(b)));
            }
        }
    }
}

/// Only NaN does not compare with itself.
#[inline(always)]
fn order<T: PartialOrd + Copy>(a: T, b: T) -> Ordering {
    let is_nan = |x: T| x.partial_cmp(&x).is_none();
    a.partial_cmp(&b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
}

impl Kernel for ArgSort {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, _: Range<usize>) -> Result<()> {
        by_type!(inputs[0].dtype(), T => {
            let n = inputs[0].shape().last().copied().unwrap_or(1);
            let (x, y) = (inputs[0].contiguous::<T>()?, output.numbers::<i64>()?);
            isa.run(SortRows { x, y, n, descending: self.descending });
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let shapes: [&[usize]; 6] = [&[4, 3], &[1, 1], &[0, 3], &[2, 0], &[2, 3, 5], &[3, 40]];
    let mut inputs: Vec<Tensor> = shapes.map(|shape| random(rng, shape, (-4.0, 4.0))).into();
    let ties = vec![1.0, f64::NAN, -0.0, 0.0, 1.0, f64::INFINITY, f64::NAN, -1.0];
    let whole = vec![3_i64, -1, 3, i64::MIN, i64::MAX, -1];
    let strided = random(rng, &[5, 3], (-1.0, 1.0)).permute(&[1, 0]);
    let special = [
        Tensor::from_vec(ties, &[2, 4]),
        Tensor::from_vec(whole, &[1, 6]),
        Tensor::from_vec(vec![true, false, true, false], &[1, 4]),
        strided,
    ];
    inputs.extend(special.into_iter().flatten());
    let both = |x: Tensor| [false, true].map(|descending| Example::new(ArgSort { descending }, [x.clone()]));
    inputs.into_iter().flat_map(both).collect()
}

impl<'g> Var<'g> {
    /// The places of the elements along `axis` (`-1` is the last one) in ascending or descending order of their values,
    /// as i64; equal elements keep their order, NaN counts as the largest.
    #[must_use]
    #[track_caller]
    pub fn argsort(self, axis: isize, descending: bool) -> Self {
        match self.with_last(axis) {
            Ok((x, axes)) => x.by_rows(ArgSort { descending }).permute(&axes),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }

    /// The elements along `axis` (`-1` is the last one) in ascending or descending order, and their places before
    /// ([`Var::argsort`]). The gradient of an element goes to its place.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::{eval, grad};
    /// let x = [3.0, 1.0, 2.0].into();
    /// assert_eq!(eval(|[x]| x.sort(0, false).0, [&x])?.to_f64(), [1.0, 2.0, 3.0]);
    /// let [dx] = grad(|[x]| x.sort(0, true).0.at(0), [&x])?;
    /// assert_eq!(dx.to_f64(), [1.0, 0.0, 0.0]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sort(self, axis: isize, descending: bool) -> (Self, Self) {
        match self.with_last(axis) {
            Ok((x, axes)) => {
                let index = x.argsort(-1, descending);
                (x.by_places(index).permute(&axes), index.permute(&axes))
            }
            Err(error) => {
                let dead = self.fail(error.within("sort"));
                (dead, dead)
            }
        }
    }

    /// The `k` largest (or smallest) elements along `axis` (`-1` is the last one), the first one first, and their places.
    ///
    /// As the first `k` of [`Var::sort`]: of equal elements the earlier ones are taken, NaN counts as the largest.
    #[must_use]
    #[track_caller]
    pub fn topk(self, k: usize, axis: isize, largest: bool) -> (Self, Self) {
        let found = self.with_last(axis).and_then(|(x, axes)| match x.shape().last() {
            Some(&n) if k <= n => Ok((x, axes)),
            other => Err(Error::shape(format!(
                "expected k of at most {}, got {k}",
                other.unwrap_or(&0)
            ))),
        });
        match found {
            Ok((x, axes)) => {
                let index = x.argsort(-1, largest).slice(-1, 0, k);
                (x.by_places(index).permute(&axes), index.permute(&axes))
            }
            Err(error) => {
                let dead = self.fail(error.within("topk"));
                (dead, dead)
            }
        }
    }

    /// With `axis` as the last one, and the order of axes that undoes it.
    #[track_caller]
    fn with_last(self, axis: isize) -> Result<(Self, Vec<usize>)> {
        let (axis, rank) = (self.shape().axis(axis)?, self.rank());
        let mut axes: Vec<usize> = (0..rank).collect();
        axes.swap(axis, rank - 1);
        let x = if axis == rank - 1 { self } else { self.permute(&axes) };
        Ok((x, axes))
    }

    /// `y[…, j] = x[…, index[…, j]]`, for an index that is inside each row.
    #[track_caller]
    fn by_places(self, index: Self) -> Self {
        let (n, shape) = (self.size(-1), index.shape());
        let rows: usize = shape[..shape.rank() - 1].iter().product();
        let first = Tensor::new((0..rows).map(|row| (row * n) as i64).collect(), &[rows, 1]);
        match first {
            Ok(first) => {
                let places = index.reshape(&[rows, shape[shape.rank() - 1]]) + self.graph().constant(first);
                let places = places.reshape(&[shape.elements()]);
                self.reshape(&[rows * n]).take(places).reshape(&shape)
            }
            Err(error) => self.fail(error),
        }
    }
}
