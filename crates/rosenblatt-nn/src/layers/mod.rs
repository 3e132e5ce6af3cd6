//! Layers: functions of their input, with parameters.
//!
//! To add one: write `layers/<name>.rs`, then add its lines here. A function of one number without settings needs no
//! file: whatever [`ACTIVATIONS`](rosenblatt_autodiff::pointwise::ACTIVATIONS) lists is a layer of that name.

mod add;
mod batch_norm;
mod categorical_embedding;
mod concat;
mod dropout;
mod embedding;
mod exp;
mod flatten;
mod functional;
mod identity;
mod layer_norm;
mod leaky_relu;
mod linear;
mod merge;
mod moments;
mod multiply;
mod port;
mod rescale;
mod sequential;
mod softmax;

use std::sync::LazyLock;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Error;

use crate::entry::{Alias, Configurable, registry};
use crate::{Registration, Scope, activations};

pub use crate::activations::Activation;
pub use add::Add;
pub use batch_norm::BatchNorm;
pub use categorical_embedding::CategoricalEmbedding;
pub use concat::Concat;
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use exp::Exp;
pub use flatten::Flatten;
pub use functional::{Functional, Node};
pub use identity::Identity;
pub use layer_norm::LayerNorm;
pub use leaky_relu::LeakyRelu;
pub use linear::Linear;
pub use multiply::Multiply;
pub use port::Port;
pub use rescale::Rescale;
pub use sequential::Sequential;
pub use softmax::Softmax;

/// A function of a tensor that may keep others: what networks are made of.
///
/// `forward` runs once, when the network is put on a graph; the graph runs at every step. It must not depend on the
/// values of `x`, only on its type.
pub trait Layer: Configurable {
    /// The output for an input whose first axis is the batch.
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g>;

    /// The output for several inputs, by default an error unless there is one: layers that merge, such as [`Concat`],
    /// say more.
    fn join<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>]) -> Var<'g> {
        match *xs {
            [x] => self.forward(scope, x),
            _ => scope.fail(Error::shape(format!("expected one input, got {}", xs.len()))),
        }
    }

    /// How many rows a step of training needs for this layer to learn what it is to learn. A short last batch may have
    /// fewer.
    fn min_batch_size(&self) -> usize {
        1
    }
}

/// Layers with a file of their own, in alphabetical order.
static OWN: &[Registration<dyn Layer>] = &[
    Registration::<dyn Layer>::of::<Add>(),
    Registration::<dyn Layer>::of::<BatchNorm>(),
    Registration::<dyn Layer>::of::<CategoricalEmbedding>(),
    Registration::<dyn Layer>::of::<Concat>(),
    Registration::<dyn Layer>::of::<Dropout>(),
    Registration::<dyn Layer>::of::<Embedding>(),
    Registration::<dyn Layer>::of::<Exp>(),
    Registration::<dyn Layer>::of::<Flatten>(),
    Registration::<dyn Layer>::of::<Functional>(),
    Registration::<dyn Layer>::of::<Identity>(),
    Registration::<dyn Layer>::of::<LayerNorm>(),
    Registration::<dyn Layer>::of::<LeakyRelu>(),
    Registration::<dyn Layer>::of::<Linear>(),
    Registration::<dyn Layer>::of::<Multiply>(),
    Registration::<dyn Layer>::of::<Rescale>(),
    Registration::<dyn Layer>::of::<Sequential>(),
    Registration::<dyn Layer>::of::<Softmax>(),
];

/// Every layer, in alphabetical order: those with a file here, and the functions.
pub static LAYERS: LazyLock<Vec<Registration<dyn Layer>>> = LazyLock::new(|| {
    let functions = activations::registrations(|name| OWN.iter().all(|own| own.name != name));
    let mut all: Vec<_> = OWN.iter().cloned().chain(functions).collect();
    all.sort_by_key(|registration| registration.name);
    all
});

/// In files of format 1 `embedding` was what is `categorical_embedding` now; its settings tell them apart.
static FORMERLY: &[Alias] = &[Alias {
    old: "embedding",
    with: "values",
    new: "categorical_embedding",
}];

registry!(Layer, "layer", &LAYERS, FORMERLY);
