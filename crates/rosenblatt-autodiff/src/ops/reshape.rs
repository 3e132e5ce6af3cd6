//! Another shape.

use std::sync::Arc;

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Layout, Result, Shape};

use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// The same elements, in row-major order, under another shape; no element moves unless the operand has gaps.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the numbers of elements differ.
#[derive(Clone, Copy, Debug)]
pub struct Reshape {
    /// Shape of the result.
    pub shape: Shape,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "reshape",
    make: |attributes, _| {
        Ok(Arc::new(Reshape {
            shape: attributes.shape("shape")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Op for Reshape {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("shape", self.shape)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [x] = x else { return Err(arity(self.name(), 1, x)) };
        if x.shape.elements() != self.shape.elements() {
            let (have, want) = (x.shape.elements(), self.shape.elements());
            let message = format!("{:?} has {have} elements, {:?} has {want}", x.shape, self.shape);
            return Err(Error::shape(message).within(self.name()));
        }
        Ok(Type::new(x.dtype, self.shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::View
    }

    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        x.reshape(self.shape)
    }

    /// x̄ = ȳ under the operand's shape
    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(dy.reshape(&x[0].shape()))
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.reshape(&self.shape))
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], &[usize]); 6] = [
        (&[2, 3], &[3, 2]),
        (&[6], &[1, 6, 1]),
        (&[1], &[]),
        (&[2, 0], &[0]),
        (&[], &[1, 1]),
        (&[2, 3, 4], &[6, 4]),
    ];
    let reshape = |to: &[usize]| Shape::new(to).map(|shape| Reshape { shape });
    let plain = cases.map(|(from, to)| reshape(to).map(|op| Example::new(op, [random(rng, from, (-1.0, 1.0))])));
    let strided = random(rng, &[4, 3], (-1.0, 1.0)).permute(&[1, 0]);
    let strided = strided.and_then(|x| Ok(Example::new(reshape(&[12])?, [x])));
    plain.into_iter().chain([strided]).flatten().collect()
}

impl<'g> Var<'g> {
    /// The same elements, in row-major order, under another shape; itself if that is its shape, and then a gradient with
    /// respect to it is that of all uses of the value.
    #[must_use]
    #[track_caller]
    pub fn reshape(self, shape: &[usize]) -> Self {
        if self.shape() == *shape {
            return self;
        }
        match Shape::new(shape) {
            Ok(shape) => self.apply(Reshape { shape }),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }
}
