//! What a step of a network computes: forward, loss, reverse, optimizer, and the outputs for predictions.
//!
//! See [`crate::step`] for how it is run.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Execution, Graph, Type, Var};
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::optimize::{Micro, Optimize, Slot, accumulated_updates, accumulators, objective, slots};
use rosenblatt_nn::scope::Found;
use rosenblatt_nn::{Augmentation, Entry, Link, Loss, Mode, Network, Scope, TensorSpec};
use rosenblatt_tensor::{DType, Error, Result, Shape};

use super::batch_statistics::given_to;
use super::data::Data;
use super::given::Given;
use super::head::Head;
use super::history::Score;
use super::input_type::InputType;
use super::mixup::{self, Mix};
use super::reduction::Reduction;
use super::step_kind::StepKind;
use super::time_steps::{correct_rows, of_steps, steps_of, times_steps};
use super::weights::{self, Weighting};
use crate::step::{Bindings, StepBuilder, StepGraph};

/// The inputs of a step of several batches: how much of the mean gradient so far stays, and how much a batch adds to it.
const ACCUMULATION: [&str; 2] = ["keep", "share"];
/// The input with the weight of all training rows, of which those of a step are a block.
const WHOLE: &str = "whole_weight";

/// The losses of a step.
struct Losses<'g> {
    /// The mean loss of the rows, then their score, if it is summed up.
    results: Vec<Var<'g>>,
    /// What the gradient is of.
    objective: Var<'g>,
}

/// The output with the mean loss of the rows; of a training step with its penalties if the reduction is the mean.
pub(crate) const LOSS: usize = 0;
/// The output with the sum of correct rows, or of squared errors on the network's own scale, each times its weight.
pub(crate) const SCORE: usize = 1;
/// The most inputs of a step besides arrays of rows and the optimizer's numbers: weights, batch_weight, rows, counter, mixup,
/// accumulation.
pub(crate) const FIXED_INPUTS: usize = 3 + weights::INPUTS.len() + mixup::INPUTS.len() + ACCUMULATION.len();

/// A network with what it is trained on.
#[derive(Clone, Debug)]
pub(crate) struct NetworkStep {
    pub(crate) network: Network,
    pub(crate) heads: Vec<Head>,
    pub(crate) optimize: Optimize,
    /// Types of a row of each input, as they are kept.
    pub(crate) inputs: Vec<InputType>,
    /// Type of parameters, and of what is computed with them.
    pub(crate) dtype: DType,
    pub(crate) weighting: Weighting,
    /// What the gradient is of.
    pub(crate) reduction: Reduction,
    /// A metric that is summed up in a step.
    pub(crate) score: Option<Score>,
    /// Number of rows that [`StepKind::Train`] picks from.
    pub(crate) rows: usize,
    /// Whether a step of the optimizer may have several batches.
    pub(crate) accumulates: bool,
    /// What is done to images in training.
    pub(crate) augment: Vec<Entry<dyn Augmentation>>,
    /// Whether rows are mixed in training.
    pub(crate) mixup: bool,
}

impl NetworkStep {
    /// What the losses read in training, on a scope; a final softmax or sigmoid that belongs to a loss is left out.
    pub(crate) fn outputs<'g>(&self, scope: &Scope<'g>, inputs: &[Var<'g>]) -> Vec<Var<'g>> {
        let links: Vec<Link> = self.heads.iter().map(|head| head.loss.link()).collect();
        self.network.forward_training(scope, inputs, &links).training
    }

    /// Parameters and buffers of the network.
    ///
    /// # Errors
    /// Its layers do not fit each other or the inputs.
    pub(crate) fn tensors(&self) -> Result<Vec<TensorSpec>> {
        self.network.tensors(&self.row()?, self.dtype)
    }

    /// For each weight the gain of the activation that follows: see [`Network::gains`].
    ///
    /// # Errors
    /// As [`NetworkStep::tensors`].
    pub(crate) fn gains(&self) -> Result<BTreeMap<String, f64>> {
        self.network.gains(&self.row()?, self.dtype)
    }

    /// Types of the inputs for one row.
    pub(super) fn row(&self) -> Result<Vec<Type>> {
        self.inputs.iter().map(|input| input.rows(1)).collect()
    }

    /// Whether all layers can learn from batches of so many rows.
    ///
    /// # Errors
    /// The reason why one cannot.
    pub(crate) fn check_batch(&self, rows: usize) -> Result<()> {
        self.on_training_graph(rows, |found| found.cannot_learn)?
            .map_or(Ok(()), Err)
    }

    /// Puts the network on a graph as in training on so many rows, and reads what its layers asked for.
    ///
    /// # Errors
    /// Its layers do not fit each other or the inputs.
    pub(super) fn on_training_graph<R>(&self, rows: usize, read: impl FnOnce(Found<'_>) -> R) -> Result<R> {
        let graph = Graph::new(Execution::Static);
        let counter = graph.input("counter", DType::I64, Shape::new(&[2])?);
        let source = |spec: &TensorSpec| Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape));
        let scope = Scope::new(&graph, self.dtype, Mode::Training { counter }, source);
        let mut inputs = Vec::new();
        for (name, input) in self.input_names().into_iter().zip(&self.inputs) {
            let rows = input.rows(rows)?;
            inputs.push(graph.input(name, rows.dtype, rows.shape));
        }
        self.network.forward(&scope, &inputs);
        scope.finish().map(read)
    }

    /// Rows in the types that it takes; see [`Data::prepared`].
    pub(crate) fn prepared(&self, data: &Data) -> Result<Data> {
        let data = data.prepared(self.dtype, self.heads.iter().map(|head| &head.targets))?;
        data.check_targets(self.heads.iter().map(|head| &*head.loss))?;
        Ok(data)
    }

    /// The class that the loss of the only output ignores.
    pub(crate) fn ignored(&self) -> Option<i64> {
        match &self.heads[..] {
            [head] => head.ignored(),
            _ => None,
        }
    }

    /// What the optimizer keeps for the parameters.
    ///
    /// # Errors
    /// As [`NetworkStep::tensors`]; a group's path covers no parameter.
    pub(crate) fn slots(&self) -> Result<Vec<Slot>> {
        let tensors = self.tensors()?;
        let mut kept = slots(&self.optimize, &tensors, &[])?;
        if self.accumulates {
            kept.extend(accumulators(&self.optimize, &tensors, &[])?);
        }
        Ok(kept)
    }

    fn target_name(&self, output: usize) -> String {
        match self.heads.len() {
            1 => "targets".to_owned(),
            _ => format!("targets.{}", self.network.outputs()[output]),
        }
    }

    fn input_names(&self) -> Vec<String> {
        match self.inputs.len() {
            1 => vec!["features".to_owned()],
            // With a prefix, or an input called `weights` would be the weights.
            _ => self
                .network
                .inputs()
                .iter()
                .map(|name| format!("inputs.{name}"))
                .collect(),
        }
    }

    /// As [`NetworkStep::losses`]; if rows are mixed, those of their own targets and those of their partners', mixed as well.
    fn mixed_losses<'g>(&self, outputs: &[Var<'g>], given: &Given<'g>, mix: Option<Mix<'g>>) -> Result<Losses<'g>> {
        let mut own = self.losses(outputs, given, None)?;
        let Some(mix) = mix else { return Ok(own) };
        let others = self.losses(outputs, given, Some(mix))?;
        for (result, other) in own.results.iter_mut().zip(others.results) {
            *result = mix.losses(*result, other);
        }
        own.objective = match self.reduction {
            Reduction::Mean => own.results[LOSS],
            Reduction::Sum => mix.losses(own.objective, others.objective),
        };
        Ok(own)
    }

    /// Mean loss, the sum of correct rows or of squared errors, and what a step makes smaller; with the targets and weights of
    /// the rows, or of their partners.
    fn losses<'g>(&self, outputs: &[Var<'g>], given: &Given<'g>, partners: Option<Mix<'g>>) -> Result<Losses<'g>> {
        let rows_of = |name: &str| {
            let rows = given.rows_of(name)?;
            Ok(partners.map_or(rows, |mix| mix.of_partners(rows)))
        };
        let targets = (0..self.heads.len()).map(|i| rows_of(&self.target_name(i)));
        let targets = targets.collect::<Result<Vec<_>>>()?;
        let batch_weight = given.get("batch_weight")?;
        let whole = given.find(WHOLE).unwrap_or(batch_weight);
        let [weights, score_weights] = weights::INPUTS.map(|name| rows_of(name).ok());
        let (mut total, mut objective): (Option<Var<'g>>, Option<Var<'g>>) = (None, None);
        for ((head, &output), &targets) in self.heads.iter().zip(outputs).zip(&targets) {
            let targets = head.scaled(targets, self.dtype);
            let weights = weights.map(|weights| of_steps(weights, output));
            // Who gives the weight of the batch has counted the time steps, if some do not count.
            let [batch_weight, whole] = [batch_weight, whole].map(|weight| match head.ignored() {
                Some(_) => weight,
                None => times_steps(weight, output),
            });
            let loss = weights::mean_loss(&*head.loss, (output, targets), weights, batch_weight);
            let loss = if head.weight == 1.0 { loss } else { loss * head.weight };
            total = Some(total.map_or(loss, |sum| sum + loss));
            // The same node where it is the mean. Else the gradient has the factor `batch_weight / batch_weight`, which is 1.
            objective = match self.reduction {
                Reduction::Mean => total,
                Reduction::Sum => Some(objective.map_or(loss * whole, |sum| sum + loss * whole)),
            };
        }
        let none = || Error::config("a network without outputs cannot be trained");
        let (total, objective) = total.zip(objective).ok_or_else(none)?;
        let mut results = vec![total];
        if let ([head], [output], [targets]) = (&self.heads[..], outputs, &targets[..]) {
            let weights = score_weights.map(|weights| of_steps(weights, *output));
            results.extend(
                self.score
                    .map(|score| self.scored_rows(score, head, (*output, *targets), weights)),
            );
        }
        Ok(Losses { results, objective })
    }

    /// The sum of correct rows, or of squared errors.
    fn scored_rows<'g>(
        &self,
        score: Score,
        head: &Head,
        (output, targets): (Var<'g>, Var<'g>),
        weights: Option<Var<'g>>,
    ) -> Var<'g> {
        let sum = match score {
            Score::Accuracy => {
                let is_index = targets.dtype() == DType::I64;
                let classes = if is_index { targets } else { targets.argmax(-1) };
                // No class is −1.
                let classes = head.ignored().map_or(classes, |ignored| {
                    let is_ignored = classes.eq(classes.full_like(ignored as f64));
                    is_ignored.select(classes.full_like(-1.0), classes)
                });
                correct_rows(head.scores(output), classes, weights)
            }
            Score::Rmse => {
                // In the type of the targets, so that what is logged is the error against the file.
                let dtype = targets.dtype();
                let errors = Mse {}.per_example(head.predicted(output).cast(dtype), head.scaled(targets, dtype));
                weights.map_or(errors, |weights| errors * weights.cast(dtype)).sum_all()
            }
        };
        match steps_of(&output.shape()) {
            1 => sum,
            _ if head.ignored().is_some() => sum.cast(self.dtype),
            steps => sum.cast(self.dtype) / steps as f64,
        }
    }

    fn train<'g>(
        &self,
        graph: &'g Graph,
        given: &Given<'g>,
        bindings: Bindings<'g>,
        work: StepKind,
    ) -> Result<StepGraph<'g>> {
        let counter = given.get("counter")?;
        let scope = Scope::new(graph, self.dtype, Mode::Training { counter }, move |spec| {
            bindings.variable(graph, spec)
        });
        let mix = given.mix();
        let inputs = self.training_inputs(&scope, given.features(&self.input_names())?, mix);
        let outputs = self.outputs(&scope, &inputs);
        let found = scope.finish()?;
        let Losses { mut results, objective } = self.mixed_losses(&outputs, given, mix)?;
        if work == StepKind::Objective {
            return self.gradients(results, objective, &found.tensors);
        }
        let loss = results[LOSS];
        let step = self.optimize.step(|name| given.find(name).unwrap_or(loss));
        let bind = |slot: &Slot| bindings.variable(graph, &slot.spec);
        let [keep, share] = ACCUMULATION.map(|name| given.find(name));
        let (last, sum) = (work.is_last(), self.reduction == Reduction::Sum);
        let micro = keep.zip(share);
        let micro = micro.map(|(keep, share)| Micro { keep, share, last, sum });
        let (optimize, tensors, set) = (&self.optimize, &found.tensors, &found.updates);
        let changes = accumulated_updates(optimize, &step, objective, tensors, set, micro, bind)?;
        if self.reduction == Reduction::Mean {
            // With penalties.
            results[LOSS] = changes.loss;
        }
        Ok(StepGraph {
            check: Some(results[LOSS]),
            outputs: results,
            updates: changes.variables,
        })
    }

    /// What a solver evaluates: results, the loss with its penalties, gradients. None has to be finite.
    fn gradients<'g>(
        &self,
        mut results: Vec<Var<'g>>,
        loss: Var<'g>,
        tensors: &[(TensorSpec, Var<'g>)],
    ) -> Result<StepGraph<'g>> {
        let of_solver = objective(&self.optimize, loss, tensors)?;
        if self.reduction == Reduction::Mean {
            // With penalties.
            results[LOSS] = of_solver.value;
        }
        results.push(of_solver.value);
        results.extend(of_solver.gradients);
        Ok(StepGraph {
            outputs: results,
            ..StepGraph::default()
        })
    }

    fn forward<'g>(
        &self,
        graph: &'g Graph,
        given: &Given<'g>,
        bindings: Bindings<'g>,
        work: StepKind,
    ) -> Result<Vec<Var<'g>>> {
        let scope = Scope::new(graph, self.dtype, Mode::Eval, move |spec| {
            bindings.variable(graph, spec)
        });
        let features = given.features(&self.input_names())?;
        let outputs = match work {
            StepKind::Predict | StepKind::Statistics(_) => self.network.forward(&scope, &features),
            _ => self.outputs(&scope, &features),
        };
        let found = scope.finish()?;
        match work {
            StepKind::Statistics(layer) => Ok(given_to(found.statistics, layer)),
            StepKind::Evaluate => Ok(self.losses(&outputs, given, None)?.results),
            StepKind::Score => Ok(self.scored(&outputs)),
            _ => Ok(self
                .heads
                .iter()
                .zip(outputs)
                .map(|(head, output)| head.unscaled(output).cast(self.dtype))
                .collect()),
        }
    }

    /// For each output its scores, and the probabilities where these are logits of classes, else the scores again.
    fn scored<'g>(&self, outputs: &[Var<'g>]) -> Vec<Var<'g>> {
        let of = |(head, &output): (&Head, &Var<'g>)| {
            let scores = head.scores(output);
            [
                scores,
                if head.has_probabilities() {
                    scores.softmax()
                } else {
                    scores
                },
            ]
        };
        self.heads.iter().zip(outputs).flat_map(of).collect()
    }
}

impl StepBuilder for NetworkStep {
    type Kind = (StepKind, usize);

    fn inputs(&self, (work, batch): (StepKind, usize)) -> Result<Vec<(String, Type)>> {
        let vector = |dtype, size| Ok::<_, Error>(Type::new(dtype, Shape::new(&[size])?));
        let scalar = Type::new(self.dtype, Shape::SCALAR);
        let rows = if work.picks() { self.rows } else { batch };
        let mut inputs = Vec::new();
        for (name, input) in self.input_names().into_iter().zip(&self.inputs) {
            inputs.push((name, input.rows(rows)?));
        }
        if work.is_training() || work == StepKind::Evaluate {
            for (i, head) in self.heads.iter().enumerate() {
                inputs.push((self.target_name(i), head.targets.rows(rows)?));
            }
            for name in self.weighting.inputs() {
                inputs.push((name.to_owned(), vector(self.dtype, rows)?));
            }
            inputs.push(("batch_weight".to_owned(), scalar));
        }
        if work.picks() {
            inputs.push(("rows".to_owned(), vector(DType::I64, batch)?));
        }
        if work.is_training() {
            inputs.push(("counter".to_owned(), vector(DType::I64, 2)?));
            if work == StepKind::Objective && self.reduction == Reduction::Sum {
                inputs.push((WHOLE.to_owned(), scalar));
            }
            if self.mixup {
                let types = mixup::INPUTS.into_iter().zip(mixup::types(batch, self.dtype)?);
                inputs.extend(types.map(|(name, ty)| (name.to_owned(), ty)));
            }
            if self.accumulates {
                inputs.extend(ACCUMULATION.map(|name| (name.to_owned(), scalar)));
            }
            inputs.extend(self.optimize.scalar_inputs(self.dtype));
        }
        Ok(inputs)
    }

    fn build<'g>(
        &self,
        graph: &'g Graph,
        (work, batch): (StepKind, usize),
        inputs: &[Var<'g>],
        bindings: Bindings<'g>,
    ) -> Result<StepGraph<'g>> {
        let names = self.inputs((work, batch))?.into_iter().map(|(name, _)| name);
        let given = Given(names.zip(inputs.iter().copied()).collect());
        match work {
            work if work.is_training() => self.train(graph, &given, bindings, work),
            _ => Ok(StepGraph {
                outputs: self.forward(graph, &given, bindings, work)?,
                ..StepGraph::default()
            }),
        }
    }
}
