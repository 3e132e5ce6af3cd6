//! From columns to features.
//!
//! Each column runs through a short list of fitted transforms. They are fitted on the training rows alone, are plain
//! data, and go into the model file; whatever is predicted later runs through the same numbers. Columns are found by
//! name, so another order and further columns do no harm.
//!
//! To add a transform: write `preprocess/<name>.rs`, then add its lines here.

mod image_scale;
mod median_impute;
mod one_hot;
mod standardise;

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::schema::{Field, FieldKind};
use crate::{Column, ColumnData, Schema, Table};

pub use image_scale::ImageScale;
pub use median_impute::MedianImpute;
pub use one_hot::OneHot;
pub use standardise::Standardise;

/// A fitted step from a column to features.
pub trait Transform {
    /// Its name: file, registry, model file.
    const NAME: &'static str;

    /// Applies it. Features that are finished go to `made`; a column that is returned goes on to the next transform.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the column is of the wrong kind.
    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>>;
}

/// What transforms have made so far.
#[derive(Debug, Default)]
pub struct Made {
    /// Finished features.
    pub features: Vec<Feature>,
    /// What the user should know about the cells, one sentence each.
    pub notes: Vec<String>,
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
    /// Numbers.
    Numbers(Vec<f64>),
    /// 1 for true, 0 for false.
    Flags(Vec<bool>),
}

macro_rules! transforms {
    ($($name:ident: $transform:ident,)*) => {
        /// Every transform, in alphabetical order.
        pub static TRANSFORMS: &[&str] = &[$($transform::NAME),*];

        /// A fitted transform as it stands in a model file: `{"standardise": {"mean": …, "std": …}}`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Fitted {
            $(#[doc = concat!("See [`", stringify!($transform), "`].")] $transform($transform),)*
        }

        impl Fitted {
            fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
                match self {
                    $(Self::$transform(transform) => transform.apply(column, made),)*
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
    image_scale: ImageScale,
    median_impute: MedianImpute,
    one_hot: OneHot,
    standardise: Standardise,
}

/// The fitted transforms of all columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessing {
    /// In the order of the features.
    pub columns: Vec<ColumnSteps>,
    /// Mean and spread of the training targets of a regression. Targets keep their units; this is for
    /// networks that are trained on a scale of their own.
    #[serde(default)]
    pub target: Option<Standardise>,
}

/// The fitted transforms of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSteps {
    /// Name of the column.
    pub column: String,
    /// Applied in turn.
    pub steps: Vec<Fitted>,
}

/// Features of some rows.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Row-major.
    pub values: Vec<f32>,
    /// One name a feature.
    pub names: Vec<String>,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
}

impl Preprocessing {
    /// Fits transforms for the columns of a schema on the given rows of a table.
    ///
    /// Numbers: [`MedianImpute`], then [`Standardise`]. Categories: [`OneHot`]. A column without a value in these rows
    /// is left out, and said so in the notes.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a column is missing, or nothing is left.
    pub fn fit(schema: &Schema, table: &Table, rows: &[u64]) -> Result<(Self, Vec<String>)> {
        let (mut columns, mut notes) = (Vec::new(), Vec::new());
        for Field { name, .. } in &schema.columns {
            let column = table.column(name)?.select(rows);
            if (0..rows.len()).all(|row| column.data.is_missing(row)) {
                notes.push(format!("left out `{name}`: no value in the training rows"));
                continue;
            }
            columns.push(ColumnSteps {
                column: name.clone(),
                steps: fit_column(&column)?,
            });
        }
        if columns.is_empty() {
            return Err(Error::data("no column is left to predict from").within(table.name()));
        }
        Ok((Self { columns, target: None }, notes))
    }

    /// What pixels need: the network divides them by 255, and they stay bytes until then.
    #[must_use]
    pub fn image(column: &str) -> Self {
        let steps = vec![ImageScale { divisor: 255.0 }.into()];
        Self {
            columns: vec![ColumnSteps {
                column: column.to_owned(),
                steps,
            }],
            target: None,
        }
    }

    /// What the network divides the features by first, if they are pixels.
    #[must_use]
    pub fn divisor(&self, schema: &Schema) -> Option<f64> {
        let [
            Field {
                kind: FieldKind::Image { .. },
                ..
            },
        ] = &schema.columns[..]
        else {
            return None;
        };
        self.columns.iter().flat_map(|c| &c.steps).find_map(|step| match step {
            Fitted::ImageScale(scale) => Some(scale.divisor),
            _ => None,
        })
    }

    /// The features of the given rows of a table.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a column is missing or of another kind, or a feature is beyond f32.
    pub fn transform(&self, table: &Table, rows: &[u64]) -> Result<Matrix> {
        let mut made = Made::default();
        for steps in &self.columns {
            steps
                .apply(table.column(&steps.column)?.select(rows), &mut made)
                .map_err(|e| e.within(table.name()))?;
        }
        let width = made.features.len();
        let mut values = vec![0f32; rows.len() * width];
        for (at, feature) in made.features.iter().enumerate() {
            feature
                .write(values.iter_mut().skip(at).step_by(width))
                .map_err(|row| {
                    let message = format!("`{}`: the value is too far from those seen in training", feature.name);
                    Error::data(message).within(format!("{}: row {}", table.name(), rows[row] + 1))
                })?;
        }
        Ok(Matrix {
            values,
            names: made.features.into_iter().map(|f| f.name).collect(),
            notes: made.notes,
        })
    }
}

impl ColumnSteps {
    /// The column itself comes first among its features, what was made beside it after.
    fn apply(&self, column: Column, made: &mut Made) -> Result<()> {
        let first = made.features.len();
        let mut current = Some(column);
        for step in &self.steps {
            let Some(column) = current.take() else { break };
            current = step.apply(column, made)?;
        }
        match current {
            Some(Column {
                name,
                data: ColumnData::Numeric(values),
            }) => {
                made.features.insert(
                    first,
                    Feature {
                        name,
                        values: FeatureValues::Numbers(values),
                    },
                );
                Ok(())
            }
            Some(Column { name, .. }) => Err(Error::data(format!("column `{name}` still holds categories"))),
            None => Ok(()),
        }
    }
}

impl Feature {
    /// Rounds the values to f32; fails with the first row that has none there.
    fn write<'a>(&self, to: impl Iterator<Item = &'a mut f32>) -> std::result::Result<(), usize> {
        match &self.values {
            FeatureValues::Numbers(numbers) => {
                for (row, (&number, to)) in numbers.iter().zip(to).enumerate() {
                    *to = number as f32;
                    if !to.is_finite() {
                        return Err(row);
                    }
                }
            }
            FeatureValues::Flags(flags) => to.zip(flags).for_each(|(to, &flag)| *to = f32::from(u8::from(flag))),
        }
        Ok(())
    }
}

fn fit_column(column: &Column) -> Result<Vec<Fitted>> {
    Ok(match &column.data {
        ColumnData::Numeric(values) => {
            let impute = MedianImpute::fit(values);
            let standardise = Standardise::fit(&impute.fill(values));
            vec![impute.into(), standardise.into()]
        }
        ColumnData::Categorical { codes, levels } => vec![OneHot::fit(codes, levels).into()],
    })
}

/// The numbers of a column, or an error that says what it holds instead.
fn numbers(column: Column) -> Result<(String, Vec<f64>)> {
    match column.data {
        ColumnData::Numeric(values) => Ok((column.name, values)),
        ColumnData::Categorical { .. } => Err(Error::data(format!(
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
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/preprocess");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(
                stem == "mod" || TRANSFORMS.contains(&stem.as_str()),
                "{stem}.rs is not in TRANSFORMS"
            );
        }
    }
}
