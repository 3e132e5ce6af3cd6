//! The place of the largest number of each window of an image.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, Reads, View, ViewMut};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Error, Isa, Result, Shape};

use crate::elementwise::{arity, random};
use crate::loops::by_float;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// The place of the first largest number of each window of an image, of the first NaN if there is one.
///
/// `y[i, v, u] = r · width + c` of the largest `x[i, r, c]`, over the rows `r` of window `v` and the columns `c` of window `u`
///
/// # Shapes
/// - `x`: `[m, height, width]`
/// - `y`: `[m, windows down, windows across]`, i64; it has no derivative
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if a window has no element, or one that the image does not have.
#[derive(Clone, Debug)]
pub struct ArgMaxWindows {
    /// The first element of each window and the end of it, down and across.
    pub windows: [Vec<Range<usize>>; 2],
    /// From one element of a window to the next, at least 1.
    pub dilation: [usize; 2],
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "argmax_windows",
    make: |attributes, _| {
        let windows = |name: &str| -> Result<Vec<Range<usize>>> {
            let ends = attributes.sizes(name)?;
            Ok(ends.chunks(2).map(|ends| ends[0]..ends[ends.len() - 1]).collect())
        };
        let dilation: Option<[usize; 2]> = attributes.sizes("dilation")?.try_into().ok();
        Ok(Arc::new(ArgMaxWindows {
            windows: [windows("down")?, windows("across")?],
            dilation: dilation.ok_or_else(|| Error::config("expected two sizes as `dilation`").within(FAMILY.name))?,
        }))
    },
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for ArgMaxWindows {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        let [down, across] = [0, 1].map(|axis: usize| -> Vec<usize> {
            self.windows[axis]
                .iter()
                .flat_map(|window| [window.start, window.end])
                .collect()
        });
        Attributes::new()
            .with("down", &down[..])
            .with("across", &across[..])
            .with("dilation", &self.dilation[..])
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else {
            return Err(arity(self.name(), 1, x));
        };
        same_float(self.name(), x)?;
        let fail = |message: String| Err(Error::shape(message).within(self.name()));
        let &[m, height, width] = &only.shape[..] else {
            return fail(format!("expected [m, height, width], got {:?}", only.shape));
        };
        if self.dilation.contains(&0) {
            return fail(format!("expected a dilation of at least 1, got {:?}", self.dilation));
        }
        for (windows, size) in self.windows.iter().zip([height, width]) {
            if let Some(window) = windows.iter().find(|window| window.is_empty() || window.end > size) {
                return fail(format!(
                    "the window {window:?} has no element, or one that is outside of {size}"
                ));
            }
        }
        let shape = Shape::new(&[m, self.windows[0].len(), self.windows[1].len()])?;
        Ok(Type::new(DType::I64, shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(self.clone()))
    }

    crate::op::no_gradient!();
}

struct Places<'a, T> {
    op: &'a ArgMaxWindows,
    x: &'a [T],
    y: &'a mut [i64],
    size: [usize; 2],
}

impl<T: Float> Loop for Places<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [height, width] = self.size;
        let [down, across] = &self.op.windows;
        let mut y = self.y.iter_mut();
        for image in self.x.chunks(height.saturating_mul(width).max(1)) {
            for rows in down {
                for (cols, y) in across.iter().zip(&mut y) {
                    *y = largest(image, width, [rows, cols], self.op.dilation) as i64;
                }
            }
        }
    }
}

/// The place of the first largest number of a window; NaN is larger than all.
#[inline(always)]
fn largest<T: Float>(image: &[T], width: usize, [rows, cols]: [&Range<usize>; 2], [down, across]: [usize; 2]) -> usize {
    let mut best = rows.start * width + cols.start;
    let mut champion = image[best];
    let mut row = rows.start;
    while row < rows.end {
        let (mut place, end) = (row * width + cols.start, row * width + cols.end);
        while place < end {
            let rival = image[place];
            // Not `rival > champion`: so NaN wins, and stays.
            let loses = (rival <= champion) | champion.is_nan();
            (best, champion) = if loses { (best, champion) } else { (place, rival) };
            place += across;
        }
        row += down;
    }
    best
}

impl Kernel for ArgMaxWindows {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, _: Range<usize>) -> Result<()> {
        by_float!(inputs[0].dtype(), T => {
            let size = [inputs[0].shape()[1], inputs[0].shape()[2]];
            let (x, y) = (inputs[0].contiguous::<T>()?, output.numbers::<i64>()?);
            isa.run(Places { op: self, x, y, size });
            Ok(())
        })
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let halves = |size: usize| (0..size / 2).map(|i| 2 * i..2 * i + 2).collect::<Vec<_>>();
    let overlapping = |size: usize| {
        (0..size)
            .map(|i| i.saturating_sub(1)..size.min(i + 2))
            .collect::<Vec<_>>()
    };
    let whole = |size: usize| std::iter::once(0..size).collect::<Vec<_>>();
    let cases = [
        ([2, 4, 6], [halves(4), halves(6)], [1, 1]),
        ([3, 3, 4], [overlapping(3), overlapping(4)], [1, 1]),
        ([1, 7, 5], [vec![0..5, 2..7], vec![0..4, 1..5]], [2, 3]),
        ([1, 1, 1], [whole(1), whole(1)], [1, 1]),
        ([0, 2, 2], [halves(2), halves(2)], [1, 1]),
        ([2, 2, 3], [vec![], whole(3)], [1, 1]),
    ];
    cases
        .map(|(shape, windows, dilation)| {
            Example::new(ArgMaxWindows { windows, dilation }, [random(rng, &shape, (-1.0, 1.0))])
        })
        .into()
}

impl<'g> Var<'g> {
    /// The place in its image of the first largest number of each window; see [`ArgMaxWindows`].
    #[must_use]
    #[track_caller]
    pub fn argmax_windows(self, windows: [Vec<Range<usize>>; 2], dilation: [usize; 2]) -> Self {
        self.apply(ArgMaxWindows { windows, dilation })
    }
}
