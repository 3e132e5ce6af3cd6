//! How much each row of a table counts.
//!
//! A row of weight 0 is left out before anything is drawn or fitted, so that it has no influence; only what a column is
//! (numbers or categories, and which ones) is known from all cells of a file, as it is from rows without a target.

use rosenblatt_tensor::{Error, Result, Tensor};

use crate::places::short;
use crate::{CellError, Column, ColumnData, Numbers, Table, Warning};

/// Those of `rows` whose weight is above 0, and a warning if there are others.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`], with file, line and cell, if a weight is missing, negative or beyond f32; if
/// all are 0.
pub(super) fn counting(table: &Table, column: &Column, rows: Vec<u64>) -> Result<(Vec<u64>, Option<Warning>)> {
    let weights = numbers(column)?;
    let wrong = rows
        .iter()
        .find_map(|&row| Some((row, refusal(weights.get(row as usize))?)));
    if let Some((row, message)) = wrong {
        let error = Error::data(format!("column `{}`: {message}", short(&column.name)));
        let error = error.hint(match message.ends_with("small") {
            true => "only their ratios count: multiply all weights by a power of ten",
            false => "a weight is a number of at least 0; rows of weight 0 are dropped",
        });
        return Err(table.place(CellError::at(row, &column.name, error)));
    }
    let all = rows.len();
    let kept: Vec<u64> = rows
        .into_iter()
        .filter(|&row| weights.get(row as usize) as f32 > 0.0)
        .collect();
    let none = all - kept.len();
    if kept.is_empty() && all > 0 {
        let error = Error::data(format!("column `{}`: all weights are 0", short(&column.name)));
        return Err(error.within(table.name()));
    }
    let warning = (none > 0).then(|| Warning::ZeroWeight {
        column: column.name.clone(),
        count: none,
        part: None,
    });
    Ok((kept, warning))
}

/// What is wrong with a weight, if anything.
fn refusal(weight: f64) -> Option<String> {
    match weight {
        _ if weight.is_nan() => Some("the weight is missing".to_owned()),
        _ if weight < 0.0 => Some(format!("a weight of {weight} is negative")),
        _ if (weight as f32).is_infinite() => Some(format!("a weight of {weight:e} is too large")),
        _ if weight > 0.0 && weight as f32 == 0.0 => Some(format!("a weight of {weight:e} is too small")),
        _ => None,
    }
}

/// The smallest and the largest weight of some rows, for the user.
pub(super) fn summary(column: &Column, rows: &[u64]) -> Result<String> {
    let weights = numbers(column)?;
    let of_rows = || rows.iter().map(|&row| weights.get(row as usize));
    let (low, high) = (of_rows().fold(f64::MAX, f64::min), of_rows().fold(0.0, f64::max));
    Ok(format!("weights: `{}`, {low} to {high}", short(&column.name)))
}

/// The weights of some rows.
///
/// # Shapes
/// returns `[rows]`, f32
pub(super) fn tensor(column: &Column, rows: &[u64]) -> Result<Tensor> {
    let weights = numbers(column)?;
    let of_rows = rows.iter().map(|&row| weights.get(row as usize) as f32).collect();
    Tensor::from_vec(of_rows, &[rows.len()])
}

fn numbers(column: &Column) -> Result<&Numbers> {
    match &column.data {
        ColumnData::Numeric(values) => Ok(values),
        ColumnData::Categorical(_) => Err(Error::data(format!(
            "column `{}` holds texts, expected weights",
            short(&column.name)
        ))),
    }
}
