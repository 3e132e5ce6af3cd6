//! Fitting the transforms of a table.

use rosenblatt_tensor::{Error, Result};

use super::{ColumnSteps, Preprocessing};
use crate::dates::given::Given;
use crate::preprocess::{
    CategoryCode, DateParts, Fitted, MedianImpute, OneHot, Quantiles, RobustScale, SoftClip, Sorted, Standardize,
};
use crate::schema::{Field, FieldKind};
use crate::{Column, ColumnData, DataOptions, NumericScale, Schema, Table, Warning};

impl Preprocessing {
    /// Fits transforms for the columns of a schema on the given rows of a table.
    ///
    /// Numbers: [`SoftClip`] if asked for, [`MedianImpute`], [`Quantiles`] if asked for, then [`Standardize`]. Categories: [`OneHot`], or [`CategoryCode`] if there are more
    /// than [`Preprocessing::MAX_ONE_HOT`]; codes come before all other features. Dates: [`DateParts`]. A column without a
    /// value in these rows is left out with a warning.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a column is missing, or nothing is left.
    pub fn fit(schema: &Schema, table: &Table, rows: &[u64]) -> Result<(Self, Vec<Warning>)> {
        Self::fit_with(schema, table, rows, &DataOptions::default())
    }

    /// As [`Preprocessing::fit`], with numbers scaled and categories taken as the options say.
    ///
    /// [`Standardize`] is fitted on all rows, gaps filled, so that the feature has mean 0 and deviation 1;
    /// [`RobustScale`] on the numbers that are there, since many equal fillings would pull the quartiles together.
    ///
    /// # Errors
    /// As [`Preprocessing::fit`].
    pub fn fit_with(
        schema: &Schema,
        table: &Table,
        rows: &[u64],
        options: &DataOptions,
    ) -> Result<(Self, Vec<Warning>)> {
        let (mut columns, mut warnings) = (Vec::new(), Vec::new());
        for Field { name, kind, .. } in &schema.columns {
            let column = table.column(name)?.select(rows);
            let steps = fit_column(kind, &column, options);
            if let Some(reason) = without_use(&column, &steps) {
                warnings.push(Warning::ColumnDropped {
                    column: name.clone(),
                    reason: reason.to_owned(),
                });
                continue;
            }
            columns.push(ColumnSteps {
                column: name.clone(),
                steps,
            });
        }
        if columns.is_empty() {
            return Err(Error::data("no feature columns are left").within(table.name()));
        }
        columns.sort_by_key(|steps: &ColumnSteps| steps.code().is_none());
        let fitted = Self {
            columns,
            ..Self::default()
        };
        Ok((fitted, warnings))
    }

    /// What was decided about columns of many categories and of dates, one sentence each.
    pub(crate) fn summary(&self) -> impl Iterator<Item = String> {
        self.columns
            .iter()
            .filter_map(|ColumnSteps { column, steps }| steps.iter().find_map(|step| summary(column, step)))
    }
}

fn fit_column(kind: &FieldKind, column: &Column, options: &DataOptions) -> Vec<Fitted> {
    match (&column.data, kind) {
        (ColumnData::Numeric(values), _) => fit_numbers(values.to_vec(), options),
        (ColumnData::Categorical(texts), FieldKind::Date) => {
            let spelling = Given::of(options, &column.name).spelling(texts.levels().iter());
            vec![DateParts::fit_spelled(texts, spelling.unwrap_or_default()).into()]
        }
        (ColumnData::Categorical(texts), _) => {
            let one_hot = OneHot::fit(texts);
            let most = options.max_one_hot.unwrap_or(Preprocessing::MAX_ONE_HOT);
            match one_hot.categories() > most {
                true => vec![CategoryCode::fit(texts).into()],
                false => vec![one_hot.into()],
            }
        }
    }
}

fn fit_numbers(mut values: Vec<f64>, options: &DataOptions) -> Vec<Fitted> {
    let mut sorted = Sorted::of(&values);
    let mut steps = Vec::new();
    if options.soft_clip == Some(true) && options.numeric_scale == NumericScale::Standardize {
        let clip = SoftClip::of(&sorted);
        // Other training cells than absurd ones stay as they are.
        if sorted.extremes() != Some([clip.lower, clip.upper]) {
            values.iter_mut().for_each(|x| *x = clip.clip(*x));
            sorted = Sorted::of(&values);
        }
        steps.push(clip.into());
    }
    let impute = MedianImpute::of(&sorted);
    let filled = impute.fill(&values);
    steps.push(impute.into());
    let has_quantiles = options.quantiles_from.is_some_and(|rows| values.len() as u64 >= rows);
    let quantiles = if has_quantiles {
        Quantiles::of_ranks(&sorted)
    } else {
        None
    };
    steps.extend(quantiles.map(Fitted::from));
    steps.push(match options.numeric_scale {
        NumericScale::Standardize => Standardize::fit(&filled).into(),
        NumericScale::RobustScale => RobustScale::of(&sorted).into(),
    });
    steps
}

/// Why a column of the training rows is of no use, if it is not.
fn without_use(column: &Column, steps: &[Fitted]) -> Option<&'static str> {
    if (0..column.data.len()).all(|row| column.data.is_missing(row)) {
        return Some("no value in the training rows");
    }
    match steps {
        [Fitted::DateParts(DateParts { parts, .. })] if parts.is_empty() => {
            Some("no two training rows differ in their date")
        }
        _ => None,
    }
}

/// A sentence about a step, if it decided something.
fn summary(name: &str, step: &Fitted) -> Option<String> {
    match step {
        Fitted::CategoryCode(code) => Some(many_categories(name, code)),
        Fitted::DateParts(parts) => Some(format!("`{name}`: {}", parts.spelling().summary()?)),
        _ => None,
    }
}

/// What becomes of a column with many categories.
fn many_categories(name: &str, code: &CategoryCode) -> String {
    let (own, rare) = (code.levels.len(), code.rare.len());
    let shared = match rare {
        0 => String::new(),
        rare => format!("; {rare} seen once share the `unknown` embedding"),
    };
    format!("`{name}`: embedding for {own} categories{shared}")
}
