//! Numbers in the order of their values, and where they were.

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

/// The elements of each row in the order of their values, and their places before.
///
/// `y[i, 0] ≤ y[i, 1] ≤ …`, or with `descending` `≥`; `y[i, j] = x[i, index[i, j]]`
///
/// # Shapes
/// - `x`: `[…, m, n]`, at least two axes (the methods of [`Var`] take one, too), any type
/// - first result: as `x`; second result, the index: the same shape, i64
///
/// # Numerics
/// Stable: equal elements keep their order, also descending; −0 equals 0. NaN counts as larger than all others, as in
/// PyTorch.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    /// Whether the largest comes first.
    pub descending: bool,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "sort",
    make: |attributes, _| {
        Ok(Arc::new(Sort {
            descending: attributes.bool("descending")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for Sort {
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
        Ok(*only)
    }

    fn results(&self) -> usize {
        2
    }

    fn infer_all(&self, x: &[Type]) -> Result<Vec<Type>> {
        let values = self.infer(x)?;
        Ok(vec![values, Type::new(DType::I64, values.shape)])
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄[i, index[i, j]] = ȳ[i, j]
    fn vjp_all<'g>(&self, _: &[bool], x: &[Var<'g>], y: &[Var<'g>], dy: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        let back = |dy: Var<'g>| {
            rows(dy)
                .scatter_along_axis(rows(y[1]), x[0].size(-1))
                .reshape(&x[0].shape())
        };
        vec![dy[0].map(back)]
    }

    /// ẏ[i, j] = ẋ[i, index[i, j]]
    fn jvp_all<'g>(&self, _: &[Var<'g>], y: &[Var<'g>], dx: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        let moved = |dx: Var<'g>| rows(dx).take_along_axis(rows(y[1])).reshape(&dx.shape());
        vec![dx[0].map(moved), None]
    }
}

/// All axes but the last as one.
fn rows(x: Var<'_>) -> Var<'_> {
    let shape = x.shape();
    let (width, before) = (x.size(-1), &shape[..shape.rank() - 1]);
    x.reshape(&[before.iter().product(), width])
}

struct SortRows<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    index: &'a mut [i64],
    n: usize,
    descending: bool,
}

impl<T: Element + PartialOrd> Loop for SortRows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let n = self.n.max(1);
        let rows = self.y.chunks_exact_mut(n).zip(self.index.chunks_exact_mut(n));
        for (x, (y, index)) in self.x.chunks_exact(n).zip(rows) {
            index.iter_mut().zip(0..).for_each(|(place, i)| *place = i);
            let at = |&i: &i64| x[i as usize];
            // By place where values are equal: stable without the memory that a stable sort asks for.
            if self.descending {
                index.sort_unstable_by(|a, b| order(at(b), at(a)).then(a.cmp(b)));
            } else {
                index.sort_unstable_by(|a, b| order(at(a), at(b)).then(a.cmp(b)));
            }
            y.iter_mut().zip(index).for_each(|(y, place)| *y = at(place));
        }
    }
}

/// Only NaN does not compare with itself.
#[inline(always)]
fn order<T: PartialOrd + Copy>(a: T, b: T) -> Ordering {
    let is_nan = |x: T| x.partial_cmp(&x).is_none();
    a.partial_cmp(&b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
}

impl Kernel for Sort {
    fn run_many(&self, isa: Isa, inputs: &[View<'_>], outputs: &mut [ViewMut<'_>], _: Range<usize>) -> Result<()> {
        let [values, index] = outputs else {
            return Err(Error::internal("a sort has two results"));
        };
        by_type!(inputs[0].dtype(), T => {
            let n = inputs[0].shape().last().copied().unwrap_or(1);
            let (x, y) = (inputs[0].contiguous::<T>()?, values.reborrow().numbers::<T>()?);
            let index = index.reborrow().numbers::<i64>()?;
            isa.run(SortRows { x, y, index, n, descending: self.descending });
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
    // Of f32, as derivatives of f64 are compared with differences.
    let ties = vec![1.0_f32, f32::NAN, -0.0, 0.0, 1.0, 3.0, f32::NAN, -1.0];
    let whole = vec![3_i64, -1, 3, i64::MIN, i64::MAX, -1];
    let strided = random(rng, &[5, 3], (-1.0, 1.0)).permute(&[1, 0]);
    let special = [
        Tensor::from_vec(ties, &[2, 4]),
        Tensor::from_vec(whole, &[1, 6]),
        Tensor::from_vec(vec![true, false, true, false], &[1, 4]),
        strided,
    ];
    inputs.extend(special.into_iter().flatten());
    let both = |x: Tensor| [false, true].map(|descending| Example::new(Sort { descending }, [x.clone()]));
    inputs.into_iter().flat_map(both).collect()
}

impl<'g> Var<'g> {
    /// The places of the elements along `axis` (`-1` is the last one) in ascending or descending order of their values,
    /// as i64; equal elements keep their order, NaN counts as the largest.
    #[must_use]
    #[track_caller]
    pub fn argsort(self, axis: isize, descending: bool) -> Self {
        self.sort(axis, descending).1
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
                let rows = if x.rank() == 1 { x.reshape(&[1, x.size(0)]) } else { x };
                let results = x.graph().apply_all(Arc::new(Sort { descending }), &[rows]);
                let [values, index] = [results[0], results[1]].map(|y| y.reshape(&x.shape()).permute(&axes));
                (values, index)
            }
            Err(error) => {
                let dead = self.fail(error.within(FAMILY.name));
                (dead, dead)
            }
        }
    }

    /// The `k` largest (or smallest) elements along `axis` (`-1` is the last one), the first one first, and their places.
    ///
    /// The first `k` of [`Var::sort`]: of equal elements the earlier ones are taken, NaN counts as the largest.
    #[must_use]
    #[track_caller]
    pub fn topk(self, k: usize, axis: isize, largest: bool) -> (Self, Self) {
        match self.shape().axis(axis).map(|axis| self.shape()[axis]) {
            Ok(n) if k <= n => {
                let (values, index) = self.sort(axis, largest);
                (values.slice(axis, 0, k), index.slice(axis, 0, k))
            }
            Ok(n) => {
                let message = format!("expected k of at most {n}, got {k}");
                let dead = self.fail(Error::shape(message).within("topk"));
                (dead, dead)
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
}
