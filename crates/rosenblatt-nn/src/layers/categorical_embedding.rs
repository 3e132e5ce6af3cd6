//! Embeddings of the categorical columns of a table.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Init, Layer, Scope};

/// Entity embedding: the first features of a row are codes of categories; each is replaced by its learned vector, and the
/// other features pass through, before them.
///
/// For integers of any shape, such as the words of a text, see [`super::Embedding`].
///
/// `y = [x_k, …, x_(n−1), W₀[x₀], …, W_(k−1)[x_(k−1)]]`
///
/// # Shapes
/// - `x`: `[..., features]`; the first `k` features are whole numbers, feature `i` of them in `0..values[i]`
/// - `y`: `[..., features − k + k · dim]`
/// - parameters `0.weight`, `1.weight`, …, as a `torch.nn.ModuleList` of `Embedding` names them: `[values[i], dim]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if there are fewer features than codes;
/// [`rosenblatt_tensor::ErrorKind::Data`], when it runs, for a code that is not below `values[i]`.
///
/// # Numerics
/// Vectors are looked up, not computed: the same bits in any batch. Their initial values are normal with mean 0 and
/// standard deviation 1, but those of code 0 are 0, the mean of all others: code 0 means missing or unknown, and where the
/// training rows have none of these, its vector stays 0.
///
/// # Reference
/// Guo, Berkhahn: Entity Embeddings of Categorical Variables. 2016. arXiv:1604.06737.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoricalEmbedding {
    /// How many values each of the first features has, at least 1.
    pub values: Vec<usize>,
    /// Length of the vector of a value, at least 1.
    #[serde(default = "eight")]
    pub dim: usize,
}

fn eight() -> usize {
    8
}

impl Config for CategoricalEmbedding {
    const NAME: &'static str = "categorical_embedding";

    fn check(&self) -> Result<()> {
        let least = self.values.iter().copied().min().unwrap_or(1);
        expect(least >= 1, "values", "to be at least 1 each", least)?;
        expect(self.dim >= 1, "dim", "to be at least 1", self.dim)
    }

    fn examples() -> Vec<Self> {
        let example = |values: &[usize], dim| Self {
            values: values.to_vec(),
            dim,
        };
        vec![example(&[], 8), example(&[3], 2), example(&[5, 1, 2], 1)]
    }
}

impl Layer for CategoricalEmbedding {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let (shape, codes) = (x.shape(), self.values.len());
        let Some((&features, batch)) = shape.split_last().filter(|(features, _)| **features >= codes) else {
            let message = format!("expected at least {codes} features, the codes first, got {shape:?}");
            return scope.fail(Error::shape(message));
        };
        if codes > 0 {
            scope.reads_codes();
        }
        let embedded = |(i, &values): (usize, &usize)| {
            let init = Init::Embedding { zeros: self.dim };
            let weight = scope.param(&format!("{i}.weight"), &[values, self.dim], init);
            let codes = x.slice(-1, i, i + 1).reshape(&[batch.iter().product()]);
            let rows = weight.take(codes.cast(DType::I64));
            rows.reshape(&[batch, &[self.dim]].concat())
        };
        let mut parts: Vec<_> = self.values.iter().enumerate().map(embedded).collect();
        if features > codes {
            parts.insert(0, x.slice(-1, codes, features));
        }
        match parts.split_first() {
            Some((first, others)) if codes > 0 => first.concat(others, -1),
            _ => x,
        }
    }
}
