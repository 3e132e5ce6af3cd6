//! Both ways to run, the first step of the run itself, and a tiny step.

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Graph, Type, reverse};
use rosenblatt_data::Prepared;
use rosenblatt_nn::optimizers::{Sgd, StateSpec};
use rosenblatt_nn::{Optimizer, OptimizerStep};
use rosenblatt_tensor::{DType, Error, ErrorKind, Result, Tensor};
use serde::Serialize;

use super::Point;
use super::functions::{FullBatch, Function, FunctionGraph, Source};
use crate::Params;
use crate::model::{Data, Model, Run};
use crate::options::RunOptions;
use crate::spec::Spec;
use crate::table::fit_of;
use rosenblatt_autodiff::Execution;

/// Shares of the learning rate that are tried for a tiny step, the smallest first.
const TINY: [f64; 4] = [1e-4, 1e-3, 1e-2, 1e-1];
/// A fall of the loss that is larger than so many of its last places is one.
const VISIBLE: f64 = 1e4;

/// The first step of the run itself, in f32.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirstStep {
    /// The mean loss of its rows, before it.
    pub loss: f64,
    /// Why its numbers are not finite, if they are not.
    pub not_finite: Option<String>,
    /// Whether compiled and dynamic execution leave the same bits in parameters and in the optimizer's state.
    pub same_bits: bool,
}

impl FirstStep {
    pub(super) fn fault(&self) -> Option<String> {
        let different = "compiled and dynamic execution differ after the first step".to_owned();
        self.not_finite
            .clone()
            .or_else(|| (!self.same_bits).then_some(different))
    }
}

/// What a step so small that only its direction counts does to the loss, in f64.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TinyStep {
    /// Its learning rate.
    pub rate: f64,
    /// The loss before.
    pub before: f64,
    /// The loss after.
    pub after: f64,
    /// Whether the gradient promises a change that can be seen: not if it vanishes.
    pub visible: bool,
}

impl TinyStep {
    /// Whether the loss is smaller after it; a loss that is not a number is not.
    #[must_use]
    pub fn falls(&self) -> bool {
        self.after < self.before
    }

    pub(super) fn fault(&self, optimizer: &str) -> Option<String> {
        let Self {
            rate,
            before,
            after,
            visible,
        } = self;
        (*visible && !self.falls()).then(|| {
            format!(
                "a step of `{optimizer}` of size {rate:e} does not make the loss smaller: {before:e} becomes {after:e}"
            )
        })
    }
}

/// Whether loss and gradients have the same bits compiled and computed as they are built.
///
/// # Errors
/// None that a user can cause.
pub(super) fn compiled_is_dynamic(function: &dyn Function, point: &Point, options: &RunOptions) -> Result<bool> {
    let graph = Graph::new(Execution::Static);
    let built = function.build(&graph, Source::Symbols)?;
    let (inputs, values): (Vec<_>, Vec<&Tensor>) = built.given.iter().copied().unzip();
    let request = Signature {
        inputs,
        outputs: results(&built),
        ..Signature::default()
    };
    let mut store = Variables::new(options.engine()?);
    let plan = Plan::compile(&request, &mut store, &Options::default())?;
    let names: Vec<String> = store.names().map(str::to_owned).collect();
    for name in names {
        let value = point
            .get(&name)
            .ok_or_else(|| Error::internal(format!("there is no tensor `{name}`")))?;
        store.write(&name, value)?;
    }
    plan.run(&mut store, &values)?;

    let graph = Graph::dynamic();
    let dynamic = results(&function.build(&graph, Source::Point(point))?);
    for (i, result) in dynamic.into_iter().enumerate() {
        if bits(&plan.output(&store, i)?) != bits(&result.value()?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The value, then the gradients.
fn results<'g>(built: &FunctionGraph<'g>) -> Vec<rosenblatt_autodiff::Var<'g>> {
    let parameters: Vec<_> = built.parameters.iter().map(|(_, var)| *var).collect();
    let gradients = reverse::gradients(built.value, &parameters);
    std::iter::once(built.value).chain(gradients).collect()
}

fn bits(tensor: &Tensor) -> Vec<u64> {
    tensor.to_f64().into_iter().map(f64::to_bits).collect()
}

/// Takes the first step of the run, compiled and dynamic.
///
/// # Errors
/// The run cannot begin.
pub(super) fn first(spec: &Spec, data: &Prepared, options: &RunOptions) -> Result<FirstStep> {
    let compiled = stepped(spec, data, options, Execution::Static)?;
    let dynamic = stepped(spec, data, options, Execution::Dynamic)?;
    let ((loss, compiled), (_, dynamic)) = match (compiled, dynamic) {
        (Ok(compiled), Ok(dynamic)) => (compiled, dynamic),
        (Err(why), other) | (other, Err(why)) => {
            return Ok(FirstStep {
                loss: f64::NAN,
                not_finite: Some(why),
                same_bits: other.is_err(),
            });
        }
    };
    let non_finite = compiled
        .iter()
        .find(|(_, tensor)| tensor.to_f64().iter().any(|x| !x.is_finite()));
    let same = |(a, b): (&Tensor, &Tensor)| bits(a) == bits(b);
    Ok(FirstStep {
        loss,
        not_finite: non_finite.map(|(name, _)| format!("`{name}` is not finite after the first step")),
        same_bits: compiled.keys().eq(dynamic.keys()) && compiled.values().zip(dynamic.values()).all(same),
    })
}

/// The loss of the first step and what it leaves; the inner error is why it could not be taken.
fn stepped(
    spec: &Spec,
    data: &Prepared,
    options: &RunOptions,
    execution: Execution,
) -> Result<std::result::Result<(f64, Params), String>> {
    let options = RunOptions {
        execution,
        checkpoint: None,
        resume: false,
        ..options.clone()
    };
    let model = Model::untrained(spec, data)?;
    let (train, fit) = (Data::from(&data.train), fit_of(spec, data, &options)?);
    let mut run = Run::start_or_resume(&model, &train, &fit)?;
    match run.advance() {
        Ok(_) => Ok(Ok((run.metrics().loss(), run.tensors()?))),
        Err(error) if error.kind() == ErrorKind::NotFinite => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}

/// Takes a step of the spec's optimizer, without its weight decay, that is so small that the loss must fall.
///
/// # Errors
/// None that a user can cause.
pub(super) fn tiny(spec: &Spec, whole: &FullBatch, point: &Point) -> Result<TinyStep> {
    // A strong pull towards 0 may rightly make the loss larger: it serves another one. Some rules have none.
    let full = &spec.train.optimizer;
    let optimizer = match full.solver() {
        None => full.with("weight_decay", 0.0).unwrap_or_else(|_| full.clone()),
        // Its first direction is that of the gradient.
        Some(_) => Sgd::default().into(),
    };
    let mut tried = TinyStep {
        rate: 0.0,
        before: 0.0,
        after: 0.0,
        visible: false,
    };
    for share in TINY {
        let rate = share * spec.train.learning_rate;
        let (before, promised, next) = updated(&*optimizer, whole, point, rate)?;
        let graph = Graph::dynamic();
        let after = whole.build(&graph, Source::Point(&next))?.value.value()?.item()?;
        let visible = promised.abs() > VISIBLE * f64::EPSILON * (1.0 + before.abs());
        tried = TinyStep {
            rate,
            before,
            after,
            visible,
        };
        if visible {
            break;
        }
    }
    Ok(tried)
}

/// The loss, by how much it should fall to first order, and the point after a first step of the given size.
fn updated(optimizer: &dyn Optimizer, whole: &FullBatch, point: &Point, rate: f64) -> Result<(f64, f64, Point)> {
    let graph = Graph::dynamic();
    let built = whole.build(&graph, Source::Point(point))?;
    let parameters: Vec<_> = built.parameters.iter().map(|(_, var)| *var).collect();
    let gradients = reverse::gradients(built.value, &parameters);
    let scalars = optimizer.inputs(1, rate);
    let scalar = |name: &str| {
        scalars
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(f64::NAN, |(_, value)| *value)
    };
    let step = OptimizerStep::new(optimizer, |name| graph.constant(Tensor::scalar(scalar(name))));
    let (mut promised, mut next) = (0.0, point.clone());
    for ((name, theta), g) in built.parameters.iter().zip(gradients) {
        let value = theta.value()?;
        let initial = |spec: StateSpec| Ok(graph.constant(spec.initial(&value)?));
        let state = optimizer.state(Type::new(DType::F64, theta.shape()));
        let state = state.into_iter().map(initial).collect::<Result<Vec<_>>>()?;
        let (new, _) = optimizer.update(&step, g, *theta, &state);
        promised += ((*theta - new) * g).sum_all().value()?.item()?;
        next.insert(name.clone(), new.value()?);
    }
    Ok((built.value.value()?.item()?, promised, next))
}
