//! What the model `cnn` has before its hidden layers.

use rosenblatt_data::Prepared;
use rosenblatt_nn::layers::{BatchNorm, Conv2d, Flatten, GroupNorm, MaxPool2d};
use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::{Advice, DType, Error, Result};

use super::{Draft, Norm};

/// Channels of the blocks.
const CHANNELS: [usize; 2] = [16, 32];
/// Width of the hidden layer behind them.
pub(super) const HIDDEN: usize = 128;

/// Whether rows are images.
pub(super) fn is_images(data: &Prepared) -> bool {
    data.train.features().dtype() == DType::U8
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] for rows that have no neighbors.
pub(super) fn check(data: &Prepared) -> Result<()> {
    if is_images(data) {
        return Ok(());
    }
    let error = Error::config("the model `cnn` is for images, and these are rows of a table");
    Err(error.hint(Advice::new("choose ").set("model.model", "mlp")))
}

impl Draft {
    /// The network for images: blocks of convolution, and one hidden layer.
    pub(super) fn begin_with_convolutions(&mut self) {
        (self.convolutions, self.hidden) = (CHANNELS.to_vec(), vec![HIDDEN]);
    }

    /// For each number of channels a convolution of windows of 3 by 3, a normalizing layer if there is any, the activation, and
    /// the largest of each 2 by 2; what is left is flattened.
    pub(super) fn convolution_layers(&self) -> Vec<Entry<dyn Layer>> {
        let block = |&channels: &usize| {
            let conv = Conv2d {
                // Batch normalization takes away whatever a bias adds.
                bias: self.norm != Some(Norm::Batch),
                ..Conv2d::new(channels, 3).same()
            };
            let norm = self.norm.map(|norm| match norm {
                Norm::Batch => BatchNorm::default().into(),
                Norm::Layer | Norm::Rms => GroupNorm::new(1).into(),
            });
            // Images of any size: a window may reach beyond their end.
            let pool = MaxPool2d {
                ceil_mode: true,
                ..MaxPool2d::new(2)
            };
            [
                Some(conv.into()),
                norm,
                Some(self.activation.clone()),
                Some(pool.into()),
            ]
        };
        let flatten = (!self.convolutions.is_empty()).then(|| Flatten {}.into());
        let blocks = self.convolutions.iter().flat_map(block).flatten();
        blocks.chain(flatten).collect()
    }
}
