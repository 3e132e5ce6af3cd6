//! A name for values that must stay finite.

use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Isa, Result};

use crate::elementwise::{arity, random};
use crate::loops::any_type;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type, same_float};
use crate::{Attributes, Var};

/// The identity, under watch: a run in which the value is not finite stops and names it.
///
/// `y = x`;  `dy/dx = 1`
#[derive(Clone, Debug)]
pub struct CheckFinite {
    /// What the value is called when it is not finite.
    pub name: String,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "check_finite",
    make: |attributes, _| {
        Ok(Arc::new(CheckFinite {
            name: attributes.text("name")?.into(),
        }))
    },
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for CheckFinite {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("name", self.name.as_str())
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [only] = x else {
            return Err(arity(FAMILY.name, 1, x));
        };
        same_float(FAMILY.name, x)?;
        Ok(*only)
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(Identity))
    }

    fn vjp<'g>(&self, _: usize, _x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(dy)
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        dx[0]
    }

    fn check_finite(&self) -> Option<&str> {
        Some(&self.name)
    }
}

struct Identity;

struct CopyTile<'a, T>(&'a [T], &'a mut [T]);

impl<T: Copy> Loop for CopyTile<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match self.0 {
            [x] => self.1.fill(*x),
            x => self.1.copy_from_slice(x),
        }
    }
}

impl TileKernel for Identity {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match (inputs, output) {
            ([Slice::F32(x)], SliceMut::F32(y)) => isa.run(CopyTile(x, y)),
            ([Slice::F64(x)], SliceMut::F64(y)) => isa.run(CopyTile(x, y)),
            other @ (_, any_type!(SliceMut)) => unreachable!("infer lets only floats through, not {other:?}"),
        }
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let shapes: [&[usize]; 4] = [&[], &[0, 2], &[3, 5], &[2, 1, 17]];
    shapes
        .map(|shape| {
            Example::new(
                CheckFinite { name: "example".into() },
                [random(rng, shape, (-4.0, 4.0))],
            )
        })
        .into()
}

impl<'g> Var<'g> {
    /// Itself; a run in which it is not finite stops and says `name`.
    #[must_use]
    #[track_caller]
    pub fn check_finite(self, name: impl Into<String>) -> Self {
        self.apply(CheckFinite { name: name.into() })
    }
}
