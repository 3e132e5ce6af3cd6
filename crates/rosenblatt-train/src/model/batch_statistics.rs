//! Exact statistics of batch normalization: mean and variance over all rows instead of running averages.

use rosenblatt_autodiff::{Execution, Graph, Type, Var};
use rosenblatt_nn::{Mode, Scope, TensorSpec};
use rosenblatt_tensor::{DType, Error, Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::network_step::NetworkStep;
use super::predict::SIZES;
use super::step_kind::StepKind;
use super::{BatchSource, Data, Model};
use crate::options::RunOptions;
use crate::step::Runner;

/// Names of the buffers that hold them.
const MEAN: &str = "running_mean";
const VARIANCE: &str = "running_var";

/// Which statistics batch normalization uses in prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchNormStatistics {
    /// Averages over the batches of training, the last ones above all.
    #[default]
    Running,
    /// Mean and variance over all training rows, computed with the final weights: see [`Model::recompute_batch_norm`].
    Exact,
}

impl Model {
    /// Replaces the running statistics of batch normalization by the mean and the variance (divided by `n − 1`) over all given rows,
    /// computed with the weights as they are: for layers with running averages of other weights, for example after averaging weights.
    ///
    /// Layers are done in the order they are computed, each given what the ones before make of their exact statistics: that takes a
    /// pass over the rows for each. Sample weights do not count. A network without batch normalization stays as it is.
    ///
    /// # Numerics
    /// In f64, row by row (Welford): the same bits for any number of threads and whatever the batch size was in training.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] for fewer than two numbers for a feature;
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if one is not finite; as [`Model::predict`].
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::layers::{BatchNorm, Sequential};
    /// use rosenblatt_nn::{losses::Mse, metrics::Rmse, optimizers::Sgd};
    /// use rosenblatt_tensor::Tensor;
    /// use rosenblatt_train::{Compile as _, Fit};
    ///
    /// let x = Tensor::from_vec(vec![1f32, 2.0, 3.0, 6.0], &[4, 1])?;
    /// let mut model = Sequential::new().then(BatchNorm::default()).compile(Mse {}, Sgd::default(), [Rmse {}])?;
    /// model.fit((&x, &x), &Fit::default())?;
    /// model.recompute_batch_norm((&x, &x))?;
    /// assert_eq!(model.params()["layers.0.running_mean"].to_f64(), [3.0]);
    /// assert_eq!(model.params()["layers.0.running_var"].to_f64(), [f64::from(14f32 / 3.0)]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    ///
    /// # Reference
    /// Ioffe, Szegedy: Batch Normalization. ICML 2015. arXiv:1502.03167, algorithm 2, steps 8 to 11, with all rows as one batch.
    pub fn recompute_batch_norm(&mut self, rows: impl Into<Data>) -> Result<()> {
        let mut runner = self.runner(&RunOptions::default())?;
        let layers = runner.builder().statistics()?;
        if layers.is_empty() {
            return Ok(());
        }
        let rows = rows.into();
        self.check_rows(self.prepared(&rows)?)?;
        // It holds all that the outputs depend on.
        self.prepare(&mut runner, (StepKind::Predict, 1))?;
        recompute(&mut runner, &rows)?;
        let names = layers
            .iter()
            .flat_map(|(layer, _)| [MEAN, VARIANCE].map(|name| format!("{layer}.{name}")));
        let new = names
            .filter(|name| runner.holds(name))
            .map(|name| Ok((name.clone(), runner.read(&name)?)))
            .collect::<Result<_>>()?;
        self.set_params(&new)
    }
}

/// Replaces the running statistics of batch normalization in the variables of a runner, which has all of them, by those over all
/// rows of a source: see [`Model::recompute_batch_norm`].
///
/// # Errors
/// As there.
pub(crate) fn recompute(runner: &mut Runner<NetworkStep>, source: &dyn BatchSource) -> Result<()> {
    for (i, (layer, times)) in runner.builder().statistics()?.into_iter().enumerate() {
        if !runner.holds(&format!("{layer}.{MEAN}")) {
            continue; // Nothing depends on it.
        }
        let sums = sums_of(runner, source, (i, times)).map_err(|error| error.within(&layer))?;
        for (name, values) in [(MEAN, &sums.mean), (VARIANCE, &sums.variance())] {
            runner.write(&format!("{layer}.{name}"), &rounded(values, runner.builder().dtype)?)?;
        }
    }
    Ok(())
}

/// A pass over all rows: the moments of what the layer with this number is given, each of so many times.
fn sums_of(
    runner: &mut Runner<NetworkStep>,
    source: &dyn BatchSource,
    (layer, times): (usize, usize),
) -> Result<Moments> {
    let (total, mut start, mut sums) = (source.len(), 0, Moments::default());
    while start < total {
        let rows = SIZES.into_iter().find(|&size| size <= total - start).unwrap_or(1);
        let kind = (StepKind::Statistics(layer), rows);
        runner.prepare(kind)?;
        let batch = match source.in_memory() {
            Some(all) => all.slice(start, start + rows)?,
            None => source.rows(&(start as u64..(start + rows) as u64).collect::<Vec<_>>())?,
        };
        let batch = runner.builder().prepared(&batch)?;
        runner.run(kind, &batch.inputs.iter().collect::<Vec<_>>())?;
        for output in 0..times {
            sums.add(&runner.output(kind, output)?)?;
        }
        start += rows;
    }
    match sums.count {
        0 | 1 => Err(Error::data("fewer than two numbers for each feature have no variance")),
        _ if sums.is_finite() => Ok(sums),
        _ => Err(Error::not_finite("what is normalized is not finite for all rows")),
    }
}

/// Mean and sum of squares of deviations of each feature, of the numbers so far.
#[derive(Default)]
struct Moments {
    count: u64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    /// Adds numbers `[…, features]`, in their order.
    ///
    /// # Reference
    /// Welford: Note on a Method for Calculating Corrected Sums of Squares and Products. Technometrics 4, 1962.
    fn add(&mut self, numbers: &Tensor) -> Result<()> {
        let features = numbers.shape().last().copied().unwrap_or(0);
        self.mean.resize(features, 0.0);
        self.squares.resize(features, 0.0);
        if features == 0 {
            return Ok(());
        }
        for row in numbers.to_f64().chunks_exact(features) {
            self.count += 1;
            let count = self.count as f64;
            for ((mean, squares), x) in self.mean.iter_mut().zip(&mut self.squares).zip(row) {
                let before = x - *mean;
                *mean += before / count;
                *squares += before * (x - *mean);
            }
        }
        Ok(())
    }

    fn variance(&self) -> Vec<f64> {
        self.squares
            .iter()
            .map(|squares| squares / (self.count as f64 - 1.0))
            .collect()
    }

    fn is_finite(&self) -> bool {
        self.mean.iter().chain(&self.squares).all(|number| number.is_finite())
    }
}

fn rounded(values: &[f64], dtype: DType) -> Result<Tensor> {
    match dtype {
        DType::F64 => Tensor::from_slice(values, &[values.len()]),
        _ => Tensor::from_vec(values.iter().map(|&value| value as f32).collect(), &[values.len()]),
    }
}

impl NetworkStep {
    /// Paths of the layers with running statistics, in the order they are computed, and how often each is applied.
    ///
    /// # Errors
    /// Its layers do not fit each other or the inputs.
    pub(crate) fn statistics(&self) -> Result<Vec<(String, usize)>> {
        let graph = Graph::new(Execution::Static);
        let source = |spec: &TensorSpec| Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape));
        let scope = Scope::new(&graph, self.dtype, Mode::Eval, source);
        let input = |(i, ty): (usize, &Type)| graph.input(format!("x{i}"), ty.dtype, ty.shape);
        let inputs: Vec<Var<'_>> = self.row()?.iter().enumerate().map(input).collect();
        self.network.forward(&scope, &inputs);
        let layers = by_layer(scope.finish()?.statistics);
        Ok(layers.into_iter().map(|(path, given)| (path, given.len())).collect())
    }
}

/// What the layer with this number is given, as `[…, features]`: one for each time it is applied.
pub(super) fn given_to(given: Vec<(String, Var<'_>)>, layer: usize) -> Vec<Var<'_>> {
    let of_layer = by_layer(given).into_iter().nth(layer);
    of_layer.map_or(Vec::new(), |(_, given)| given.into_iter().map(features_last).collect())
}

/// What each layer is given, in the order layers are first applied.
fn by_layer(given: Vec<(String, Var<'_>)>) -> Vec<(String, Vec<Var<'_>>)> {
    let mut layers: Vec<(String, Vec<Var<'_>>)> = Vec::new();
    for (path, x) in given {
        match layers.iter_mut().find(|(known, _)| *known == path) {
            Some((_, more)) => more.push(x),
            None => layers.push((path, vec![x])),
        }
    }
    layers
}

/// `[batch, features, …]` as `[batch, …, features]`.
fn features_last(x: Var<'_>) -> Var<'_> {
    let axes: Vec<usize> = std::iter::once(0).chain(2..x.shape().rank()).chain([1]).collect();
    if axes.len() == 2 { x } else { x.permute(&axes) }
}
