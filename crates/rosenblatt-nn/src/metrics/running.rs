//! A metric over rows that come batch by batch.

use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::{Metric, Tally};

/// The target of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target<'a> {
    /// A class index.
    Class(i64),
    /// Numbers, as many as the network outputs.
    Numbers(&'a [f64]),
}

impl Target<'_> {
    /// The class, unless it is negative or the target is of numbers.
    #[must_use]
    pub fn class(self) -> Option<usize> {
        match self {
            Self::Class(class) => usize::try_from(class).ok(),
            Self::Numbers(_) => None,
        }
    }
}

/// The targets of some rows.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// Class indices.
    Classes(&'a [i64]),
    /// Numbers, row-major.
    F32(&'a [f32]),
    /// Numbers, row-major.
    F64(&'a [f64]),
}

impl<'a> Targets<'a> {
    /// Those of a tensor: class indices if it holds i64, numbers if it holds f32 or f64.
    ///
    /// # Errors
    /// As [`Tensor::as_slice`]: it holds something else, or does not lie row by row.
    pub fn of(targets: &'a Tensor) -> Result<Self> {
        match targets.dtype() {
            DType::I64 => targets.as_slice().map(Self::Classes),
            DType::F64 => targets.as_slice().map(Self::F64),
            _ => targets.as_slice().map(Self::F32),
        }
    }
}

impl<'a> From<&'a [i64]> for Targets<'a> {
    fn from(targets: &'a [i64]) -> Self {
        Self::Classes(targets)
    }
}

impl<'a> From<&'a [f32]> for Targets<'a> {
    fn from(targets: &'a [f32]) -> Self {
        Self::F32(targets)
    }
}

impl<'a> From<&'a [f64]> for Targets<'a> {
    fn from(targets: &'a [f64]) -> Self {
        Self::F64(targets)
    }
}

impl Targets<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Classes(targets) => targets.len(),
            Self::F32(targets) => targets.len(),
            Self::F64(targets) => targets.len(),
        }
    }
}

/// A metric of all rows added so far.
///
/// # Numerics
/// Everything is f64, taken row by row in their order: the same bits however the rows are cut into batches.
///
/// # Example
/// ```
/// use rosenblatt_nn::metrics::{Accuracy, Running};
/// let mut accuracy = Running::new(&Accuracy {}, 2);
/// accuracy.add(&[0.1f32, 0.9, 0.8, 0.2], &[1i64, 1][..])?;
/// assert_eq!(accuracy.value(), 0.5);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Debug)]
pub struct Running<'m> {
    metric: &'m dyn Metric,
    tally: Box<dyn Tally>,
    rows: u64,
    prediction: Vec<f64>,
    target: Vec<f64>,
}

impl<'m> Running<'m> {
    /// A metric of no rows, for a network that outputs `outputs` numbers a row.
    #[must_use]
    pub fn new(metric: &'m dyn Metric, outputs: usize) -> Self {
        Self {
            metric,
            tally: metric.tally(outputs),
            rows: 0,
            prediction: vec![0.0; outputs],
            target: vec![0.0; outputs],
        }
    }

    /// Adds rows that count alike: row-major predictions (f32 or f64) and their targets. Allocates only for metrics
    /// that need all rows at once.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if predictions and targets are not of equally many rows.
    pub fn add<'a, P: Copy + Into<f64>>(&mut self, predictions: &[P], targets: impl Into<Targets<'a>>) -> Result<()> {
        self.add_weighted(predictions, targets, None)
    }

    /// Adds rows that count by their `weights`, one a row and at least 0; a row of weight 0 is passed over.
    ///
    /// Whole weights give what as many copies of the rows would, to rounding.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if predictions, targets and weights are not of equally many rows.
    pub fn add_weighted<'a, P: Copy + Into<f64>>(
        &mut self,
        predictions: &[P],
        targets: impl Into<Targets<'a>>,
        weights: Option<&[f32]>,
    ) -> Result<()> {
        let (targets, outputs) = (targets.into(), self.prediction.len());
        let numbers = if let Targets::Classes(_) = targets { 1 } else { outputs };
        if predictions.len() * numbers != targets.len() * outputs || !predictions.len().is_multiple_of(outputs.max(1)) {
            let message = format!(
                "{} predictions, {outputs} a row, for {} targets",
                predictions.len(),
                targets.len()
            );
            return Err(Error::shape(message).within(self.metric.name()));
        }
        if weights.is_some_and(|weights| weights.len() * outputs != predictions.len()) {
            let message = format!("{} predictions, {outputs} a row, and other weights", predictions.len());
            return Err(Error::shape(message).within(self.metric.name()));
        }
        for (i, row) in predictions.chunks_exact(outputs.max(1)).enumerate() {
            let weight = weights.map_or(1.0, |weights| f64::from(weights[i]));
            self.prediction
                .iter_mut()
                .zip(row)
                .for_each(|(to, &from)| *to = from.into());
            let at = i * outputs..(i + 1) * outputs;
            match targets {
                Targets::Classes(classes) => self.row(Some(classes[i]), weight),
                Targets::F32(numbers) => {
                    self.target
                        .iter_mut()
                        .zip(&numbers[at])
                        .for_each(|(to, &from)| *to = f64::from(from));
                    self.row(None, weight);
                }
                Targets::F64(numbers) => {
                    self.target.copy_from_slice(&numbers[at]);
                    self.row(None, weight);
                }
            }
        }
        Ok(())
    }

    fn row(&mut self, class: Option<i64>, weight: f64) {
        if weight > 0.0 {
            let target = class.map_or(Target::Numbers(&self.target), Target::Class);
            self.tally.add(&self.prediction, target, weight);
            self.rows += 1;
        }
    }

    /// Rows so far that count.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The metric of all rows so far; NaN of none, and where it is not defined.
    #[must_use]
    pub fn value(&self) -> f64 {
        if self.rows == 0 { f64::NAN } else { self.tally.value() }
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        (self.tally, self.rows) = (self.metric.tally(self.prediction.len()), 0);
    }
}
