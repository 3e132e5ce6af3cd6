//! How much the rows of each class count.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::FromStr;

use rosenblatt_data::Task;
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Data, balanced};

/// How much the rows of each class count in the loss, besides their sample weights.
///
/// # Example
/// ```
/// use rosenblatt_train::ClassWeight;
/// assert_eq!("balanced".parse::<ClassWeight>()?, ClassWeight::Balanced);
/// let ClassWeight::Each(weights) = "no=1,yes=5".parse()? else { unreachable!() };
/// assert_eq!(weights["yes"], 5.0);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// All classes count alike together, however many rows they have.
    ///
    /// `weight_c = n / (k · n_c)`, with `n` training rows of `k` classes, `n_c` of them of class `c`; rows are counted by
    /// their sample weights. As in scikit-learn.
    Balanced,
    /// A weight from 1e-12 to 1e12 for each of some classes, by name; the others have 1. Besides a larger one the rows of
    /// all other classes would be lost in rounding.
    #[serde(untagged)]
    Each(BTreeMap<String, f64>),
}

/// Of one weight.
const RANGE: RangeInclusive<f64> = 1e-12..=1e12;

impl ClassWeight {
    /// Checks every weight against its range.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] with the class.
    pub(super) fn check(&self) -> Result<()> {
        let Self::Each(weights) = self else { return Ok(()) };
        if weights.is_empty() {
            return Err(Error::config("names no class").hint("write `no=1,yes=5`, or `balanced`"));
        }
        let wrong = weights.iter().find(|(_, weight)| !RANGE.contains(weight));
        wrong.map_or(Ok(()), |(class, weight)| {
            Err(Error::config(format!(
                "`{class}`: expected a number from {:e} to {:e}, got `{weight}`",
                RANGE.start(),
                RANGE.end()
            )))
        })
    }

    /// The weight of each class of the task. `train` holds the training rows; a class that none of them has counts 1.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there is no such class, with the nearest name, or there are no classes.
    pub fn weights(&self, task: &Task, train: &Data) -> Result<Vec<f64>> {
        let Some(classes) = task.classes() else {
            return Err(Error::config("class weights are for classification only").hint("leave class weights out"));
        };
        match self {
            Self::Balanced => balanced(classes.len(), train, None),
            Self::Each(weights) => {
                if let Some(unknown) = weights.keys().find(|name| !classes.contains(name)) {
                    return Err(no_class(unknown, classes));
                }
                Ok(classes
                    .iter()
                    .map(|class| weights.get(class).copied().unwrap_or(1.0))
                    .collect())
            }
        }
    }
}

fn no_class(unknown: &str, classes: &[String]) -> Error {
    let hint = meant(unknown, classes.iter().map(String::as_str));
    Error::config(format!("there is no class `{unknown}`")).hint(hint)
}

impl FromStr for ClassWeight {
    type Err = Error;

    /// `balanced`, or `no=1,yes=5`; classes with a comma in their names can be written in a run file only.
    fn from_str(text: &str) -> Result<Self> {
        if text == "balanced" {
            return Ok(Self::Balanced);
        }
        let wrong = || {
            Error::config(format!(
                "expected `balanced`, or classes and weights such as `no=1,yes=5`, got `{text}`"
            ))
        };
        let mut weights = BTreeMap::new();
        for part in text.split(',') {
            let (class, weight) = part.rsplit_once('=').ok_or_else(wrong)?;
            let weight = weight.trim().parse().map_err(|_| wrong())?;
            if weights.insert(class.trim().to_owned(), weight).is_some() {
                return Err(Error::config(format!("class `{}` is listed twice", class.trim())));
            }
        }
        let each = Self::Each(weights);
        each.check()?;
        Ok(each)
    }
}
