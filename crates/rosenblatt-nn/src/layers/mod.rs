//! Layers: functions of their input, with parameters.
//!
//! To add one: write `layers/<name>.rs`, then add its lines here. A function of one number needs no
//! file: whatever [`ACTIVATIONS`](rosenblatt_autodiff::pointwise::ACTIVATIONS) lists is a layer of that name.

mod adaptive_avg_pool;
mod adaptive_max_pool;
mod add;
mod alpha_dropout;
mod avg_pool;
mod batch_norm;
mod categorical_embedding;
mod concat;
mod conv;
mod dropout;
mod embedding;
mod exp;
mod flatten;
mod functional;
mod gate;
mod geglu;
mod glu;
mod group_norm;
mod identity;
mod instance_norm;
mod layer_norm;
mod linear;
mod log_softmax;
mod max_pool;
mod maxout;
mod merge;
mod moments;
mod multiply;
mod port;
mod prelu;
mod reglu;
mod rescale;
mod rms_norm;
mod sequential;
mod softmax;
mod spatial;
mod spatial_dropout;
mod swiglu;
mod swish;

use std::sync::LazyLock;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::Error;

use crate::entry::{Alias, Configurable, registry};
use crate::{Registration, Scope, activations};

pub use crate::activations::Activation;
pub use adaptive_avg_pool::{AdaptiveAvgPool, AdaptiveAvgPool1d, AdaptiveAvgPool2d};
pub use adaptive_max_pool::{AdaptiveMaxPool, AdaptiveMaxPool1d, AdaptiveMaxPool2d};
pub use add::Add;
pub use alpha_dropout::AlphaDropout;
pub use avg_pool::{AvgPool, AvgPool1d, AvgPool2d};
pub use batch_norm::BatchNorm;
pub use categorical_embedding::CategoricalEmbedding;
pub use concat::Concat;
pub use conv::{Conv, Conv1d, Conv2d, Padding};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use exp::Exp;
pub use flatten::Flatten;
pub use functional::{Functional, Node};
pub use geglu::Geglu;
pub use glu::Glu;
pub use group_norm::GroupNorm;
pub use identity::Identity;
pub use instance_norm::InstanceNorm;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use log_softmax::LogSoftmax;
pub use max_pool::{MaxPool, MaxPool1d, MaxPool2d};
pub use maxout::Maxout;
pub use multiply::Multiply;
pub use port::Port;
pub use prelu::Prelu;
pub use reglu::Reglu;
pub use rescale::Rescale;
pub use rms_norm::RmsNorm;
pub use sequential::Sequential;
pub use softmax::Softmax;
pub use spatial::Sizes;
pub use spatial_dropout::SpatialDropout;
pub use swiglu::Swiglu;
pub use swish::Swish;

/// Activations with settings are layers as they are.
pub use rosenblatt_autodiff::pointwise::{Elu, LeakyRelu};

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

    /// Whether it normalizes numbers, so that initializers with a gain look behind it for the activation.
    fn normalizes(&self) -> bool {
        false
    }

    /// Along how many axes it looks at windows: 1 for sequences, 2 for images, 0 for a layer that looks at none. Images come to the
    /// others as rows of pixels, to these as they are.
    fn window_axes(&self) -> usize {
        0
    }

    /// How many input features there are for each output feature: a linear layer before it is that many times as wide as
    /// what comes out. [`Maxout`] and the gated linear units have several.
    fn inputs_per_output(&self) -> usize {
        1
    }
}

/// Layers with a file of their own, in alphabetical order.
static OWN: &[Registration<dyn Layer>] = &[
    Registration::<dyn Layer>::of::<AdaptiveAvgPool1d>(),
    Registration::<dyn Layer>::of::<AdaptiveAvgPool2d>(),
    Registration::<dyn Layer>::of::<AdaptiveMaxPool1d>(),
    Registration::<dyn Layer>::of::<AdaptiveMaxPool2d>(),
    Registration::<dyn Layer>::of::<Add>(),
    Registration::<dyn Layer>::of::<AlphaDropout>(),
    Registration::<dyn Layer>::of::<AvgPool1d>(),
    Registration::<dyn Layer>::of::<AvgPool2d>(),
    Registration::<dyn Layer>::of::<BatchNorm>(),
    Registration::<dyn Layer>::of::<CategoricalEmbedding>(),
    Registration::<dyn Layer>::of::<Concat>(),
    Registration::<dyn Layer>::of::<Conv1d>(),
    Registration::<dyn Layer>::of::<Conv2d>(),
    Registration::<dyn Layer>::of::<Dropout>(),
    Registration::<dyn Layer>::of::<Embedding>(),
    Registration::<dyn Layer>::of::<Exp>(),
    Registration::<dyn Layer>::of::<Flatten>(),
    Registration::<dyn Layer>::of::<Functional>(),
    Registration::<dyn Layer>::of::<Geglu>(),
    Registration::<dyn Layer>::of::<Glu>(),
    Registration::<dyn Layer>::of::<GroupNorm>(),
    Registration::<dyn Layer>::of::<Identity>(),
    Registration::<dyn Layer>::of::<InstanceNorm>(),
    Registration::<dyn Layer>::of::<LayerNorm>(),
    Registration::<dyn Layer>::of::<Linear>(),
    Registration::<dyn Layer>::of::<LogSoftmax>(),
    Registration::<dyn Layer>::of::<MaxPool1d>(),
    Registration::<dyn Layer>::of::<MaxPool2d>(),
    Registration::<dyn Layer>::of::<Maxout>(),
    Registration::<dyn Layer>::of::<Multiply>(),
    Registration::<dyn Layer>::of::<Prelu>(),
    Registration::<dyn Layer>::of::<Reglu>(),
    Registration::<dyn Layer>::of::<Rescale>(),
    Registration::<dyn Layer>::of::<RmsNorm>(),
    Registration::<dyn Layer>::of::<Sequential>(),
    Registration::<dyn Layer>::of::<Softmax>(),
    Registration::<dyn Layer>::of::<SpatialDropout>(),
    Registration::<dyn Layer>::of::<Swiglu>(),
    Registration::<dyn Layer>::of::<Swish>(),
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
