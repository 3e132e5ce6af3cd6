//! Schedules: how the learning rate changes over a run.
//!
//! To add one: write `schedules/<name>.rs`, then add its lines here.

mod at;
mod constant;
mod cosine;
mod decay;
mod linear;
mod plateau;
mod steps;
mod warm_up;

use crate::Registration;
use crate::entry::{Configurable, registry};

pub use at::At;
pub use constant::Constant;
pub use cosine::Cosine;
pub use decay::{Exponential, Step};
pub use linear::Linear;
pub use plateau::{Plateau, PlateauMode};
pub use steps::Steps;
pub use warm_up::WarmUp;

/// A factor on the learning rate for each step.
pub trait Schedule: Configurable {
    /// The factor for a step.
    ///
    /// It depends on `at` and on the settings alone, so a run is resumed exactly from the step's number and the list of
    /// observations: a schedule has no state of its own.
    ///
    /// # Numerics
    /// The same bits on every machine: no function of the platform is used.
    fn factor(&self, at: &At<'_>) -> f64;

    /// Whether the factor depends on how many steps the whole run has: not usable in a loop without a known end.
    fn needs_total(&self) -> bool {
        false
    }

    /// Whether the factor depends on what was observed: useless in a run that observes nothing.
    fn observes(&self) -> bool {
        false
    }
}

/// Every schedule, in alphabetical order.
pub static SCHEDULES: &[Registration<dyn Schedule>] = &[
    Registration::<dyn Schedule>::of::<Constant>(),
    Registration::<dyn Schedule>::of::<Cosine>(),
    Registration::<dyn Schedule>::of::<Exponential>(),
    Registration::<dyn Schedule>::of::<Linear>(),
    Registration::<dyn Schedule>::of::<Plateau>(),
    Registration::<dyn Schedule>::of::<Step>(),
    Registration::<dyn Schedule>::of::<WarmUp>(),
];

registry!(Schedule, "schedule", SCHEDULES);
