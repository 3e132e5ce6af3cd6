//! What the loops of several ops share: the choice of a number type, comparisons, reductions over some of the axes.

mod comparison;
mod grid;
mod integer;
mod reduction;

pub use comparison::Compare;
pub(crate) use comparison::{Comparison, family as comparison_family};
pub use integer::Integer;
pub(crate) use integer::{IntegerRule, MapIntegers, OfIntegers, family as integer_family, integer_examples};
pub(crate) use reduction::{Fold, Reduce, WIDTH};

use rosenblatt_tensor::{Error, Result, Shape};

use crate::Var;

/// `by_float!(dtype, T => expression)`: the expression with `T` standing for f32 or f64; an error for another type.
macro_rules! by_float {
    ($dtype:expr, $number:ident => $run:expr) => {
        $crate::loops::by_type!(@ $dtype, $number => $run, [F32 = f32, F64 = f64], [U8 I64 Bool])
    };
}

/// `by_number!(dtype, T => expression)`: the expression with `T` standing for f32, f64 or i64; an error for another type.
macro_rules! by_number {
    ($dtype:expr, $number:ident => $run:expr) => {
        $crate::loops::by_type!(@ $dtype, $number => $run, [F32 = f32, F64 = f64, I64 = i64], [U8 Bool])
    };
}

/// `by_type!(dtype, T => expression)`: the expression with `T` standing for the type of the elements.
macro_rules! by_type {
    ($dtype:expr, $number:ident => $run:expr) => {
        $crate::loops::by_type!(@ $dtype, $number => $run, [F32 = f32, F64 = f64, U8 = u8, I64 = i64, Bool = bool], [])
    };
    (@ $dtype:expr, $number:ident => $run:expr, [$($name:ident = $rust:ty),*], [$($other:ident)*]) => {
        match $dtype {
            $(::rosenblatt_tensor::DType::$name => {
                type $number = $rust;
                $run
            })*
            $(other @ ::rosenblatt_tensor::DType::$other => {
                Err(::rosenblatt_tensor::Error::internal(format!("no loop for {other}")))
            })*
        }
    };
}

/// `any_type!(Slice)`, a pattern: a slice of any type, by name, so that the compiler asks for the loop of a new type.
macro_rules! any_type {
    ($slice:ident) => {
        $slice::F32(_) | $slice::F64(_) | $slice::U8(_) | $slice::I64(_) | $slice::Bool(_)
    };
}

pub(crate) use {any_type, by_float, by_number, by_type};

/// Several axes, negative ones counted from the end, as ascending indices.
#[track_caller]
pub(crate) fn axes_of(x: Var<'_>, axes: &[isize]) -> Result<Vec<usize>> {
    let shape = x.shape();
    let mut indices = axes.iter().map(|&axis| shape.axis(axis)).collect::<Result<Vec<_>>>()?;
    indices.sort_unstable();
    check_axes(&shape, &indices)?;
    Ok(indices)
}

/// An error unless `axes` ascend and exist.
pub(crate) fn check_axes(shape: &Shape, axes: &[usize]) -> Result<()> {
    let ascend = axes.windows(2).all(|pair| pair[0] < pair[1]);
    if ascend && axes.iter().all(|&axis| axis < shape.rank()) {
        return Ok(());
    }
    Err(Error::shape(format!(
        "expected different axes of {shape:?}, got {axes:?}"
    )))
}

/// An error that names an index outside `0..len` and where it is.
pub(crate) fn index_error(index: i64, place: usize, len: usize) -> Error {
    Error::data(format!("index {index} at position {place} is not below {len}"))
}

/// The position of the first index that is not in `0..rows`.
///
/// All are looked at together first, which needs no branch for each.
#[inline(always)]
pub(crate) fn first_outside(index: &[i64], rows: usize) -> Option<usize> {
    let outside = |i: &i64| *i as u64 >= rows as u64; // a negative one is a huge one
    let any = index.iter().fold(false, |any, i| any | outside(i));
    if any { index.iter().position(outside) } else { None }
}
