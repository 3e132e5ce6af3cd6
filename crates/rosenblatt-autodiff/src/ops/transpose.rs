//! Axes in another order.

use std::sync::Arc;

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Layout, Result};

use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// Axes in another order; no element moves.
///
/// `y[i₀, i₁, …] = x` with axis `j` of `y` being axis `axes[j]` of `x`
#[derive(Clone, Debug)]
pub struct Transpose {
    /// For each axis of the result, the operand's axis.
    pub axes: Vec<usize>,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "transpose",
    make: |attributes, _| {
        Ok(Arc::new(Transpose {
            axes: attributes.sizes("axes")?,
        }))
    },
    oracle: Oracle::PyTorch,
    examples,
};

impl Transpose {
    fn inverse(&self) -> Vec<usize> {
        let mut inverse = vec![0; self.axes.len()];
        self.axes.iter().enumerate().for_each(|(to, &from)| inverse[from] = to);
        inverse
    }
}

impl Op for Transpose {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("axes", &self.axes[..])
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [x] = x else { return Err(arity(self.name(), 1, x)) };
        let layout = Layout::contiguous(x.shape)
            .permute(&self.axes)
            .map_err(|e| e.within(self.name()))?;
        Ok(Type::new(x.dtype, *layout.shape()))
    }

    fn lowering(&self) -> Lowering {
        Lowering::View
    }

    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        x.permute(&self.axes).map(Some)
    }

    fn on_each_step<'g>(&self, x: &[Var<'g>]) -> Option<Var<'g>> {
        let later = self.axes.iter().map(|axis| axis + 1);
        Some(x[0].permute(&[0].into_iter().chain(later).collect::<Vec<_>>()))
    }

    /// x̄ = ȳ with the inverse order
    fn vjp<'g>(&self, _: usize, _x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(dy.permute(&self.inverse()))
    }

    fn jvp<'g>(&self, _x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(dx[0]?.permute(&self.axes))
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let cases: [(&[usize], &[usize]); 4] = [
        (&[2, 3], &[1, 0]),
        (&[0, 2, 1], &[2, 0, 1]),
        (&[2, 3, 4], &[1, 2, 0]),
        (&[5], &[0]),
    ];
    cases
        .map(|(shape, axes)| Example::new(Transpose { axes: axes.to_vec() }, [random(rng, shape, (-1.0, 1.0))]))
        .into_iter()
        .collect()
}

impl<'g> Var<'g> {
    /// Axes in another order: axis `j` of the result is axis `axes[j]`.
    #[must_use]
    #[track_caller]
    pub fn permute(self, axes: &[usize]) -> Self {
        self.apply(Transpose { axes: axes.to_vec() })
    }

    /// The last two axes exchanged.
    #[must_use]
    #[track_caller]
    pub fn matrix_transpose(self) -> Self {
        let rank = self.shape().rank();
        if rank < 2 {
            return self.fail(
                Error::shape(format!("expected two axes or more, got {:?}", self.shape())).within("matrix_transpose"),
            );
        }
        let mut axes: Vec<usize> = (0..rank).collect();
        axes.swap(rank - 2, rank - 1);
        self.permute(&axes)
    }
}
