//! Part of an axis.

use std::sync::Arc;

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Layout, Result};

use crate::cotangent::{Part, join};
use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// The elements `start..end` along an axis; no element moves.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the axis does not exist or the range is not inside it.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The axis.
    pub axis: usize,
    /// First index.
    pub start: usize,
    /// One past the last index.
    pub end: usize,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "slice",
    make: |attributes, _| {
        Ok(Arc::new(Slice {
            axis: attributes.size("axis")?,
            start: attributes.size("start")?,
            end: attributes.size("end")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for Slice {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
            .with("axis", self.axis)
            .with("start", self.start)
            .with("end", self.end)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [x] = x else { return Err(arity(self.name(), 1, x)) };
        let part = Layout::contiguous(x.shape).slice(self.axis, self.start, self.end);
        Ok(Type::new(x.dtype, *part.map_err(|e| e.within(self.name()))?.shape()))
    }

    fn lowering(&self) -> Lowering {
        Lowering::View
    }

    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        x.slice(self.axis, self.start, self.end).map(Some)
    }

    /// x̄ = ȳ between zeros
    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(join(&[Part::of(self, x[0], y, dy)?], &x[0].shape()))
    }

    fn part(&self) -> Option<(usize, usize)> {
        Some((self.axis, self.start))
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.apply(*self))
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], usize, usize, usize); 7] = [
        (&[5], 0, 1, 4),
        (&[3, 4], 1, 0, 2),
        (&[3, 4], 0, 2, 3),
        (&[2, 17, 2], 1, 1, 16),
        (&[4], 0, 2, 2),
        (&[3, 4], 1, 4, 4),
        (&[0, 2], 0, 0, 0),
    ];
    cases
        .map(|(shape, axis, start, end)| Example::new(Slice { axis, start, end }, [random(rng, shape, (-1.0, 1.0))]))
        .into()
}

impl<'g> Var<'g> {
    /// The elements `start..end` along `axis` (`-1` is the last one).
    #[must_use]
    #[track_caller]
    pub fn slice(self, axis: isize, start: usize, end: usize) -> Self {
        match self.shape().axis(axis) {
            Ok(axis) => self.apply(Slice { axis, start, end }),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }
    /// Element `i` of the first axis, which is dropped: a number of a vector, a row of a matrix.
    #[must_use]
    #[track_caller]
    pub fn at(self, i: usize) -> Self {
        if self.shape().first().is_some_and(|&size| i < size) {
            return self.step(0, i);
        }
        let message = format!("index {i} is out of range on the first axis of {:?}", self.shape());
        self.fail(Error::shape(message).within("at"))
    }

    /// All slices along `axis` (`-1` is the last one), without that axis: the steps of a sequence.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::eval;
    /// // A batch of 2 sequences of 3 steps: the weighted sum of the steps.
    /// let x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].into();
    /// let y = eval(|[x]| x.steps(1).into_iter().fold(x.full_like(0.0), |h, step| h * 0.5 + step), [&x])?;
    /// assert_eq!(y.to_f64(), [4.25, 9.5]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn steps(self, axis: isize) -> Vec<Self> {
        let axis = match self.shape().axis(axis) {
            Ok(axis) => axis,
            Err(error) => return vec![self.fail(error.within("steps"))],
        };
        let mut steps = Vec::new();
        for i in 0..self.shape()[axis] {
            steps.push(self.step(axis, i));
        }
        steps
    }

    #[track_caller]
    fn step(self, axis: usize, i: usize) -> Self {
        let rest = self.shape().without(&[axis], false);
        self.slice(axis as isize, i, i + 1).reshape(&rest)
    }
}
