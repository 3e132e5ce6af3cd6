//! What is computed in a step, written once for both ways to run.
//!
//! [`Recipe::build`] puts one [`Work`] on a graph. On a static graph the result is compiled and run many times; on a
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
use crate::weights::{self, Weighting};

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
    /// [`LOSS`] and [`SCORE`]; or for [`Work::Predict`] the logits of the classes and their probabilities, or
    /// numbers in the units of the target.
    pub(crate) outputs: Vec<Var<'g>>,
    /// What changes.
    pub(crate) updates: Vec<Update<'g>>,
    /// Must be finite before anything changes.
    pub(crate) check: Option<Var<'g>>,
}

/// Name, old and new value of what changes.
pub(crate) type Update<'g> = (String, Var<'g>, Var<'g>);

/// The output with the mean loss of the rows.
pub(crate) const LOSS: usize = 0;
/// The output with the sum of right rows, or of squared errors on the network's own scale, each times its weight.
pub(crate) const SCORE: usize = 1;

/// Network, loss and optimiser.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) network: Network,
    pub(crate) loss: Entry<dyn Loss>,
    pub(crate) optimizer: Entry<dyn Optimizer>,
    clip_norm: Option<f64>,
    targets: DType,
    weighting: Weighting,
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
            weighting: Weighting::of(spec, schema),
            rows,
            network,
        }
    }

    /// Names and types of what is given for each run.
    pub(crate) fn inputs(&self, work: Work, batch: usize) -> Result<Vec<(&'static str, Type)>> {
        let vector = |dtype, size| Ok::<_, Error>(Type::new(dtype, Shape::new(&[size])?));
        let scalar = Type::new(DType::F32, Shape::SCALAR);
        let rows = if work == Work::Train { self.rows } else { batch };
        let mut inputs = vec![("features", self.network.input().rows(rows)?)];
        if work == Work::Predict {
            return Ok(inputs);
        }
        inputs.push(("targets", vector(self.targets, rows)?));
        for name in self.weighting.inputs() {
            inputs.push((name, vector(DType::F32, rows)?));
        }
        inputs.push(("divisor", scalar));
        if work == Work::Train {
            inputs.extend([
                ("rows", vector(DType::I64, batch)?),
                ("counter", vector(DType::I64, 2)?),
            ]);
            inputs.extend(self.optimizer.inputs(1, 0.0).iter().map(|&(name, _)| (name, scalar)));
        }
        Ok(inputs)
    }

    /// Which weights of rows are inputs.
    pub(crate) fn weighting(&self) -> Weighting {
        self.weighting
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
                Some(&value) if Type::of(value) == *ty => Ok(graph.constant(value.clone())),
                other => Err(Error::shape(format!(
                    "`{name}`: expected {ty:?}, got {:?}",
                    other.map(|x| Type::of(x))
                ))),
            },
        };
        let vars: Vec<Var<'g>> = types.iter().enumerate().map(input).collect::<Result<_>>()?;
        let inputs = Inputs(types.iter().map(|(name, _)| *name).zip(vars).collect());
        let (outputs, updates) = match work {
            Work::Train => self.train(graph, &inputs, leaves)?,
            Work::Evaluate => (self.evaluate(graph, &inputs, leaves)?, Vec::new()),
            Work::Predict => (self.predict(graph, &inputs, leaves)?, Vec::new()),
        };
        let built = Built {
            inputs: inputs.0.into_iter().map(|(_, var)| var).collect(),
            check: (work == Work::Train).then(|| outputs[LOSS]),
            outputs,
            updates,
        };
        graph.error().map_or(Ok(built), Err)
    }

    /// Forward, loss, reverse, clip, optimiser.
    fn train<'g>(
        &self,
        graph: &'g Graph,
        inputs: &Inputs<'g>,
        leaves: Leaves<'g>,
    ) -> Result<(Vec<Var<'g>>, Vec<Update<'g>>)> {
        let (rows, counter) = (inputs.get("rows")?, inputs.get("counter")?);
        let scope = Scope::new(graph, DType::F32, Mode::Training { counter }, move |spec| {
            state(graph, leaves, spec)
        });
        let output = self.network.output(&scope, inputs.get("features")?.take(rows));
        let Found {
            tensors,
            updates: buffers,
            ..
        } = scope.finish()?;
        let (loss, score) = self.judge(output, inputs, |of_all| of_all.take(rows))?;

        let learned: Vec<_> = tensors
            .iter()
            .filter(|(spec, _)| matches!(spec.role, Role::Parameter(_)))
            .collect();
        let parameters: Vec<Var<'g>> = learned.iter().map(|(_, theta)| *theta).collect();
        let gradients = reverse::gradients(loss, &parameters);
        let watched = gradients
            .iter()
            .zip(&learned)
            .map(|(g, (spec, _))| g.check_finite(spec.name.clone()))
            .collect();
        let gradients = self
            .clip_norm
            .map_or_else(|| Vec::clone(&watched), |most| clipped(&watched, most));

        let step = Step::new(&*self.optimizer, |name| {
            inputs.find(name).unwrap_or_else(|| loss.full_like(f64::NAN))
        });
        let mut updates = Vec::new();
        for ((spec, theta), g) in learned.into_iter().zip(gradients) {
            self.update(graph, leaves, &step, (spec, *theta, g), &mut updates)?;
        }
        for (name, new) in buffers {
            let old = tensors.iter().find(|(spec, _)| spec.name == name);
            let (_, old) = old.ok_or_else(|| Error::internal(format!("no buffer is called `{name}`")))?;
            updates.push((name.clone(), *old, new.check_finite(name)));
        }
        Ok((vec![loss, score], updates))
    }

    /// The optimiser's rule for one parameter.
    fn update<'g>(
        &self,
        graph: &'g Graph,
        leaves: Leaves<'g>,
        step: &Step<'g>,
        (spec, theta, g): (&TensorSpec, Var<'g>, Var<'g>),
        updates: &mut Vec<Update<'g>>,
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

    fn evaluate<'g>(&self, graph: &'g Graph, inputs: &Inputs<'g>, leaves: Leaves<'g>) -> Result<Vec<Var<'g>>> {
        let output = self.forward(graph, inputs.get("features")?, leaves)?;
        let (loss, score) = self.judge(output, inputs, |of_batch| of_batch)?;
        Ok(vec![loss, score])
    }

    fn predict<'g>(&self, graph: &'g Graph, inputs: &Inputs<'g>, leaves: Leaves<'g>) -> Result<Vec<Var<'g>>> {
        let output = self.forward(graph, inputs.get("features")?, leaves)?;
        Ok(match is_classes(self.network.goal()) {
            true => {
                let logits = self.network.scores(output);
                vec![logits, logits.softmax()]
            }
            false => vec![self.network.unscaled(output)],
        })
    }

    fn forward<'g>(&self, graph: &'g Graph, features: Var<'g>, leaves: Leaves<'g>) -> Result<Var<'g>> {
        let scope = Scope::new(graph, DType::F32, Mode::Eval, move |spec| state(graph, leaves, spec));
        let output = self.network.output(&scope, features);
        scope.finish()?;
        Ok(output)
    }

    /// Mean loss, and the sum of right rows or of squared errors; `picked` finds the rows of the batch in an input.
    fn judge<'g>(
        &self,
        output: Var<'g>,
        inputs: &Inputs<'g>,
        picked: impl Fn(Var<'g>) -> Var<'g>,
    ) -> Result<(Var<'g>, Var<'g>)> {
        let (targets, divisor) = (picked(inputs.get("targets")?), inputs.get("divisor")?);
        let [weights, score_weights] = weights::INPUTS.map(|name| inputs.find(name).map(&picked));
        let loss = |targets| weights::mean_loss(&*self.loss, (output, targets), weights, divisor);
        if is_classes(self.network.goal()) {
            let right = right_rows(self.network.scores(output), targets, score_weights);
            return Ok((loss(targets), right));
        }
        let targets = self.network.scaled(targets);
        let loss = loss(targets);
        let errors = Mse {}.per_example(output, targets);
        Ok((loss, score_weights.map_or(errors, |weights| errors * weights).sum_all()))
    }
}

/// How many rows are right, or the sum of their weights.
fn right_rows<'g>(logits: Var<'g>, targets: Var<'g>, weights: Option<Var<'g>>) -> Var<'g> {
    match weights {
        None => logits.count_correct(targets),
        Some(weights) => (logits.argmax(-1).eq(targets).cast(weights.dtype()) * weights).sum_all(),
    }
}

/// The inputs of a graph by name.
struct Inputs<'g>(Vec<(&'static str, Var<'g>)>);

impl<'g> Inputs<'g> {
    fn find(&self, name: &str) -> Option<Var<'g>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, var)| *var)
    }

    fn get(&self, name: &str) -> Result<Var<'g>> {
        self.find(name)
            .ok_or_else(|| Error::internal(format!("a work without its input `{name}`")))
    }
}

/// A tensor that lives from step to step.
fn state<'g>(graph: &'g Graph, leaves: Leaves<'g>, spec: &TensorSpec) -> Result<Var<'g>> {
    match leaves {
        Leaves::Symbols => Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape)),
        Leaves::Values { state, .. } => match state.get(&spec.name) {
            Some(value) => Ok(graph.constant(value.clone())),
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
