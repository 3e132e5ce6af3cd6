//! Tables: CSV files and the named sets that are tables.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::path::PathBuf;

use rosenblatt_tensor::{Advice, Error, Result};

use super::absurd::drop_absurd_targets;
use super::apply::{self, Applied, Purpose};
use super::divide::{Divided, divide};
use super::origin::RowOrigins;
use super::refused::{check_dates, check_exact, check_lengths, refuse_names, refuse_nearly_numeric};
use super::{Look, Prepared, table_options, weights};
use crate::leakage::{self, Outcome};
use crate::places::{count, listing, short};
use crate::preprocess::Standardize;
use crate::read::ReadInfo;
use crate::schema::{FieldKind, Overrides, nearly_unique, not_the_target, unusual};
use crate::sets::Set;
use crate::split::Split;
use crate::warning::{Part, Warning};
use crate::{ColumnData, DataOptions, Dataset, Input, Preprocessing, Schema, Table, Task};

pub(super) fn load(
    input: &Input,
    options: &DataOptions,
    set: Option<&Set>,
    seed: u64,
    look: Look<'_>,
) -> Result<Prepared> {
    let table_options = table_options(options)?;
    let target = options.target.as_deref().or(set.map(|set| set.target));
    // The reader would say of a target of texts that weights are numbers.
    if let (Some(weights), Some(target)) = (&options.sample_weight, target) {
        not_the_target(weights, target)?;
    }
    let (table, info) = Table::read(input, &table_options)?;
    look(&table, &info);
    if let Some(target) = target {
        refuse_nearly_numeric(&table, target, options)?;
    }
    let (mut schema, mut warnings) = infer(&table, &info, target, options)?;
    check_dates(&table, &schema, options).map_err(|error| table.place(error))?;
    // A user cannot change a built-in set.
    if set.is_none() {
        let ambiguous: HashSet<String> = warnings
            .iter()
            .filter_map(Warning::ambiguous_dates)
            .map(str::to_owned)
            .collect();
        // One warning says it: that the column is left out.
        let is_said = |warning: &Warning| {
            warning.kind() == "read_as_text" && warning.column().is_some_and(|column| ambiguous.contains(column))
        };
        warnings.extend(about_cells(&table, &info, &schema, options).filter(|warning| !is_said(warning)));
    }
    let known = counted_rows(&table, &schema, &mut warnings)?;
    let weights = summary_of_weights(&table, &schema, &known)?;
    let Divided {
        mut rows,
        line,
        warning,
    } = divide(&table, &schema, known.clone(), options, set, seed)?;
    warnings.extend(warning);
    if set.is_none() {
        let outcome = Outcome::of(table.column(&schema.target.name)?, &schema.task, &known);
        warnings.extend(leakage::of_features(&table, &schema, &outcome));
        warnings.extend(leakage::of_split(&table, &schema, options, rows.drawn(), &outcome));
    }
    if options.soft_clip == Some(true) {
        warnings.extend(drop_absurd_targets(&schema, &table, &mut rows)?);
    }
    let preprocessing = fit(&table, &mut schema, &rows.train, options, &mut warnings)?;

    let maker = Registration {
        table: &table,
        schema: &schema,
        preprocessing: &preprocessing,
    };
    let mut warn = |part, applied: Applied| {
        let of_part = applied.warnings.into_iter().filter_map(|warning| warning.in_part(part));
        warnings.extend(of_part);
        applied.dataset
    };
    let train = warn(Part::Train, maker.drawn(&rows.train)?);
    let valid = maker.held_out(&options.valid, "data.valid", rows.valid.as_deref())?;
    let valid = valid.map(|rows| warn(Part::Valid, rows));
    let test = maker.held_out(&options.test, "data.test", rows.test.as_deref())?;
    let test = test.map(|rows| warn(Part::Test, rows));
    warnings.extend(nearly_unique(&preprocessing, train.len(), &options.columns));
    let summary = summary(&schema, &train, valid.as_ref(), test.as_ref());
    Ok(Prepared {
        summary: summary
            .into_iter()
            .chain(line)
            .chain(weights)
            .chain(preprocessing.summary())
            .collect(),
        train,
        valid,
        test,
        schema,
        preprocessing,
        warnings,
    })
}

/// What the columns are, with warnings about them.
fn infer(
    table: &Table,
    info: &ReadInfo,
    target: Option<&str>,
    options: &DataOptions,
) -> Result<(Schema, Vec<Warning>)> {
    if table.is_empty() {
        return Err(Error::data("has a header, but no rows").within(table.name()));
    }
    let overrides = Overrides {
        target: target.ok_or_else(|| no_target(table))?,
        drop: &options.drop,
        kinds: &options.columns,
        sample_weight: options.sample_weight.as_deref(),
        group: options.split.as_ref().and_then(Split::not_a_feature),
        date_order: options.date_order,
        date_formats: &options.date_formats,
    };
    if !options.columns.contains_key(overrides.target) {
        let column = table.column(overrides.target);
        refuse_names(column.map_err(|error| error.for_setting("data.target"))?, table, info)?;
    }
    let (mut schema, warnings) = Schema::infer(table, overrides)?;
    check_exact(table, &schema, options)?;
    check_lengths(table, &schema)?;
    schema.missing.clone_from(&options.missing);
    schema.delimiter = options.delimiter;
    schema.reading = options.reading().of_further_files();
    Ok((schema, warnings))
}

/// What is unusual, but for columns that the options drop or decide, and for weights, which may all be equal.
fn about_cells(
    table: &Table,
    info: &ReadInfo,
    schema: &Schema,
    options: &DataOptions,
) -> impl Iterator<Item = Warning> {
    let fields = schema.columns.iter().filter(|field| field.kind == FieldKind::Date);
    let dates: BTreeSet<&str> = fields.map(|field| field.name.as_str()).collect();
    let is_meant = move |warning: &Warning| match warning.column() {
        Some(name) if options.drop.iter().any(|dropped| dropped == name) => true,
        // Texts were ambiguous, until a setting said how they are written.
        Some(name) if warning.kind() == "read_as_text" => dates.contains(name),
        Some(name) if warning.kind() == "numeric_dates" => {
            let of_target = options.target.as_deref() == Some(name);
            of_target || options.columns.contains_key(name)
        }
        Some(name) => options.sample_weight.as_deref() == Some(name) && warning.kind() == "constant_column",
        None => false,
    };
    unusual(table, info).filter(move |warning| !is_meant(warning))
}

/// The rows with a target and, if rows have weights, a weight above 0.
fn counted_rows(table: &Table, schema: &Schema, warnings: &mut Vec<Warning>) -> Result<Vec<u64>> {
    let known = table.column(&schema.target.name)?.present_rows();
    warnings.extend(without_target(schema, table.len() - known.len()));
    let Some(name) = &schema.sample_weight else {
        return Ok(known);
    };
    let (rows, warning) = weights::counting(table, table.column(name)?, known)?;
    warnings.extend(warning);
    Ok(rows)
}

fn summary_of_weights(table: &Table, schema: &Schema, rows: &[u64]) -> Result<Option<String>> {
    let column = schema
        .sample_weight
        .as_ref()
        .map(|name| table.column(name))
        .transpose()?;
    column.map(|column| weights::summary(column, rows)).transpose()
}

/// Fits preprocessing on the training rows; columns that are of no use there leave the schema.
fn fit(
    table: &Table,
    schema: &mut Schema,
    train: &[u64],
    options: &DataOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Preprocessing> {
    let (mut preprocessing, dropped) = Preprocessing::fit_with(schema, table, train, options)?;
    let of_dropped: HashSet<Option<&str>> = dropped.iter().map(Warning::column).collect();
    let is_dropped = |warning: &Warning| of_dropped.contains(&warning.column());
    warnings.retain(|warning| warning.kind() != "constant_column" || !is_dropped(warning));
    warnings.extend(dropped);
    let used: HashSet<&String> = preprocessing.columns.iter().map(|steps| &steps.column).collect();
    schema.columns.retain(|field| used.contains(&field.name));
    let targets = targets_of(schema, table, train)?;
    let name = &schema.target.name;
    let scale = targets
        .as_deref()
        .map(|targets| target_scale(name, targets))
        .transpose();
    preprocessing.target = scale.map_err(|error| error.within(table.name()))?.flatten();
    preprocessing.target_range = targets.as_deref().and_then(range);
    Ok(preprocessing)
}

/// Makes the rows of each part.
struct Registration<'a> {
    table: &'a Table,
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
            Some(file) => apply::file(
                (self.schema, self.preprocessing),
                &Input::file(file),
                Purpose::Evaluate,
                &mut |_, _| Ok(()),
            )
            .map(Some)
            .map_err(|error| error.within(key)),
            None => drawn.map(|rows| self.drawn(rows)).transpose(),
        }
    }
}

fn no_target(table: &Table) -> Error {
    let hint = Advice::new("name one of its columns with ").setting("data.target");
    Error::config("no target column is given")
        .within(table.name())
        .hint(hint.text(format!(": {}", listing(table.names()))))
}

/// A warning about rows without a target, if there are any.
pub(super) fn without_target(schema: &Schema, count: usize) -> Option<Warning> {
    let column = schema.target.name.clone();
    (count > 0).then_some(Warning::MissingTarget {
        column,
        count,
        part: None,
    })
}

/// The targets of a regression.
fn targets_of(schema: &Schema, table: &Table, rows: &[u64]) -> Result<Option<Vec<f64>>> {
    let (Task::Regression, ColumnData::Numeric(values)) = (&schema.task, &table.column(&schema.target.name)?.data)
    else {
        return Ok(None);
    };
    Ok(Some(rows.iter().map(|&row| values.get(row as usize)).collect()))
}

/// Mean and spread of the targets of a regression.
fn target_scale(name: &str, targets: &[f64]) -> Result<Option<Standardize>> {
    let scale = Standardize::fit(targets);
    // Metrics in its units would all be 0.
    if scale.std > 0.0 && scale.std as f32 == 0.0 {
        let name = short(name);
        let message = format!(
            "target `{name}` has a standard deviation of {:e}, expected at least 1e-45",
            scale.std
        );
        return Err(Error::data(message).hint("use a smaller unit: multiply it by a power of ten"));
    }
    // The targets of a constant column have no spread to divide by.
    Ok(Some(scale).filter(|scale| scale.std > 0.0))
}

/// The least and the greatest of some numbers.
fn range(numbers: &[f64]) -> Option<[f64; 2]> {
    let pairs = numbers.iter().map(|&x| [x, x]);
    pairs.reduce(|[low, high], [x, _]| [low.min(x), high.max(x)])
}

/// Features of some rows, and their targets and weights if the purpose needs them.
pub(super) fn dataset(
    schema: &Schema,
    preprocessing: &Preprocessing,
    table: &Table,
    rows: &[u64],
    purpose: Purpose,
) -> Result<Applied> {
    let placed = |error| table.place(error);
    let matrix = preprocessing.transform(table, rows).map_err(placed)?;
    let targets = match purpose {
        Purpose::Predict => None,
        Purpose::Evaluate => {
            let target = table.column(&schema.target.name)?;
            Some(schema.task.encode(target, rows).map_err(placed)?)
        }
    };
    let weights = match &schema.sample_weight {
        Some(name) if purpose == Purpose::Evaluate && table.has(name) => {
            Some(weights::tensor(table.column(name)?, rows)?)
        }
        _ => None,
    };
    let dataset = Dataset::new(matrix.features, targets, schema.task.clone())
        .and_then(|dataset| dataset.weighted_by(weights))
        .map_err(|e| e.within(table.name()))?;
    Ok(Applied {
        dataset: dataset.named(matrix.names).read_from(RowOrigins::of(table, rows)),
        warnings: matrix.warnings,
        test_rows_of: None,
    })
}

fn summary(schema: &Schema, train: &Dataset, valid: Option<&Dataset>, test: Option<&Dataset>) -> Vec<String> {
    let target = short(&schema.target.name);
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
