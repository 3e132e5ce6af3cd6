//! One step on a graph.

use rosenblatt_autodiff::{Real, Rule, Var, reverse};
use rosenblatt_tensor::{Error, Result};

use super::accumulate::{Micro, accumulator};
use super::slots::{Slot, average, averaged, evaluated_state, is_parameter, states, trained};
use super::{Optimize, ParameterRule};
use crate::TensorSpec;
use crate::optimizers::OptimizerStep;

/// A step on a graph.
#[derive(Debug)]
pub struct Updates<'g> {
    /// The loss with its penalties: what was differentiated.
    pub loss: Var<'g>,
    /// Name, old and new value of everything that changes, each once.
    pub variables: Vec<(String, Var<'g>, Var<'g>)>,
}

/// Puts a step on the graph of `loss`: gradients, clipping, the optimizer's rule, proximal penalties, constraints, moving averages.
///
/// - `step`: [`Optimize::step`], the scalars of the step, whose values are [`Optimize::scalars`]
/// - `tensors`: parameters and buffers of the network, as [`crate::Scope::finish`] finds them
/// - `set`: new values that the step itself gives to buffers and parameters. Such a parameter has no gradient, no penalty
///   and no constraint; a moving average follows it.
/// - `bind`: the value of a tensor that is kept from step to step: a variable of a plan, or the tensor itself
///
/// Gradients and values that are set are checked under the names of their tensors (see [`Var::check_finite`]). A penalty on
/// a parameter that is not trained is left out.
///
/// # Numerics
/// Nothing is put on the graph for what is not asked for, so a group of factors 1 changes no bit. All of it has the type
/// of the parameters; only norms are computed in f64.
///
/// # Errors
/// As [`Optimize::rules`]; what `bind` says; `set` names what is not there.
pub fn updates<'g>(
    optimize: &Optimize,
    step: &OptimizerStep<'g>,
    loss: Var<'g>,
    tensors: &[(TensorSpec, Var<'g>)],
    set: &[(String, Var<'g>)],
    bind: impl FnMut(&Slot) -> Result<Var<'g>>,
) -> Result<Updates<'g>> {
    accumulated_updates(optimize, step, loss, tensors, set, None, bind)
}

/// As [`updates`], for one of several batches of a step of the optimizer; `None` if the step has this batch alone.
///
/// The gradient of each batch is checked and taken into the mean of the step's batches ([`super::accumulators`]). After the
/// last one, the mean is clipped and given to the optimizer. What the step itself sets is set in every batch, and averages
/// move with the optimizer.
///
/// # Errors
/// As [`updates`].
pub fn accumulated_updates<'g>(
    optimize: &Optimize,
    step: &OptimizerStep<'g>,
    loss: Var<'g>,
    tensors: &[(TensorSpec, Var<'g>)],
    set: &[(String, Var<'g>)],
    micro: Option<Micro<'g>>,
    bind: impl FnMut(&Slot) -> Result<Var<'g>>,
) -> Result<Updates<'g>> {
    let parameters = parameters(optimize, tensors, set)?;
    let last = micro.is_none_or(|micro| micro.last);
    let counts_penalties = last || micro.is_none_or(|micro| !micro.sum);
    let loss = if counts_penalties {
        penalized(loss, &parameters)
    } else {
        loss
    };
    let gradients = gradients(loss, &parameters);
    let mut building = Building {
        optimize,
        bind,
        variables: Vec::new(),
    };
    let trained: Vec<_> = parameters.iter().filter(|parameter| parameter.trained).collect();
    let gradients = match micro {
        Some(micro) => building.accumulate(&trained, gradients, micro)?,
        None => gradients,
    };
    if last {
        for (parameter, g) in trained.iter().zip(optimize.clip(gradients)) {
            building.train(parameter, step, g)?;
        }
    }
    for (name, new) in set {
        let old = tensors.iter().find(|(spec, _)| spec.name == *name);
        let (_, old) = old.ok_or_else(|| Error::internal(format!("no tensor is called `{name}`")))?;
        let new = new.check_finite(name.clone());
        building.variables.push((name.clone(), *old, new));
        let parameter = parameters.iter().find(|parameter| parameter.spec.name == *name);
        if let Some(parameter) = parameter.filter(|_| last) {
            building.average(parameter, new)?;
        }
    }
    let variables = building.variables;
    Ok(Updates { loss, variables })
}

/// A parameter and what is done to it.
pub(super) struct Parameter<'a, 'g> {
    spec: &'a TensorSpec,
    pub(super) theta: Var<'g>,
    rule: ParameterRule,
    pub(super) trained: bool,
    averaged: bool,
}

pub(super) fn parameters<'a, 'g>(
    optimize: &Optimize,
    tensors: &'a [(TensorSpec, Var<'g>)],
    set: &[(String, Var<'g>)],
) -> Result<Vec<Parameter<'a, 'g>>> {
    let of_network = || tensors.iter().filter(|(spec, _)| is_parameter(spec));
    let names: Vec<&str> = of_network().map(|(spec, _)| spec.name.as_str()).collect();
    let parameter = |((spec, theta), rule): (&'a (TensorSpec, Var<'g>), ParameterRule)| {
        let set = set.iter().any(|(name, _)| *name == spec.name);
        Parameter {
            spec,
            theta: *theta,
            trained: trained(&rule, set),
            averaged: averaged(&rule, set),
            rule,
        }
    };
    Ok(of_network().zip(optimize.rules(&names)?).map(parameter).collect())
}

/// The loss and the penalties of trained parameters, added in the order of parameters.
pub(super) fn penalized<'g>(loss: Var<'g>, parameters: &[Parameter<'_, 'g>]) -> Var<'g> {
    let trained = parameters.iter().filter(|parameter| parameter.trained);
    let values = trained.flat_map(|Parameter { theta, rule, .. }| {
        let by_gradient = rule.penalties.iter().filter(|penalty| !penalty.is_proximal());
        by_gradient.map(|penalty| penalty.value(*theta))
    });
    values.fold(loss, |sum, value| sum + value)
}

/// The gradients of trained parameters, checked.
fn gradients<'g>(loss: Var<'g>, parameters: &[Parameter<'_, 'g>]) -> Vec<Var<'g>> {
    let trained: Vec<_> = parameters.iter().filter(|parameter| parameter.trained).collect();
    let thetas: Vec<Var<'g>> = trained.iter().map(|parameter| parameter.theta).collect();
    let gradients = reverse::gradients(loss, &thetas);
    let checked = gradients.iter().zip(&trained);
    checked
        .map(|(g, parameter)| g.check_finite(parameter.spec.name.clone()))
        .collect()
}

struct Building<'o, 'g, B> {
    optimize: &'o Optimize,
    bind: B,
    variables: Vec<(String, Var<'g>, Var<'g>)>,
}

impl<'g, B: FnMut(&Slot) -> Result<Var<'g>>> Building<'_, 'g, B> {
    /// The mean gradients over the batches of a step so far, which are kept for the next batch if there is one.
    fn accumulate(
        &mut self,
        trained: &[&Parameter<'_, 'g>],
        gradients: Vec<Var<'g>>,
        micro: Micro<'g>,
    ) -> Result<Vec<Var<'g>>> {
        let take = |(parameter, g): (&&Parameter<'_, 'g>, Var<'g>)| {
            let slot = accumulator(parameter.spec);
            let old = (self.bind)(&slot)?;
            let mean = micro.add(old, g);
            if !micro.last {
                self.variables.push((slot.spec.name, old, mean));
            }
            Ok(mean)
        };
        trained.iter().zip(gradients).map(take).collect()
    }

    /// The optimizer's rule for a parameter, its proximal penalties, its constraints, which hold for what it is evaluated with
    /// too, and its average.
    fn train(&mut self, parameter: &Parameter<'_, 'g>, step: &OptimizerStep<'g>, g: Var<'g>) -> Result<()> {
        let Parameter { spec, theta, rule, .. } = parameter;
        let slots = states(self.optimize, spec);
        let old = slots.iter().map(&mut self.bind).collect::<Result<Vec<_>>>()?;
        let step = step.group(rule.learning_rate, rule.weight_decay);
        let (mut new, state) = self.optimize.optimizer.update(&step, g, *theta, &old);
        for penalty in rule.penalties.iter().filter(|penalty| penalty.is_proximal()) {
            let lr = step
                .find_lr()
                .ok_or_else(|| Error::internal("a step without its input `lr`"))?;
            new = penalty.proximal(new, lr);
        }
        let projected = |new| (rule.constraints.iter()).fold(new, |new, constraint| constraint.project(new));
        let new = projected(new);
        self.variables.push((spec.name.clone(), *theta, new));
        let evaluated = evaluated_state(self.optimize, spec);
        for ((slot, old), new) in slots.into_iter().zip(old).zip(state) {
            let held = evaluated.as_ref() == Some(&slot.spec.name);
            let new = if held { projected(new) } else { new };
            self.variables.push((slot.spec.name, old, new));
        }
        self.average(parameter, new)
    }

    /// The moving average of a parameter with this new value.
    fn average(&mut self, parameter: &Parameter<'_, 'g>, new: Var<'g>) -> Result<()> {
        let (true, Some(decay)) = (parameter.averaged, self.optimize.ema) else {
            return Ok(());
        };
        let Some(slot) = average(self.optimize, parameter.spec) else {
            return Ok(());
        };
        let old = (self.bind)(&slot)?;
        let [next] = Average { decay }.apply([old], [new]);
        self.variables.push((slot.spec.name, old, next));
        Ok(())
    }
}

/// The step of an average of a parameter.
#[derive(Clone, Debug)]
struct Average {
    decay: f64,
}

impl Rule<1, 1> for Average {
    const LABEL: &'static str = "ema";

    #[inline(always)]
    fn step<T: Real>(&self, [old]: [T; 1], [new]: [T; 1]) -> [T; 1] {
        // Not `d·e + (1 − d)·θ`: in f32 these two weights do not add up to 1, which d = 0.9999 would make an error of 3·10⁻⁴.
        [(old + (new - old) * old.full_like(1.0 - self.decay)).flush()]
    }
}
