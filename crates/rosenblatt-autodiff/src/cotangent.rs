//! The cotangent of a node, while the reverse sweep collects it.

use rosenblatt_tensor::Shape;

use crate::{Op, Var};

/// What the readers of a node have handed on to it, last reader first.
///
/// The order of the sum is: first the cotangents of the whole node, as they came. Then parts. Parts of the same range are
/// added up as they came; then, by axis and start, each is put in the first layer of its axis where it covers no other.
/// There are as many layers as parts cover one element at most. Each layer is joined, with zeros in its gaps, and added.
#[derive(Clone, Default)]
pub(crate) struct Cotangent<'g> {
    whole: Option<Var<'g>>,
    parts: Vec<Part<'g>>,
}

/// The cotangent of the elements `start..end` along an axis.
#[derive(Clone, Copy)]
pub(crate) struct Part<'g> {
    pub(crate) axis: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) dy: Var<'g>,
}

impl<'g> Cotangent<'g> {
    pub(crate) fn add(&mut self, dx: Var<'g>) {
        self.whole = Some(self.whole.map_or(dx, |sum| sum + dx));
    }

    pub(crate) fn add_part(&mut self, part: Part<'g>) {
        self.parts.push(part);
    }

    /// The sum for a node of this shape; `None` is zero.
    pub(crate) fn sum(&mut self, shape: &Shape) -> Option<Var<'g>> {
        for layer in layers(std::mem::take(&mut self.parts)) {
            self.add(join(&layer, shape));
        }
        self.whole
    }
}

impl<'g> Part<'g> {
    /// What `op`, whose result `y` has the cotangent `dy`, says about the cotangent of its operand `x`.
    pub(crate) fn of(op: &dyn Op, x: Var<'g>, y: Var<'g>, dy: Var<'g>) -> Option<Self> {
        let (axis, start) = op.part()?;
        let end = start.checked_add(*y.shape().get(axis)?)?;
        (end <= *x.shape().get(axis)?).then_some(Self { axis, start, end, dy })
    }

    fn range(&self) -> (usize, usize, usize) {
        (self.axis, self.start, self.end)
    }
}

/// Parts that do not cover each other, each layer in ascending order.
fn layers(mut parts: Vec<Part<'_>>) -> Vec<Vec<Part<'_>>> {
    parts.sort_by_key(Part::range); // stable: equal ranges stay as they came
    let mut sums: Vec<Part<'_>> = Vec::new();
    for part in parts {
        match sums.last_mut().filter(|sum| sum.range() == part.range()) {
            Some(sum) => sum.dy = sum.dy + part.dy,
            None => sums.push(part),
        }
    }
    let mut layers: Vec<Vec<Part<'_>>> = Vec::new();
    for part in sums {
        let follows = |last: &Part<'_>| last.axis == part.axis && last.end <= part.start;
        match layers.iter_mut().find(|layer| layer.last().is_some_and(follows)) {
            Some(layer) => layer.push(part),
            None => layers.push(vec![part]),
        }
    }
    layers
}

/// The parts of a layer at their places among zeros.
pub(crate) fn join<'g>(layer: &[Part<'g>], shape: &Shape) -> Var<'g> {
    let Part { axis, dy, .. } = layer[0];
    let zeros = |len: usize| {
        let mut gap = shape.to_vec();
        gap[axis] = len;
        dy.full_like(0.0).broadcast_to(&gap)
    };
    let (mut joined, mut at) = (Vec::new(), 0);
    for part in layer {
        if part.start > at {
            joined.push(zeros(part.start - at));
        }
        joined.push(part.dy);
        at = part.end;
    }
    if at < shape[axis] {
        joined.push(zeros(shape[axis] - at));
    }
    match joined[..] {
        [all] => all,
        _ => joined[0].concat(&joined[1..], axis as isize),
    }
}
