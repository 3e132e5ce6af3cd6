//! The `[data]` part of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ColumnKind;

/// Which data, which part of it, and what to predict; [`crate::resolve`] distinguishes files and names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DataOptions {
    /// A file, a folder, `-` for standard input, or the name of a data set.
    pub source: String,
    /// Further files with rows of the same table: the same columns, in any order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<PathBuf>,
    /// The column to predict; a named data set knows its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Columns to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
    /// Columns whose kind is given instead of inferred; for the target, `categorical` asks for classes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnKind>,
    /// How numbers are scaled.
    #[serde(skip_serializing_if = "NumericScale::is_default")]
    pub numeric: NumericScale,
    /// Categories of a column, of which one is a feature each; columns with more are looked up as learned numbers. 160, if
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_one_hot: Option<usize>,
    /// A column with the weight of each row: a number of at least 0, which no prediction is made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_weight: Option<String>,
    /// Extra markers of missing values, besides the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The character between cells, if it is not to be found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// A file with validation rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<PathBuf>,
    /// Share of the training rows to validate on, between 0 and 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_fraction: Option<f64>,
    /// A file with test rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<PathBuf>,
    /// Share of all rows to test on, between 0 and 1; a named data set has its own test rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_fraction: Option<f64>,
}

/// How the numbers of a column are brought to the scale of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumericScale {
    /// Mean 0 and standard deviation 1.
    #[default]
    #[serde(alias = "standardise")]
    Standardize,
    /// Median 0 and quartiles 1 apart; what lies far out is drawn in.
    RobustScale,
}

impl NumericScale {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl DataOptions {
    /// All of a source, nothing set apart that is not set apart by itself.
    #[must_use]
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            ..Self::default()
        }
    }

    /// The same with a column to predict.
    #[must_use]
    pub fn target(mut self, name: impl Into<String>) -> Self {
        self.target = Some(name.into());
        self
    }

    /// The same with a column of weights.
    #[must_use]
    pub fn sample_weight(mut self, name: impl Into<String>) -> Self {
        self.sample_weight = Some(name.into());
        self
    }

    /// The same with a share of the training rows to validate on.
    #[must_use]
    pub fn valid_fraction(mut self, fraction: f64) -> Self {
        self.valid_fraction = Some(fraction);
        self
    }
}
