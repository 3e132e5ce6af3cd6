//! Convolution.

use std::sync::Arc;

use rosenblatt_tensor::kernels::product::Windows;
use rosenblatt_tensor::machine::{Chain, Form, Matrix, Operand, Task};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Layout, Result, Shape};

use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// Weighted sums over the windows of images.
///
/// `y[n, o, v, u] = Σ w[o, c, i, j] · x[n, c, v′, u′]` where `v · step + i · dilation − before = v′ · spread`, the same for `u`,
/// over all `c`, `i`, `j` for which `x` has such an element. With `spread` 1 this is the convolution of neural networks (a
/// cross-correlation); with `step` 1 and `spread` above 1 a transposed convolution. Both derivatives are of the same kind, so
/// it has derivatives of every order.
///
/// # Shapes
/// - `w`: `[groups · m, channels, height, width]`, `x`: `[n, groups · channels, height, width]`
/// - `y`: `[n, groups · m, count…]`; each group of output channels sees its own group of input channels
///
/// # Numerics
/// The sum runs over `c`, then `i`, then `j`, by the sum rule of [`super::MatMul`]; where `x` has no element, the weight times 0 is added, which is NaN for an infinite weight. The
/// windows are packed for a few columns of the product at a time, and never written down as a whole.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the operands do not fit, or a number is out of range.
///
/// # Reference
/// LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition. Proceedings of the IEEE 86, 1998.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolve {
    /// How many groups the channels are in.
    pub groups: usize,
    /// How many windows there are, down and across.
    pub count: [usize; 2],
    /// From one window to the next; not 0.
    pub step: [isize; 2],
    /// From one element of a window to the next; not 0.
    pub dilation: [isize; 2],
    /// By how much the first window begins before the image.
    pub before: [isize; 2],
    /// From one element of the image to the next; at least 1.
    pub spread: [usize; 2],
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "convolve",
    make: |attributes, _| {
        let pair = |name: &str| {
            let pair: Option<[isize; 2]> = attributes.integers(name)?.try_into().ok();
            pair.ok_or_else(|| Error::config(format!("expected two integers as `{name}`")).within(FAMILY.name))
        };
        let sizes = |name: &str| {
            let sizes: Option<[usize; 2]> = attributes.sizes(name)?.try_into().ok();
            sizes.ok_or_else(|| Error::config(format!("expected two sizes as `{name}`")).within(FAMILY.name))
        };
        Ok(Arc::new(Convolve {
            groups: attributes.size("groups")?,
            count: sizes("count")?,
            step: pair("step")?,
            dilation: pair("dilation")?,
            before: pair("before")?,
            spread: sizes("spread")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Convolve {
    /// The windows of images of this shape, `[…, height, width]`, as large as the weights.
    fn windows(&self, weights: &[usize], image: &[usize]) -> Windows {
        Windows {
            image: [weights[1], image[2], image[3]],
            size: [weights[2], weights[3]],
            count: self.count,
            step: self.step,
            dilation: self.dilation,
            before: self.before,
            spread: self.spread,
        }
    }

    /// The result as a batch of matrices, `[n, (groups,) m, windows]`: groups are an axis if there are several.
    pub(crate) fn matrices(&self, y: &Shape) -> Result<Shape> {
        let [n, channels] = [y[0], y[1]];
        let [m, windows] = [channels / self.groups, y[2] * y[3]];
        match self.groups {
            1 => Shape::new(&[n, m, windows]),
            groups => Shape::new(&[n, groups, m, windows]),
        }
    }

    /// The task that computes it from weights and images, and then a chain over [`Convolve::matrices`].
    pub(crate) fn task(&self, [weights, images]: [Operand; 2], y: &Shape, chain: Chain) -> Result<Task> {
        let (Form::Strided(left), Form::Strided(right)) = (weights.form, images.form) else {
            return Err(Error::internal("a convolution of packed operands"));
        };
        let (right, windows) = self.right(left.shape(), &right)?;
        let left = self
            .left(&left, y)?
            .ok_or_else(|| Error::internal("weights that need a copy"))?;
        Ok(Task::Product {
            space: self.matrices(y)?,
            k: windows.rows(),
            a: Matrix::new(Operand::strided(weights.buffer, left)),
            b: Matrix {
                windows: Some(windows),
                ..Matrix::new(Operand::strided(images.buffer, right))
            },
            chain,
        })
    }

    /// The weights as the left matrix of each image; `None` if they need a copy.
    pub(crate) fn left(&self, weights: &Layout, y: &Shape) -> Result<Option<Layout>> {
        let space = self.matrices(y)?;
        let (rank, shape) = (space.rank(), weights.shape());
        let k = shape[1..].iter().product();
        let own = &space[1..rank - 1];
        let Some(matrices) = weights.reshape(Shape::new(&[own, &[k]].concat())?)? else {
            return Ok(None);
        };
        let all = Shape::new(&[&space[..rank - 1], &[k]].concat())?;
        matrices.broadcast_to(all).map(Some)
    }

    /// The images, `[n, (groups,) channels, height, width]`, and their windows.
    fn right(&self, weights: &Shape, images: &Layout) -> Result<(Layout, Windows)> {
        let shape = images.shape();
        let windows = self.windows(weights, shape);
        let channels = windows.image[0];
        let [n, height, width] = [shape[0], shape[2], shape[3]];
        let layout = match self.groups {
            1 => Some(*images),
            groups => images.reshape(Shape::new(&[n, groups, channels, height, width])?)?,
        };
        let layout = layout.ok_or_else(|| Error::internal("an axis that cannot be cut"))?;
        Ok((layout, windows))
    }
}

impl Op for Convolve {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
            .with("groups", self.groups)
            .with("count", &self.count[..])
            .with("step", &self.step[..])
            .with("dilation", &self.dilation[..])
            .with("before", &self.before[..])
            .with("spread", &self.spread[..])
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [weights, images] = x else {
            return Err(arity(self.name(), 2, x));
        };
        let dtype = same_float(self.name(), x)?;
        let fail = |message: String| Err(Error::shape(message).within(self.name()));
        let (&[outputs, channels, _, _], &[n, inputs, _, _]) = (&weights.shape[..], &images.shape[..]) else {
            let message = format!("expected four axes, got {:?} and {:?}", weights.shape, images.shape);
            return fail(message);
        };
        let groups = self.groups;
        if groups == 0 || outputs % groups != 0 || channels.checked_mul(groups) != Some(inputs) {
            let message = format!(
                "weights {:?} do not fit images {:?} in {groups} groups: expected [groups · m, channels, …] and \
                 [n, groups · channels, …]",
                weights.shape, images.shape
            );
            return fail(message);
        }
        if !self.windows(&weights.shape, &images.shape).is_sound() {
            return fail(format!(
                "expected steps and dilations other than 0, spreads of at least 1, and no distance too large to count, got {self:?}"
            ));
        }
        Ok(Type::new(
            dtype,
            Shape::new(&[n, outputs, self.count[0], self.count[1]])?,
        ))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Convolution(*self)
    }

    /// w̄: the windows of `x` as far apart as the elements of a window were, weighted by `ȳ`, summed over the images.
    /// x̄: the windows of `ȳ`, spread as the windows were apart, from the other end.
    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let (weights, images, groups) = (x[0].shape(), x[1].shape(), self.groups);
        let [n, height, width] = [images[0], images[2], images[3]];
        let [m, channels, rows, cols] = [weights[0] / groups, weights[1], weights[2], weights[3]];
        if i == 0 {
            let by_channel = x[1]
                .reshape(&[n, groups, channels, height, width])
                .permute(&[2, 1, 0, 3, 4]);
            let by_channel = by_channel.reshape(&[channels, groups * n, height, width]);
            let op = Self {
                count: [rows, cols],
                step: self.dilation,
                dilation: self.step,
                ..*self
            };
            return Some(dy.permute(&[1, 0, 2, 3]).apply2(op, by_channel).permute(&[1, 0, 2, 3]));
        }
        let turned = x[0]
            .reshape(&[groups, m, channels, rows, cols])
            .permute(&[0, 2, 1, 3, 4]);
        let turned = turned.reshape(&[groups * channels, m, rows, cols]);
        let mut op = Self {
            count: [height, width],
            spread: self.step.map(isize::unsigned_abs),
            ..*self
        };
        for axis in 0..2 {
            let sign = self.step[axis].signum();
            op.step[axis] = sign * self.spread[axis] as isize;
            op.dilation[axis] = -sign * self.dilation[axis];
            op.before[axis] = -sign * self.before[axis];
        }
        Some(turned.apply2(op, dy))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        let of_weights = dx[0].map(|dw| dw.apply2(*self, x[1]));
        let of_images = dx[1].map(|dx| x[0].apply2(*self, dx));
        match (of_weights, of_images) {
            (Some(weights), Some(images)) => Some(weights + images),
            (weights, images) => weights.or(images),
        }
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let plain = Convolve {
        groups: 1,
        count: [1, 1],
        step: [1, 1],
        dilation: [1, 1],
        before: [0, 0],
        spread: [1, 1],
    };
    let padded = Convolve {
        count: [5, 4],
        before: [1, 1],
        ..plain
    };
    let strided = Convolve {
        count: [3, 2],
        step: [2, 3],
        before: [2, 1],
        dilation: [2, 1],
        ..plain
    };
    let grouped = Convolve {
        groups: 2,
        count: [2, 3],
        ..plain
    };
    let spread = Convolve {
        count: [7, 9],
        spread: [2, 3],
        before: [2, 2],
        ..plain
    };
    let turned = Convolve {
        count: [4, 4],
        dilation: [-1, -2],
        before: [-1, 0],
        step: [1, -1],
        ..plain
    };
    let cases: [(Convolve, [usize; 4], [usize; 4]); 9] = [
        (plain, [1, 1, 1, 1], [1, 1, 1, 1]),
        (padded, [3, 2, 3, 3], [2, 2, 5, 4]),
        (strided, [2, 2, 3, 2], [3, 2, 6, 5]),
        (grouped, [4, 3, 2, 1], [2, 6, 3, 3]),
        (spread, [2, 1, 3, 2], [1, 1, 4, 3]),
        (turned, [2, 2, 3, 2], [2, 2, 4, 5]),
        (padded, [2, 3, 1, 1], [0, 3, 5, 4]),
        (
            Convolve {
                count: [8, 9],
                before: [2, 2],
                ..plain
            },
            [33, 6, 5, 5],
            [2, 6, 8, 9],
        ),
        (Convolve { count: [0, 3], ..plain }, [1, 2, 2, 2], [2, 2, 1, 4]),
    ];
    let range = (-1.0, 1.0);
    let mut examples: Vec<Example> = cases
        .map(|(op, weights, images)| Example::new(op, [random(rng, &weights, range), random(rng, &images, range)]))
        .into();
    let same = random(rng, &[2, 2, 3, 3], range);
    let op = Convolve {
        count: [3, 3],
        before: [1, 1],
        ..plain
    };
    examples.push(Example::new(op, [same.clone(), same]));
    let turned = random(rng, &[3, 4, 2, 2], range).permute(&[2, 3, 0, 1]);
    let weights = random(rng, &[1, 2, 2, 2], range);
    examples.extend(
        turned
            .ok()
            .map(|images| Example::new(Convolve { count: [2, 3], ..plain }, [weights, images])),
    );
    examples
}
