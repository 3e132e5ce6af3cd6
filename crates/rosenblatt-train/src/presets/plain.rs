//! Nothing chosen.

use rosenblatt_nn::Entry;
use rosenblatt_tensor::Result;

use super::Draft;
use crate::spec::{ModelSpec, TrainSpec};

/// The defaults of a spec: no hidden layer, and ReLU should there be one.
pub(super) fn draft() -> Result<Draft> {
    Ok(Draft {
        convolutions: Vec::new(),
        hidden: Vec::new(),
        norm: None,
        activation: Entry::named("relu")?,
        dropout: 0.0,
        model: ModelSpec::default(),
        train: TrainSpec::default(),
        choices: Vec::new(),
    })
}
