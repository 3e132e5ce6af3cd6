//! Training: the spec, the loop, callbacks, checkpoints, the model file, predictions.
//!
//! | step | where |
//! |---|---|
//! | what is to be done | [`Spec`], made by a [`presets::Preset`] or read from a run file |
//! | what a step computes, written once | `network.rs`, `recipe.rs` |
//! | the two ways to run it | `step/` |
//! | steps without allocation | `trainer.rs` |
//! | the loop | [`fit()`], over a [`Run`]; what else happens: [`callbacks`] |
//! | what stays | [`Model`] (`model_file.rs`), checkpoints (`checkpoint.rs`), both written by [`files`] |
//! | what it is for | [`Predictor`] |
//! | how fast a step is, and what its time goes to | [`mod@bench`] |
//! | whether the gradients of a spec are right | [`check`](mod@check) |
//! | what there is to say about a run | [`report`], curves alone: [`plot`] |
//! | hints for files that are not there | [`absent`] |
//!
//! Start reading at [`fit()`].
//!
//! # Example
//! ```
//! use rosenblatt_train::presets::{Preset, Wishes};
//! use rosenblatt_train::{Callbacks, Predictor, RunOptions, fit};
//!
//! let wishes = Wishes { hidden: Some(vec![16]), epochs: Some(40), ..Wishes::default() };
//! let data = rosenblatt_data::load(&rosenblatt_data::DataOptions::new("penguins"), 0)?;
//! let spec = Preset::Plain.spec(&rosenblatt_data::DataOptions::new("penguins"), &wishes, &data)?.spec;
//! let options = RunOptions::default();
//! let trained = fit(&spec, &data, &options, &mut Callbacks::usual(&spec, &options))?;
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
pub mod plot;
pub mod presets;
pub mod report;
pub mod text;

mod checkpoint;
mod container;
mod diagnose;
mod model;
mod options;
mod plan_figures;
mod spec;
mod step;
mod table;
mod trainer;

pub use callbacks::Callback;
pub use checkpoint::{Fingerprint, Progress};
pub use model::{
    BatchSource, ClassWeights, Compile, Data, Fit, History, InputKind, InputType, Inputs, Metadata, Metrics, Model,
    Part, Record, Run, Session, Sums, Validation,
};
pub use options::{Cancel, CheckpointOptions, Every, RunOptions};
pub use plan_figures::{PlanFigures, PlanStep};
pub use rosenblatt_autodiff::Execution;
pub use rosenblatt_nn::transform::Params;
pub use spec::{ClassWeight, EarlyStopping, ModelSpec, Setting, Spec, TrainSpec};
pub use table::{FitResult, Prediction, Predictor, Table, fit};
pub use trainer::{State, Trainer, objective};
