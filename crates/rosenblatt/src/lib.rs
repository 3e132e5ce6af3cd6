//! Rosenblatt defines, trains, explains and serves neural networks on ordinary CPUs.
//!
//! Fast at every size, and the same bits whatever the number of threads, the instruction set or the batch a row is in.
//!
//! # Example
//! ```
//! use rosenblatt::prelude::*;
//!
//! let x = Tensor::new((0..300).map(|i| (i % 17) as f32 / 17.0).collect(), &[100, 3])?;
//! let y = Tensor::new((0..100).map(|i| i % 2).collect::<Vec<i64>>(), &[100])?;
//! let mut model = Sequential::new().then(Linear::new(16)).then(RELU).then(Linear::new(2)).then(Softmax {})
//!     .compile(CrossEntropy::default(), Adam::default(), [Accuracy {}])?;
//! model.fit((&x, &y), &Fit::epochs(3))?;
//! let metrics = model.evaluate((&x, &y))?;
//! assert!(metrics["accuracy"] > 0.3);
//! assert_eq!(model.predict(&x)?.shape()[..], [100, 2]);
//! # Ok::<(), rosenblatt::Error>(())
//! ```
//!
//! # Where to go
//!
//! | for | see |
//! |---|---|
//! | networks on arrays: compile, fit, evaluate, predict, save | [`Compile`](train::Compile), [`Model`](train::Model) |
//! | a training loop of one's own | [`Trainer`](train::Trainer) |
//! | derivatives of functions, of any order | [`autodiff`] |
//! | derivatives of an expression in symbols, four ways to them side by side | [`symbolic`] |
//! | critical points of a function: minima, maxima, saddles | [`symbolic::critical`] |
//! | functions with parameters, a gradient for each row | [`nn::transform`] |
//! | tables, model files, predictions | [`train::fit`](fn@train::fit), [`Predictor`](train::Predictor) |
//! | evaluation, permutation importance, charts, an HTML page | [`report`] |
//! | reading and preparing data | [`data`] |
//! | layers, losses, optimizers and the rest of the vocabulary | [`nn`] |
//! | arrays, kernels, random numbers | [`tensor`] |
//!
//! The feature `ndarray-0_17` converts [`Tensor`]s from and to arrays of `ndarray`, without a copy.
#![forbid(unsafe_code)]

pub use rosenblatt_autodiff as autodiff;
pub use rosenblatt_data as data;
pub use rosenblatt_nn as nn;
pub use rosenblatt_report as report;
pub use rosenblatt_symbolic as symbolic;
pub use rosenblatt_tensor as tensor;
pub use rosenblatt_tensor::{Error, ErrorKind, Result, Tensor};
pub use rosenblatt_train as train;

mod own;

pub use own::register;

/// What most programs use.
pub mod prelude {
    pub use rosenblatt_autodiff::{
        self as autodiff, Attributes, Elementwise, Execution, Graph, Real, Type, Unary, Var, forward, reverse,
    };
    pub use rosenblatt_data::{Batches, DataOptions, Dataset, Prepared, Task, load};
    pub use rosenblatt_nn::activations;
    pub use rosenblatt_nn::activations::*;
    pub use rosenblatt_nn::layers::{self, *};
    pub use rosenblatt_nn::losses::{self, *};
    pub use rosenblatt_nn::metrics::{Accuracy, Rmse};
    pub use rosenblatt_nn::optimizers::{self, Adam, AdamW, Sgd};
    pub use rosenblatt_nn::{
        Config, Entry, Init, Layer, Loss, Metric, Network, Optimize, OptimizeExt, Optimizer, Schedule, Scope,
        schedules, transform,
    };
    pub use rosenblatt_tensor::{DType, Error, ErrorKind, Result, Tensor};
    pub use rosenblatt_train::presets::{Overrides, Preset};
    pub use rosenblatt_train::{
        BatchSource, Compile, Data, Fit, FitResult, History, Metrics, Model, Params, Prediction, Predictor, RunOptions,
        Session, Spec, Trainer, TrainerState, Validation, fit,
    };
}

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
