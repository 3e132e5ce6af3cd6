//! Arrays of rows: what a model learns from and is evaluated on.

use rosenblatt_autodiff::Type;
use rosenblatt_data::Dataset;
use rosenblatt_nn::Loss;
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

use super::InputType;

/// Rows as arrays: inputs, targets for each output, and sample weights.
///
/// The first axis of every array counts rows. Made by `into()` from `(&x, &y)`, `([&a, &b], &y)`, `([&a, &b], [&p, &q])`, each
/// also with weights as a third part. Cloning copies no numbers.
///
/// # Shapes
/// - inputs: `[rows, …]` of f32, f64, u8 or i64
/// - targets: class indices as integers `[rows, …]`, or numbers `[rows]`, `[rows, outputs]`, `[rows, …]`
/// - weights: `[rows]`, at least 0
#[derive(Clone, Debug)]
pub struct Data {
    pub(crate) inputs: Vec<Tensor>,
    pub(crate) targets: Vec<Tensor>,
    pub(crate) weights: Option<Tensor>,
}

impl Data {
    /// Inputs without targets.
    #[must_use]
    pub fn of_inputs(inputs: Vec<Tensor>) -> Self {
        Self {
            inputs,
            targets: Vec::new(),
            weights: None,
        }
    }

    /// Inputs with targets, one array for each output of the network.
    #[must_use]
    pub fn new(inputs: Vec<Tensor>, targets: Vec<Tensor>) -> Self {
        Self {
            inputs,
            targets,
            weights: None,
        }
    }

    /// The same with sample weights.
    #[must_use]
    pub fn weighted(mut self, weights: Tensor) -> Self {
        self.weights = Some(weights);
        self
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        let first = self.inputs.first().and_then(|input| input.shape().first().copied());
        first.unwrap_or(0)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The arrays of the inputs.
    #[must_use]
    pub fn inputs(&self) -> &[Tensor] {
        &self.inputs
    }

    /// The arrays of the targets.
    #[must_use]
    pub fn targets(&self) -> &[Tensor] {
        &self.targets
    }

    /// The sample weights, if rows do not count alike.
    #[must_use]
    pub fn weights(&self) -> Option<&Tensor> {
        self.weights.as_ref()
    }

    /// Says that so many rows were read, one after the other or each somewhere: arrays of a file give memory back.
    pub(crate) fn touch(&self, rows: usize, scattered: bool) {
        /// The system brings so many bytes around each place of a file that is read.
        const AROUND: usize = 1 << 16;
        for array in &self.inputs {
            let row = array.shape().iter().skip(1).product::<usize>() * array.dtype().size();
            array.touch(rows * if scattered { row.max(AROUND) } else { row });
        }
    }

    /// Some of the rows, in the given order.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there is no such row.
    pub fn select(&self, rows: &[u64]) -> Result<Self> {
        let select = |array: &Tensor| array.select(rows);
        Ok(Self {
            inputs: self.inputs.iter().map(select).collect::<Result<_>>()?,
            targets: self.targets.iter().map(select).collect::<Result<_>>()?,
            weights: self.weights.as_ref().map(select).transpose()?,
        })
    }

    /// The rows from `start` to `end`.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there are fewer.
    pub fn slice(&self, start: usize, end: usize) -> Result<Self> {
        let slice = |array: &Tensor| array.slice(0, start, end);
        Ok(Self {
            inputs: self.inputs.iter().map(slice).collect::<Result<_>>()?,
            targets: self.targets.iter().map(slice).collect::<Result<_>>()?,
            weights: self.weights.as_ref().map(slice).transpose()?,
        })
    }

    /// The same in the types a model of `dtype` takes: floating-point numbers rounded once to `dtype`, or targets to the
    /// type that `targets` has for their output, integer targets as i64, and all arrays without gaps.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if the arrays have different numbers of rows;
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a number is not finite or a weight is negative.
    pub(crate) fn prepared<'t>(&self, dtype: DType, targets: impl IntoIterator<Item = &'t InputType>) -> Result<Self> {
        let mut known = targets.into_iter().map(InputType::dtype);
        self.check_rows()?;
        let input = |(i, array): (usize, &Tensor)| finite(float_as(array, dtype)?, || format!("input {i}"));
        let target = |(i, array): (usize, &Tensor)| {
            let dtype = known.next().filter(|known| known.is_float()).unwrap_or(dtype);
            let array = if array.dtype() == DType::U8 {
                integers(array)?
            } else {
                float_as(array, dtype)?
            };
            finite(array, || format!("targets {i}"))
        };
        let weights = self
            .weights
            .as_ref()
            .map(|weights| checked_weights(weights, self.len()));
        Ok(Self {
            inputs: self.inputs.iter().enumerate().map(input).collect::<Result<_>>()?,
            targets: self.targets.iter().enumerate().map(target).collect::<Result<_>>()?,
            weights: weights.transpose()?,
        })
    }

    /// Whether targets are in the ranges of the losses, one for each output.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] with the first row that is not, counted from 0.
    pub(crate) fn check_targets<'l>(&self, losses: impl IntoIterator<Item = &'l dyn Loss>) -> Result<()> {
        for (i, (array, loss)) in self.targets.iter().zip(losses).enumerate() {
            if let Some((row, error)) = first_refused(loss, array) {
                return Err(error.within(format!("row {row}")).within(format!("targets {i}")));
            }
        }
        Ok(())
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if all weights are 0.
    pub(crate) fn check_some_weight(&self) -> Result<()> {
        match &self.weights {
            Some(weights) if weights.to_f64().iter().all(|&weight| weight == 0.0) => {
                Err(Error::data("all are 0").within("weights"))
            }
            _ => Ok(()),
        }
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if the arrays have different numbers of rows.
    pub(crate) fn check_rows(&self) -> Result<()> {
        let inputs = self
            .inputs
            .iter()
            .enumerate()
            .map(|(i, array)| (format!("input {i}"), array));
        let targets = self
            .targets
            .iter()
            .enumerate()
            .map(|(i, array)| (format!("targets {i}"), array));
        let weights = self.weights.iter().map(|array| ("weights".to_owned(), array));
        for (name, array) in inputs.chain(targets).chain(weights) {
            row_type(array).map_err(|error| error.within(&name))?;
            if array.shape().first() != Some(&self.len()) {
                let (rows, shape) = (self.len(), array.shape());
                return Err(Error::shape(format!("expected {rows} rows, as in input 0, got {shape:?}")).within(name));
            }
        }
        Ok(())
    }
}

/// The type of one row of an array of rows.
pub(crate) fn row_type(array: &Tensor) -> Result<Type> {
    let Some((_, row)) = array.shape().split_first() else {
        return Err(Error::shape("expected rows along the first axis, got a single number"));
    };
    Ok(Type::new(array.dtype(), Shape::new(row)?))
}

/// Floating-point numbers in one type, others as they are; without gaps.
fn float_as(array: &Tensor, dtype: DType) -> Result<Tensor> {
    if array.dtype() == dtype || !array.dtype().is_float() {
        return Ok(array.contiguous());
    }
    let numbers = array.to_f64();
    if dtype == DType::F64 {
        return Tensor::from_vec(numbers, array.shape());
    }
    Tensor::from_vec(numbers.into_iter().map(|number| number as f32).collect(), array.shape())
}

/// Class indices of any integer type as i64.
pub(super) fn integers(array: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(
        array.to_f64().into_iter().map(|number| number as i64).collect(),
        array.shape(),
    )
}

fn finite(array: Tensor, name: impl Fn() -> String) -> Result<Tensor> {
    let Some(at) = array.first_not_finite()? else {
        return Ok(array);
    };
    let width = array.shape()[1..].iter().product::<usize>().max(1);
    Err(Error::data(format!("row {} holds a number that is not finite", at / width)).within(name()))
}

/// The first row of targets with a number outside the range of the loss, and what is wrong with it.
pub(crate) fn first_refused(loss: &dyn Loss, targets: &Tensor) -> Option<(usize, Error)> {
    let refused = |target: f64| loss.check_target(target).err();
    let found = match targets.dtype() {
        DType::F32 => {
            let mut numbers = targets.as_slice::<f32>().ok()?.iter().enumerate();
            numbers.find_map(|(at, &number)| Some((at, refused(f64::from(number))?)))
        }
        DType::F64 => {
            let mut numbers = targets.as_slice::<f64>().ok()?.iter().enumerate();
            numbers.find_map(|(at, &number)| Some((at, refused(number)?)))
        }
        DType::I64 => {
            let mut classes = targets.as_slice::<i64>().ok()?.iter().enumerate();
            classes.find_map(|(at, &class)| Some((at, refused(class as f64)?)))
        }
        DType::U8 | DType::Bool => None,
    };
    let width = targets.shape().iter().skip(1).product::<usize>().max(1);
    found.map(|(at, error)| (at / width, error))
}

fn checked_weights(weights: &Tensor, rows: usize) -> Result<Tensor> {
    if weights.shape()[..] != [rows] {
        return Err(Error::shape(format!("expected [{rows}], got {:?}", weights.shape())).within("weights"));
    }
    let numbers = weights.to_f64();
    if let Some(weight) = numbers.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        let error = Error::data(format!("expected numbers of at least 0, got {weight}"));
        return Err(error.within("weights"));
    }
    Tensor::from_vec(numbers.into_iter().map(|number| number as f32).collect(), &[rows])
}

fn owned<const N: usize>(arrays: [&Tensor; N]) -> Vec<Tensor> {
    arrays.into_iter().cloned().collect()
}

macro_rules! from_tuples {
    ($([$($n:ident)?] $inputs:ty, $x:ident => $of_inputs:expr; [$($m:ident)?] $targets:ty, $y:ident => $of_targets:expr;)*) => {
        $(
            impl<$(const $n: usize,)? $(const $m: usize,)?> From<($inputs, $targets)> for Data {
                fn from(($x, $y): ($inputs, $targets)) -> Self {
                    Self::new($of_inputs, $of_targets)
                }
            }

            impl<$(const $n: usize,)? $(const $m: usize,)?> From<($inputs, $targets, &Tensor)> for Data {
                fn from(($x, $y, weights): ($inputs, $targets, &Tensor)) -> Self {
                    Self::new($of_inputs, $of_targets).weighted(weights.clone())
                }
            }
        )*
    };
}

from_tuples! {
    [] &Tensor, x => vec![x.clone()]; [] &Tensor, y => vec![y.clone()];
    [N] [&Tensor; N], x => owned(x); [] &Tensor, y => vec![y.clone()];
    [] &Tensor, x => vec![x.clone()]; [M] [&Tensor; M], y => owned(y);
    [N] [&Tensor; N], x => owned(x); [M] [&Tensor; M], y => owned(y);
}

impl From<&Dataset> for Data {
    fn from(rows: &Dataset) -> Self {
        Self {
            inputs: vec![rows.features().clone()],
            targets: rows.targets().into_iter().cloned().collect(),
            weights: rows.weights().cloned(),
        }
    }
}

impl From<&Self> for Data {
    fn from(data: &Self) -> Self {
        data.clone()
    }
}

/// What a network is given: one array of rows for each of its inputs. Made by `into()` from `&x` or `[&a, &b]`.
#[derive(Clone, Debug)]
pub struct Inputs(pub(crate) Vec<Tensor>);

impl From<&Tensor> for Inputs {
    fn from(x: &Tensor) -> Self {
        Self(vec![x.clone()])
    }
}

impl<const N: usize> From<[&Tensor; N]> for Inputs {
    fn from(x: [&Tensor; N]) -> Self {
        Self(owned(x))
    }
}

impl From<&Dataset> for Inputs {
    fn from(rows: &Dataset) -> Self {
        Self(vec![rows.features().clone()])
    }
}
