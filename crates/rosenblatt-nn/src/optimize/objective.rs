//! What a solver minimizes, and what it cannot be asked for.

use rosenblatt_autodiff::{Var, reverse};
use rosenblatt_tensor::{Error, Result};

use super::slots::{is_parameter, trained};
use super::updates::{parameters, penalized};
use super::{Group, Optimize, constant};
use crate::TensorSpec;

/// A function of the trained parameters and its gradient, on a graph.
#[derive(Debug)]
pub struct Objective<'g> {
    /// The loss with its penalties.
    pub value: Var<'g>,
    /// The gradient of each trained parameter, in the order of [`trained_parameters`].
    pub gradients: Vec<Var<'g>>,
}

/// What a solver evaluates: the loss with the penalties of trained parameters, and its gradient, which may be not finite.
///
/// `tensors` are parameters and buffers of the network, as [`crate::Scope::finish`] finds them.
///
/// # Errors
/// As [`Optimize::rules`].
pub fn objective<'g>(optimize: &Optimize, loss: Var<'g>, tensors: &[(TensorSpec, Var<'g>)]) -> Result<Objective<'g>> {
    let parameters = parameters(optimize, tensors, &[])?;
    let value = penalized(loss, &parameters);
    let trained = parameters.iter().filter(|parameter| parameter.trained);
    let thetas: Vec<Var<'g>> = trained.map(|parameter| parameter.theta).collect();
    Ok(Objective {
        value,
        gradients: reverse::gradients(value, &thetas),
    })
}

/// The parameters among some tensors that are not frozen, in their order.
///
/// # Errors
/// As [`Optimize::rules`].
pub fn trained_parameters(optimize: &Optimize, tensors: &[TensorSpec]) -> Result<Vec<TensorSpec>> {
    let parameters: Vec<&TensorSpec> = tensors.iter().filter(|spec| is_parameter(spec)).collect();
    let names: Vec<&str> = parameters.iter().map(|spec| spec.name.as_str()).collect();
    let rules = optimize.rules(&names)?;
    let of_solver = parameters
        .into_iter()
        .zip(&rules)
        .filter(|(_, rule)| trained(rule, false));
    Ok(of_solver.map(|(spec, _)| spec.clone()).collect())
}

impl Optimize {
    /// What a solver cannot be asked for: it minimizes one smooth function of the weights, by steps of its own length.
    pub(super) fn check_solver(&self) -> Result<()> {
        if self.optimizer.solver().is_none() {
            return Ok(());
        }
        let name = self.optimizer.name();
        let refused = |key: &str, reason: &str, remedy: &str| {
            let error = Error::config(format!("`{name}` {reason}")).within(key);
            Err(error.hint(format!("leave it out{remedy}, or choose another optimizer")))
        };
        const SEARCH: &str = "finds the length of each step by a line search";
        if self.learning_rate != self.optimizer.usual_rate() {
            return refused("learning_rate", SEARCH, "");
        }
        if self.schedule != constant() {
            return refused("schedule", SEARCH, "");
        }
        if let Some((key, _)) = self.clipping().into_iter().find(|(_, limit)| limit.is_some()) {
            return refused(
                key,
                "needs the gradient as it is, and shortens steps that go too far",
                "",
            );
        }
        if self.ema.is_some() {
            return refused(
                "ema",
                "has no noise of batches that an average of weights could take away",
                "",
            );
        }
        if !self.constraints.is_empty() {
            return refused(
                "constraints",
                "would leave the point that its line search has found",
                "",
            );
        }
        if let Some(of) = self.penalties.iter().find(|of| !of.penalty.is_smooth()) {
            let reason = format!(
                "needs a smooth function, and the penalty `{}` has a kink at 0",
                of.penalty.name()
            );
            return refused("penalties", &reason, " or use `l2`");
        }
        let scales = |group: &Group| group.learning_rate.is_some() || group.weight_decay.is_some();
        if self.groups.iter().any(scales) {
            return refused("groups", "has one step for all parameters, and no weight decay", "");
        }
        Ok(())
    }
}
