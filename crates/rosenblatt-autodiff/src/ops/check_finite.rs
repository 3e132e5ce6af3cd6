//! A name for values that must stay finite.

use std::sync::Arc;

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
        Lowering::Elementwise(Arc::new(CopyTile))
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

/// Copies a tile, or fills it with a single number.
pub(crate) struct CopyTile;

impl TileKernel for CopyTile {
    fn run(&self, _: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        fn copy<T: Copy>(x: &[T], y: &mut [T]) {
            if let &[x] = x { y.fill(x) } else { y.copy_from_slice(x) }
        }
        match (inputs, output) {
            ([Slice::F32(x)], SliceMut::F32(y)) => copy(x, y),
            ([Slice::F64(x)], SliceMut::F64(y)) => copy(x, y),
            ([Slice::U8(x)], SliceMut::U8(y)) => copy(x, y),
            ([Slice::I64(x)], SliceMut::I64(y)) => copy(x, y),
            ([Slice::Bool(x)], SliceMut::Bool(y)) => copy(x, y),
            other @ (_, any_type!(SliceMut)) => unreachable!("a copy keeps the type, not {other:?}"),
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
