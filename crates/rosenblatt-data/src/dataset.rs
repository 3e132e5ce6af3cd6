//! Rows ready for a network.

use std::ops::Range;

use rosenblatt_tensor::{DType, Error, Result, Tensor};

use crate::load::RowOrigins;
use crate::{Batch, Lent, RowSource, Task, Values};

/// Features and targets of some rows, in memory or in a file: see [`DataOptions::memory`](crate::DataOptions::memory).
#[derive(Clone, Debug)]
pub struct Dataset {
    features: Tensor,
    targets: Option<Tensor>,
    weights: Option<Tensor>,
    feature_names: Vec<String>,
    pixel_scale: Option<f64>,
    task: Task,
    /// Where its rows were read from, if they are those of a table.
    origins: Option<RowOrigins>,
}

impl Dataset {
    /// Puts together what belongs together.
    ///
    /// # Shapes
    /// - `features`: `[rows, features]` of f32, or `[rows, height, width]` of u8
    /// - `targets`: `[rows]`: class indices as i64, or numbers as f32 or f64, which are kept as f64, as the task asks
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if rows, types or class indices do not fit together, or a number is
    /// not finite.
    pub fn new(features: Tensor, targets: Option<Tensor>, task: Task) -> Result<Self> {
        let dataset = Self {
            features: features.contiguous(),
            targets: targets.map(|targets| numbers_in_f64(targets, &task)).transpose()?,
            weights: None,
            feature_names: Vec::new(),
            pixel_scale: None,
            task,
            origins: None,
        };
        dataset.check()?;
        Ok(dataset)
    }

    /// The same with rows that do not count alike; `None` for rows that do.
    ///
    /// # Shapes
    /// - `weights`: `[rows]` of f32, at least 0
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if there is not one weight a row, if one is negative or not finite, or if
    /// all are 0.
    pub fn weighted_by(mut self, weights: Option<Tensor>) -> Result<Self> {
        self.weights = weights.map(|weights| weights.contiguous());
        let Some(weights) = &self.weights else { return Ok(self) };
        if *weights.shape() != [self.len()] {
            let message = format!(
                "{} rows of features, weights of shape {:?}",
                self.len(),
                weights.shape()
            );
            return Err(Error::data(message));
        }
        let values = weights.as_slice::<f32>()?;
        if let Some(weight) = values.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
            return Err(Error::data(format!(
                "a weight of {weight}, expected a number of at least 0"
            )));
        }
        if !values.is_empty() && values.iter().all(|&weight| weight == 0.0) {
            return Err(Error::data("all weights are 0"));
        }
        Ok(self)
    }

    /// The same with a name for each feature.
    #[must_use]
    pub fn named(mut self, feature_names: Vec<String>) -> Self {
        self.feature_names = feature_names;
        self
    }

    /// The same with a scale of pixels that the network applies to the features as its first step.
    #[must_use]
    pub fn with_pixel_scale(mut self, pixel_scale: Option<f64>) -> Self {
        self.pixel_scale = pixel_scale;
        self
    }

    /// The same with where its rows were read from.
    pub(crate) fn read_from(mut self, origins: RowOrigins) -> Self {
        self.origins = Some(origins);
        self
    }

    /// For each row its number in the table that it was read from, counted from 0; none of images and arrays.
    #[must_use]
    pub fn source_rows(&self) -> Option<&[u64]> {
        self.origins.as_ref().map(RowOrigins::rows)
    }

    /// An error about a row, counted from 0, with its place before it: `file:line` for a row of a table that was read, else
    /// its number, counted from 1.
    #[must_use]
    pub fn at_row(&self, row: usize, error: Error) -> Error {
        match &self.origins {
            Some(origins) => origins.place(row, error),
            None => error.within(format!("row {}", row + 1)),
        }
    }

    /// Some of its rows, in the given order.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there is no such row.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::{DataOptions, load};
    /// let data = load(&DataOptions::new("iris"), 0)?.train;
    /// assert_eq!(data.select(&[7, 3])?.targets().unwrap().shape()[..], [2]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn select(&self, rows: &[u64]) -> Result<Self> {
        let mut batch = Batch::new();
        self.take(rows, &mut batch)?;
        let tensor = |values: Values<'_>, row: &[usize]| {
            let shape = [&[rows.len()], row].concat();
            match values {
                Values::F32(values) => Tensor::from_slice(values, &shape),
                Values::F64(values) => Tensor::from_slice(values, &shape),
                Values::U8(values) => Tensor::from_slice(values, &shape),
                Values::I64(values) => Tensor::from_slice(values, &shape),
            }
        };
        Ok(Self {
            features: tensor(batch.features(), self.row_shape())?,
            targets: batch.targets().map(|targets| tensor(targets, &[])).transpose()?,
            weights: batch.weights().map(|weights| tensor(weights, &[])).transpose()?,
            origins: self.origins.as_ref().map(|origins| origins.select(rows)),
            ..self.clone()
        })
    }

    /// The same rows, but row `i` has the features at `places` of row `from[i]`.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there is no such row or place, or not one of `from` for each row;
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if the features are pixels.
    pub fn with_features_from(&self, places: Range<usize>, from: &[u64]) -> Result<Self> {
        let (rows, width) = (self.len(), self.row_shape().iter().product::<usize>());
        let fits = from.len() == rows && from.iter().all(|&row| row < rows as u64);
        if !fits || places.start > places.end || places.end > width {
            let message = format!("{} rows for features {places:?} of {rows} rows of {width}", from.len());
            return Err(Error::shape(message));
        }
        if self.features.dtype() != DType::F32 {
            return Err(Error::unsupported("pixels cannot be exchanged one by one"));
        }
        let old = self.features.as_slice::<f32>()?;
        let mut new = old.to_vec();
        for (row, &other) in new.chunks_exact_mut(width.max(1)).zip(from) {
            let other = other as usize * width;
            row[places.clone()].copy_from_slice(&old[other + places.start..other + places.end]);
        }
        Ok(Self {
            features: Tensor::from_vec(new, &[rows, width])?,
            ..self.clone()
        })
    }

    fn check(&self) -> Result<()> {
        let rows = self.features.shape().first().copied();
        let Some(rows) = rows else {
            return Err(Error::data("features need an axis of rows"));
        };
        if !matches!(self.features.dtype(), DType::F32 | DType::U8) {
            return Err(Error::data(format!(
                "features are f32 or u8, got {}",
                self.features.dtype()
            )));
        }
        if self.features.first_not_finite()?.is_some() {
            return Err(Error::data("a feature is not finite"));
        }
        let Some(targets) = &self.targets else { return Ok(()) };
        if *targets.shape() != [rows] {
            return Err(Error::data(format!(
                "{rows} rows of features, targets of shape {:?}",
                targets.shape()
            )));
        }
        match &self.task {
            Task::Classification { classes } => {
                let fits = |&label: &i64| usize::try_from(label).is_ok_and(|label| label < classes.len());
                match targets.as_slice::<i64>()?.iter().find(|label| !fits(label)) {
                    Some(label) => Err(Error::data(format!(
                        "label {label}, but there are {} classes",
                        classes.len()
                    ))),
                    None => Ok(()),
                }
            }
            Task::Regression if targets.as_slice::<f64>()?.iter().any(|value| !value.is_finite()) => {
                Err(Error::data("a target is not finite"))
            }
            Task::Regression => Ok(()),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.features.shape()[0]
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[rows, features]` of f32, or `[rows, height, width]` of u8.
    #[must_use]
    pub fn features(&self) -> &Tensor {
        &self.features
    }

    /// `[rows]`: class indices as i64, or numbers as f64; `None` if they are not known.
    #[must_use]
    pub fn targets(&self) -> Option<&Tensor> {
        self.targets.as_ref()
    }

    /// `[rows]`: how much each row counts, f32 of at least 0; `None` if all count alike.
    #[must_use]
    pub fn weights(&self) -> Option<&Tensor> {
        self.weights.as_ref()
    }

    /// A name for each feature of a table; none for pixels.
    #[must_use]
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// What the network divides the features by first: 255 for pixels.
    #[must_use]
    pub fn pixel_scale(&self) -> Option<f64> {
        self.pixel_scale
    }

    /// What is to be predicted.
    #[must_use]
    pub fn task(&self) -> &Task {
        &self.task
    }

    fn lent(&self) -> Lent<'_> {
        Lent {
            features: &self.features,
            targets: self.targets.as_ref(),
            weights: self.weights.as_ref(),
        }
    }
}

/// Targets of a regression as f64, which they keep until they are centered; others as they are.
fn numbers_in_f64(targets: Tensor, task: &Task) -> Result<Tensor> {
    match (task, targets.dtype()) {
        (Task::Regression, DType::F32) => Tensor::from_vec(targets.to_f64(), targets.shape()),
        _ => Ok(targets),
    }
}

impl RowSource for Dataset {
    fn len(&self) -> usize {
        self.len()
    }

    fn row_shape(&self) -> &[usize] {
        &self.features.shape()[1..]
    }

    fn take(&self, rows: &[u64], batch: &mut Batch) -> Result<()> {
        batch.fill(self.lent(), rows)
    }

    fn lend(&self) -> Option<Lent<'_>> {
        Some(self.lent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(n: usize) -> Task {
        Task::Classification {
            classes: (0..n).map(|i| i.to_string()).collect(),
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let x = Tensor::from_vec(vec![0.0f32; 6], &[3, 2]).unwrap();
        let labels = |v: Vec<i64>| Some(Tensor::from_slice(&v, &[v.len()]).unwrap());
        assert!(Dataset::new(x.clone(), labels(vec![0, 1, 1]), classes(2)).is_ok());
        assert!(Dataset::new(x.clone(), labels(vec![0, 1]), classes(2)).is_err());
        assert!(Dataset::new(x.clone(), labels(vec![0, 1, 2]), classes(2)).is_err());
        assert!(Dataset::new(x.clone(), labels(vec![0, -1, 1]), classes(2)).is_err());
        assert!(Dataset::new(x.clone(), labels(vec![0, 1, 1]), Task::Regression).is_err());
        let y = Tensor::from_vec(vec![0.0, f32::NAN, 1.0], &[3]).unwrap();
        assert!(Dataset::new(x, Some(y), Task::Regression).is_err());
        let nan = Tensor::from_vec(vec![f32::NAN], &[1, 1]).unwrap();
        assert!(Dataset::new(nan, None, Task::Regression).is_err());
    }

    #[test]
    fn gathers_rows_in_the_asked_order_and_reuses_its_memory() {
        let x = Tensor::from_vec((0..12).map(|i| i as u8).collect(), &[3, 2, 2]).unwrap();
        let y = Tensor::from_vec(vec![0i64, 1, 1], &[3]).unwrap();
        let data = Dataset::new(x, Some(y), classes(2)).unwrap();
        let mut batch = Batch::new();
        data.take(&[2, 0, 2], &mut batch).unwrap();
        assert_eq!(batch.features(), Values::U8(&[8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]));
        assert_eq!(batch.targets(), Some(Values::I64(&[1, 0, 1])));
        let address = |b: &Batch| {
            if let Values::U8(v) = b.features() {
                v.as_ptr()
            } else {
                unreachable!()
            }
        };
        let before = address(&batch);
        data.take(&[1], &mut batch).unwrap();
        assert_eq!((batch.len(), batch.features()), (1, Values::U8(&[4, 5, 6, 7])));
        assert_eq!(address(&batch), before);
        assert!(data.take(&[3], &mut batch).is_err());
        data.take(&[], &mut batch).unwrap();
        assert_eq!(batch.features(), Values::U8(&[]));
        assert_eq!(data.row_shape(), [2, 2]);
    }

    #[test]
    fn weights_are_one_a_row_and_never_negative() {
        let x = Tensor::from_vec(vec![0.0f32; 6], &[3, 2]).unwrap();
        let data = Dataset::new(x, None, Task::Regression).unwrap();
        let weighted = |values: Vec<f32>| {
            let weights = Tensor::from_slice(&values, &[values.len()]).unwrap();
            data.clone().weighted_by(Some(weights))
        };
        for wrong in [
            vec![1.0, 2.0],
            vec![1.0, -1.0, 1.0],
            vec![1.0, f32::NAN, 1.0],
            vec![1.0, f32::INFINITY, 1.0],
            vec![0.0; 3],
        ] {
            assert!(weighted(wrong.clone()).is_err(), "{wrong:?}");
        }
        let mut batch = Batch::new();
        weighted(vec![0.0, 2.0, 0.5])
            .unwrap()
            .take(&[2, 0], &mut batch)
            .unwrap();
        assert_eq!(batch.weights(), Some(Values::F32(&[0.5, 0.0])));
        data.weighted_by(None).unwrap().take(&[1], &mut batch).unwrap();
        assert_eq!(batch.weights(), None);
    }

    #[test]
    fn rows_are_chosen_and_features_exchanged() {
        let x = Tensor::from_vec((0..6).map(|i| i as f32).collect(), &[3, 2]).unwrap();
        let y = Tensor::from_vec(vec![0i64, 1, 1], &[3]).unwrap();
        let data = Dataset::new(x, Some(y), classes(2)).unwrap();
        let values = |data: &Dataset| data.features().to_vec::<f32>().unwrap();
        let chosen = data.select(&[2, 0]).unwrap();
        assert_eq!(values(&chosen), [4.0, 5.0, 0.0, 1.0]);
        assert_eq!(chosen.targets().unwrap().to_vec::<i64>().unwrap(), [1, 0]);
        assert_eq!(data.select(&[]).unwrap().len(), 0);
        assert!(data.select(&[3]).is_err());

        let exchanged = data.with_features_from(1..2, &[1, 2, 0]).unwrap();
        assert_eq!(values(&exchanged), [0.0, 3.0, 2.0, 5.0, 4.0, 1.0]);
        assert_eq!(exchanged.targets().unwrap().to_vec::<i64>().unwrap(), [0, 1, 1]);
        assert_eq!(
            values(&data.with_features_from(0..0, &[2, 1, 0]).unwrap()),
            values(&data)
        );
        for (places, from) in [(1..3, vec![0, 1, 2]), (0..1, vec![0, 1]), (0..1, vec![0, 1, 3])] {
            assert!(data.with_features_from(places, &from).is_err());
        }
    }

    #[test]
    fn no_targets_no_targets() {
        let x = Tensor::from_vec(vec![1.0f32, 2.0], &[2, 1]).unwrap();
        let data = Dataset::new(x, None, Task::Regression).unwrap();
        let mut batch = Batch::new();
        data.take(&[1], &mut batch).unwrap();
        assert_eq!((batch.features(), batch.targets()), (Values::F32(&[2.0]), None));
    }
}
