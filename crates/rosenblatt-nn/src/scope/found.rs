//! What the layers of a network ask their scope for.

use std::collections::BTreeMap;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error, Shape};
use serde_json::{Map, Value};

use crate::Init;

/// A tensor that a layer keeps from step to step.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorSpec {
    /// Its path in the network: `layers.0.weight`.
    pub name: String,
    /// Sizes in its logical layout: `[out_features, in_features]`.
    pub shape: Shape,
    /// Type of its elements.
    pub dtype: DType,
    /// What it is for.
    pub role: Role,
}

/// Whether a tensor is learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    /// Learned; its initial values are the initializer's.
    Parameter(Init),
    /// Not learned: the layer keeps it up to date, through [`crate::Scope::update`].
    Buffer {
        /// The initial value of each element.
        start: f64,
    },
}

/// A layer that was put on a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct AppliedLayer {
    /// Its name in the registry: `conv2d`.
    pub name: String,
    /// Its settings.
    pub fields: Map<String, Value>,
    /// Along how many axes it looks at windows.
    pub window_axes: usize,
    /// How often it was applied under its path.
    pub(super) times: usize,
}

/// What layers asked for and computed, in the order they did.
#[derive(Debug, Default)]
pub struct Found<'g> {
    /// Parameters and buffers, each once.
    pub tensors: Vec<(TensorSpec, Var<'g>)>,
    /// New values by name, each name once: of buffers, and of parameters that their layer sets itself.
    pub updates: Vec<(String, Var<'g>)>,
    /// The output of each applied layer by its path, inner layers before the layer that holds them.
    ///
    /// A layer that is applied again under its path has a number there from the second time on: `layers.0`,
    /// `layers.0#2`.
    pub outputs: Vec<(String, Var<'g>)>,
    /// The layer at each path, without numbers of further applications.
    pub layers: BTreeMap<String, AppliedLayer>,
    /// What layers drew random numbers for, in training: paths, each once, in alphabetical order.
    pub draws: Vec<String>,
    /// Layers that keep statistics of what they are given, by path, and what that is: see [`crate::Scope::keeps_statistics_of`].
    pub statistics: Vec<(String, Var<'g>)>,
    /// Why a layer cannot learn from batches like this one, if one cannot: see [`crate::Scope::cannot_learn`].
    pub cannot_learn: Option<Error>,
    /// The path of the first layer that takes numbers for codes, if one does: see [`crate::Scope::reads_codes`].
    pub codes: Option<String>,
}

impl<'g> Found<'g> {
    /// The learned tensors.
    pub fn parameters(&self) -> impl Iterator<Item = &(TensorSpec, Var<'g>)> {
        self.tensors
            .iter()
            .filter(|(spec, _)| matches!(spec.role, Role::Parameter(_)))
    }

    /// The output of the layer at `path`, as [`Found::outputs`] lists it.
    #[must_use]
    pub fn output_of(&self, path: &str) -> Option<Var<'g>> {
        let mut outputs = self.outputs.iter();
        outputs.find(|(known, _)| known == path).map(|(_, output)| *output)
    }

    /// The new value of the parameter or buffer `name`, if there is one.
    #[must_use]
    pub fn update_of(&self, name: &str) -> Option<Var<'g>> {
        let mut updates = self.updates.iter();
        updates.find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}
