//! What is computed in a step, written once for both ways to run.
//!
//! [`Recipe::build`] puts one [`Work`] on a graph. On a static graph the result is compiled and run many times; on a
//! dynamic one it has been computed when `build` returns. Only the [`Leaves`] differ, so both give the same bits.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type, Var};
use rosenblatt_data::Schema;
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::optimize::{Slot, Updates, slots, updates};
use rosenblatt_nn::scope::Found;
use rosenblatt_nn::{Entry, Loss, Mode, Optimize, Scope, Step, TensorSpec};
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use crate::network::{Network, is_classes};
use crate::spec::Spec;
use crate::weights::{self, Weighting};

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
    pub(crate) optimize: Optimize,
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
            optimize: Optimize {
                learning_rate: spec.train.learning_rate,
                schedule: spec.train.schedule.clone(),
                clip_norm: spec.train.clip_norm,
                ..Optimize::new(spec.train.optimizer.clone())
            },
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
            inputs.extend(
                self.optimize
                    .optimizer
                    .inputs(1, 0.0)
                    .iter()
                    .map(|&(name, _)| (name, scalar)),
            );
        }
        Ok(inputs)
    }

    /// Which weights of rows are inputs.
    pub(crate) fn weighting(&self) -> Weighting {
        self.weighting
    }

    /// What the optimizer keeps for the network's parameters.
    pub(crate) fn optimizer_state(&self) -> Result<Vec<Slot>> {
        slots(&self.optimize, &self.network.tensors()?, &[])
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
        } = scope.finish()?;
        let (loss, score) = self.judge(output, inputs, |of_all| of_all.take(rows))?;

        let step = Step::new(&*self.optimize.optimizer, |name| {
            inputs.find(name).unwrap_or_else(|| loss.full_like(f64::NAN))
        });
        let bind = |slot: &Slot| state(graph, leaves, &slot.spec);
        let Updates { loss, variables } = updates(&self.optimize, &step, loss, &tensors, &buffers, bind)?;
        Ok((vec![loss, score], variables))
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
