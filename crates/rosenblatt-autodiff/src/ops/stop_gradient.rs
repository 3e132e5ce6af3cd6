//! A value that counts as constant.

use std::sync::Arc;

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Layout, Result};

use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// The identity, but a constant for derivatives; no element moves.
///
/// `y = x`;  `dy/dx = 0` by definition
#[derive(Clone, Copy, Debug)]
pub struct StopGradient;

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "stop_gradient",
    make: |_, _| Ok(Arc::new(StopGradient)),
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for StopGradient {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [x] = x else { return Err(arity(self.name(), 1, x)) };
        Ok(*x)
    }

    fn lowering(&self) -> Lowering {
        Lowering::View
    }

    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        Ok(Some(*x))
    }

    crate::op::no_gradient!();

    fn stops_gradient(&self) -> bool {
        true
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let shapes: [&[usize]; 3] = [&[], &[0, 2], &[2, 17]];
    shapes
        .map(|shape| Example::new(StopGradient, [random(rng, shape, (-1.0, 1.0))]))
        .into()
}

impl<'g> Var<'g> {
    /// Itself, but a constant for derivatives.
    #[must_use]
    #[track_caller]
    pub fn stop_gradient(self) -> Self {
        self.apply(StopGradient)
    }
}
