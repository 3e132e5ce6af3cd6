//! How much the rows of a part count.
//!
//! | figure | rows count by |
//! |---|---|
//! | the loss, of every part | sample weight · class weight: it is what training minimizes |
//! | scores and metrics | sample weight: class weights are a means of training and say nothing about the data |

use rosenblatt_autodiff::Var;
use rosenblatt_nn::Loss;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::Data;

/// The names of the inputs with weights, of the loss and of the score.
pub(crate) const INPUTS: [&str; 2] = ["weights", "score_weights"];

/// Which metrics of a run have weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weighting {
    /// The loss: there are sample weights or class weights.
    pub(crate) loss: bool,
    /// Scores: there are sample weights.
    pub(crate) score: bool,
    /// The class whose rows, or time steps, count in neither.
    pub(crate) ignored: Option<i64>,
}

impl Weighting {
    /// The inputs that a graph needs besides features and targets.
    pub(crate) fn inputs(self) -> impl Iterator<Item = &'static str> {
        INPUTS
            .into_iter()
            .zip([self.loss, self.score])
            .filter_map(|(name, given)| given.then_some(name))
    }
}

/// The weights of all rows of a part, in the order of [`Weighting::inputs`]; `None` where all count alike.
///
/// They are scaled by a power of two, so that the largest is between 1 and 2: figures are divided by sums of weights, and
/// no unit of weights makes such a sum leave the range of f32.
#[derive(Clone, Debug)]
pub(crate) struct RowWeights {
    /// `[rows]` each
    of: [Option<Tensor>; 2],
    /// How many losses of each row count, if a class is ignored.
    counted: Option<Vec<f64>>,
}

/// What loss and score of some rows are divided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Totals {
    /// Sum of the weights in the loss, or the number of rows; where a class is ignored, of the losses that count.
    pub(crate) loss: f64,
    /// Sum of the weights in the score, or the number of rows; where a class is ignored, of the losses that count.
    pub(crate) score: f64,
}

impl RowWeights {
    /// The weights of some rows, as numbers of `dtype`; `classes` holds the weight of each class. Rows without sample
    /// weights of their own count alike.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a target is not below the number of classes.
    pub(crate) fn new(weighting: Weighting, rows: &Data, classes: Option<&[f64]>, dtype: DType) -> Result<Self> {
        Self::scaled(weighting, rows, classes, |weights| {
            tensor(weights, power_of(weights), dtype)
        })
    }

    /// The same for a batch of rows that are not all in memory: in the unit they are given in, which is the same for all
    /// batches.
    ///
    /// # Errors
    /// As [`RowWeights::new`].
    pub(crate) fn of_batch(weighting: Weighting, rows: &Data, classes: Option<&[f64]>, dtype: DType) -> Result<Self> {
        Self::scaled(weighting, rows, classes, |weights| tensor(weights, 1.0, dtype))
    }

    fn scaled(
        weighting: Weighting,
        rows: &Data,
        classes: Option<&[f64]>,
        tensor: impl Fn(&[f64]) -> Result<Tensor>,
    ) -> Result<Self> {
        let sample = match rows.weights() {
            Some(weights) => weights.to_f64(),
            None => vec![1.0; rows.len()],
        };
        let (ignored, targets) = (weighting.ignored, rows.targets().first());
        let loss = match (classes, targets) {
            (Some(classes), Some(targets)) => {
                let targets = targets.to_vec::<i64>()?;
                let weigh = |(weight, class)| match ignored == Some(class) {
                    true => Ok(0.0),
                    false => Ok(weight * classes[class_index(class, classes.len())?]),
                };
                sample.iter().zip(targets).map(weigh).collect::<Result<_>>()?
            }
            _ => sample.clone(),
        };
        Ok(Self {
            of: [
                weighting.loss.then(|| tensor(&loss)).transpose()?,
                weighting.score.then(|| tensor(&sample)).transpose()?,
            ],
            counted: match (ignored, targets) {
                (Some(ignored), Some(targets)) => Some(counted(targets, rows.len(), ignored)?),
                _ => None,
            },
        })
    }

    /// The inputs of a graph, over all rows.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        self.of.iter().flatten()
    }

    /// The weights in the loss.
    pub(crate) fn loss(&self) -> Option<&Tensor> {
        self.of[0].as_ref()
    }

    /// Those of the rows from `start` to `end`.
    ///
    /// # Errors
    /// There are fewer rows.
    pub(crate) fn slice(&self, start: usize, end: usize) -> Result<Self> {
        let [loss, score] = &self.of;
        let slice = |weights: &Option<Tensor>| weights.as_ref().map(|x| x.slice(0, start, end)).transpose();
        Ok(Self {
            of: [slice(loss)?, slice(score)?],
            counted: self.counted.as_ref().map(|counted| counted[start..end].to_vec()),
        })
    }

    /// What figures of some rows are divided by; rows are added in their order.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn totals(&self, rows: impl ExactSizeIterator<Item = usize> + Clone) -> Result<Totals> {
        let counted = |row: usize| self.counted.as_ref().map_or(1.0, |counted| counted[row]);
        let total = |weights: &Option<Tensor>| -> Result<f64> {
            let Some(weights) = weights else {
                return Ok(match self.counted {
                    None => rows.len() as f64,
                    Some(_) => rows.clone().map(counted).sum(),
                });
            };
            if weights.dtype() == DType::F64 {
                let weights = weights.as_slice::<f64>()?;
                return Ok(rows.clone().map(|row| weights[row] * counted(row)).sum());
            }
            let weights = weights.as_slice::<f32>()?;
            Ok(rows.clone().map(|row| f64::from(weights[row]) * counted(row)).sum())
        };
        let [loss, score] = &self.of;
        Ok(Totals {
            loss: total(loss)?,
            score: total(score)?,
        })
    }
}

impl Totals {
    /// What the graph divides the loss of these rows by: never 0, not even if all weights are.
    pub(crate) fn batch_weight(self) -> f64 {
        self.loss.max(f64::from(f32::MIN_POSITIVE))
    }
}

/// How many classes of each row are another one than that which is ignored.
fn counted(targets: &Tensor, rows: usize, ignored: i64) -> Result<Vec<f64>> {
    let classes = targets.to_vec::<i64>()?;
    let steps = classes.len() / rows.max(1);
    let of_row = |row: usize| &classes[row * steps..(row + 1) * steps];
    let count = |row| of_row(row).iter().filter(|&&class| class != ignored).count() as f64;
    Ok((0..rows).map(count).collect())
}

/// The power of two just below the largest weight.
fn power_of(weights: &[f64]) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    let largest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    f64::from_bits(largest.to_bits() & EXPONENT)
}

/// The weights by a power of two, as numbers of `dtype`.
fn tensor(weights: &[f64], power: f64, dtype: DType) -> Result<Tensor> {
    let scaled = weights.iter().map(|weight| weight / power);
    if dtype == DType::F64 {
        return Tensor::from_vec(scaled.collect(), &[weights.len()]);
    }
    Tensor::from_vec(scaled.map(|weight| weight as f32).collect(), &[weights.len()])
}

/// The mean loss of some rows, which count alike unless they have weights.
pub(crate) fn mean_loss<'g>(
    loss: &dyn Loss,
    (output, targets): (Var<'g>, Var<'g>),
    weights: Option<Var<'g>>,
    batch_weight: Var<'g>,
) -> Var<'g> {
    match weights {
        None => loss.mean(output, targets, batch_weight),
        Some(weights) => loss.weighted_mean(output, targets, weights, batch_weight),
    }
}

/// The index of a class, if there are so many.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if the rows are of another task.
pub(crate) fn class_index(class: i64, classes: usize) -> Result<usize> {
    let index = usize::try_from(class).ok().filter(|&index| index < classes);
    index.ok_or_else(|| Error::data(format!("class {class}, but the model knows {classes} classes")))
}
