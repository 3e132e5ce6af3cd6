//! Stretched axes, and the sums that undo them.

use std::sync::Arc;

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Layout, Result, Shape};

use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// Axes of size 1 stretched, and leading axes added, to reach a shape; no element moves.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if a size differs and is not 1.
#[derive(Clone, Copy, Debug)]
pub struct BroadcastTo {
    /// Shape of the result.
    pub shape: Shape,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "broadcast_to",
    make: |attributes, _| {
        Ok(Arc::new(BroadcastTo {
            shape: attributes.shape("shape")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for BroadcastTo {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("shape", self.shape)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [x] = x else { return Err(arity(self.name(), 1, x)) };
        Layout::contiguous(x.shape)
            .broadcast_to(self.shape)
            .map_err(|e| e.within(self.name()))?;
        Ok(Type::new(x.dtype, self.shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::View
    }

    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        x.broadcast_to(self.shape).map(Some)
    }

    /// x̄ = ȳ summed over the stretched axes
    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(dy.sum_to(&x[0].shape()))
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.broadcast_to(&self.shape))
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], &[usize]); 7] = [
        (&[3], &[2, 3]),
        (&[2, 1], &[2, 4]),
        (&[], &[3]),
        (&[1, 1], &[2, 3]),
        (&[1], &[0]),
        (&[5, 1, 3], &[2, 5, 17, 3]),
        (&[2, 3], &[2, 3]),
    ];
    let stretch = |(from, to): (&[usize], &[usize])| {
        Shape::new(to).map(|shape| Example::new(BroadcastTo { shape }, [random(rng, from, (-1.0, 1.0))]))
    };
    cases.map(stretch).into_iter().flatten().collect()
}

impl<'g> Var<'g> {
    /// Axes of size 1 stretched, and leading axes added, to reach `shape`; itself if that is its shape, and
    /// then a gradient with respect to it is that of all uses of the value.
    #[must_use]
    #[track_caller]
    pub fn broadcast_to(self, shape: &[usize]) -> Self {
        if self.shape() == *shape {
            return self;
        }
        match Shape::new(shape) {
            Ok(shape) => self.apply(BroadcastTo { shape }),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }

    /// Summed over the axes along which `shape` was stretched to reach this value's: the reverse of broadcasting.
    ///
    /// Itself if it has that shape. A shape that does not broadcast to this value's is a mistake.
    #[must_use]
    #[track_caller]
    pub fn sum_to(self, shape: &[usize]) -> Self {
        let own = self.shape();
        if own == *shape {
            return self;
        }
        if Shape::new(shape).and_then(|from| from.broadcast(&own)).ok() != Some(own) {
            return self.fail(Error::shape(format!("{own:?} is not {shape:?} broadcast")).within("sum_to"));
        }
        let lead = own.rank() - shape.len();
        let stretched = |&axis: &usize| axis < lead || shape[axis - lead] != own[axis];
        let axes: Vec<isize> = (0..own.rank()).filter(stretched).map(|axis| axis as isize).collect();
        // Without kept axes where the shape allows it, so that a bias gradient has the bias's shape with no view between.
        let kept = axes.len() != lead;
        let sum = self.sum(&axes, kept);
        if kept && lead > 0 { sum.reshape(shape) } else { sum }
    }
}
