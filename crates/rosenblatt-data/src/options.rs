//! The `[data]` part of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ColumnKind;
use crate::preprocess::DateOrder;
use crate::read::{Encoding, ReadOptions, is_delimiter};
use crate::split::Split;

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
    /// Order of day, month and year in dates, for columns that can be read in it [default: detected].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// Formats of date columns, in place of the detected ones, as patterns of `strptime`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend(
        "x-flag" = false,
        "x-takes" = "a table of columns and their formats such as `{ when = \"%d/%m/%y\" }`"
    ))]
    pub date_formats: BTreeMap<String, String>,
    /// Scaling of numeric columns.
    #[serde(skip_serializing_if = "NumericScale::is_default", alias = "numeric")]
    #[schemars(extend("default" = "standardize", "x-earlier" = ["numeric"], "x-earlier-values" = { "standardise": "standardize" }))]
    pub numeric_scale: NumericScale,
    /// Take absurd numbers for missing, and draw in those outside the training range [default: no; preset `auto`: yes].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-flag" = false))]
    pub soft_clip: Option<bool>,
    /// Training rows from which on each numeric column also gives its quantile, a second feature [default: never; preset `auto`: 1000].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "rows"))]
    pub quantiles_from: Option<u64>,
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
    /// Usual missing-value marker that is a value, such as NA for Namibia.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-value" = "TEXT"))]
    pub not_missing: Vec<String>,
    /// Columns whose spellings are kept apart: `No` and `no`, 4 and 4.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-value" = "COLUMN,...", "x-separator" = ","))]
    pub exact: Vec<String>,
    /// Column delimiter [default: detected].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "CHARACTER", "x-example" = "`;`, `tab`"))]
    pub delimiter: Option<char>,
    /// Whether a line names the columns: `none` calls them column_1, column_2 and so on.
    #[serde(skip_serializing_if = "HeaderLine::is_default")]
    pub header: HeaderLine,
    /// Lines to skip before the header [default: found].
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(extend("x-flag" = "skip", "x-unit" = "lines"))]
    pub skip_lines: u64,
    /// First character of lines that are comments; `#` is found if the file begins with such lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "CHARACTER"))]
    pub comment: Option<char>,
    /// Character encoding [default: UTF-8, UTF-16 with a byte order mark, else windows-1252].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "NAME", "x-example" = "`latin1`, `shift_jis`"))]
    pub encoding: Option<String>,
    /// Names of the columns, in place of those in the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-flag" = "columns", "x-value" = "NAME,...", "x-separator" = ","))]
    pub names: Vec<String>,
    /// Memory for a large table, at least 16M: the rest is in temporary files [default: all in memory].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-value" = "SIZE", "x-example" = "`512M`, `4G`"))]
    pub memory: Option<String>,
    /// How validation and test rows are drawn [default: stratified for classes, random for numbers].
    ///
    /// See [`Split`].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<String>",
        extend(
            "x-value" = "METHOD",
            "x-takes" = "`random`, `stratified` (classes only), `group=COLUMN` or `time=COLUMN`",
            "x-example" = "`random`, `stratified` (classes only), `group=COLUMN` (whole groups; the column is no feature), `time=COLUMN` (the latest rows)"
        )
    )]
    pub split: Option<Split>,
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

/// Whether a line of a file names its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeaderLine {
    /// The first line that is neither a comment nor shorter than all that follow.
    #[default]
    Detect,
    /// The first line that is not skipped.
    First,
    /// No line: all are rows.
    None,
}

impl HeaderLine {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How files are read, as far as it was said; part of the model file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// Usual markers of missing values that are values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_missing: Vec<String>,
    /// Columns whose texts are all different categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exact: Vec<String>,
    /// Whether a line names the columns.
    #[serde(skip_serializing_if = "HeaderLine::is_default")]
    pub header: HeaderLine,
    /// Lines to skip before the header.
    #[serde(skip_serializing_if = "is_zero")]
    pub skip_lines: u64,
    /// What lines of comments begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<char>,
    /// The encoding of characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The names of the columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Memory for a table; no part of the model file.
    #[serde(skip)]
    pub memory: Option<String>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Reading {
    /// Whether nothing is to be written to a model file.
    pub(crate) fn is_default(&self) -> bool {
        let memory = self.memory.clone();
        *self
            == Self {
                memory,
                ..Self::default()
            }
    }

    /// What holds for further files, too: these may have other lines before the header, and name their columns themselves.
    pub(crate) fn of_further_files(mut self) -> Self {
        self.skip_lines = 0;
        if self.header != HeaderLine::None {
            self.header = HeaderLine::Detect;
            self.names.clear();
        }
        self
    }

    /// The same with those of `other` that are not given here.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            not_missing: if self.not_missing.is_empty() {
                other.not_missing
            } else {
                self.not_missing
            },
            exact: if self.exact.is_empty() { other.exact } else { self.exact },
            header: if self.header.is_default() {
                other.header
            } else {
                self.header
            },
            skip_lines: if self.skip_lines == 0 {
                other.skip_lines
            } else {
                self.skip_lines
            },
            comment: self.comment.or(other.comment),
            encoding: self.encoding.or(other.encoding),
            names: if self.names.is_empty() { other.names } else { self.names },
            memory: self.memory.or(other.memory),
        }
    }

    /// These settings and a delimiter for the readers.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if one has a value that does not fit.
    pub(crate) fn options(&self, delimiter: Option<char>) -> Result<ReadOptions> {
        let byte = |given: Option<char>, key: &str, what: &str, hint: &str| match given.map(u8::try_from) {
            None => Ok(None),
            Some(Ok(byte)) if is_delimiter(byte) => Ok(Some(byte)),
            Some(_) => {
                let message = format!("`{}` cannot be {what}", given.unwrap_or_default());
                Err(Error::config(message).within(key).hint(hint))
            }
        };
        let hint = "use a character such as `;`, a space, or `tab`";
        let encoding = self.encoding.as_deref().map(Encoding::named).transpose();
        Ok(ReadOptions {
            delimiter: byte(delimiter, "data.delimiter", "a delimiter", hint)?,
            comment: byte(
                self.comment,
                "data.comment",
                "the start of a comment",
                "use a character such as `#` or `%`",
            )?,
            encoding: encoding.map_err(|error| error.within("data.encoding"))?,
            header: self.header,
            skip_lines: self.skip_lines,
            names: self.names.clone(),
            memory: self.memory.as_deref().map(bytes).transpose()?,
            ..ReadOptions::default()
        })
    }
}

/// The bytes of a size such as `512M`.
fn bytes(size: &str) -> Result<usize> {
    const MIN: u64 = 1 << 24;
    let text = size.trim().to_ascii_uppercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = text[digits..].trim();
    let unit = match unit.strip_suffix("IB").or(unit.strip_suffix('B')).unwrap_or(unit) {
        "" => Some(1),
        unit => "KMGT"
            .find(unit)
            .filter(|_| unit.len() == 1)
            .map(|at| 1 << (10 * (at + 1))),
    };
    let bytes = text[..digits].parse::<u64>().ok().zip(unit);
    match bytes.and_then(|(number, unit)| number.checked_mul(unit)) {
        Some(bytes) if bytes >= MIN => Ok(usize::try_from(bytes).unwrap_or(usize::MAX)),
        _ => {
            let message = format!("expected a size of at least 16M, such as `512M` or `4G`, got `{size}`");
            Err(Error::config(message).within("data.memory"))
        }
    }
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
    /// How its files are read.
    pub(crate) fn reading(&self) -> Reading {
        Reading {
            not_missing: self.not_missing.clone(),
            exact: self.exact.clone(),
            header: self.header,
            skip_lines: self.skip_lines,
            comment: self.comment,
            encoding: self.encoding.clone(),
            names: self.names.clone(),
            memory: self.memory.clone(),
        }
    }

    /// The keys of the settings about how files are written that are given.
    pub(crate) fn asked(&self) -> Vec<&'static str> {
        let all = [
            ("data.delimiter", self.delimiter.is_some()),
            ("data.header", !self.header.is_default()),
            ("data.skip_lines", !is_zero(&self.skip_lines)),
            ("data.comment", self.comment.is_some()),
            ("data.encoding", self.encoding.is_some()),
            ("data.names", !self.names.is_empty()),
        ];
        all.into_iter()
            .filter(|(_, given)| *given)
            .map(|(key, _)| key)
            .collect()
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_1024() {
        let read = |text| bytes(text).ok();
        assert_eq!(read("512M"), Some(512 << 20));
        assert_eq!([read("4G"), read("4 GiB"), read("4gb")], [Some(4 << 30); 3]);
        assert_eq!(read("33554432"), Some(1 << 25));
        for wrong in [
            "",
            "M",
            "1M",
            "-4G",
            "4X",
            "4MG",
            "0.5G",
            "99999999999T",
            "4GG",
            "4GBB",
            "4GIBIB",
        ] {
            assert!(
                bytes(wrong).unwrap_err().to_string().starts_with("data.memory: "),
                "{wrong}"
            );
        }
    }
}
