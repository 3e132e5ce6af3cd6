//! Rosenblatt defines, trains, explains and serves feed-forward neural networks on ordinary CPUs.
//!
//! Fast at every size, and the same bits whatever the number of threads, the instruction set or the batch a row stands in.
//!
//! # Example
//! ```
//! use rosenblatt::prelude::*;
//!
//! let spec = Spec::from_toml(r#"
//!     data  = { source = "penguins", valid_fraction = 0.2 }
//!     model = { layers = [{ linear = { out_features = 32 } }, "gelu"] }
//!     train = { optimizer = "adamw", learning_rate = 0.01, epochs = 30 }
//! "#)?;
//! let data = load(&spec.data, spec.train.seed)?;
//! let options = RunOptions::default();
//! let trained = fit(&spec, &data, &options, &mut Callbacks::usual(&spec, &options))?;
//!
//! let mut predictor = Predictor::new(&trained.model, &options)?;
//! let metrics = predictor.evaluate(data.test.as_ref().unwrap_or(&data.train))?;
//! assert!(metrics["accuracy"] >= 0.95);
//! # Ok::<(), rosenblatt::Error>(())
//! ```
//!
//! # Where to go
//!
//! | for | see |
//! |---|---|
//! | training, model files, predictions | [`train`] |
//! | reading and preparing data | [`data`] |
//! | layers, losses, optimisers and the rest of the vocabulary | [`nn`] |
//! | functions of arrays: `eval`, `grad`, `jvp`, `hessian`, `jit`; graphs and derivatives of any order | [`autodiff`] |
//! | arrays, kernels, random numbers | [`tensor`] |
//!
//! The feature `ndarray-0_17` converts [`Tensor`]s from and to arrays of `ndarray`, without a copy.
#![forbid(unsafe_code)]

pub use rosenblatt_autodiff as autodiff;
pub use rosenblatt_data as data;
pub use rosenblatt_nn as nn;
pub use rosenblatt_tensor as tensor;
pub use rosenblatt_tensor::{Error, ErrorKind, Result, Tensor};
pub use rosenblatt_train as train;

/// What most programs use.
pub mod prelude {
    pub use rosenblatt_autodiff::{Graph, Var, reverse};
    pub use rosenblatt_data::{DataOptions, Dataset, Prepared, Task, load};
    pub use rosenblatt_nn::{Entry, Layer, Loss, Metric, Optimizer, Schedule, layers, losses, optimizers, schedules};
    pub use rosenblatt_tensor::{DType, Error, ErrorKind, Result, Tensor};
    pub use rosenblatt_train::presets::{Preset, Wishes};
    pub use rosenblatt_train::{Callbacks, Model, Prediction, Predictor, RunOptions, Spec, Trained, fit};
}

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
