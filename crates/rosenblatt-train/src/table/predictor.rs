//! Predictions and metrics of a model of tables.

use std::path::Path;

use rosenblatt_autodiff::plan::Plan;
use rosenblatt_data::Dataset;
use rosenblatt_nn::{Entry, Metric, metrics};
use rosenblatt_tensor::kernels::reduce;
use rosenblatt_tensor::{Error, Result};

use super::Table;
use crate::model::evaluate::check_finite;
use crate::model::head::Head;
use crate::model::network_step::NetworkStep;
use crate::model::predict::SIZES;
use crate::model::step_kind::StepKind;
use crate::model::{Data, Metrics, Model};
use crate::options::RunOptions;
use crate::spec::target_kind;
use crate::step::Runner;
use crate::text::shortest;

/// A model of tables ready to predict, with threads and memory of its own.
///
/// A row's prediction is the same bits in any batch.
pub struct Predictor {
    model: Model,
    table: Table,
    runner: Runner<NetworkStep>,
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
    /// One of some classes for each row, by scores that are no probabilities, as those of a hinge loss.
    Scores {
        /// Their names.
        names: Vec<String>,
        /// The index of the class with the largest score of each row; of equal ones the first.
        classes: Vec<usize>,
        /// The score of each class, `[rows, classes]`, row-major. Where a network has one output for two classes, it is the score of
        /// the second one, and that of the first is 0.
        scores: Vec<f32>,
    },
    /// A number for each row, in the units of the target: f64, since far from 0 an f32 could not tell them apart.
    Numbers(Vec<f64>),
}

impl Predictor {
    /// A predictor for a model.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if the model was trained on arrays.
    pub fn new(model: &Model, options: &RunOptions) -> Result<Self> {
        let mut runner = model.runner(options)?;
        SIZES
            .iter()
            .try_for_each(|&rows| model.prepare(&mut runner, (StepKind::Score, rows)))?;
        Ok(Self {
            table: model.table()?.clone(),
            model: model.clone(),
            runner,
        })
    }

    /// A predictor for a model file.
    ///
    /// # Errors
    /// As [`Model::load`] and [`Predictor::new`].
    pub fn load(path: impl AsRef<Path>, options: &RunOptions) -> Result<Self> {
        let path = path.as_ref();
        Self::new(&Model::load(path)?, options).map_err(|error| error.within(path.display().to_string()))
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What is known of the table it was trained on.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The compiled plan for full batches; none if the model runs dynamically.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.runner.plan((StepKind::Score, SIZES[0]))
    }

    /// Predicts every row, in their order.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if the rows are not what the network takes;
    /// [`rosenblatt_tensor::ErrorKind::Data`], with the row, if a prediction is NaN, or infinite as f32.
    pub fn predict(&mut self, rows: &Dataset) -> Result<Prediction> {
        let names = self.table.schema.task.classes().map(<[String]>::to_vec);
        let (mut numbers, mut scores) = (Vec::new(), Vec::new());
        let is_format_1 = self.model.format() == 1;
        let as_printed = |number: f64| if is_format_1 { shortest(number as f32) } else { number };
        let data = self.model.check_rows(Data::of_inputs(vec![rows.features().clone()]))?;
        self.model
            .in_batches(&mut self.runner, StepKind::Score, &data, |runner, kind, start| {
                check_finite(runner, kind).map_err(|(row, error)| too_far(rows, start + row, error))?;
                match names {
                    None => numbers.extend(runner.output(kind, 0)?.to_f64().into_iter().map(as_printed)),
                    Some(_) => scores.extend_from_slice(runner.output(kind, 1)?.contiguous().as_slice::<f32>()?),
                }
                Ok(())
            })?;
        let Some(names) = names else {
            return Ok(Prediction::Numbers(numbers));
        };
        let rows = scores.chunks_exact(names.len().max(1));
        let classes = rows.map(|row| reduce::argmax(row).unwrap_or(0)).collect();
        Ok(if self.has_probabilities() {
            let probabilities = scores;
            Prediction::Classes {
                names,
                classes,
                probabilities,
            }
        } else {
            Prediction::Scores { names, classes, scores }
        })
    }

    /// Whether predictions of classes are probabilities: see [`rosenblatt_nn::Loss::link`].
    fn has_probabilities(&self) -> bool {
        self.runner.builder().heads.iter().all(Head::has_probabilities)
    }

    /// The metrics that are defined for its predictions, in alphabetical order: those of probabilities only if it gives some.
    #[must_use]
    pub fn metrics(&self) -> Vec<Entry<dyn Metric>> {
        let target_kind = target_kind(&self.table.schema.task);
        let (heads, width) = (&self.runner.builder().heads, target_kind.width());
        let is_defined = |metric: &Entry<dyn Metric>| heads.iter().all(|head| head.fits(&**metric, width));
        metrics::fitting(target_kind).filter(is_defined).collect()
    }

    /// Every metric that is defined for its predictions, by name; rows count by their weights, if they have some.
    ///
    /// # Numerics
    /// Rows are added up in f64, in their order and by lanes: the same bits however they are batched.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the rows have no targets; as [`Predictor::predict`].
    pub fn evaluate(&mut self, rows: &Dataset) -> Result<Metrics> {
        let entries = self.metrics();
        let values = self.measure(rows, &entries)?;
        Ok(entries.iter().map(|metric| metric.name()).zip(values).collect())
    }

    /// Some metrics, in their order.
    ///
    /// # Numerics
    /// As [`Predictor::evaluate`].
    ///
    /// # Errors
    /// As [`Predictor::evaluate`].
    pub fn measure(&mut self, rows: &Dataset, metrics: &[Entry<dyn Metric>]) -> Result<Vec<f64>> {
        if rows.targets().is_none() {
            return Err(Error::data("rows without targets cannot be evaluated"));
        }
        let data = self.model.check_rows(Data::from(rows))?;
        let values = self
            .model
            .measure(&mut self.runner, &data, metrics, |row, error| too_far(rows, row, error))?;
        Ok(values.into_iter().map(|(_, value)| value).collect())
    }
}

/// An error about a row whose prediction is not finite, with its place.
fn too_far(rows: &Dataset, row: usize, error: Error) -> Error {
    let hint = "correct its cells, or leave them empty: then they count as missing";
    rows.at_row(
        row,
        if rows.pixel_scale().is_none() {
            error.hint(hint)
        } else {
            error
        },
    )
}
