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
/// use rosenblatt_nn::activations::RELU;
/// use rosenblatt_nn::layers::{Linear, Sequential};
/// let written: Sequential = serde_json::from_str(r#"{"layers": [{"linear": {"out_features": 8}}, "relu"]}"#)?;
/// let built = Sequential::new().then(Linear::new(8)).then(RELU);
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
    /// No layer: the identity.
    #[must_use]
    pub const fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// A linear layer and an activation after the others, of which `width` features come out: the linear layer is wider if
    /// the activation needs several for each ([`Layer::inputs_per_output`]).
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::layers::{Glu, Linear, Sequential};
    /// let hidden = Sequential::new().hidden(64, Glu {});
    /// assert_eq!(hidden, Sequential::new().then(Linear::new(128)).then(Glu {}));
    /// ```
    #[must_use]
    pub fn hidden(self, width: usize, activation: impl Into<Entry<dyn Layer>>) -> Self {
        let activation = activation.into();
        let linear = Linear::new(width.saturating_mul(activation.inputs_per_output()));
        self.then(linear).then(activation)
    }

    /// One layer more, after the others.
    #[must_use]
    pub fn then(mut self, layer: impl Into<Entry<dyn Layer>>) -> Self {
        self.layers.push(layer.into());
        self
    }
}

impl<T: Into<Vec<Entry<dyn Layer>>>> From<T> for Sequential {
    fn from(layers: T) -> Self {
        Self { layers: layers.into() }
    }
}

impl FromIterator<Entry<dyn Layer>> for Sequential {
    fn from_iter<T: IntoIterator<Item = Entry<dyn Layer>>>(layers: T) -> Self {
        Self {
            layers: layers.into_iter().collect(),
        }
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
        let leaky = LeakyRelu { slope: 0.5 };
        let inner = Self::new().then(leaky).then(Linear::new(2));
        vec![
            Self::new(),
            Self::new()
                .then(Linear::new(3))
                .then(leaky)
                .then(Dropout { p: 0.25 })
                .then(Linear::new(2)),
            Self::new().then(Linear::new(4)).then(inner),
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

    fn window_axes(&self) -> usize {
        self.layers.iter().map(|layer| layer.window_axes()).max().unwrap_or(0)
    }
}
