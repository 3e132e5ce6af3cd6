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
use crate::model::weights::RowWeights;

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

/// Training rows that are computed together.
struct Block {
    rows: Range<u64>,
    data: Data,
    weights: RowWeights,
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
        for start in (0..self.source.len()).step_by(BLOCK) {
            let block = self.block(start)?;
            weight += self.add_block(&mut all, &block, whole)?;
            if all.not_finite.is_none() && !all.value.is_finite() {
                all.not_finite = Some(block.rows);
            }
        }
        all.value /= weight;
        all.gradient.iter_mut().for_each(|g| *g /= weight);
        Ok(all)
    }

    /// Adds loss and gradient of a block, times its weight, and returns this.
    fn add_block(&mut self, all: &mut Evaluated, block: &Block, whole: Option<f64>) -> Result<f64> {
        let Block { data, weights, .. } = block;
        let totals = weights.totals(0..data.len())?;
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
        Ok(totals.loss)
    }

    /// The block of the training rows that begins with this one.
    fn block(&self, start: usize) -> Result<Block> {
        let end = self.source.len().min(start + BLOCK);
        let rows = start as u64..end as u64;
        let (data, weights) = match &self.lent {
            Some((data, weights)) => {
                data.touch(end - start, false);
                (data.slice(start, end)?, weights.slice(start, end)?)
            }
            None => {
                let numbers: Vec<u64> = rows.clone().collect();
                let data = self.builder().prepared(&self.source.rows(&numbers)?)?;
                self.check(&data)?;
                let (dtype, weighting) = (self.builder().dtype, self.builder().weighting);
                let weights = RowWeights::of_batch(weighting, &data, self.classes.as_deref(), dtype)?;
                (data, weights)
            }
        };
        Ok(Block { rows, data, weights })
    }

    /// The sum of the weights of all training rows in the loss.
    fn weight_of_rows(&self) -> Result<f64> {
        let mut sum = 0.0;
        for start in (0..self.source.len()).step_by(BLOCK) {
            let Block { data, weights, .. } = self.block(start)?;
            sum += weights.totals(0..data.len())?.loss;
        }
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
