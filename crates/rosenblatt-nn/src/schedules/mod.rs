//! Schedules: how the learning rate changes over a run.
//!
//! To add one: write `schedules/<name>.rs`, then add its lines here.

mod adaptive;
mod at;
mod constant;
mod cosine;
mod cosine_restarts;
mod coslog4;
mod decay;
mod flat_cos;
mod inverse_sqrt;
mod invscaling;
mod linear;
mod multi_step;
mod one_cycle;
mod plateau;
mod polynomial;
mod steps;
mod warm_up;

use crate::Registration;
use crate::entry::{Configurable, registry};

pub use adaptive::Adaptive;
pub use at::At;
pub use constant::Constant;
pub use cosine::Cosine;
pub use cosine_restarts::CosineRestarts;
pub use coslog4::CosLog4;
pub use decay::{Exponential, Step};
pub use flat_cos::FlatCos;
pub use inverse_sqrt::InverseSqrt;
pub use invscaling::InvScaling;
pub use linear::Linear;
pub use multi_step::MultiStep;
pub use one_cycle::{Anneal, OneCycle};
pub use plateau::{Plateau, PlateauMode};
pub use polynomial::Polynomial;
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
    Registration::<dyn Schedule>::of::<Adaptive>(),
    Registration::<dyn Schedule>::of::<Constant>(),
    Registration::<dyn Schedule>::of::<Cosine>(),
    Registration::<dyn Schedule>::of::<CosineRestarts>(),
    Registration::<dyn Schedule>::of::<CosLog4>(),
    Registration::<dyn Schedule>::of::<Exponential>(),
    Registration::<dyn Schedule>::of::<FlatCos>(),
    Registration::<dyn Schedule>::of::<InverseSqrt>(),
    Registration::<dyn Schedule>::of::<InvScaling>(),
    Registration::<dyn Schedule>::of::<Linear>(),
    Registration::<dyn Schedule>::of::<MultiStep>(),
    Registration::<dyn Schedule>::of::<OneCycle>(),
    Registration::<dyn Schedule>::of::<Plateau>(),
    Registration::<dyn Schedule>::of::<Polynomial>(),
    Registration::<dyn Schedule>::of::<Step>(),
    Registration::<dyn Schedule>::of::<WarmUp>(),
];

registry!(Schedule, "schedule", SCHEDULES);
