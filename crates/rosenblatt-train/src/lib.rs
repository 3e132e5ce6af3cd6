//! Training: networks on arrays, loops of one's own, tables; callbacks, checkpoints, the model file, predictions.
//!
//! | what | where |
//! |---|---|
//! | a network on arrays: compile, fit, evaluate, predict | [`Compile`], [`Model`], [`Fit`], [`Session`] (`model/`) |
//! | a training loop of one's own | [`Trainer`], [`TrainerState`] (`trainer/`) |
//! | a table and its settings | [`Spec`], made by a [`presets::Preset`] or read from a run file; [`fit()`], [`Predictor`] (`table/`) |
//! | settings as data: names, ranges, defaults, where a value comes from | [`settings`] |
//! | what a step computes, and the two ways to run it | `step/` |
//! | the loop of a fit | [`Run`]; what else happens in it: [`callbacks`] |
//! | files: models, checkpoints, states of trainers | `container.rs`, `checkpoint.rs`, written by [`files`] |
//! | whether two classes are linearly separable | [`separability()`] |
//! | whether more training rows would help | [`learning_curve()`] |
//! | how fast a step is, and what its time goes to | [`mod@bench`] |
//! | whether the gradients of a spec are right | [`check`](mod@check) |
//! | hints for files that are not there | [`absent`] |
//!
//! Start reading at [`Model`], or at [`fit()`] for tables.
//!
//! # Example
//! ```
//! use rosenblatt_train::presets::{Preset, Overrides};
//! use rosenblatt_train::{Predictor, RunOptions, fit};
//!
//! let overrides = Overrides::default().set("hidden", [16]).set("epochs", 40);
//! let data = rosenblatt_data::load(&rosenblatt_data::DataOptions::new("penguins"), 0)?;
//! let spec = Preset::Plain.spec(&rosenblatt_data::DataOptions::new("penguins"), &overrides, &data)?.spec;
//! let options = RunOptions::default();
//! let trained = fit(&spec, &data, &options, &mut [])?;
//!
//! let mut predictor = Predictor::new(&trained.model, &options)?;
//! assert!(predictor.evaluate(&data.test.unwrap())?["accuracy"] > 0.9);
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod absent;
pub mod bench;
pub mod callbacks;
pub mod check;
pub mod files;
pub mod presets;
pub mod settings;
pub mod text;

mod checkpoint;
mod container;
mod diagnose;
mod epoch_log;
mod folder_lock;
mod learning_curve;
mod learning_rates;
mod model;
mod options;
mod plan_figures;
mod separability;
mod since_best;
mod spec;
mod step;
mod table;
mod trainer;
mod warning;

pub use callbacks::Callback;
pub use checkpoint::{Fingerprint, Progress};
pub use epoch_log::LogPosition;
pub use folder_lock::FolderLock;
pub use learning_curve::{
    CurveOptions, LastFall, LearningCurve, LearningPoint, MoreRows, learning_curve, mean_and_std,
};
pub use learning_rates::{LearningRates, RatePoint, RateRange, find_learning_rate};
pub use model::{
    BatchNormStatistics, BatchSource, ClassWeights, Compile, Data, Fit, HeldOut, History, InputKind, InputType, Inputs,
    LayerOutput, Metadata, Metrics, Model, PocketResult, Record, Records, Reduction, Run, RunningMetrics, Session,
    Solved, SolverProgress, Validation,
};
pub use options::{Cancel, CheckpointOptions, Every, RunOptions};
pub use plan_figures::{PlanFigures, PlanStep};
pub use rosenblatt_autodiff::Execution;
pub use rosenblatt_nn::transform::Params;
pub use separability::{Separability, separability};
pub use spec::{ClassWeight, EarlyStopping, ModelSpec, RunFile, Spec, TrainSpec};
pub use table::{Calibration, FitResult, Prediction, Predictor, Table, fit};
pub use trainer::{Trainer, TrainerState, objective};
pub use warning::Warning;
