//! Networks: the plain data of a model.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_tensor::{DType, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::not_saved;
use crate::layers::{Functional, Sequential};
use crate::{Config, Link, Scope, TensorSpec, scope};

/// A network: what a model file holds, and what is trained.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Type;
/// use rosenblatt_nn::layers::{Linear, Sequential, Softmax};
/// use rosenblatt_nn::Network;
/// use rosenblatt_tensor::{DType, Shape};
///
/// let network = Network::from(Sequential::new().then(Linear::new(3)).then(Softmax {}));
/// let rows = Type::new(DType::F64, Shape::new(&[8, 4])?);
/// let names: Vec<String> = network.tensors(&[rows], DType::F64)?.into_iter().map(|tensor| tensor.name).collect();
/// assert_eq!(names, ["layers.0.weight", "layers.0.bias"]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Layers one after the other; their tensors are called `layers.<i>.…`.
    Sequential(Sequential),
    /// A graph of layers; their tensors are called `<node>.…`.
    Functional(Functional),
}

impl From<Sequential> for Network {
    fn from(layers: Sequential) -> Self {
        Self::Sequential(layers)
    }
}

impl From<Functional> for Network {
    fn from(nodes: Functional) -> Self {
        Self::Functional(nodes)
    }
}

/// What a network computes: see [`Network::forward_training`].
#[derive(Clone, Debug)]
pub struct Outputs<'g> {
    /// What the network predicts: the values of its outputs.
    pub predictions: Vec<Var<'g>>,
    /// What the losses take: for each output its value, or what is before its link.
    pub training: Vec<Var<'g>>,
}

impl Network {
    /// Names of the inputs, in order: `input` for a [`Sequential`].
    #[must_use]
    pub fn inputs(&self) -> Vec<String> {
        match self {
            Self::Sequential(_) => vec!["input".to_owned()],
            Self::Functional(nodes) => nodes.inputs.clone(),
        }
    }

    /// Names of the outputs, in order: `output` for a [`Sequential`].
    #[must_use]
    pub fn outputs(&self) -> Vec<String> {
        match self {
            Self::Sequential(_) => vec!["output".to_owned()],
            Self::Functional(nodes) => nodes.outputs.clone(),
        }
    }

    /// Checks settings and names of its layers.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], with the layer.
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Sequential(layers) => layers.check(),
            Self::Functional(nodes) => nodes.check(),
        }
    }

    /// Checks that it can be saved: every layer is one of the library or was registered.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], with the name of the layer.
    pub fn check_registered(&self) -> Result<()> {
        serde_json::to_value(self).map(drop).map_err(|error| not_saved(&error))
    }

    /// Its parameters and buffers for inputs of these types, in the order its layers name them; `dtype` is theirs.
    ///
    /// # Errors
    /// The layers do not fit each other or the inputs.
    pub fn tensors(&self, inputs: &[Type], dtype: DType) -> Result<Vec<TensorSpec>> {
        scope::tensors_for(inputs, dtype, |scope, xs| {
            self.forward(scope, xs);
        })
    }

    /// For each weight the gain of the activation that follows its layer: see [`Scope::gains`].
    ///
    /// # Errors
    /// The layers do not fit each other or the inputs.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::Type;
    /// use rosenblatt_nn::Network;
    /// use rosenblatt_nn::activations::RELU;
    /// use rosenblatt_nn::layers::{BatchNorm, Linear, Sequential};
    /// use rosenblatt_tensor::{DType, Shape};
    ///
    /// let layers = Sequential::new().then(Linear::new(8)).then(BatchNorm::default()).then(RELU).then(Linear::new(3));
    /// let rows = Type::new(DType::F32, Shape::new(&[1, 4])?);
    /// let gains = Network::from(layers).gains(&[rows], DType::F32)?;
    /// assert!((gains["layers.0.weight"] - 2f64.sqrt()).abs() < 1e-14);
    /// assert_eq!(gains["layers.3.weight"], 1.0);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn gains(&self, inputs: &[Type], dtype: DType) -> Result<BTreeMap<String, f64>> {
        scope::gains_for(inputs, dtype, |scope, xs| {
            self.forward(scope, xs);
        })
    }

    /// Puts the network on a graph: the values of its outputs.
    ///
    /// # Errors
    /// Recorded in the scope: what does not fit.
    #[track_caller]
    pub fn forward<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>]) -> Vec<Var<'g>> {
        match self {
            Self::Sequential(layers) => vec![scope.join("layers", layers, xs)],
            Self::Functional(nodes) => nodes.forward_all(scope, xs),
        }
    }

    /// As [`Network::forward`], with what the losses take: `links` are theirs ([`crate::Loss::link`]), one for each
    /// output.
    ///
    /// If an output's last layer is the link of its loss, the loss takes the input of that layer.
    ///
    /// # Errors
    /// Recorded in the scope: the last layer is the link of another loss, or there are not as many links as outputs.
    #[track_caller]
    pub fn forward_training<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>], links: &[Link]) -> Outputs<'g> {
        let predictions = self.forward(scope, xs);
        if links.len() != predictions.len() {
            let (outputs, losses) = (self.outputs(), links.len());
            let message = format!("expected a loss for each of the outputs {outputs:?}, got {losses}");
            scope.fail(Error::config(message));
        }
        let pairs = predictions.iter().zip(links);
        let training = pairs.map(|(&output, link)| link.input_of(scope, output)).collect();
        Outputs { predictions, training }
    }
}
