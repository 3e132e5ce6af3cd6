//! The fitted transforms of a whole table.

use std::ops::Range;

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::gaps::Gap;
use crate::preprocess::{
    CategoryCode, DateParts, Feature, FeatureValues, Fitted, ImageScale, Made, MedianImpute, OneHot, RobustScale,
    Standardise,
};
use crate::schema::{Field, FieldKind};
use crate::{Column, ColumnData, NumericScale, Schema, Table};

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

/// The features that came from one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnFeatures {
    /// Name of the column.
    pub column: String,
    /// Its features, as places among all features.
    pub places: Range<usize>,
}

/// Features of some rows.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Row-major.
    pub values: Vec<f32>,
    /// One name a feature.
    pub names: Vec<String>,
    /// Cells that hold nothing training knew.
    pub gaps: Vec<Gap>,
    /// What else the user should know, one sentence each.
    pub notes: Vec<String>,
}

impl Preprocessing {
    /// Categories that become a feature each; a column with more of them becomes one feature of codes.
    ///
    /// On generated tables of a category and two numbers, 18 training rows a category, features were better up to 80
    /// categories (error 0.40 against 0.42), as good at 160, and worse at 240 (0.41 against 0.40); with 500, for which
    /// there are not enough features, the error was twice as large (0.76 against 0.38).
    pub const MOST_ONE_HOT: usize = 160;

    /// How many values each of the features that hold codes of categories has. They are the first ones.
    #[must_use]
    pub fn codes(&self) -> Vec<usize> {
        self.columns
            .iter()
            .map_while(|steps| steps.code().map(CategoryCode::values))
            .collect()
    }

    /// Fits transforms for the columns of a schema on the given rows of a table.
    ///
    /// Numbers: [`MedianImpute`], then [`Standardise`]. Categories: [`OneHot`], or [`CategoryCode`] if there are more
    /// than [`Preprocessing::MOST_ONE_HOT`]; codes come before all other features. Dates: [`DateParts`]. A column without a
    /// value in these rows is left out, and said so in the notes.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a column is missing, or nothing is left.
    pub fn fit(schema: &Schema, table: &Table, rows: &[u64]) -> Result<(Self, Vec<String>)> {
        Self::fit_with(schema, table, rows, NumericScale::default())
    }

    /// As [`Preprocessing::fit`], with numbers scaled as asked.
    ///
    /// # Errors
    /// As [`Preprocessing::fit`].
    pub fn fit_with(
        schema: &Schema,
        table: &Table,
        rows: &[u64],
        numeric: NumericScale,
    ) -> Result<(Self, Vec<String>)> {
        let (mut columns, mut notes) = (Vec::new(), Vec::new());
        for Field { name, kind } in &schema.columns {
            let column = table.column(name)?.select(rows);
            if (0..rows.len()).all(|row| column.data.is_missing(row)) {
                notes.push(format!("left out `{name}`: no value in the training rows"));
                continue;
            }
            let steps = fit_column(kind, &column, numeric);
            if let [Fitted::DateParts(DateParts { parts, .. })] = &steps[..]
                && parts.is_empty()
            {
                notes.push(format!("left out `{name}`: no two training rows differ in their date"));
                continue;
            }
            let steps = ColumnSteps {
                column: name.clone(),
                steps,
            };
            notes.extend(steps.code().map(|code| many_categories(name, code)));
            columns.push(steps);
        }
        if columns.is_empty() {
            return Err(Error::data("no column is left to predict from").within(table.name()));
        }
        columns.sort_by_key(|steps: &ColumnSteps| steps.code().is_none());
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

    /// Which features come from which column, in the order of the features; none if the schema is one of images.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a column is not in the schema, or is of another kind there.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::{DataOptions, load};
    /// let data = load(&DataOptions::new("penguins"), 0)?;
    /// let columns = data.preprocessing.features_of_columns(&data.schema)?;
    /// assert_eq!((&*columns[0].column, columns[0].places.clone()), ("island", 0..3));
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn features_of_columns(&self, schema: &Schema) -> Result<Vec<ColumnFeatures>> {
        let mut made = Made::default();
        let mut columns = Vec::new();
        for steps in &self.columns {
            let field = schema.columns.iter().find(|field| field.name == steps.column);
            let field = field.ok_or_else(|| Error::data(format!("there is no column `{}`", steps.column)))?;
            let first = made.features.len();
            // Without a row a transform still names its features.
            match field.kind {
                FieldKind::Numeric => steps.apply(Column::numeric(&field.name, Vec::new()), &mut made)?,
                FieldKind::Categorical { .. } | FieldKind::Date => {
                    steps.apply(Column::categorical(&field.name, []), &mut made)?
                }
                FieldKind::Image { .. } => return Ok(Vec::new()),
            }
            columns.push(ColumnFeatures {
                column: field.name.clone(),
                places: first..made.features.len(),
            });
        }
        Ok(columns)
    }

    /// The features of the given rows of a table.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a column is missing or of another kind, or a feature is beyond f32.
    pub fn transform(&self, table: &Table, rows: &[u64]) -> Result<Matrix> {
        // Without rows transforms still name their features: so the matrix is made once, and filled column by column.
        let names: Vec<String> = made(table, &self.columns, &[])?
            .features
            .into_iter()
            .map(|f| f.name)
            .collect();
        let width = names.len();
        let mut matrix = Matrix {
            values: vec![0f32; rows.len() * width],
            names,
            gaps: Vec::new(),
            notes: Vec::new(),
        };
        let mut places = 0..width;
        for steps in &self.columns {
            let made = made(table, std::slice::from_ref(steps), rows)?;
            for (feature, at) in made.features.iter().zip(&mut places) {
                feature
                    .write(matrix.values.iter_mut().skip(at).step_by(width))
                    .map_err(|row| {
                        let message = format!("`{}`: the value is too far from those seen in training", feature.name);
                        Error::data(message).within(format!("{}: row {}", table.name(), rows[row] + 1))
                    })?;
            }
            matrix.gaps.extend(made.gaps);
            matrix.notes.extend(made.notes);
        }
        Ok(matrix)
    }
}

/// What some of the columns give for some rows.
fn made(table: &Table, columns: &[ColumnSteps], rows: &[u64]) -> Result<Made> {
    let mut made = Made::default();
    for steps in columns {
        let column = table.column(&steps.column)?.select(rows);
        steps.apply(column, &mut made).map_err(|e| e.within(table.name()))?;
    }
    Ok(made)
}

impl ColumnSteps {
    /// The codes of the column's categories, if that is what becomes of it.
    #[must_use]
    pub fn code(&self) -> Option<&CategoryCode> {
        match &self.steps[..] {
            [Fitted::CategoryCode(code)] => Some(code),
            _ => None,
        }
    }

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
                        values: FeatureValues::Numbers(values.to_vec()),
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

/// What becomes of a column with many categories.
fn many_categories(name: &str, code: &CategoryCode) -> String {
    let (own, rare) = (code.levels.len(), code.rare.len());
    let shared = match rare {
        0 => String::new(),
        rare => format!("; {rare} in a single row share one set with what is missing or new"),
    };
    format!("`{name}`: the network looks up learned numbers for each of {own} categories{shared}")
}

fn fit_column(kind: &FieldKind, column: &Column, numeric: NumericScale) -> Vec<Fitted> {
    match (&column.data, kind) {
        (ColumnData::Numeric(values), _) => {
            let values = values.to_vec();
            let impute = MedianImpute::fit(&values);
            let filled = impute.fill(&values);
            let scale = match numeric {
                NumericScale::Standardise => Standardise::fit(&filled).into(),
                NumericScale::RobustScale => RobustScale::fit(&filled).into(),
            };
            vec![impute.into(), scale]
        }
        (ColumnData::Categorical { codes, levels }, FieldKind::Date) => vec![DateParts::fit(codes, levels).into()],
        (ColumnData::Categorical { codes, levels }, _) => {
            let one_hot = OneHot::fit(codes, levels);
            match one_hot.categories() > Preprocessing::MOST_ONE_HOT {
                true => vec![CategoryCode::fit(codes, levels).into()],
                false => vec![one_hot.into()],
            }
        }
    }
}
