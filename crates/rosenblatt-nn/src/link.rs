//! Links: the function that turns what a loss takes into what a user wants to see.
//!
//! Cross-entropy takes logits, a user wants probabilities, and softmax lies between them. A network may end with it, as
//! Keras' users write: training then reads what comes before it, so nothing is computed twice and no digit is lost. All of
//! that is decided here.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Error;

use crate::Scope;

/// The function between what a loss takes and what a network predicts: see [`crate::Loss::link`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The loss takes predictions as they are.
    #[default]
    None,
    /// The loss takes logits, and their softmax over the last axis is the prediction.
    Softmax,
    /// The loss takes logits, and the sigmoid of each is the prediction.
    Sigmoid,
    /// The loss takes logarithms, and the exponential of each is the prediction (a log link).
    Exp,
}

impl Link {
    /// The link that a layer is.
    fn of_layer(name: &str) -> Self {
        match name {
            "softmax" => Self::Softmax,
            "sigmoid" => Self::Sigmoid,
            "exp" => Self::Exp,
            _ => Self::None,
        }
    }

    /// The layer that computes it, and a loss that takes what comes before.
    fn names(self) -> [&'static str; 2] {
        match self {
            Self::None => ["identity", "mse"],
            Self::Softmax => ["softmax", "cross_entropy"],
            Self::Sigmoid => ["sigmoid", "bce_with_logits"],
            Self::Exp => ["exp", "poisson"],
        }
    }

    /// Whether predictions of classes are probabilities; without a link they are scores.
    #[must_use]
    pub fn gives_probabilities(self) -> bool {
        matches!(self, Self::Softmax | Self::Sigmoid)
    }

    /// Predictions from what the loss takes.
    #[must_use]
    pub fn apply(self, x: Var<'_>) -> Var<'_> {
        match self {
            Self::None => x,
            Self::Softmax => x.softmax(),
            Self::Sigmoid => x.sigmoid(),
            Self::Exp => x.exp(),
        }
    }

    /// What a loss with this link takes, where `output` is an output of the network in `scope`: the input of the last
    /// layer if that is this link, else the output.
    ///
    /// It does not matter how deep the last layer is: the link may end a [`crate::layers::Sequential`] that is the last
    /// layer of another one.
    ///
    /// # Errors
    /// Recorded in the scope, of kind [`rosenblatt_tensor::ErrorKind::Config`]: the last layer is the link of another
    /// loss. A loss without a link takes any output.
    #[track_caller]
    pub fn input_of<'g>(self, scope: &Scope<'g>, output: Var<'g>) -> Var<'g> {
        let last = scope.produced(output, |layer, inputs| (Self::of_layer(layer), inputs.to_vec()));
        let (last, inputs) = last.unwrap_or_default();
        match (self, last, &inputs[..]) {
            (Self::None, ..) | (_, Self::None, _) => output,
            (_, _, &[before]) if last == self => before,
            _ => {
                let ([layer, _], [got, loss]) = (self.names(), last.names());
                let takes = if self == Self::Exp { "logarithms" } else { "logits" };
                let message =
                    format!("the loss takes {takes} or an output that ends with `{layer}`, got one with `{got}`");
                scope.fail(Error::config(message).hint(format!(
                    "remove the last layer, write `{layer}` instead, or use a loss such as `{loss}`"
                )))
            }
        }
    }
}
