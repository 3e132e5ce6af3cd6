//! Penalties: terms that parameters add to the loss.
//!
//! To add one: write `penalties/<name>.rs`, then add its lines here. [`crate::optimize::Penalize`] says on which
//! parameters it acts.

mod elastic_net;
mod l1;
mod l1_proximal;
mod l2;

use rosenblatt_autodiff::Var;

use crate::Registration;
use crate::entry::{Configurable, registry};

pub use elastic_net::ElasticNet;
pub use l1::L1;
pub use l1_proximal::L1Proximal;
pub use l2::L2;

/// A function of a parameter that is added to the loss.
///
/// Its gradient passes through the optimizer, unless it is proximal; the weight decay of [`crate::optimizers::AdamW`] does not.
pub trait Penalty: Configurable {
    /// What one parameter adds to the loss.
    ///
    /// # Shapes
    /// - `theta`: any
    /// - returns a scalar
    fn value<'g>(&self, theta: Var<'g>) -> Var<'g>;

    /// Whether its gradient is continuous, as solvers need it.
    fn is_smooth(&self) -> bool {
        true
    }

    /// Whether it acts by [`Penalty::proximal`] after the optimizer's step, and not by its gradient.
    fn is_proximal(&self) -> bool {
        false
    }

    /// The proximal operator of `rate · value`: what `θ` becomes after the optimizer's step with this learning rate.
    ///
    /// # Shapes
    /// - `theta`: any; `rate`: a scalar
    /// - returns the shape of `theta`
    fn proximal<'g>(&self, theta: Var<'g>, rate: Var<'g>) -> Var<'g> {
        let _ = rate;
        theta
    }
}

/// Every penalty, in alphabetical order.
pub static PENALTIES: &[Registration<dyn Penalty>] = &[
    Registration::<dyn Penalty>::of::<ElasticNet>(),
    Registration::<dyn Penalty>::of::<L1>(),
    Registration::<dyn Penalty>::of::<L1Proximal>(),
    Registration::<dyn Penalty>::of::<L2>(),
];

registry!(Penalty, "penalty", PENALTIES);
