//! Results that take more than a few lines to tell, as text and as JSON.

mod critical;
mod data;
mod derivation;
mod description;
mod evaluation;
mod image_set;
mod plan;
mod settings;
mod sparsity;
mod summary;

pub(crate) use data::DataDescription;
pub(crate) use derivation::DerivationReport;
pub(crate) use description::Description;
pub(crate) use evaluation::{EvaluationReport, baseline};
pub(crate) use image_set::ImageSetDescription;
pub(crate) use settings::settings;
pub(crate) use summary::{Summary, commands};
