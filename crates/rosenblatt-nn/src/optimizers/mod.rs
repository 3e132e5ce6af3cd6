//! Optimizers: rules that turn a gradient into a new value.
//!
//! To add one: write `optimizers/<name>.rs`, then add its lines here. A rule sees one tensor; the loop over parameters,
//! clipping, schedules and groups live elsewhere, once.

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod averaged_sgd;
mod lbfgs;
mod lion;
mod muon;
mod nadam;
mod radam;
mod rmsprop;
mod schedule_free;
mod schedule_free_adamw;
mod schedule_free_sgd;
mod sgd;
mod state;
mod step;

use rosenblatt_autodiff::{Type, Var};

use crate::Registration;
use crate::entry::{Configurable, registry};
use crate::solvers::Solver;

pub use adadelta::Adadelta;
pub use adafactor::Adafactor;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use averaged_sgd::AveragedSgd;
pub use lbfgs::Lbfgs;
pub use lion::Lion;
pub use muon::{LrAdjustment, Muon};
pub use nadam::NAdam;
pub use radam::RAdam;
pub use rmsprop::RmsProp;
pub use schedule_free_adamw::ScheduleFreeAdamW;
pub use schedule_free_sgd::ScheduleFreeSgd;
pub use sgd::Sgd;
pub use state::{StateSpec, StateStart};
pub use step::{OptimizerStep, Scalars};

/// A rule `(step, g, θ, state) → (θ, state)` on the graph. An element-wise one is written once, for one number, as a
/// [`Rule`](rosenblatt_autodiff::Rule) and given to [`OptimizerStep::apply`]: then a plan runs it as one loop.
pub trait Optimizer: Configurable {
    /// The tensors kept for a parameter of this type: names, shapes and initial values.
    ///
    /// [`StateSpec::like`] is the default: the parameter's shape, 0 at first.
    fn state(&self, parameter: Type) -> Vec<StateSpec>;

    /// What changes from step to step, computed in f64 and given to the plan as scalar inputs: always the same names
    /// in the same order.
    ///
    /// `t` counts steps from 1; `lr` is the learning rate of this step.
    fn inputs(&self, t: u64, lr: f64) -> Scalars;

    /// The new value of one parameter and of its state, in the order of [`Optimizer::state`].
    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>);

    /// The name of the state that evaluation, prediction and the final model use in place of the parameter, if the rule trains
    /// at another point than the one it has found; it has the parameter's shape and begins as a copy of it.
    fn evaluated_state(&self) -> Option<&'static str> {
        None
    }

    /// The solver that trains in place of a rule, if this is one: it evaluates the loss of all rows at points of its own choice,
    /// so that there are no batches, and nothing else of this trait is asked for.
    fn solver(&self) -> Option<Box<dyn Solver>> {
        None
    }

    /// The learning rate used where none is given.
    fn usual_rate(&self) -> f64 {
        1e-3
    }
}

/// Every optimizer, in alphabetical order.
pub static OPTIMIZERS: &[Registration<dyn Optimizer>] = &[
    Registration::<dyn Optimizer>::of::<Adadelta>(),
    Registration::<dyn Optimizer>::of::<Adafactor>(),
    Registration::<dyn Optimizer>::of::<Adagrad>(),
    Registration::<dyn Optimizer>::of::<Adam>(),
    Registration::<dyn Optimizer>::of::<Adamax>(),
    Registration::<dyn Optimizer>::of::<AdamW>(),
    Registration::<dyn Optimizer>::of::<AveragedSgd>(),
    Registration::<dyn Optimizer>::of::<Lbfgs>(),
    Registration::<dyn Optimizer>::of::<Lion>(),
    Registration::<dyn Optimizer>::of::<Muon>(),
    Registration::<dyn Optimizer>::of::<NAdam>(),
    Registration::<dyn Optimizer>::of::<RAdam>(),
    Registration::<dyn Optimizer>::of::<RmsProp>(),
    Registration::<dyn Optimizer>::of::<ScheduleFreeAdamW>(),
    Registration::<dyn Optimizer>::of::<ScheduleFreeSgd>(),
    Registration::<dyn Optimizer>::of::<Sgd>(),
];

registry!(Optimizer, "optimizer", OPTIMIZERS);
