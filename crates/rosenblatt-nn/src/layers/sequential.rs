//! Layers one after the other.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dropout, LeakyRelu, Linear};
use crate::{Config, Entry, Layer, Scope};

/// Layers applied one after the other, named by position as `torch.nn.Sequential` names them: `0.weight`.
///
/// `y = fₙ(… f₁(f₀(x)))`
///
/// # Example
/// ```
/// use rosenblatt_nn::{Entry, layers::{Linear, Sequential}};
/// let written: Sequential = serde_json::from_str(r#"{"layers": [{"linear": {"out_features": 8}}, "relu"]}"#)?;
/// let built = Sequential::new([Linear::new(8).into(), Entry::named("relu")?]);
/// assert_eq!(written, built);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sequential {
    /// The layers, first one first; none at all is the identity.
    pub layers: Vec<Entry<dyn Layer>>,
}

impl Sequential {
    /// Layers one after the other.
    pub fn new(layers: impl Into<Vec<Entry<dyn Layer>>>) -> Self {
        Self { layers: layers.into() }
    }
}

impl Config for Sequential {
    const NAME: &'static str = "sequential";

    fn check(&self) -> Result<()> {
        let check =
            |(i, layer): (usize, &Entry<dyn Layer>)| layer.validate().map_err(|e| e.within(format!("layers.{i}")));
        self.layers.iter().enumerate().try_for_each(check)
    }

    fn examples() -> Vec<Self> {
        let leaky = || LeakyRelu { slope: 0.5 }.into();
        let inner = Self::new([leaky(), Linear::new(2).into()]);
        vec![
            Self::default(),
            Self::new([
                Linear::new(3).into(),
                leaky(),
                Dropout { p: 0.25 }.into(),
                Linear::new(2).into(),
            ]),
            Self::new([Linear::new(4).into(), inner.into()]),
        ]
    }
}

impl Layer for Sequential {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        self.layers
            .iter()
            .enumerate()
            .fold(x, |x, (i, layer)| scope.apply(i, &**layer, x))
    }

    fn min_batch_size(&self) -> usize {
        self.layers
            .iter()
            .map(|layer| layer.min_batch_size())
            .max()
            .unwrap_or(1)
    }
}
