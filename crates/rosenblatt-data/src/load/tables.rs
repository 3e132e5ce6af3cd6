//! Tables: CSV files and the named sets that are tables.

use std::path::PathBuf;

use rosenblatt_tensor::{Error, Result, Tensor};

use super::apply::{self, Applied, Purpose};
use super::origin::Origin;
use super::{Look, Prepared, csv_options, set_apart, set_valid_apart, weights};
use crate::csv::{self, Findings};
use crate::gaps::{self, Gap};
use crate::places::{count, listing};
use crate::preprocess::Standardize;
use crate::schema::{FieldKind, Overrides, not_the_target};
use crate::sets::Set;
use crate::split::HeldOut;
use crate::{Column, ColumnData, DataOptions, Dataset, Input, Preprocessing, Remarks, Schema, Table, Task};

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
    let origin = Origin {
        input,
        delimiter: csv_options.delimiter,
    };
    let (mut schema, mut remarks) = infer(&table, &findings, target, options)?;
    let known = counted_rows(&table, &schema, origin, &mut remarks)?;
    let rows = divide(&table, &schema, known, options, set, seed).map_err(|e| e.within(input.name()))?;
    let preprocessing = fit(&table, &mut schema, &rows.train, options, &mut remarks)?;

    let maker = Registration {
        table: (&table, origin),
        schema: &schema,
        preprocessing: &preprocessing,
    };
    let train = remark("training", maker.drawn(&rows.train)?, &mut remarks);
    let valid = maker.held_out(&options.valid, "data.valid", rows.valid.as_deref())?;
    let valid = valid.map(|rows| remark("validation", rows, &mut remarks));
    let test = maker.held_out(&options.test, "data.test", rows.test.as_deref())?;
    let test = test.map(|rows| remark("test", rows, &mut remarks));
    Ok(Prepared {
        summary: summary(&schema, &train, valid.as_ref(), test.as_ref()),
        train,
        valid,
        test,
        schema,
        preprocessing,
        remarks,
    })
}

/// What the columns are, and what is to be said about them.
fn infer(table: &Table, findings: &Findings, target: Option<&str>, options: &DataOptions) -> Result<(Schema, Remarks)> {
    if table.is_empty() {
        return Err(Error::data("has a header, but no rows").within(table.name()));
    }
    let overrides = Overrides {
        target: target.ok_or_else(|| no_target(table))?,
        drop: &options.drop,
        kinds: &options.columns,
        sample_weight: options.sample_weight.as_deref(),
    };
    let (mut schema, left_out) = Schema::infer(table, overrides)?;
    schema.missing.clone_from(&options.missing);
    schema.delimiter = options.delimiter;
    // Of columns that were left out too: one cell can make names of a column of numbers.
    let oddities = findings.oddities.iter();
    let odd = oddities.filter(|oddity| !options.drop.contains(&oddity.column));
    let remarks = Remarks {
        left_out,
        oddities: odd.cloned().collect(),
        others: Vec::new(),
    };
    Ok((schema, remarks))
}

/// The rows with a target and, if rows have weights, a weight above 0.
fn counted_rows(table: &Table, schema: &Schema, origin: Origin<'_>, remarks: &mut Remarks) -> Result<Vec<u64>> {
    let known = table.column(&schema.target.name)?.present_rows();
    remarks.others.extend(left_out(table, known.len()));
    let Some(name) = &schema.sample_weight else {
        return Ok(known);
    };
    let column = table.column(name)?;
    let counting = weights::counting(column, known, origin)?;
    remarks.others.extend(counting.notes);
    remarks.others.push(weights::summary(column, &counting.rows)?);
    Ok(counting.rows)
}

/// Fits preprocessing on the training rows; columns that are of no use there leave the schema.
fn fit(
    table: &Table,
    schema: &mut Schema,
    train: &[u64],
    options: &DataOptions,
    remarks: &mut Remarks,
) -> Result<Preprocessing> {
    let (mut preprocessing, told) = Preprocessing::fit_with(schema, table, train, options)?;
    remarks.append(told);
    let is_used = |name: &String| preprocessing.columns.iter().any(|steps| steps.column == *name);
    schema.columns.retain(|field| is_used(&field.name));
    preprocessing.target = target_scale(&schema.task, table.column(&schema.target.name)?, train);
    Ok(preprocessing)
}

/// Makes the rows of each part.
struct Registration<'a> {
    table: (&'a Table, Origin<'a>),
    schema: &'a Schema,
    preprocessing: &'a Preprocessing,
}

impl Registration<'_> {
    /// Rows of the table itself.
    fn drawn(&self, rows: &[u64]) -> Result<Applied> {
        dataset(self.schema, self.preprocessing, self.table, rows, Purpose::Evaluate)
    }

    /// All rows of the file that setting `key` names, or those drawn from the table, if there are such.
    fn held_out(&self, file: &Option<PathBuf>, key: &str, drawn: Option<&[u64]>) -> Result<Option<Applied>> {
        match file {
            Some(file) => apply::file(self.schema, self.preprocessing, &Input::file(file), Purpose::Evaluate)
                .map(Some)
                .map_err(|error| error.within(key)),
            None => drawn.map(|rows| self.drawn(rows)).transpose(),
        }
    }
}

/// The rows of a part; what is to be said about them goes to the remarks.
fn remark(name: &str, part: Applied, remarks: &mut Remarks) -> Dataset {
    let new: Vec<Gap> = part.gaps.into_iter().filter(is_new).collect();
    let notes = part.notes.into_iter().chain(gaps::sentence(&new));
    remarks.others.extend(notes.map(|note| format!("{name} rows: {note}")));
    part.dataset
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
    let unknown = table.len() - known;
    (unknown > 0).then(|| format!("left out {} without a target", count(unknown, "row")))
}

/// Test rows first: they depend on the data set, or on the whole file; then validation rows from what stays.
fn divide(
    table: &Table,
    schema: &Schema,
    known: Vec<u64>,
    options: &DataOptions,
    set: Option<&Set>,
    seed: u64,
) -> Result<Rows> {
    let classes = classes(table.column(&schema.target.name)?, &schema.task, &known)?;
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
        None => set_apart(known, classes.as_deref(), options.test_fraction, HeldOut::Test, seed)?,
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

fn target_scale(task: &Task, target: &Column, rows: &[u64]) -> Option<Standardize> {
    match (task, target.select(rows).data) {
        (Task::Regression, ColumnData::Numeric(values)) => Some(Standardize::fit(&values.to_vec())),
        _ => None,
    }
}

/// Features of some rows, and their targets and weights if the purpose needs them.
pub(super) fn dataset(
    schema: &Schema,
    preprocessing: &Preprocessing,
    (table, origin): (&Table, Origin<'_>),
    rows: &[u64],
    purpose: Purpose,
) -> Result<Applied> {
    let placed = |error| origin.place(error);
    let matrix = preprocessing.transform(table, rows).map_err(placed)?;
    let features = Tensor::from_vec(matrix.values, &[rows.len(), matrix.names.len()])?;
    let targets = match purpose {
        Purpose::Predict => None,
        Purpose::Evaluate => {
            let target = table.column(&schema.target.name)?;
            Some(schema.task.encode(target, rows).map_err(placed)?)
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

fn summary(schema: &Schema, train: &Dataset, valid: Option<&Dataset>, test: Option<&Dataset>) -> Vec<String> {
    let target = &schema.target.name;
    let number = |is: fn(&FieldKind) -> bool| schema.columns.iter().filter(|field| is(&field.kind)).count();
    let categorical = number(|kind| matches!(kind, FieldKind::Categorical { .. }));
    let dates = number(|kind| matches!(kind, FieldKind::Date));
    let numeric = schema.columns.len() - categorical - dates;
    let task = match &schema.task {
        Task::Regression => format!("task: regression of `{target}`"),
        Task::Classification { classes } => {
            let names = listing(classes.iter().map(String::as_str));
            format!("task: classification of `{target}`, {} classes: {names}", classes.len())
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
