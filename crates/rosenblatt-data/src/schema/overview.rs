//! A table at a glance: its columns, and what is unusual.

use std::collections::BTreeSet;

use std::collections::HashMap;

use rosenblatt_tensor::Result;

use super::outliers::outliers;
use super::{Inferred, Overrides, Profile, Schema, is_constant, repeated_rows};
use crate::leakage::{self, Outcome};
use crate::read::{Dialect, ReadInfo};
use crate::{Column, ColumnData, DataOptions, Table, Warning, dates};

/// A table, looked at.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Number of rows.
    pub rows: usize,
    /// What its file looks like.
    pub dialect: Dialect,
    /// In the order of the file.
    pub columns: Vec<Profile>,
    /// Identifiers, columns read as text because of one cell, constants, duplicates, and more.
    pub warnings: Vec<Warning>,
}

impl Overview {
    /// Looks at every column and every row.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::{Input, Table, TableOptions, schema::Overview};
    /// let input = Input::memory("pets.csv", *b"age,legs\n3,4\n3,4\n");
    /// let (table, info) = Table::read(&input, &TableOptions::default())?;
    /// let overview = Overview::of(&table, &info);
    /// let kinds: Vec<&str> = overview.warnings.iter().map(|warning| warning.kind()).collect();
    /// assert_eq!(kinds, ["constant_column", "constant_column", "duplicate_rows"]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    pub fn of(table: &Table, info: &ReadInfo) -> Self {
        let mut of_columns: HashMap<&str, Vec<Warning>> = HashMap::new();
        for warning in &info.warnings {
            let column = warning.column().unwrap_or_default();
            of_columns.entry(column).or_default().push(warning.clone());
        }
        let profile = |column: &Column| Profile::of(column, of_columns.get(&*column.name).map_or(&[], Vec::as_slice));
        let columns: Vec<Profile> = table.each_column().map(profile).collect();
        let identifiers = of_kind(&columns, Inferred::Identifier).map(|profile| Warning::ColumnDropped {
            column: profile.name.clone(),
            reason: profile.reason.clone(),
        });
        let dates: BTreeSet<Option<&str>> = of_kind(&columns, Inferred::Date)
            .map(|profile| Some(profile.name.as_str()))
            .collect();
        let is_news = |warning: &Warning| warning.kind() != "read_as_text" || !dates.contains(&warning.column());
        let of_rows = leakage::of_table(table, &dates.iter().copied().flatten().collect::<Vec<_>>());
        let warnings = identifiers.chain(unusual(table, info).filter(is_news)).chain(of_rows);
        let warnings = warnings.collect();
        Self {
            rows: table.len(),
            dialect: info.dialect.clone(),
            columns,
            warnings,
        }
    }
}

impl Overview {
    /// As [`Overview::of`], of a table whose target is known: with warnings about columns that give it away.
    ///
    /// # Errors
    /// As [`Schema::infer`].
    pub fn of_target(table: &Table, info: &ReadInfo, target: &str, options: &DataOptions) -> Result<Self> {
        let overrides = Overrides {
            kinds: &options.columns,
            date_order: options.date_order,
            date_formats: &options.date_formats,
            ..Overrides::of(target)
        };
        let (schema, _) = Schema::infer(table, overrides)?;
        let column = table.column(target)?;
        let rows = column.present_rows();
        let mut overview = Self::of(table, info);
        let outcome = Outcome::of(column, &schema.task, &rows);
        overview.warnings.extend(leakage::of_features(table, &schema, &outcome));
        Ok(overview)
    }
}

/// What is unusual in a table, whatever its columns are used for.
pub(crate) fn unusual(table: &Table, info: &ReadInfo) -> impl Iterator<Item = Warning> {
    let constants = table.each_column().filter(|column| is_constant(&column.data));
    let constants = constants.map(|column| Warning::ConstantColumn {
        column: column.name.clone(),
    });
    let count = repeated_rows(table);
    let duplicates = (count > 0).then_some(Warning::DuplicateRows { count });
    let read = info
        .warnings
        .iter()
        .cloned()
        .chain(constants)
        .chain(numeric_dates(table))
        .chain(table.each_column().filter_map(outliers));
    read.chain(numeric_name(table.names()))
        .chain(duplicates)
        .chain(of_lines(&info.dialect))
}

fn of_kind(columns: &[Profile], kind: Inferred) -> impl Iterator<Item = &Profile> {
    columns.iter().filter(move |profile| profile.kind == kind)
}

/// Warnings about numbers that look like dates.
fn numeric_dates(table: &Table) -> impl Iterator<Item = Warning> {
    table.each_column().filter_map(|Column { name, data }| match data {
        ColumnData::Numeric(values) => Some(Warning::NumericDates {
            column: name.clone(),
            text: dates::numeric::example(name, values.iter())?.to_string(),
        }),
        ColumnData::Categorical(_) => None,
    })
}

/// A warning about the first column whose name is a number, if there is one.
fn numeric_name<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<Warning> {
    let column = names.find(|name| name.parse::<f64>().is_ok_and(f64::is_finite))?;
    Some(Warning::NumericColumnName {
        column: column.to_owned(),
    })
}

fn of_lines(dialect: &Dialect) -> impl Iterator<Item = Warning> {
    let (crlf, lf, blank) = (dialect.returns, dialect.lines - dialect.returns, dialect.blank_lines);
    let mixed = (crlf > 0 && lf > 0).then_some(Warning::MixedLineEndings { count: crlf, lf });
    let blank = (blank > 0).then_some(Warning::BlankLines { count: blank });
    mixed.into_iter().chain(blank)
}
