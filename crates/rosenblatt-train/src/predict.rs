//! Predictions of a trained network.

use std::collections::BTreeMap;
use std::path::Path;

use rosenblatt_autodiff::plan::Plan;
use rosenblatt_data::Dataset;
use rosenblatt_nn::metrics::{self, Running, Targets};
use rosenblatt_nn::{Entry, Metric};
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::model_file::{About, Model};
use crate::network::{InputType, Network};
use crate::options::RunOptions;
use crate::recipe::{Recipe, Work};
use crate::step::Runner;

/// Numbers of rows that are computed together, largest first; they share weights and memory.
const SIZES: [usize; 3] = [256, 16, 1];

/// A model ready to predict.
///
/// A row's prediction is the same bits whatever rows stand beside it.
pub struct Predictor {
    about: About,
    runner: Runner<Recipe>,
}

/// What a network says about some rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Prediction {
    /// One of some classes for each row.
    Classes {
        /// Their names.
        names: Vec<String>,
        /// The index of the likeliest class of each row; of equally likely ones the first.
        classes: Vec<usize>,
        /// The probability of each class, `[rows, classes]`, row-major.
        probabilities: Vec<f32>,
    },
    /// A number for each row, in the units of the target.
    Numbers(Vec<f32>),
}

impl Predictor {
    /// A predictor for a model.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the model's tensors are not those its network needs.
    pub fn new(model: &Model, options: &RunOptions) -> Result<Self> {
        let about = model.about.clone();
        let network = Network::of(&about)?;
        let tensors = network.check(&model.tensors)?;
        let recipe = Recipe::new(&about.spec, network, &about.schema, 0);
        let mut runner = Runner::new(recipe, options.engine()?, options.execution);
        SIZES
            .iter()
            .try_for_each(|&rows| runner.prepare((Work::Predict, rows)))?;
        tensors
            .iter()
            .try_for_each(|(name, tensor)| runner.write(name, tensor))?;
        Ok(Self { about, runner })
    }

    /// A predictor for a model file.
    ///
    /// # Errors
    /// As [`Model::load`] and [`Predictor::new`].
    pub fn load(path: impl AsRef<Path>, options: &RunOptions) -> Result<Self> {
        let path = path.as_ref();
        Self::new(&Model::load(path)?, options).map_err(|error| error.within(path.display().to_string()))
    }

    /// What is known of the model.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Number of learned numbers.
    ///
    /// # Errors
    /// None: the network was checked before.
    pub fn parameters(&self) -> Result<usize> {
        self.network().parameters()
    }

    /// The compiled plan for full batches; none if the model runs dynamically.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.runner.plan((Work::Predict, SIZES[0]))
    }

    fn network(&self) -> &Network {
        &self.runner.builder().network
    }

    /// Predicts every row, in their order.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if the rows are not what the network takes.
    pub fn predict(&mut self, data: &Dataset) -> Result<Prediction> {
        let names = self.about.schema.task.classes().map(<[String]>::to_vec);
        let (width, mut numbers) = (self.network().width(), Vec::new());
        let last = usize::from(names.is_some());
        self.batches(data.features(), |runner, rows, _| {
            numbers.extend_from_slice(
                runner
                    .output((Work::Predict, rows), last)?
                    .contiguous()
                    .as_slice::<f32>()?,
            );
            Ok(())
        })?;
        Ok(match names {
            None => Prediction::Numbers(numbers),
            Some(names) => {
                let classes = numbers.chunks_exact(width.max(1)).map(largest).collect();
                Prediction::Classes {
                    names,
                    classes,
                    probabilities: numbers,
                }
            }
        })
    }

    /// Every metric that fits the task, by name; rows count by their weights, if they have some.
    ///
    /// # Numerics
    /// Rows are added up in f64, in their order and by lanes: the same bits however they are batched.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the rows have no targets.
    pub fn evaluate(&mut self, data: &Dataset) -> Result<BTreeMap<String, f64>> {
        let entries: Vec<Entry<dyn Metric>> = metrics::fitting(self.network().goal()).collect();
        let values = self.measure(data, &entries)?;
        let names = entries.iter().map(|metric| metric.name().to_owned());
        Ok(names.zip(values).collect())
    }

    /// Some metrics, in their order.
    ///
    /// # Numerics
    /// As [`Predictor::evaluate`].
    ///
    /// # Errors
    /// As [`Predictor::evaluate`].
    pub fn measure(&mut self, data: &Dataset, metrics: &[Entry<dyn Metric>]) -> Result<Vec<f64>> {
        let targets = data
            .targets()
            .ok_or_else(|| Error::data("rows without targets cannot be evaluated"))?
            .contiguous();
        let weights = data.weights().map(Tensor::as_slice::<f32>).transpose()?;
        let width = self.network().width();
        let mut running: Vec<Running<'_>> = metrics.iter().map(|metric| Running::new(&**metric, width)).collect();
        self.batches(data.features(), |runner, rows, start| {
            let outputs = runner.output((Work::Predict, rows), 0)?.contiguous();
            let targets = targets.slice(0, start, start + rows)?;
            let targets = Targets::of(&targets)?;
            let weights = weights.map(|weights| &weights[start..start + rows]);
            running
                .iter_mut()
                .try_for_each(|metric| metric.add_weighted(outputs.as_slice::<f32>()?, targets, weights))
        })?;
        Ok(running.iter().map(Running::value).collect())
    }

    /// Runs all rows, in the largest batches that fit; `take` gets the number of rows and the first one's.
    fn batches(
        &mut self,
        features: &Tensor,
        mut take: impl FnMut(&Runner<Recipe>, usize, usize) -> Result<()>,
    ) -> Result<()> {
        let expected: &InputType = self.network().input();
        let total = features.shape().first().copied().unwrap_or(0);
        if features.dtype() != expected.rows(total)?.dtype || features.shape()[1..] != expected.shape[..] {
            let (want, got) = (expected.rows(total)?, features.shape());
            return Err(Error::shape(format!(
                "expected rows as in training, {want:?}, got {} {got:?}",
                features.dtype()
            )));
        }
        let mut start = 0;
        while start < total {
            let rows = SIZES.into_iter().find(|&size| size <= total - start).unwrap_or(1);
            self.runner
                .run((Work::Predict, rows), &[&features.slice(0, start, start + rows)?])?;
            take(&self.runner, rows, start)?;
            start += rows;
        }
        Ok(())
    }
}

/// The place of the first largest number; 0 of none.
fn largest(row: &[f32]) -> usize {
    (0..row.len())
        .reduce(|best, i| if row[i] > row[best] { i } else { best })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_numbers_the_first_is_the_largest() {
        assert_eq!(largest(&[]), 0);
        assert_eq!(largest(&[0.5, 0.5]), 0);
        assert_eq!(largest(&[0.1, 0.5, 0.5, 0.2]), 1);
    }
}
