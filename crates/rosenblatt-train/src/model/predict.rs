//! What a model says about rows.

use std::sync::{Arc, Mutex, PoisonError};

use crate::Params;
use rosenblatt_autodiff::{Execution, Graph, Type};
use rosenblatt_nn::{Mode, Scope, scope};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{DType, Element, Error, Result, Shape, Tensor};

use super::data::Data;
use super::network_step::NetworkStep;
use super::step_kind::StepKind;
use super::{Inputs, Model};
use crate::options::RunOptions;
use crate::step::{Runner, outputs_on};

/// Numbers of rows that are computed together, largest first; they share weights and memory.
pub(crate) const SIZES: [usize; 3] = [256, 16, 1];

/// A runner that is ready, if it is free: made at the first prediction, forgotten when parameters change.
#[derive(Clone, Default)]
pub(super) struct Predictors(Arc<Mutex<Option<Runner<NetworkStep>>>>);

impl std::fmt::Debug for Predictors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Predictors")
    }
}

impl Model {
    /// The output of the network for each row: probabilities after a softmax, logits without one.
    ///
    /// A row's prediction is the same bits in any batch. A row that is too far from those of training may give NaN or infinity,
    /// as in PyTorch: [`Model::evaluate`] and [`Predictor`](crate::Predictor) refuse such rows. May be called from many threads at once: it takes one lock to borrow
    /// a compiled plan, and compiles another if all are in use; a server keeps a [`Session`](crate::Session) for each thread
    /// instead.
    ///
    /// # Shapes
    /// - `x`: `[rows, …]` for each input, rows as in training
    /// - returns `[rows, …]`
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] for other rows than in training; [`rosenblatt_tensor::ErrorKind::Config`] if the model was not fitted, or has several outputs.
    pub fn predict(&self, x: impl Into<Inputs>) -> Result<Tensor> {
        let mut outputs = self.predict_all(x)?;
        match (outputs.pop(), outputs.is_empty()) {
            (Some(output), true) => Ok(output),
            _ => Err(Error::config("the network has several outputs").hint("call `predict_all`")),
        }
    }

    /// As [`Model::predict`], for every output of the network.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_all(&self, x: impl Into<Inputs>) -> Result<Vec<Tensor>> {
        let data = self.check_rows(self.prepared(&Data::of_inputs(x.into().0))?)?;
        self.with_runner(|runner| self.run_all(runner, StepKind::Predict, &data))
    }

    /// The output of a layer or node in prediction: `layers.1` of a [`rosenblatt_nn::layers::Sequential`], the name of a node
    /// of a [`rosenblatt_nn::layers::Functional`].
    ///
    /// # Errors
    /// As [`Model::predict`]; [`rosenblatt_tensor::ErrorKind::Config`] if there is no such node.
    pub fn output_of(&self, x: impl Into<Inputs>, node: &str) -> Result<Tensor> {
        output_of(self, &self.params, &x.into(), node)
    }

    /// Lends a runner with this model's parameters.
    pub(super) fn with_runner<R>(&self, work: impl FnOnce(&mut Runner<NetworkStep>) -> Result<R>) -> Result<R> {
        let lock = || self.predictors.0.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = lock().take();
        let mut runner = match idle {
            Some(runner) => runner,
            None => self.runner(&RunOptions::default())?,
        };
        let result = work(&mut runner);
        *lock() = Some(runner);
        result
    }

    /// A runner with this model's parameters.
    ///
    /// # Errors
    /// The model was not fitted yet.
    pub(crate) fn runner(&self, options: &RunOptions) -> Result<Runner<NetworkStep>> {
        Ok(Runner::new(self.step(0)?, options.engine()?, options.execution))
    }

    /// Prepares a runner for a step, whose variables then have this model's values.
    pub(crate) fn prepare(&self, runner: &mut Runner<NetworkStep>, kind: (StepKind, usize)) -> Result<()> {
        if runner.is_prepared(kind) {
            return Ok(());
        }
        // What the runner holds already may have been trained further.
        let new: Vec<_> = self.params.iter().filter(|(name, _)| !runner.has_value(name)).collect();
        runner.prepare(kind)?;
        for (name, value) in new {
            if runner.holds(name) {
                runner.write(name, value)?;
            }
        }
        Ok(())
    }

    /// Rows in the types of this model; see [`Data::prepared`].
    pub(crate) fn prepared(&self, data: &Data) -> Result<Data> {
        let data = data.prepared(self.dtype()?, &self.rows.targets)?;
        data.check_targets(self.training.outputs.iter().map(|output| &*output.loss))?;
        Ok(data)
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if rows are not those of training.
    pub(crate) fn check_rows(&self, data: Data) -> Result<Data> {
        let step = self.step(0)?;
        if data.inputs.len() != step.inputs.len() {
            let names = self.network.inputs();
            let message = format!(
                "expected {} inputs ({}), got {}",
                names.len(),
                names.join(", "),
                data.inputs.len()
            );
            return Err(Error::shape(message));
        }
        for (i, (ty, array)) in step.inputs.iter().zip(&data.inputs).enumerate() {
            ty.check(array).map_err(|error| error.within(format!("input {i}")))?;
        }
        for (i, (head, array)) in step.heads.iter().zip(&data.targets).enumerate() {
            head.targets
                .check(array)
                .map_err(|error| error.within(format!("targets {i}")))?;
        }
        Ok(data)
    }

    /// The number of scores of each output.
    pub(super) fn score_widths(&self) -> Result<Vec<usize>> {
        let graph = Graph::new(Execution::Static);
        let types = outputs_on(&graph, &self.step(0)?, (StepKind::Score, 1))?;
        Ok(types
            .into_iter()
            .step_by(2)
            .map(|ty| ty.shape.last().copied().unwrap_or(1))
            .collect())
    }

    /// Runs all rows in the largest batches that fit, and puts the outputs together.
    fn run_all(&self, runner: &mut Runner<NetworkStep>, work: StepKind, data: &Data) -> Result<Vec<Tensor>> {
        if data.is_empty() {
            let types = outputs_on(&Graph::new(Execution::Static), runner.builder(), (work, 1))?;
            let empty = |ty: Type| Ok(Tensor::zeros(ty.dtype, Shape::new(&[&[0], &ty.shape[1..]].concat())?));
            return types.into_iter().map(empty).collect();
        }
        let mut parts: Vec<Vec<Tensor>> = Vec::new();
        self.in_batches(runner, work, data, |runner, kind, _| {
            let outputs = (0..runner.builder().network.outputs().len()).map(|i| runner.output(kind, i));
            let outputs = outputs.collect::<Result<Vec<_>>>()?;
            parts.resize(outputs.len(), Vec::new());
            parts
                .iter_mut()
                .zip(outputs)
                .for_each(|(part, output)| part.push(output));
            Ok(())
        })?;
        parts.iter().map(|parts| joined(parts)).collect()
    }

    /// Runs all rows in the largest batches that fit; `take` gets the first row's number.
    ///
    /// # Errors
    /// As preparing and running a step, and those of `take`.
    pub(crate) fn in_batches(
        &self,
        runner: &mut Runner<NetworkStep>,
        work: StepKind,
        data: &Data,
        mut take: impl FnMut(&Runner<NetworkStep>, (StepKind, usize), usize) -> Result<()>,
    ) -> Result<()> {
        let (total, mut start) = (data.len(), 0);
        while start < total {
            let rows = SIZES.into_iter().find(|&size| size <= total - start).unwrap_or(1);
            let (kind, batch) = ((work, rows), data.slice(start, start + rows)?);
            self.prepare(runner, kind)?;
            runner.run(kind, &batch.inputs.iter().collect::<Vec<_>>())?;
            take(runner, kind, start)?;
            data.touch(rows, false);
            start += rows;
        }
        Ok(())
    }
}

/// The output of a layer or node for some rows, with the given parameters.
pub(super) fn output_of(model: &Model, params: &Params, x: &Inputs, node: &str) -> Result<Tensor> {
    let data = model.check_rows(model.prepared(&Data::of_inputs(x.0.clone()))?)?;
    let graph = Graph::dynamic();
    let scope = Scope::new(&graph, model.dtype()?, Mode::Eval, scope::leaves(&graph, params));
    let inputs: Vec<_> = data.inputs.iter().map(|input| graph.constant(input.clone())).collect();
    model.network().forward(&scope, &inputs);
    let outputs = scope.finish()?.outputs;
    match outputs.iter().find(|(path, _)| path == node) {
        Some((_, output)) => output.value(),
        None => {
            let hint = meant(node, outputs.iter().map(|(path, _)| path.as_str()));
            Err(Error::config(format!("no layer or node is called `{node}`")).hint(hint))
        }
    }
}

/// Arrays of rows, one after the other.
fn joined(parts: &[Tensor]) -> Result<Tensor> {
    fn values<T: Element>(parts: &[Tensor]) -> Result<Tensor> {
        let mut values = Vec::new();
        for part in parts {
            values.extend_from_slice(part.contiguous().as_slice::<T>()?);
        }
        let rows = parts
            .iter()
            .map(|part| part.shape().first().copied().unwrap_or(0))
            .sum();
        let row = parts.first().map_or(&[][..], |part| &part.shape()[1..]);
        Tensor::from_vec(values, &[&[rows], row].concat())
    }
    match parts.first().map(Tensor::dtype) {
        Some(DType::F64) => values::<f64>(parts),
        Some(DType::I64) => values::<i64>(parts),
        _ => values::<f32>(parts),
    }
}
