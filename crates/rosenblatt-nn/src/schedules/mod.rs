//! Schedules: how the learning rate changes over a run.
//!
//! To add one: write `schedules/<name>.rs`, then add its lines here.

mod constant;
mod cosine;
mod exponential;
mod linear;
mod step;
mod steps;
mod warm_up;

use crate::Registration;
use crate::entry::{Configurable, registry};

pub use constant::Constant;
pub use cosine::Cosine;
pub use exponential::Exponential;
pub use linear::Linear;
pub use step::Step;
pub use steps::Steps;
pub use warm_up::WarmUp;

/// A factor on the learning rate for each step.
pub trait Schedule: Configurable {
    /// The factor for step `step`, counted from 0, of a run of `total` steps.
    ///
    /// # Numerics
    /// The same bits on every machine: no function of the platform is used.
    fn factor(&self, step: u64, total: u64) -> f64;
}

/// Every schedule, in alphabetical order.
pub static SCHEDULES: &[Registration<dyn Schedule>] = &[
    Registration::<dyn Schedule>::of::<Constant>(),
    Registration::<dyn Schedule>::of::<Cosine>(),
    Registration::<dyn Schedule>::of::<Exponential>(),
    Registration::<dyn Schedule>::of::<Linear>(),
    Registration::<dyn Schedule>::of::<Step>(),
    Registration::<dyn Schedule>::of::<WarmUp>(),
];

registry!(Schedule, "schedule", SCHEDULES);
