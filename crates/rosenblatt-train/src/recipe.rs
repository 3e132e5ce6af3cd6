//! What is computed in a step, written once for both ways to run.
//!
//! [`Recipe::build`] puts one [`Work`] on a graph. On a symbolic graph the result is compiled and run many times; on a
//! dynamic one it has been computed when `build` returns. Only the [`Leaves`] differ, so both give the same bits.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type, Var, reverse};
use rosenblatt_data::Schema;
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::scope::Found;
use rosenblatt_nn::{Entry, Loss, Mode, Optimizer, Role, Scope, Step, TensorSpec};
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use crate::clip::clipped;
use crate::network::{Network, is_classes};
use crate::spec::Spec;

/// What the first name of the optimiser's state is.
const OPTIMIZER: &str = "optimizer";

/// What is computed for some rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Loss and score, then a step of the optimiser; rows are picked by number.
    Train,
    /// Loss and score of rows that are given.
    Evaluate,
    /// The outputs for rows that are given.
    Predict,
}

/// Where the values at the ends of the graph come from.
#[derive(Clone, Copy)]
pub(crate) enum Leaves<'g> {
    /// From nowhere yet: the graph is compiled.
    Symbols,
    /// They are known: the graph is computed as it is built.
    Values {
        /// In the order of [`Recipe::inputs`].
        inputs: &'g [&'g Tensor],
        /// Parameters, buffers and the optimiser's state by name.
        state: &'g BTreeMap<String, Tensor>,
    },
}

/// A work on a graph.
pub(crate) struct Built<'g> {
    /// In the order of [`Recipe::inputs`].
    pub(crate) inputs: Vec<Var<'g>>,
    /// [`LOSS`] and [`SCORE`]; or for [`Work::Predict`] the output, and for classes also their probabilities.
    pub(crate) outputs: Vec<Var<'g>>,
    /// Name, old and new value of what changes.
    pub(crate) updates: Vec<(String, Var<'g>, Var<'g>)>,
    /// Must be finite before anything changes.
    pub(crate) check: Option<Var<'g>>,
}

/// The output with the mean loss of the rows.
pub(crate) const LOSS: usize = 0;
/// The output with the sum of right rows, or of squared errors on the network's own scale.
pub(crate) const SCORE: usize = 1;

/// Network, loss and optimiser.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) network: Network,
    pub(crate) loss: Entry<dyn Loss>,
    pub(crate) optimizer: Entry<dyn Optimizer>,
    clip_norm: Option<f64>,
    targets: DType,
    /// Number of rows that [`Work::Train`] picks from.
    rows: usize,
}

impl Recipe {
    /// The recipe of a spec, whose training picks from so many rows.
    pub(crate) fn new(spec: &Spec, network: Network, schema: &Schema, rows: usize) -> Self {
        Self {
            loss: spec.loss(&schema.task),
            optimizer: spec.train.optimizer.clone(),
            clip_norm: spec.train.clip_norm,
            targets: if is_classes(network.goal()) {
                DType::I64
            } else {
                DType::F32
            },
            rows,
            network,
        }
    }

    /// Names and types of what is given for each run.
    pub(crate) fn inputs(&self, work: Work, batch: usize) -> Result<Vec<(&'static str, Type)>> {
        let vector = |dtype, size| Ok::<_, Error>(Type::new(dtype, Shape::new(&[size])?));
        let scalar = Type::new(DType::F32, Shape::SCALAR);
        let rows = self.network.input();
        Ok(match work {
            Work::Predict => vec![("features", rows.rows(batch)?)],
            Work::Evaluate => {
                vec![
                    ("features", rows.rows(batch)?),
                    ("targets", vector(self.targets, batch)?),
                    ("divisor", scalar),
                ]
            }
            Work::Train => {
                let mut inputs = vec![
                    ("features", rows.rows(self.rows)?),
                    ("targets", vector(self.targets, self.rows)?),
                    ("divisor", scalar),
                    ("rows", vector(DType::I64, batch)?),
                    ("counter", vector(DType::I64, 2)?),
                ];
                inputs.extend(self.optimizer.inputs(1, 0.0).iter().map(|&(name, _)| (name, scalar)));
                inputs
            }
        })
    }

    /// Parameters and buffers of the network, and the optimiser's state for each parameter, which is 0 at first.
    pub(crate) fn optimizer_state(&self) -> Result<Vec<TensorSpec>> {
        let parameters = self
            .network
            .tensors()?
            .into_iter()
            .filter(|spec| matches!(spec.role, Role::Parameter(_)));
        let of = |spec: TensorSpec| self.optimizer.state().iter().map(move |name| state_of(&spec, name));
        Ok(parameters.flat_map(of).collect())
    }

    /// Puts a work on a graph.
    ///
    /// # Errors
    /// The network does not fit its input, or a state is missing.
    pub(crate) fn build<'g>(
        &self,
        graph: &'g Graph,
        work: Work,
        batch: usize,
        leaves: Leaves<'g>,
    ) -> Result<Built<'g>> {
        let types = self.inputs(work, batch)?;
        let input = |(i, (name, ty)): (usize, &(&'static str, Type))| match leaves {
            Leaves::Symbols => Ok(graph.input(*name, ty.dtype, ty.shape)),
            Leaves::Values { inputs, .. } => match inputs.get(i) {
                Some(&value) if Type::of(value) == *ty => Ok(graph.leaf(value.clone())),
                other => Err(Error::shape(format!(
                    "`{name}`: expected {ty:?}, got {:?}",
                    other.map(|x| Type::of(x))
                ))),
            },
        };
        let inputs: Vec<Var<'g>> = types.iter().enumerate().map(input).collect::<Result<_>>()?;
        let built = match work {
            Work::Train => self.train(graph, &types, inputs, leaves)?,
            Work::Evaluate => self.evaluate(graph, inputs, leaves)?,
            Work::Predict => self.predict(graph, inputs, leaves)?,
        };
        graph.error().map_or(Ok(built), Err)
    }

    /// Forward, loss, reverse, clip, optimiser.
    fn train<'g>(
        &self,
        graph: &'g Graph,
        types: &[(&'static str, Type)],
        inputs: Vec<Var<'g>>,
        leaves: Leaves<'g>,
    ) -> Result<Built<'g>> {
        let [features, targets, divisor, rows, counter, ref scalars @ ..] = inputs[..] else {
            return Err(Error::internal("a training step without its inputs"));
        };
        let scope = Scope::new(graph, DType::F32, Mode::Training { counter }, move |spec| {
            state(graph, leaves, spec)
        });
        let output = self.network.output(&scope, features.gather(rows));
        let Found {
            tensors,
            updates: buffers,
        } = scope.finish()?;
        let (loss, score) = self.judge(output, targets.gather(rows), divisor);

        let learned: Vec<_> = tensors
            .iter()
            .filter(|(spec, _)| matches!(spec.role, Role::Parameter(_)))
            .collect();
        let parameters: Vec<Var<'g>> = learned.iter().map(|(_, theta)| *theta).collect();
        let gradients = reverse::gradients(loss, &parameters);
        let watched = gradients
            .iter()
            .zip(&learned)
            .map(|(g, (spec, _))| g.watch(spec.name.clone()))
            .collect();
        let gradients = self
            .clip_norm
            .map_or_else(|| Vec::clone(&watched), |most| clipped(&watched, most));

        let names = &types[types.len() - scalars.len()..];
        let step = Step::new(&*self.optimizer, |name| {
            let at = names.iter().position(|(known, _)| *known == name);
            at.map_or_else(|| divisor.lit(f64::NAN), |at| scalars[at])
        });
        let mut updates = Vec::new();
        for ((spec, theta), g) in learned.into_iter().zip(gradients) {
            self.update(graph, leaves, &step, (spec, *theta, g), &mut updates)?;
        }
        for (name, new) in buffers {
            let old = tensors.iter().find(|(spec, _)| spec.name == name);
            let (_, old) = old.ok_or_else(|| Error::internal(format!("no buffer is called `{name}`")))?;
            updates.push((name.clone(), *old, new.watch(name)));
        }
        Ok(Built {
            inputs,
            outputs: vec![loss, score],
            updates,
            check: Some(loss),
        })
    }

    /// The optimiser's rule for one parameter.
    fn update<'g>(
        &self,
        graph: &'g Graph,
        leaves: Leaves<'g>,
        step: &Step<'g>,
        (spec, theta, g): (&TensorSpec, Var<'g>, Var<'g>),
        updates: &mut Vec<(String, Var<'g>, Var<'g>)>,
    ) -> Result<()> {
        let specs: Vec<TensorSpec> = self.optimizer.state().iter().map(|name| state_of(spec, name)).collect();
        let old = specs
            .iter()
            .map(|spec| state(graph, leaves, spec))
            .collect::<Result<Vec<_>>>()?;
        let (new_theta, new) = self.optimizer.update(step, g, theta, &old);
        updates.push((spec.name.clone(), theta, new_theta));
        updates.extend(
            specs
                .into_iter()
                .zip(old)
                .zip(new)
                .map(|((spec, old), new)| (spec.name, old, new)),
        );
        Ok(())
    }

    fn evaluate<'g>(&self, graph: &'g Graph, inputs: Vec<Var<'g>>, leaves: Leaves<'g>) -> Result<Built<'g>> {
        let [features, targets, divisor] = inputs[..] else {
            return Err(Error::internal("an evaluation without its inputs"));
        };
        let output = self.forward(graph, features, leaves)?;
        let (loss, score) = self.judge(output, targets, divisor);
        Ok(Built {
            inputs,
            outputs: vec![loss, score],
            updates: Vec::new(),
            check: None,
        })
    }

    fn predict<'g>(&self, graph: &'g Graph, inputs: Vec<Var<'g>>, leaves: Leaves<'g>) -> Result<Built<'g>> {
        let [features] = inputs[..] else {
            return Err(Error::internal("a prediction without its input"));
        };
        let output = self.forward(graph, features, leaves)?;
        let outputs = match is_classes(self.network.goal()) {
            true => vec![output, output.softmax()],
            false => vec![self.network.unscaled(output)],
        };
        Ok(Built {
            inputs,
            outputs,
            updates: Vec::new(),
            check: None,
        })
    }

    fn forward<'g>(&self, graph: &'g Graph, features: Var<'g>, leaves: Leaves<'g>) -> Result<Var<'g>> {
        let scope = Scope::new(graph, DType::F32, Mode::Prediction, move |spec| {
            state(graph, leaves, spec)
        });
        let output = self.network.output(&scope, features);
        scope.finish()?;
        Ok(output)
    }

    /// Mean loss, and the sum of right rows or of squared errors.
    fn judge<'g>(&self, output: Var<'g>, targets: Var<'g>, divisor: Var<'g>) -> (Var<'g>, Var<'g>) {
        if is_classes(self.network.goal()) {
            let right = output.hits(targets);
            return (self.loss.mean(output, targets, divisor), right);
        }
        let targets = self.network.scaled(targets);
        (
            self.loss.mean(output, targets, divisor),
            Mse {}.rows(output, targets).sum_all(),
        )
    }
}

/// A tensor that lives from step to step.
fn state<'g>(graph: &'g Graph, leaves: Leaves<'g>, spec: &TensorSpec) -> Result<Var<'g>> {
    match leaves {
        Leaves::Symbols => Ok(graph.state(spec.name.clone(), spec.dtype, spec.shape)),
        Leaves::Values { state, .. } => match state.get(&spec.name) {
            Some(value) => Ok(graph.leaf(value.clone())),
            None => Err(Error::internal(format!("no state is called `{}`", spec.name))),
        },
    }
}

/// What an optimiser keeps for a parameter: `optimizer.layers.0.weight.m`.
fn state_of(parameter: &TensorSpec, name: &str) -> TensorSpec {
    let role = Role::Buffer { start: 0.0 };
    TensorSpec {
        name: format!("{OPTIMIZER}.{}.{name}", parameter.name),
        role,
        ..parameter.clone()
    }
}
