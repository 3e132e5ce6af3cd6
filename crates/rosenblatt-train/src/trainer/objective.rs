//! What a closure computes, as steps.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Execution, Graph, Type, Var, reverse};
use rosenblatt_nn::optimize::{Optimize, Slot, slots, updates};
use rosenblatt_nn::schedules::At;
use rosenblatt_nn::scope::Found;
use rosenblatt_nn::{Mode, Scope, TensorSpec};
use rosenblatt_tensor::{DType, Result, Shape, Tensor};

use super::known::Known;
use crate::step::{Bindings, StepBuilder, StepGraph};

/// A closure with its optimizer.
pub(super) struct Objective<F, const N: usize> {
    loss: F,
    optimize: Optimize,
}

/// What is computed of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    /// The loss, and the next parameters.
    Step,
    /// The loss and its gradient.
    Gradient,
    /// The loss in evaluation mode.
    Evaluate,
}

/// What is computed, of arrays of which types.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StepSignature<const N: usize> {
    kind: StepKind,
    types: [Type; N],
}

impl<const N: usize> StepSignature<N> {
    pub(super) fn of(kind: StepKind, batch: [&Tensor; N]) -> Self {
        Self {
            kind,
            types: batch.map(Type::of),
        }
    }

    /// Names of the parameters that [`StepKind::Gradient`] differentiates by, in the order of its outputs.
    pub(super) fn differentiated(&self, asked: &[Known]) -> Option<Vec<String>> {
        let parameters = asked.iter().filter(|known| known.is_parameter());
        (self.kind == StepKind::Gradient).then(|| parameters.map(|known| known.name.clone()).collect())
    }

    /// The type of parameters: that of the first array of floating-point numbers.
    fn dtype(&self) -> DType {
        let float = self.types.iter().find(|ty| ty.dtype.is_float());
        float.map_or(DType::F32, |ty| ty.dtype)
    }
}

impl<F, const N: usize> Objective<F, N>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    pub(super) fn new(loss: F, optimize: Optimize) -> Self {
        Self { loss, optimize }
    }

    pub(super) fn optimize(&self) -> &Optimize {
        &self.optimize
    }

    /// What the closure gives for a batch, and its scope.
    fn traced<'g>(
        &self,
        graph: &'g Graph,
        kind: StepSignature<N>,
        inputs: &[Var<'g>],
        bindings: Bindings<'g>,
    ) -> (Var<'g>, Scope<'g>) {
        let counter = inputs.get(N).copied();
        let mode = match (kind.kind, counter) {
            (StepKind::Step | StepKind::Gradient, Some(counter)) => Mode::Training { counter },
            _ => Mode::Eval,
        };
        let scope = Scope::new(graph, kind.dtype(), mode, move |spec| bindings.variable(graph, spec));
        let batch: [Var<'g>; N] = std::array::from_fn(|i| inputs[i]);
        ((self.loss)(&scope, batch), scope)
    }

    /// The scalar loss of a batch, and what the closure asked its scope for.
    fn loss<'g>(
        &self,
        graph: &'g Graph,
        kind: StepSignature<N>,
        inputs: &[Var<'g>],
        bindings: Bindings<'g>,
    ) -> Result<(Var<'g>, Found<'g>)> {
        let (loss, scope) = self.traced(graph, kind, inputs, bindings);
        let found = scope.finish()?;
        let loss = if loss.shape().elements() == 1 {
            loss.reshape(&[])
        } else {
            loss.mean_all()
        };
        Ok((loss, found))
    }

    /// What a batch of new shapes asks for, then what the optimizer keeps for it; weights with the gain of the activation that
    /// follows them, if it is needed.
    pub(super) fn variables(&self, kind: StepSignature<N>, needs_gain: bool) -> Result<Vec<Known>> {
        let graph = Graph::new(Execution::Static);
        let inputs = Bindings::Symbols.inputs(&graph, &self.inputs(kind)?)?;
        let (_, scope) = self.traced(&graph, kind, &inputs, Bindings::Symbols);
        let gains = if needs_gain { scope.gains() } else { BTreeMap::new() };
        let found = scope.finish()?;
        let specs: Vec<TensorSpec> = found.tensors.iter().map(|(spec, _)| spec.clone()).collect();
        let set: Vec<&str> = found.updates.iter().map(|(name, _)| name.as_str()).collect();
        let kept = match kind.kind {
            StepKind::Step => slots(&self.optimize, &specs, &set)?,
            StepKind::Gradient | StepKind::Evaluate => Vec::new(),
        };
        let of_network = specs.into_iter().map(|spec| {
            let gain = gains.get(&spec.name).copied().unwrap_or(1.0);
            Known::from(spec).with_gain(gain)
        });
        Ok(of_network.chain(kept.into_iter().map(Known::from)).collect())
    }

    /// Values of the inputs behind the batch: the counter of randomness, then the optimizer's numbers.
    pub(super) fn step_inputs(&self, kind: StepSignature<N>, seed: u64, at: &At<'_>) -> Result<Vec<Tensor>> {
        if kind.kind == StepKind::Evaluate {
            return Ok(Vec::new());
        }
        let mut values = vec![Tensor::from_vec(vec![seed as i64, at.step as i64], &[2])?];
        if kind.kind == StepKind::Step {
            let scalars = self.optimize.scalars(at)?;
            values.extend(scalars.iter().map(|&(_, value)| Tensor::scalar_of(kind.dtype(), value)));
        }
        Ok(values)
    }
}

impl<F, const N: usize> StepBuilder for Objective<F, N>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    type Kind = StepSignature<N>;

    fn inputs(&self, kind: StepSignature<N>) -> Result<Vec<(String, Type)>> {
        let mut inputs: Vec<_> = kind
            .types
            .iter()
            .enumerate()
            .map(|(i, ty)| (format!("batch.{i}"), *ty))
            .collect();
        if kind.kind != StepKind::Evaluate {
            inputs.push(("counter".to_owned(), Type::new(DType::I64, Shape::new(&[2])?)));
        }
        if kind.kind == StepKind::Step {
            inputs.extend(self.optimize.scalar_inputs(kind.dtype()));
        }
        Ok(inputs)
    }

    fn build<'g>(
        &self,
        graph: &'g Graph,
        kind: StepSignature<N>,
        inputs: &[Var<'g>],
        bindings: Bindings<'g>,
    ) -> Result<StepGraph<'g>> {
        let (loss, found) = self.loss(graph, kind, inputs, bindings)?;
        let mut outputs = vec![loss];
        let mut changes = Vec::new();
        match kind.kind {
            StepKind::Evaluate => {}
            StepKind::Gradient => {
                let parameters: Vec<Var<'g>> = found.parameters().map(|(_, var)| *var).collect();
                outputs.extend(reverse::gradients(loss, &parameters));
            }
            StepKind::Step => {
                let mut scalars = inputs[N + 1..].iter();
                let step = self.optimize.step(|_| *scalars.next().unwrap_or(&loss));
                let bind = |slot: &Slot| bindings.variable(graph, &slot.spec);
                let step = updates(&self.optimize, &step, loss, &found.tensors, &found.updates, bind)?;
                // With penalties.
                outputs = vec![step.loss];
                changes = step.variables;
            }
        }
        Ok(StepGraph {
            outputs,
            updates: changes,
            check: (kind.kind == StepKind::Step).then_some(loss),
        })
    }
}
