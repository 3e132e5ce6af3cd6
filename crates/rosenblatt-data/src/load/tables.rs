//! Tables: CSV files and the named sets that are tables.

use std::path::PathBuf;

use rosenblatt_tensor::{Error, Result, Tensor};

use super::apply::{self, Applied, Purpose};
use super::{Look, Prepared, csv_options, set_apart, set_valid_apart, weights};
use crate::gaps::{self, Gap};
use crate::places::{count, listing};
use crate::preprocess::Standardise;
use crate::schema::{FieldKind, Wishes, not_the_target};
use crate::sets::Set;
use crate::split::Part;
use crate::{Column, ColumnData, DataOptions, Dataset, Input, Preprocessing, Schema, Table, Task, csv};

/// Rows of each part, as row numbers of the table.
struct Rows {
    train: Vec<u64>,
    valid: Option<Vec<u64>>,
    test: Option<Vec<u64>>,
}

pub(super) fn load(
    input: &Input,
    options: &DataOptions,
    set: Option<&Set>,
    seed: u64,
    look: Look<'_>,
) -> Result<Prepared> {
    let csv_options = csv_options(options)?;
    let target = options.target.as_deref().or(set.map(|set| set.target));
    // The reader would say of a target of texts that weights are numbers.
    if let (Some(weights), Some(target)) = (&options.sample_weight, target) {
        not_the_target(weights, target)?;
    }
    let (table, findings) = csv::read_with_findings(input, &csv_options)?;
    look(&table, &findings);
    if table.rows() == 0 {
        return Err(Error::data("has a header, but no rows").within(input.name()));
    }
    let target = target.ok_or_else(|| no_target(&table))?;
    let wishes = Wishes {
        target,
        drop: &options.drop,
        kinds: &options.columns,
        sample_weight: options.sample_weight.as_deref(),
    };
    let (mut schema, mut description) = Schema::infer(&table, wishes)?;
    schema.missing.clone_from(&options.missing);
    schema.delimiter = options.delimiter;
    // Of columns that were left out too: one cell can make names of a column of numbers.
    let odd = findings
        .oddities
        .iter()
        .filter(|oddity| !options.drop.contains(&oddity.column));
    description.extend(odd.map(ToString::to_string));

    let target = table.column(&schema.target.name)?;
    let mut known = target.present_rows();
    description.extend(left_out(&table, known.len()));
    if let Some(name) = &schema.sample_weight {
        let column = table.column(name)?;
        let counting = weights::counting(column, known, input, &csv_options)?;
        known = counting.rows;
        description.extend(counting.notes);
        description.push(weights::summary(column, &known)?);
    }
    let rows = divide(target, &schema.task, known, options, set, seed).map_err(|e| e.within(input.name()))?;

    let (mut preprocessing, notes) = Preprocessing::fit_with(&schema, &table, &rows.train, options.numeric)?;
    preprocessing.target = target_scale(&schema.task, target, &rows.train);
    schema
        .columns
        .retain(|field| preprocessing.columns.iter().any(|steps| steps.column == field.name));
    description.extend(notes);

    let of_rows = |rows: &[u64]| dataset(&schema, &preprocessing, &table, rows, Purpose::Evaluate);
    let of = |file: &Option<PathBuf>, rows: Option<&[u64]>, key: &str| match file {
        Some(file) => {
            let applied = apply::file(&schema, &preprocessing, &Input::file(file), Purpose::Evaluate);
            applied.map(Some).map_err(|error| error.within(key))
        }
        None => rows.map(of_rows).transpose(),
    };
    let mut part = |applied: Applied, name: &str| {
        let new: Vec<Gap> = applied.gaps.into_iter().filter(is_new).collect();
        let notes = applied.notes.into_iter().chain(gaps::sentence(&new));
        description.extend(notes.map(|note| format!("{name} rows: {note}")));
        applied.dataset
    };
    let train = part(of_rows(&rows.train)?, "training");
    let valid = of(&options.valid, rows.valid.as_deref(), "data.valid")?.map(|applied| part(applied, "validation"));
    let test = of(&options.test, rows.test.as_deref(), "data.test")?.map(|applied| part(applied, "test"));
    description.splice(0..0, summary(&schema, target, &train, valid.as_ref(), test.as_ref()));
    Ok(Prepared {
        train,
        valid,
        test,
        schema,
        preprocessing,
        description,
    })
}

/// Whether training rows had no such gap; the others are as expected, and need no word.
fn is_new(gap: &Gap) -> bool {
    gap.kind.is_new()
}

fn no_target(table: &Table) -> Error {
    let hint = format!("name one of its columns with `--target`: {}", listing(table.names()));
    Error::config("which column is to be predicted?")
        .within(table.name())
        .hint(hint)
}

/// A sentence about rows without a target, if there are any.
fn left_out(table: &Table, known: usize) -> Option<String> {
    let unknown = table.rows() - known;
    (unknown > 0).then(|| format!("left out {} without a target", count(unknown, "row")))
}

/// Test rows first: they depend on the data set, or on the whole file; then validation rows from what stays.
fn divide(
    target: &Column,
    task: &Task,
    known: Vec<u64>,
    options: &DataOptions,
    set: Option<&Set>,
    seed: u64,
) -> Result<Rows> {
    let classes = classes(target, task, &known)?;
    let (rest, test) = match set {
        Some(_) if options.test.is_some() || options.test_fraction.is_some() => {
            let key = if options.test.is_some() {
                "data.test"
            } else {
                "data.test_fraction"
            };
            let error = Error::config("the data set has its own test rows").within(key);
            return Err(error.hint("leave it out"));
        }
        Some(set) => {
            let held_out = set.held_out()?.unwrap_or_default();
            let (test, rest) = known.into_iter().partition(|row| held_out.binary_search(row).is_ok());
            (rest, Some(test))
        }
        None => set_apart(known, classes.as_deref(), options.test_fraction, Part::Test, seed)?,
    };
    let (train, valid) = set_valid_apart(rest, classes.as_deref(), options, seed)?;
    if train.is_empty() {
        return Err(Error::data("no row is left to learn from"));
    }
    Ok(Rows { train, valid, test })
}

/// The class of every row, 0 where it is not known; nothing for a regression.
fn classes(target: &Column, task: &Task, known: &[u64]) -> Result<Option<Vec<i64>>> {
    if task.classes().is_none() {
        return Ok(None);
    }
    let mut classes = vec![0; target.data.len()];
    for (&row, class) in known.iter().zip(task.encode(target, known)?.to_vec::<i64>()?) {
        classes[row as usize] = class;
    }
    Ok(Some(classes))
}

fn target_scale(task: &Task, target: &Column, rows: &[u64]) -> Option<Standardise> {
    match (task, target.select(rows).data) {
        (Task::Regression, ColumnData::Numeric(values)) => Some(Standardise::fit(&values.to_vec())),
        _ => None,
    }
}

/// Features of some rows, and their targets and weights if the purpose needs them.
pub(super) fn dataset(
    schema: &Schema,
    preprocessing: &Preprocessing,
    table: &Table,
    rows: &[u64],
    purpose: Purpose,
) -> Result<Applied> {
    let matrix = preprocessing.transform(table, rows)?;
    let features = Tensor::from_vec(matrix.values, &[rows.len(), matrix.names.len()])?;
    let targets = match purpose {
        Purpose::Predict => None,
        Purpose::Evaluate => {
            let target = table.column(&schema.target.name)?;
            Some(schema.task.encode(target, rows).map_err(|e| e.within(table.name()))?)
        }
    };
    let weights = match &schema.sample_weight {
        Some(name) if purpose == Purpose::Evaluate && table.names().any(|other| other == name) => {
            Some(weights::tensor(table.column(name)?, rows)?)
        }
        _ => None,
    };
    let dataset = Dataset::new(features, targets, schema.task.clone())
        .and_then(|dataset| dataset.weighted_by(weights))
        .map_err(|e| e.within(table.name()))?;
    Ok(Applied {
        dataset: dataset.named(matrix.names),
        gaps: matrix.gaps,
        notes: matrix.notes,
    })
}

fn summary(
    schema: &Schema,
    target: &Column,
    train: &Dataset,
    valid: Option<&Dataset>,
    test: Option<&Dataset>,
) -> Vec<String> {
    let number = |is: fn(&FieldKind) -> bool| schema.columns.iter().filter(|field| is(&field.kind)).count();
    let categorical = number(|kind| matches!(kind, FieldKind::Categorical { .. }));
    let dates = number(|kind| matches!(kind, FieldKind::Date));
    let numeric = schema.columns.len() - categorical - dates;
    let task = match &schema.task {
        Task::Regression => format!("task: regression of `{}`", target.name),
        Task::Classification { classes } => {
            let names = listing(classes.iter().map(String::as_str));
            format!(
                "task: classification of `{}`, {} classes: {names}",
                target.name,
                classes.len()
            )
        }
    };
    let dates = if dates > 0 {
        format!(", {}", count(dates, "date"))
    } else {
        String::new()
    };
    let kinds = format!("{numeric} numeric, {categorical} categorical{dates}");
    let columns = format!(
        "features: {} from {} ({kinds})",
        train.feature_names().len(),
        count(schema.columns.len(), "column")
    );
    vec![task, columns, super::rows_line(train, valid, test)]
}
