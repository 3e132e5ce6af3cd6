//! What becomes of the losses of a batch.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the losses of the rows of a batch become the number whose gradient a step takes.
///
/// Losses that are reported are means over rows in either case, so that epochs, batches and parts of the data can be compared. For
/// no reduction at all, call [`rosenblatt_nn::Loss::per_example`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// `Σᵢ wᵢ lossᵢ / Σᵢ wᵢ`, with `wᵢ` the weight of a row (1 without weights): a gradient has the same size in any batch.
    #[default]
    Mean,
    /// `Σᵢ wᵢ lossᵢ`: a gradient grows with the number of rows in a batch, and with the unit of the weights.
    ///
    /// Without momentum or adaptive learning rates, a step is that of [`Reduction::Mean`] with a learning rate as many times as large as
    /// the batch has rows: the short last batch moves parameters less. Penalties and weight decay are not multiplied. Accumulated gradients of
    /// batches are added.
    Sum,
}
