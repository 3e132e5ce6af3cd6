//! What is computed in a step, written once for both ways to run.
//!
//! See [`crate::step`] for how it is run.

use rosenblatt_autodiff::{Graph, Type, Var, reverse};
use rosenblatt_data::Schema;
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::scope::Found;
use rosenblatt_nn::{Entry, Loss, Mode, Optimizer, Role, Scope, Step, TensorSpec};
use rosenblatt_tensor::{DType, Error, Result, Shape};

use crate::clip::clipped;
use crate::network::{Network, is_classes};
use crate::spec::Spec;
use crate::step::{Bindings, StepBuilder, StepGraph, Update};
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

    /// Forward, loss, reverse, clip, optimiser.
    fn train<'g>(
        &self,
        graph: &'g Graph,
        inputs: &Inputs<'g>,
        bindings: Bindings<'g>,
    ) -> Result<(Vec<Var<'g>>, Vec<Update<'g>>)> {
        let (rows, counter) = (inputs.get("rows")?, inputs.get("counter")?);
        let scope = Scope::new(graph, DType::F32, Mode::Training { counter }, move |spec| {
            bindings.variable(graph, spec)
        });
        let output = self.network.output(&scope, inputs.get("features")?.take(rows));
        let Found {
            tensors,
            updates: buffers,
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
            self.update(graph, bindings, &step, (spec, *theta, g), &mut updates)?;
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
        bindings: Bindings<'g>,
        step: &Step<'g>,
        (spec, theta, g): (&TensorSpec, Var<'g>, Var<'g>),
        updates: &mut Vec<Update<'g>>,
    ) -> Result<()> {
        let specs: Vec<TensorSpec> = self.optimizer.state().iter().map(|name| state_of(spec, name)).collect();
        let old = specs
            .iter()
            .map(|spec| bindings.variable(graph, spec))
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

    fn evaluate<'g>(&self, graph: &'g Graph, inputs: &Inputs<'g>, bindings: Bindings<'g>) -> Result<Vec<Var<'g>>> {
        let output = self.forward(graph, inputs.get("features")?, bindings)?;
        let (loss, score) = self.judge(output, inputs, |of_batch| of_batch)?;
        Ok(vec![loss, score])
    }

    fn predict<'g>(&self, graph: &'g Graph, inputs: &Inputs<'g>, bindings: Bindings<'g>) -> Result<Vec<Var<'g>>> {
        let output = self.forward(graph, inputs.get("features")?, bindings)?;
        Ok(match is_classes(self.network.goal()) {
            true => {
                let logits = self.network.scores(output);
                vec![logits, logits.softmax()]
            }
            false => vec![self.network.unscaled(output)],
        })
    }

    fn forward<'g>(&self, graph: &'g Graph, features: Var<'g>, bindings: Bindings<'g>) -> Result<Var<'g>> {
        let scope = Scope::new(graph, DType::F32, Mode::Eval, move |spec| {
            bindings.variable(graph, spec)
        });
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

impl StepBuilder for Recipe {
    type Kind = (Work, usize);

    fn inputs(&self, (work, batch): (Work, usize)) -> Result<Vec<(String, Type)>> {
        let vector = |dtype, size| Ok::<_, Error>(Type::new(dtype, Shape::new(&[size])?));
        let scalar = Type::new(DType::F32, Shape::SCALAR);
        let rows = if work == Work::Train { self.rows } else { batch };
        let mut inputs = vec![("features", self.network.input().rows(rows)?)];
        if work != Work::Predict {
            inputs.push(("targets", vector(self.targets, rows)?));
            for name in self.weighting.inputs() {
                inputs.push((name, vector(DType::F32, rows)?));
            }
            inputs.push(("divisor", scalar));
        }
        if work == Work::Train {
            inputs.extend([
                ("rows", vector(DType::I64, batch)?),
                ("counter", vector(DType::I64, 2)?),
            ]);
            inputs.extend(self.optimizer.inputs(1, 0.0).iter().map(|&(name, _)| (name, scalar)));
        }
        Ok(inputs.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect())
    }

    fn build<'g>(
        &self,
        graph: &'g Graph,
        (work, batch): (Work, usize),
        inputs: &[Var<'g>],
        bindings: Bindings<'g>,
    ) -> Result<StepGraph<'g>> {
        let names = self.inputs((work, batch))?.into_iter().map(|(name, _)| name);
        let inputs = Inputs(names.zip(inputs.iter().copied()).collect());
        let (outputs, updates) = match work {
            Work::Train => self.train(graph, &inputs, bindings)?,
            Work::Evaluate => (self.evaluate(graph, &inputs, bindings)?, Vec::new()),
            Work::Predict => (self.predict(graph, &inputs, bindings)?, Vec::new()),
        };
        Ok(StepGraph {
            check: (work == Work::Train).then(|| outputs[LOSS]),
            outputs,
            updates,
        })
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
struct Inputs<'g>(Vec<(String, Var<'g>)>);

impl<'g> Inputs<'g> {
    fn find(&self, name: &str) -> Option<Var<'g>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, var)| *var)
    }

    fn get(&self, name: &str) -> Result<Var<'g>> {
        self.find(name)
            .ok_or_else(|| Error::internal(format!("a work without its input `{name}`")))
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
