//! From columns to features.
//!
//! Each column runs through a short list of fitted transforms. They are fitted on the training rows alone, are plain
//! data, and go into the model file; whatever is predicted later runs through the same numbers. Columns are found by
//! name, so another order and further columns do no harm.
//!
//! To add a transform: write `preprocess/<name>.rs`, then add its lines here.

mod category_code;
mod date_parts;
mod image_scale;
mod median_impute;
mod one_hot;
mod quantiles;
mod robust_scale;
mod soft_clip;
mod standardize;

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::categories::place;
use crate::places::short;
use crate::warning::{Imputed, Warning};
use crate::{Column, ColumnData, Dictionary};

pub use crate::dates::{DateKind, DateOrder};
pub use crate::pipeline::{ColumnSteps, Matrix, Preprocessing};
pub use category_code::CategoryCode;
pub use date_parts::{DatePart, DateParts, ScaledPart};
pub use image_scale::ImageScale;
pub use median_impute::MedianImpute;
pub use one_hot::OneHot;
pub use quantiles::Quantiles;
pub use robust_scale::RobustScale;
pub use soft_clip::SoftClip;
pub(crate) use soft_clip::{SHARE, absurd_from, reach};
pub use standardize::Standardize;

use standardize::power_of_two_below;

/// A fitted step from a column to features.
pub trait Transform {
    /// Its name: file, registry, model file.
    const NAME: &'static str;

    /// Applies it. Features that are finished go to `made`; a column that is returned goes on to the next transform.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the column is of the wrong kind.
    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>>;

    /// Whether it could have been fitted, for one that was read from a file.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] with what is out of range.
    fn check(&self) -> Result<()>;
}

/// What transforms have made so far.
#[derive(Debug, Default)]
pub struct Made {
    /// Finished features.
    pub features: Vec<Feature>,
    /// Cells that are imputed, or hold what training has not seen.
    pub warnings: Vec<Warning>,
}

impl Made {
    /// Adds a warning about missing cells, if there are any.
    pub(crate) fn missing(&mut self, column: &str, count: usize, imputed: Imputed, in_training: bool) {
        if count > 0 {
            self.warnings.push(Warning::MissingValues {
                column: column.to_owned(),
                count,
                in_training,
                imputed,
                part: None,
            });
        }
    }
}

/// A column that is ready for the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// `<column>`, `<column>_missing` or `<column>=<category>`.
    pub name: String,
    /// One value a row.
    pub values: FeatureValues,
}

/// The values of a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum FeatureValues {
    /// Numbers, or codes of categories.
    Numbers(Vec<f64>),
    /// 1 for true, 0 for false.
    Flags(Vec<bool>),
}

macro_rules! transforms {
    ($($name:ident: $transform:ident $(, once called $old:literal)?;)*) => {
        /// Every transform, in alphabetical order.
        pub static TRANSFORMS: &[&str] = &[$($transform::NAME),*];

        /// A fitted transform as it is in a model file: `{"standardize": {"mean": …, "std": …}}`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Fitted {
            $(
                #[doc = concat!("See [`", stringify!($transform), "`].")]
                $(#[serde(alias = $old)])?
                $transform($transform),
            )*
        }

        impl Fitted {
            /// Applies the transform: see [`Transform::apply`].
            pub(crate) fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
                match self {
                    $(Self::$transform(transform) => transform.apply(column, made),)*
                }
            }

            /// The name of the transform.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$transform(_) => $transform::NAME,)*
                }
            }

            /// See [`Transform::check`].
            pub(crate) fn check(&self) -> Result<()> {
                match self {
                    $(Self::$transform(transform) => {
                        transform.check().map_err(|error| error.within($transform::NAME))
                    })*
                }
            }
        }

        $(impl From<$transform> for Fitted {
            fn from(transform: $transform) -> Self {
                Self::$transform(transform)
            }
        })*

        #[cfg(test)]
        const FILES: &[&str] = &[$(stringify!($name)),*];
    };
}

transforms! {
    category_code: CategoryCode;
    date_parts: DateParts;
    image_scale: ImageScale;
    median_impute: MedianImpute;
    one_hot: OneHot;
    quantiles: Quantiles;
    robust_scale: RobustScale;
    soft_clip: SoftClip;
    standardize: Standardize, once called "standardise";
}

/// The name and the texts of a column that held `what` in training, or an error that says that it holds numbers.
fn texts(column: Column, what: &str) -> Result<(String, Dictionary)> {
    let name = column.name;
    match column.data {
        ColumnData::Categorical(texts) => Ok((name, texts)),
        ColumnData::Numeric(_) => Err(Error::data(format!(
            "column `{name}` holds numbers, but {what} in training"
        ))),
    }
}

/// # Errors
/// A number of a file is not finite, or below `least`.
fn in_range(name: &str, value: f64, least: f64) -> Result<()> {
    if value.is_finite() && value >= least {
        return Ok(());
    }
    let range = if least == f64::MIN {
        "a finite number".to_owned()
    } else {
        format!("at least {least}")
    };
    Err(Error::data(format!("{name} is {value}, expected {range}")))
}

/// # Errors
/// Categories of a file are not in ascending order, or one is there twice: they would not be found.
fn ascending(name: &str, levels: &[String]) -> Result<()> {
    match levels.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) if pair[0] == pair[1] => Err(Error::data(format!("{name}: `{}` is listed twice", short(&pair[0])))),
        Some(pair) => Err(Error::data(format!(
            "{name}: `{}` is not in ascending order",
            short(&pair[1])
        ))),
        None => Ok(()),
    }
}

/// # Errors
/// As [`ascending`], or a category is frequent and rare.
fn known_once(levels: &[String], rare: &[String]) -> Result<()> {
    ascending("levels", levels)?;
    ascending("rare", rare)?;
    match levels.iter().find(|level| place(level, rare).is_some()) {
        Some(level) => Err(Error::data(format!("`{}` is in levels and in rare", short(level)))),
        None => Ok(()),
    }
}

/// A column of numbers, each one changed.
fn each_number(column: Column, change: impl Fn(f64) -> f64) -> Result<Option<Column>> {
    let (name, mut values) = numbers(column)?;
    values.iter_mut().for_each(|x| *x = change(*x));
    Ok(Some(Column::numeric(name, values)))
}

/// The numbers of a column that are there, ascending, for transforms that are fitted to its ranks.
pub(crate) struct Sorted {
    numbers: Vec<f64>,
    /// How many cells are missing.
    missing: usize,
}

impl Sorted {
    /// Those of `values` that are not NaN.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut numbers: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        let missing = values.len() - numbers.len();
        Self { numbers, missing }
    }

    /// The least and the greatest.
    pub(crate) fn extremes(&self) -> Option<[f64; 2]> {
        Some([*self.numbers.first()?, *self.numbers.last()?])
    }

    /// The one in the middle, or the upper of two.
    pub(crate) fn median(&self) -> Option<f64> {
        self.numbers.get(self.numbers.len() / 2).copied()
    }

    /// A power of two near the largest: numbers divided by it have finite differences.
    fn scale(&self) -> f64 {
        self.extremes()
            .map_or(1.0, |[least, most]| power_of_two_below(least.abs().max(most.abs())))
    }
}

/// The quantile of sorted numbers divided by `scale`, on the line between the two nearest.
fn quantile(sorted: &[f64], scale: f64, share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, part) = (place as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    let [low, high] = [sorted[low] / scale, sorted[high] / scale];
    low + (high - low) * part
}

/// The numbers of a column, or an error that says what it holds instead.
fn numbers(column: Column) -> Result<(String, Vec<f64>)> {
    match column.data {
        ColumnData::Numeric(values) => Ok((column.name, values.into_vec())),
        ColumnData::Categorical(_) => Err(Error::data(format!(
            "column `{}` holds texts, but numbers in training",
            column.name
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_registered() {
        assert_eq!(FILES, TRANSFORMS, "a file is called as its transform");
        assert!(TRANSFORMS.is_sorted(), "keep the list in alphabetical order");
        assert_eq!(rosenblatt_testkit::rust_files("src/preprocess"), TRANSFORMS);
    }
}
