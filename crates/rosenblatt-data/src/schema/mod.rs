//! What a table holds, and what is to be predicted from it.

mod check;
mod identity;
mod outliers;
mod overview;
mod profile;
mod task;

use std::collections::BTreeMap;

use rosenblatt_tensor::{Advice, Error, Result};
use serde::{Deserialize, Serialize};

use crate::dates::{DateOrder, Orders, given::Given};
use crate::options::Reading;
use crate::read::ReadOptions;
use crate::typed::Written;
use crate::{Column, ColumnData, ColumnKind, DataOptions, Table, TableOptions, Trained, Warning};

pub use identity::identifies_rows;
pub(crate) use identity::nearly_unique;
pub use overview::Overview;
pub(crate) use overview::unusual;
use profile::is_constant;
pub use profile::{Inferred, Profile, repeated_rows};
pub use task::Task;

/// The columns a model was trained on; part of the model file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// What is predicted from, in the order of the file.
    pub columns: Vec<Field>,
    /// What is predicted.
    pub target: Field,
    /// How it is predicted.
    pub task: Task,
    /// The column with the weights of the rows, which is neither a feature nor the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_weight: Option<String>,
    /// Markers of missing cells, besides the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The delimiter, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// How files are read, if it was given.
    #[serde(default, skip_serializing_if = "Reading::is_default")]
    pub reading: Reading,
    /// What is asked for new data, besides what was given in training; see [`ReadOptions::asked`].
    #[serde(skip)]
    pub asked: Vec<&'static str>,
}

/// A column without its cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// As in the header.
    pub name: String,
    /// What its cells are.
    pub kind: FieldKind,
    /// How its numbers are written.
    #[serde(default, skip_serializing_if = "Written::is_default")]
    pub written: Written,
}

/// What the cells of a column are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Numbers.
    Numeric,
    /// Names of categories.
    Categorical {
        /// The categories of the whole file, ascending.
        levels: Vec<String>,
    },
    /// Days, with or without a time.
    Date,
    /// Bytes of pixels.
    Image {
        /// `[height, width]`
        shape: Vec<usize>,
    },
}

/// What the user says about the columns.
#[derive(Clone, Copy, Debug)]
pub struct Overrides<'a> {
    /// The column to predict.
    pub target: &'a str,
    /// Columns to drop.
    pub drop: &'a [String],
    /// Columns whose kind is given.
    pub kinds: &'a BTreeMap<String, ColumnKind>,
    /// The column with the weights of the rows.
    pub sample_weight: Option<&'a str>,
    /// The column with the groups that rows are split by.
    pub group: Option<&'a str>,
    /// The order of day, month and year in dates, if it is given.
    pub date_order: Option<DateOrder>,
    /// Columns of dates whose format is given.
    pub date_formats: &'a BTreeMap<String, String>,
}

impl<'a> Overrides<'a> {
    /// The column to predict, and nothing else: all the rest is inferred.
    #[must_use]
    pub fn of(target: &'a str) -> Self {
        static KINDS: BTreeMap<String, ColumnKind> = BTreeMap::new();
        static FORMATS: BTreeMap<String, String> = BTreeMap::new();
        Self {
            target,
            drop: &[],
            kinds: &KINDS,
            sample_weight: None,
            group: None,
            date_order: None,
            date_formats: &FORMATS,
        }
    }
}

impl Schema {
    /// Infers columns and task of a table. Returns warnings about the columns that are left out, too.
    ///
    /// Every column is used but the target, the weights, the groups, those to be dropped, and, unless its kind is given, a column
    /// that identifies rows: see [`identifies_rows`]. Texts are dates if all of the table are, and it is clear which is the
    /// day and which the month.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] with the key `data.target`, `data.drop`, `data.sample_weight` or
    /// `data.columns.NAME` if such a column does not exist (with the nearest name as a hint);
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the target cannot be predicted.
    pub fn infer(table: &Table, overrides: Overrides<'_>) -> Result<(Self, Vec<Warning>)> {
        let target = overrides.check(table)?;
        let given = overrides.kinds.get(&target.name).copied();
        let task = Task::infer(target, given).map_err(|e| e.within(table.name()))?;
        let (columns, left_out) = overrides.features(table);
        if columns.is_empty() {
            return Err(nothing_left(table, &left_out));
        }
        let schema = Self {
            columns,
            target: Field::of(table, target),
            task,
            sample_weight: overrides.sample_weight.map(str::to_owned),
            missing: Vec::new(),
            delimiter: None,
            reading: Reading::default(),
            asked: Vec::new(),
        };
        Ok((schema, left_out))
    }

    /// The same for files that are written as the options say; what they leave open is as it was in training.
    #[must_use]
    pub fn written_as(mut self, options: &DataOptions) -> Self {
        if !options.missing.is_empty() {
            self.missing.clone_from(&options.missing);
        }
        self.delimiter = options.delimiter.or(self.delimiter);
        self.reading = options.reading().or(self.reading);
        self.asked = options.asked();
        self
    }

    /// How to read further files: as the first one was read.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a setting has a value that does not fit.
    pub fn reading(&self) -> Result<TableOptions> {
        Ok(TableOptions {
            // A prediction for each row, whatever it holds.
            read: ReadOptions {
                every_row: true,
                asked: self.asked.clone(),
                ..self.reading.options(self.delimiter)?
            },
            missing: self.missing.clone(),
            not_missing: self.reading.not_missing.clone(),
            exact: self.reading.exact.clone(),
            trained: self.trained(),
            kinds: self.kinds(),
            ..TableOptions::default()
        })
    }

    /// What is known of the columns, to read further files as the first one was read.
    fn trained(&self) -> BTreeMap<String, Trained> {
        let of_field = |field: &Field| Trained {
            levels: match (&field.kind, &self.task) {
                (FieldKind::Categorical { levels }, _) => levels.clone(),
                // Classes may be numbers that were read as such.
                (_, Task::Classification { classes }) if field.name == self.target.name => classes.clone(),
                _ => Vec::new(),
            },
            written: field.written.clone(),
        };
        let fields = self.columns.iter().chain([&self.target]);
        fields.map(|field| (field.name.clone(), of_field(field))).collect()
    }

    /// The kinds of all columns, to read further files as the first one was read.
    #[must_use]
    pub fn kinds(&self) -> BTreeMap<String, ColumnKind> {
        let kind = |field: &Field| match field.kind {
            FieldKind::Categorical { .. } => ColumnKind::Categorical,
            FieldKind::Date => ColumnKind::Date,
            FieldKind::Numeric | FieldKind::Image { .. } => ColumnKind::Numeric,
        };
        self.columns
            .iter()
            .chain([&self.target])
            .map(|field| (field.name.clone(), kind(field)))
            .collect()
    }
}

impl Overrides<'_> {
    /// Whether all columns that are named are there and do not contradict each other; returns the target.
    fn check<'t>(&self, table: &'t Table) -> Result<&'t Column> {
        let find = |name: &str, key: &str| table.column(name).map_err(|error| error.for_setting(key));
        for name in self.drop {
            find(name, "data.drop")?;
        }
        for name in self.kinds.keys() {
            find(name, &format!("data.columns.{name}"))?;
        }
        let target = find(self.target, "data.target")?;
        if let Some(name) = self.sample_weight {
            find(name, "data.sample_weight")?;
            not_the_target(name, &target.name)?;
        }
        if self.drop.contains(&target.name) {
            let error = Error::config(format!("`{}` is both dropped and the target", target.name));
            return Err(error.within("data.drop").hint("leave it out of one of them"));
        }
        for name in self.date_formats.keys() {
            find(name, &format!("data.date_formats.{name}"))?;
        }
        if self.dates(&target.name).is_date {
            let message = format!("`{}` is the target, and dates cannot be predicted", target.name);
            return Err(Error::config(message));
        }
        Ok(target)
    }

    /// What is predicted from, and what is left out though no one dropped it.
    fn features(&self, table: &Table) -> (Vec<Field>, Vec<Warning>) {
        let (mut fields, mut left_out) = (Vec::new(), Vec::new());
        for column in table.each_column().filter(|column| self.may_be_feature(column)) {
            let given = self.kinds.get(&column.name).copied();
            if are_dates(column, given, self.dates(&column.name)) {
                fields.push(Field {
                    name: column.name.clone(),
                    kind: FieldKind::Date,
                    written: Written::default(),
                });
                continue;
            }
            match why_dropped(column).filter(|_| given.is_none()) {
                Some(reason) => left_out.push(Warning::ColumnDropped {
                    column: column.name.clone(),
                    reason,
                }),
                None => fields.push(Field::of(table, column)),
            }
        }
        (fields, left_out)
    }

    /// What is said about the dates of a column.
    fn dates(&self, column: &str) -> Given<'_> {
        let format = self.date_formats.get(column).map(String::as_str);
        Given {
            is_date: format.is_some() || self.kinds.get(column) == Some(&ColumnKind::Date),
            order: self.date_order,
            format,
        }
    }

    fn may_be_feature(&self, column: &Column) -> bool {
        let name = column.name.as_str();
        let is_other = [Some(self.target), self.sample_weight, self.group].contains(&Some(name));
        !is_other && !self.drop.iter().any(|dropped| dropped == name)
    }
}

fn nothing_left(table: &Table, left_out: &[Warning]) -> Error {
    let error = Error::data("no feature columns are left").within(table.name());
    let Some(column) = left_out.first().and_then(Warning::column) else {
        return error.hint("drop fewer columns");
    };
    let reasons: Vec<String> = left_out.iter().map(Warning::to_string).collect();
    let hint = Advice::new(format!("{}; ", reasons.join("; ")));
    let key = format!("data.columns.{column}");
    error.hint(hint.set(key, "categorical").text(" keeps such a column"))
}

/// Whether a column is given to be one of dates, or, if nothing is given, every text of it is a date, a time or a duration.
fn are_dates(column: &Column, kind: Option<ColumnKind>, dates: Given<'_>) -> bool {
    match &column.data {
        ColumnData::Categorical(texts) => {
            let said = || dates.spelling(texts.levels().iter()).is_some();
            dates.is_date || kind.is_none() && said()
        }
        ColumnData::Numeric(_) => dates.is_date,
    }
}

/// Why a column of dates is left out.
pub(crate) const AMBIGUOUS: &str = "its dates do not show whether the day or the month comes first";

/// Why a column is left out unless its kind is given, if it is.
fn why_dropped(column: &Column) -> Option<String> {
    let reason = identifies_rows(column)?;
    Some(if is_ambiguous(column) {
        AMBIGUOUS.to_owned()
    } else {
        reason
    })
}

/// Whether a column is one of dates but for the order of their numbers.
fn is_ambiguous(column: &Column) -> bool {
    match &column.data {
        ColumnData::Categorical(texts) => {
            let vote = Orders::of(texts.levels().iter());
            vote.is_ambiguous() && vote.are_mostly_dates()
        }
        ColumnData::Numeric(_) => false,
    }
}

/// Refuses weights that are the target.
pub(crate) fn not_the_target(weights: &str, target: &str) -> Result<()> {
    if weights != target {
        return Ok(());
    }
    let error = Error::config(format!("`{target}` is both the sample weight and the target"));
    Err(error
        .within("data.sample_weight")
        .hint("name another column in one of them"))
}

impl Field {
    fn of(table: &Table, column: &Column) -> Self {
        let kind = match &column.data {
            ColumnData::Numeric(_) => FieldKind::Numeric,
            ColumnData::Categorical(texts) => FieldKind::Categorical {
                levels: texts.levels().to_vec(),
            },
        };
        Self {
            name: column.name.clone(),
            kind,
            written: table.written(&column.name),
        }
    }
}
