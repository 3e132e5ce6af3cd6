//! Data leakage: what makes held out rows easier to predict than new rows will be.
//!
//! Each file has one kind of it; [`of_table`] and [`of_split`] ask them all.

mod ids;
mod order;
mod target;

use std::collections::BTreeMap;

use crate::schema::FieldKind;
use crate::split::Drawn;
use crate::{Column, ColumnData, DataOptions, MISSING, Schema, Table, Task, Warning};

/// What follows from fewer rows is often due to chance.
const MIN_ROWS: usize = 20;

/// Warnings about a table of which the target is not known; `dates` are its columns of dates.
pub(crate) fn of_table(table: &Table, dates: &[&str]) -> Vec<Warning> {
    let rows: Vec<u64> = (0..table.len() as u64).collect();
    let of_ids = table.each_column().filter_map(|column| ids::repeated(column, &rows));
    let of_dates = dates.iter().filter_map(|name| table.column(name).ok());
    let options = DataOptions::default();
    let of_dates = of_dates.filter_map(|column| order::sorted_by_time(column, &options));
    of_ids.chain(of_dates).collect()
}

/// Warnings about rows that are drawn at random, unless the options say that they should be.
pub(crate) fn of_split(
    table: &Table,
    schema: &Schema,
    options: &DataOptions,
    drawn: Drawn<'_>,
    outcome: &Outcome<'_>,
) -> Vec<Warning> {
    if options.split.is_some() {
        return Vec::new();
    }
    let Some(held_out) = drawn.held_out() else {
        return Vec::new();
    };
    let is_other = |name: &str| name == schema.target.name || schema.sample_weight.as_deref() == Some(name);
    let kinds: BTreeMap<&str, &FieldKind> = schema
        .columns
        .iter()
        .map(|field| (field.name.as_str(), &field.kind))
        .collect();
    let mut warnings = Vec::new();
    for column in table.each_column().filter(|column| !is_other(&column.name)) {
        match kinds.get(column.name.as_str()) {
            Some(FieldKind::Date) => warnings.extend(order::sorted_by_time(column, options)),
            _ => warnings.extend(ids::on_both_sides(column, drawn.train, held_out, outcome)),
        }
    }
    warnings
}

/// Warnings about features that are the target in other words.
pub(crate) fn of_features(table: &Table, schema: &Schema, outcome: &Outcome<'_>) -> Vec<Warning> {
    let target = &schema.target.name;
    let mut warnings = Vec::new();
    let fields = schema.columns.iter().filter(|field| field.kind != FieldKind::Date);
    for column in fields.filter_map(|field| table.column(&field.name).ok()) {
        if let Some(reason) = target::gives_away(column, outcome) {
            warnings.push(Warning::TargetLeakage {
                column: column.name.clone(),
                target: target.clone(),
                reason,
            });
        } else if order::numbers_rows_sorted_by(column, outcome) {
            warnings.push(Warning::RunningNumber {
                column: column.name.clone(),
                target: target.clone(),
            });
        }
    }
    warnings
}

/// The targets of some rows.
pub(crate) struct Outcome<'a> {
    rows: &'a [u64],
    values: Values,
    /// Of all of them; of classes the share of pairs that differ.
    variance: f64,
}

/// One for each of the rows.
enum Values {
    Classes(Vec<u64>),
    Numbers(Vec<f64>),
}

impl Values {
    fn variance(&self) -> f64 {
        match self {
            Self::Numbers(numbers) => {
                let n = numbers.len() as f64;
                let mean = numbers.iter().sum::<f64>() / n;
                numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)
            }
            Self::Classes(classes) => {
                let mut sorted = classes.clone();
                sorted.sort_unstable();
                let sizes = sorted.chunk_by(|a, b| a == b).map(|rows| rows.len() as f64);
                let n = classes.len() as f64;
                1.0 - sizes.map(|size| size * (size - 1.0)).sum::<f64>() / (n * (n - 1.0))
            }
        }
    }
}

impl<'a> Outcome<'a> {
    /// Those of rows that have one.
    pub(crate) fn of(target: &Column, task: &Task, rows: &'a [u64]) -> Self {
        let values = match (&target.data, task) {
            (ColumnData::Numeric(numbers), Task::Regression) => {
                Values::Numbers(rows.iter().map(|&row| numbers.get(row as usize)).collect())
            }
            _ => Values::Classes(rows.iter().map(|&row| value(target, row).unwrap_or(u64::MAX)).collect()),
        };
        let variance = values.variance();
        Self { rows, values, variance }
    }

    /// A number for each of the rows: equal for equal targets only.
    fn key(&self, at: usize) -> u64 {
        match &self.values {
            Values::Classes(classes) => classes[at],
            Values::Numbers(numbers) => (numbers[at] + 0.0).to_bits(),
        }
    }
}

/// A number for a cell: equal for equal cells of the column only. None if it is missing.
fn value(column: &Column, row: u64) -> Option<u64> {
    match &column.data {
        ColumnData::Numeric(values) => Some(values.get(row as usize))
            .filter(|x| !x.is_nan())
            .map(|x| (x + 0.0).to_bits()),
        ColumnData::Categorical(texts) => Some(texts.codes()[row as usize])
            .filter(|&code| code != MISSING)
            .map(u64::from),
    }
}

/// About `most` of some numbers below `n`, evenly spread.
fn sample(n: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..n).step_by(n.div_ceil(most).max(1))
}
