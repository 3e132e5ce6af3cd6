//! The `[data]` part of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ColumnKind;

/// Which data, which part of it, and what to predict; [`crate::resolve`] distinguishes files and names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-group" = "Data"))]
pub struct DataOptions {
    /// Data: a file, a folder, `-` for standard input, or the name of a built-in data set.
    #[schemars(extend("x-flag" = false))]
    pub source: String,
    /// Further files with rows of the same table: the same columns, in any order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-flag" = false))]
    pub more: Vec<PathBuf>,
    /// Target column; a built-in data set has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "COLUMN"))]
    pub target: Option<String>,
    /// Columns to drop.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-value" = "COLUMN,...", "x-separator" = ","))]
    pub drop: Vec<String>,
    /// Types of columns, in place of the inferred ones; `categorical` for the target asks for classification.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend(
        "x-flag" = false,
        "x-takes" = "a table of columns and their kinds such as `{ zip = \"categorical\" }`"
    ))]
    pub columns: BTreeMap<String, ColumnKind>,
    /// Scaling of numeric columns.
    #[serde(skip_serializing_if = "NumericScale::is_default")]
    #[schemars(extend("default" = "standardize", "x-earlier-values" = { "standardise": "standardize" }))]
    pub numeric: NumericScale,
    /// Largest number of categories that are one-hot encoded; columns with more use an embedding [default: 160].
    #[serde(skip_serializing_if = "Option::is_none", alias = "most_one_hot")]
    #[schemars(extend("x-earlier" = ["most_one_hot"], "x-unit" = "categories"))]
    pub max_one_hot: Option<usize>,
    /// Column with sample weights (not used as a feature).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "COLUMN"))]
    pub sample_weight: Option<String>,
    /// Extra missing-value marker (besides empty, NA, NaN, null, ?).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-value" = "TEXT", "x-earlier" = ["na"]))]
    pub missing: Vec<String>,
    /// Column delimiter [default: detected].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "CHARACTER", "x-example" = "`;`, `tab`"))]
    pub delimiter: Option<char>,
    /// Validation file, for early stopping.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "FILE", "x-excludes" = "valid_fraction"))]
    pub valid: Option<PathBuf>,
    /// Fraction of the training rows held out for validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-excludes" = "valid"))]
    pub valid_fraction: Option<f64>,
    /// Test file, used only for the final score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "FILE", "x-excludes" = "test_fraction"))]
    pub test: Option<PathBuf>,
    /// Fraction of all rows held out for testing; a built-in data set has its own test rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-excludes" = "test"))]
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
    /// All of a source, nothing held out that is not held out by itself.
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
