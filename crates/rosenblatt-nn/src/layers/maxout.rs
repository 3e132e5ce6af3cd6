//! Maxout.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;
use crate::{Config, Layer, Scope};

/// Maxout: the largest of several features. After a linear layer, each output is the maximum of `k` affine functions of the
/// whole input: a convex function that is learned.
///
/// `y_j = max(x_j, x_(h+j), …, x_((k−1)h+j))` for `h` outputs: piece `i` of all units are features `i h` to `(i + 1) h − 1`
///
/// # Shapes
/// - `x`: `[..., k · h]`
/// - `y`: `[..., h]`
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if the number of features is no multiple of `k`.
///
/// # Numerics
/// NaN if one of the pieces is. The gradient is shared evenly among pieces that are equal.
///
/// # Example
/// ```
/// use rosenblatt_nn::layers::{Linear, Maxout, Sequential};
/// let unit = Sequential::new().hidden(64, Maxout { pieces: 3 });
/// assert_eq!(unit, Sequential::new().then(Linear::new(192)).then(Maxout { pieces: 3 }));
/// ```
///
/// # Reference
/// Goodfellow, Warde-Farley, Mirza, Courville, Bengio: Maxout Networks. ICML 2013. arXiv:1302.4389.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Maxout {
    /// Affine functions of each unit, `k`, at least 1.
    pub pieces: usize,
}

impl Default for Maxout {
    /// The fewest pieces that are not linear.
    fn default() -> Self {
        Self { pieces: 2 }
    }
}

impl Config for Maxout {
    const NAME: &'static str = "maxout";

    fn check(&self) -> Result<()> {
        expect(self.pieces >= 1, "pieces", "to be at least 1", self.pieces)
    }

    fn examples() -> Vec<Self> {
        vec![Self::default(), Self { pieces: 3 }]
    }
}

impl Layer for Maxout {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let (shape, pieces) = (x.shape(), self.pieces);
        match shape.split_last() {
            Some((&features, before)) if features % pieces == 0 => {
                let split = [before, &[pieces, features / pieces]].concat();
                x.reshape(&split).max(&[-2], false)
            }
            _ => scope.fail(Error::shape(format!(
                "expected a number of features that {pieces} divides, {pieces} for each output, got {shape:?}"
            ))),
        }
    }

    fn inputs_per_output(&self) -> usize {
        self.pieces
    }
}
