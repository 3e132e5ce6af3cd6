//! Classification or regression, and the targets as numbers.

use std::collections::BTreeMap;

use rosenblatt_tensor::{Advice, Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use crate::categories::counts;
use crate::places;
use crate::{CellError, Column, ColumnData, ColumnKind, Dictionary};

/// What is to be predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of some classes.
    Classification {
        /// Their names, in the order of the class indices.
        classes: Vec<String>,
    },
    /// A number.
    Regression,
}

/// More different values than this are never taken for classes.
const MAX_CLASSES: usize = 20;

/// Three or more whole numbers are classes if each occurs in this many rows on average.
const ROWS_PER_CLASS: usize = 5;

impl Task {
    /// Names of the classes; none for a regression.
    #[must_use]
    pub fn classes(&self) -> Option<&[String]> {
        match self {
            Self::Classification { classes } => Some(classes),
            Self::Regression => None,
        }
    }

    /// Infers the task from the target column.
    ///
    /// - Texts are classes.
    /// - Whole numbers are classes if there are two different ones, or 3 to 20 that each occur in five rows on average.
    /// - Everything else is a quantity: a regression.
    ///
    /// `given` overrides this: categorical for classes, numeric for a quantity.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if there is no value, or only one class.
    pub fn infer(target: &Column, given: Option<ColumnKind>) -> Result<Self> {
        let name = &target.name;
        let classes = match &target.data {
            ColumnData::Categorical(texts) => used(texts),
            ColumnData::Numeric(values) => {
                let mut distinct: Vec<f64> = values.iter().filter(|x| !x.is_nan()).map(|x| x + 0.0).collect();
                let present = distinct.len();
                distinct.sort_unstable_by(f64::total_cmp);
                distinct.dedup();
                if !distinct.is_empty() && !are_classes(&distinct, present, given) {
                    return Ok(Self::Regression);
                }
                distinct.iter().map(f64::to_string).collect()
            }
        };
        match &classes[..] {
            [] => {
                let error = Error::data(format!("target `{name}` has no value in any row"));
                Err(error.hint("is it the right column? Empty cells, NA, NaN, null and ? count as missing"))
            }
            [only] => {
                let message = format!("target `{name}` has one class only, `{}`", places::short(only));
                let missing = target.data.len() - target.present_rows().len();
                let hint = Advice::new("classification needs at least two classes");
                Err(Error::data(message).hint(match missing {
                    0 => hint,
                    _ => hint
                        .text(format!(
                            "; {} without a value; if a text such as `NA` is a class, add it with ",
                            places::count(missing, "row")
                        ))
                        .setting("data.not_missing"),
                }))
            }
            _ => Ok(Self::Classification { classes }),
        }
    }

    /// The targets of some rows as a tensor: class indices as i64, or numbers as f64.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`], with the cell, if a target is missing, was not seen in training, or is
    /// beyond f32.
    pub fn encode(&self, target: &Column, rows: &[u64]) -> std::result::Result<Tensor, CellError> {
        let about = |row: u64, error: Error| {
            let error = error.within(format!("target `{}`", places::short(&target.name)));
            CellError::at(row, &target.name, error)
        };
        match self {
            Self::Classification { classes } => {
                let index = class_index(classes, &target.data);
                let label = |&row: &u64| index(row as usize).map_err(|error| about(row, error));
                let labels: std::result::Result<Vec<i64>, CellError> = rows.iter().map(label).collect();
                Ok(Tensor::from_vec(labels?, &[rows.len()])?)
            }
            Self::Regression => {
                let ColumnData::Numeric(values) = &target.data else {
                    let message = format!("target `{}` holds texts, expected numbers", target.name);
                    return Err(Error::data(message).into());
                };
                let number = |&row: &u64| quantity(values.get(row as usize)).map_err(|error| about(row, error));
                let numbers: std::result::Result<Vec<f64>, CellError> = rows.iter().map(number).collect();
                Ok(Tensor::from_vec(numbers?, &[rows.len()])?)
            }
        }
    }
}

/// The levels that a cell holds.
fn used(texts: &Dictionary) -> Vec<String> {
    let used = texts.levels().iter().zip(counts(texts)).filter(|(_, cells)| *cells > 0);
    used.map(|(level, _)| level.to_owned()).collect()
}

/// A target of a regression. It keeps its f64, but a network could not learn it beyond f32.
fn quantity(value: f64) -> Result<f64> {
    match value as f32 {
        _ if value.is_nan() => Err(missing()),
        beyond if beyond.is_infinite() => {
            let message = format!("{value:e} exceeds the largest float32, {:e}", f32::MAX);
            Err(Error::data(message).hint("give the target in larger units, or its logarithm"))
        }
        _ => Ok(value),
    }
}

fn missing() -> Error {
    Error::data("no value")
}

fn are_classes(distinct: &[f64], present: usize, given: Option<ColumnKind>) -> bool {
    match given {
        Some(kind) => kind == ColumnKind::Categorical,
        None => {
            let whole = distinct.iter().all(|x| x.fract() == 0.0);
            let n = distinct.len();
            whole && (n <= 2 || n <= MAX_CLASSES && present >= ROWS_PER_CLASS * n)
        }
    }
}

/// The class index of a row.
fn class_index<'a>(classes: &'a [String], data: &'a ColumnData) -> impl Fn(usize) -> Result<i64> + 'a {
    let names: BTreeMap<&str, i64> = classes.iter().zip(0..).map(|(name, i)| (name.as_str(), i)).collect();
    let of_levels: Vec<Option<i64>> = match data {
        ColumnData::Categorical(texts) => texts.levels().iter().map(|level| names.get(level).copied()).collect(),
        ColumnData::Numeric(_) => Vec::new(),
    };
    let unknown = move |text: &str| {
        let names = classes.iter().map(String::as_str);
        Error::data(format!("`{}` was not seen in training", places::short(text))).hint(places::meant(text, names))
    };
    move |row| match data {
        _ if data.is_missing(row) => Err(missing()),
        ColumnData::Categorical(texts) => {
            let code = texts.codes()[row] as usize;
            of_levels[code].ok_or_else(|| unknown(texts.levels().get(code)))
        }
        ColumnData::Numeric(values) => {
            let text = (values.get(row) + 0.0).to_string();
            names.get(text.as_str()).copied().ok_or_else(|| unknown(&text))
        }
    }
}
