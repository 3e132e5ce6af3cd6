//! Loss and gradient of all training rows, for solvers.

use std::ops::Range;

use rosenblatt_nn::TensorSpec;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::run_step::run;
use super::{Fitter, add};
use crate::Params;
use crate::model::Data;
use crate::model::history::RunningMetrics;
use crate::model::reduction::Reduction;
use crate::model::step_kind::StepKind;
use crate::model::weights::{RowWeights, Totals};

/// Rows whose gradient is computed together: fixed, so that no bit depends on what else a run is asked for.
pub(crate) const BLOCK: usize = 1024;

/// Loss and gradient of all training rows at a point.
pub(crate) struct Evaluated {
    /// The mean loss (or the sum) with penalties.
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    /// Mean loss and score, as they are reported.
    pub(crate) sums: RunningMetrics,
    /// The first rows whose loss is not finite, if it is not for all.
    pub(crate) not_finite: Option<Range<u64>>,
}

impl Fitter<'_> {
    /// Loss and gradient of all training rows, summed up in f64 over blocks of rows, in their order. The point is rounded to
    /// the type of the parameters, which stay there.
    ///
    /// # Errors
    /// Rows cannot be read.
    pub(crate) fn objective(&mut self, parameters: &[TensorSpec], x: &mut [f64]) -> Result<Evaluated> {
        if self.builder().dtype != DType::F64 {
            x.iter_mut().for_each(|x| *x = f64::from(*x as f32));
        }
        self.put_flat(parameters, x)?;
        let whole = match self.builder().reduction {
            Reduction::Mean => None,
            Reduction::Sum => Some(self.weight_of_rows()?),
        };
        let mut all = Evaluated {
            value: 0.0,
            gradient: vec![0.0; x.len()],
            sums: RunningMetrics::default(),
            not_finite: None,
        };
        let mut weight = 0.0;
        self.for_each_block(&mut |fitter, rows, data, weights| {
            let totals = weights.totals(0..data.len())?;
            fitter.add_block(&mut all, (data, weights), totals, whole)?;
            weight += totals.loss;
            if all.not_finite.is_none() && !all.value.is_finite() {
                all.not_finite = Some(rows);
            }
            Ok(())
        })?;
        all.value /= weight;
        all.gradient.iter_mut().for_each(|g| *g /= weight);
        Ok(all)
    }

    /// Adds loss and gradient of a block, times its weight.
    fn add_block(
        &mut self,
        all: &mut Evaluated,
        (data, weights): (&Data, &RowWeights),
        totals: Totals,
        whole: Option<f64>,
    ) -> Result<()> {
        let dtype = self.builder().dtype;
        let mut scalars = vec![Tensor::scalar_of(dtype, totals.batch_weight())];
        scalars.extend(whole.map(|whole| Tensor::scalar_of(dtype, whole)));
        let kind = (StepKind::Objective, data.len());
        let arrays = data.inputs.iter().chain(&data.targets).chain(weights.tensors());
        let of_step = [&scalars[0], &self.cells.counter].into_iter().chain(&scalars[1..]);
        run(&mut self.runner, kind, arrays.chain(of_step), None)?;
        add(&self.runner, kind, totals, &mut all.sums)?;
        let first = 1 + usize::from(self.builder().score.is_some());
        all.value += totals.loss * self.runner.number(kind, first)?;
        let (mut start, mut output) = (0, first + 1);
        while start < all.gradient.len() {
            let of_parameter = self.runner.output(kind, output)?.to_f64();
            let end = start + of_parameter.len();
            for (sum, g) in all.gradient[start..end].iter_mut().zip(of_parameter) {
                *sum += totals.loss * g;
            }
            (start, output) = (end, output + 1);
        }
        Ok(())
    }

    /// Calls `each` with every block of the training rows: their numbers, the rows, and their weights.
    fn for_each_block(
        &mut self,
        each: &mut dyn FnMut(&mut Self, Range<u64>, &Data, &RowWeights) -> Result<()>,
    ) -> Result<()> {
        let all = self.source.len();
        for start in (0..all).step_by(BLOCK) {
            let end = all.min(start + BLOCK);
            let numbers = start as u64..end as u64;
            let (data, weights) = match &self.lent {
                Some((data, weights)) => (data.slice(start, end)?, weights.slice(start, end)?),
                None => {
                    let rows: Vec<u64> = numbers.clone().collect();
                    let data = self.builder().prepared(&self.source.rows(&rows)?)?;
                    self.check(&data)?;
                    let (dtype, weighting) = (self.builder().dtype, self.builder().weighting);
                    let weights = RowWeights::of_batch(weighting, &data, self.classes.as_deref(), dtype)?;
                    (data, weights)
                }
            };
            each(self, numbers, &data, &weights)?;
        }
        Ok(())
    }

    /// The sum of the weights of all training rows in the loss.
    fn weight_of_rows(&mut self) -> Result<f64> {
        let mut sum = 0.0;
        self.for_each_block(&mut |_, _, data, weights| {
            sum += weights.totals(0..data.len())?.loss;
            Ok(())
        })?;
        Ok(sum)
    }

    /// Gives parameters the numbers of a point, rounded to their type.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn put_flat(&mut self, parameters: &[TensorSpec], mut x: &[f64]) -> Result<()> {
        for spec in parameters {
            let (numbers, rest) = x
                .split_at_checked(spec.shape.elements())
                .ok_or_else(|| Error::internal("a point with too few numbers"))?;
            let tensor = match spec.dtype {
                DType::F64 => Tensor::from_slice(numbers, &spec.shape)?,
                _ => Tensor::from_vec(numbers.iter().map(|&x| x as f32).collect(), &spec.shape)?,
            };
            self.runner.write(&spec.name, &tensor)?;
            x = rest;
        }
        Ok(())
    }
}

/// The numbers of some parameters, one after the other.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Internal`] if one is missing.
pub(crate) fn flat(parameters: &[TensorSpec], values: &Params) -> Result<Vec<f64>> {
    let mut x = Vec::new();
    for spec in parameters {
        let value = values.get(&spec.name);
        let value = value.ok_or_else(|| Error::internal(format!("no parameter `{}`", spec.name)))?;
        x.extend(value.to_f64());
    }
    Ok(x)
}
