//! Embeddings: a learned vector for each index.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Init, Layer, Scope};

/// Embedding: each integer of the input is replaced by its learned vector.
///
/// `y[…] = W[x[…]]`
///
/// # Shapes
/// - `x`: `[...]`, integers (i64 or u8) in `0..num_embeddings`
/// - `y`: `[..., dim]`
/// - parameter `weight`: `[num_embeddings, dim]`, initially normal with mean 0 and standard deviation 1, as in PyTorch
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the input is not of integers; [`rosenblatt_tensor::ErrorKind::Data`], when
/// it runs, for an integer that is out of range.
///
/// # Numerics
/// Vectors are looked up, not computed: the same bits in any batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// How many vectors there are, at least 1.
    pub num_embeddings: usize,
    /// Length of a vector, at least 1.
    pub dim: usize,
}

impl Config for Embedding {
    const NAME: &'static str = "embedding";

    fn check(&self) -> Result<()> {
        expect(
            self.num_embeddings >= 1,
            "num_embeddings",
            "to be at least 1",
            self.num_embeddings,
        )?;
        expect(self.dim >= 1, "dim", "to be at least 1", self.dim)
    }

    fn examples() -> Vec<Self> {
        let example = |num_embeddings, dim| Self { num_embeddings, dim };
        vec![example(5, 3), example(5, 1)]
    }
}

impl Layer for Embedding {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        if !matches!(x.dtype(), DType::I64 | DType::U8) {
            let error = Error::shape(format!("expected integers, got {:?}", x.ty()));
            return scope.fail(error.hint("codes among other features of a row need `categorical_embedding`"));
        }
        scope.reads_codes();
        let init = Init::Embedding { zeros: 0 };
        let weight = scope.param("weight", &[self.num_embeddings, self.dim], init);
        let index = x.reshape(&[x.shape().elements()]).cast(DType::I64);
        weight.take(index).reshape(&[&x.shape()[..], &[self.dim]].concat())
    }
}
