//! Rows held out for validation and test.
//!
//! - A named set with an official test part keeps it.
//! - A named set without one holds out [`HELD_OUT`] of its rows, stratified by class, by a seed that belongs to the set
//!   ([`HELD_OUT_SEED`]) and not to the run: every run of every user is evaluated on the same rows.
//! - Validation rows, and the test rows of a file if asked for, are drawn by the seed of the run and the method of `data.split`.
//!
//! All parts keep the order of the file.
//!
//! To add a method: write `split/<name>.rs` with its `METHOD`, then add its lines here.

mod group;
mod random;
mod stratified;
mod time;

use std::fmt;
use std::str::FromStr;

use rosenblatt_tensor::{Advice, Error, Result};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::places::{count, listing};
use crate::warning::Part;
use crate::{Column, DataOptions, Table, Warning};

pub use group::split_groups;
pub use random::split_random;
pub use stratified::split;
pub(crate) use time::days;
pub use time::split_time;

/// Every method, in alphabetical order.
static METHODS: &[Method] = &[group::METHOD, random::METHOD, stratified::METHOD, time::METHOD];

/// Share of the rows of a named set without an official test part that is held out.
pub const HELD_OUT: f64 = 0.2;

/// The seed of that split. Changing it would make all published results incomparable.
pub const HELD_OUT_SEED: u64 = 0;

/// Two disjoint parts of some rows, each in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What stays, for training.
    pub rest: Vec<u64>,
    /// What is held out.
    pub held_out: Vec<u64>,
}

impl Parts {
    /// The rows that are marked, and the others.
    fn of(rows: &[u64], is_held_out: &[bool]) -> Self {
        let part = |held_out: bool| {
            let rows = rows.iter().zip(is_held_out).filter(|(_, is)| **is == held_out);
            let mut rows: Vec<u64> = rows.map(|(&row, _)| row).collect();
            rows.sort_unstable();
            rows
        };
        Self {
            rest: part(false),
            held_out: part(true),
        }
    }
}

/// Which part is drawn: with one seed, other rows test than validate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldOut {
    /// For choosing between models.
    Valid,
    /// For judging the chosen one.
    Test,
}

impl HeldOut {
    /// What users call its rows.
    fn rows(self) -> &'static str {
        match self {
            Self::Valid => "validation rows",
            Self::Test => "test rows",
        }
    }

    /// The purpose of its random numbers.
    fn name(self) -> &'static str {
        match self {
            Self::Valid => "split.valid",
            Self::Test => "split.test",
        }
    }
}

/// How many rows are held out, and by which random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// Of the rows.
    pub fraction: f64,
    /// What they are for.
    pub part: HeldOut,
    /// That of the run.
    pub seed: u64,
}

impl Draw {
    /// How many of `n` rows: the share, rounded, and at least one.
    fn wanted(self, n: usize) -> usize {
        ((n as f64 * self.fraction).round() as usize).max(1)
    }
}

/// How validation and test rows are drawn: `random`, `stratified`, `group=COLUMN` or `time=COLUMN`.
///
/// - `random`: row by row; every class keeps a training row.
/// - `stratified`: every class gives its share of rows. For classification only, as in scikit-learn, whose stratified splits
///   refuse continuous targets.
/// - `group=COLUMN`: whole groups of rows with one value of the column. It is not a feature then.
/// - `time=COLUMN`: the latest rows by a column of dates or numbers: test rows after validation rows after training rows.
///
/// # Example
/// ```
/// use rosenblatt_data::split::Split;
/// let split: Split = "group=patient".parse()?;
/// assert_eq!((split.method(), split.column()), ("group", Some("patient")));
/// assert_eq!(split.to_string(), "group=patient");
/// assert!("grup=patient".parse::<Split>().is_err());
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    method: &'static str,
    column: Option<String>,
}

impl Split {
    /// Its name.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method
    }

    /// The column that decides, if one does; empty if it is yet to be named.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// The column that is no feature because of it, if there is one.
    pub(crate) fn not_a_feature(&self) -> Option<&str> {
        let of_groups = self.entry()?.column == Some(Role::Group);
        self.column().filter(|_| of_groups)
    }

    fn entry(&self) -> Option<&'static Method> {
        METHODS.iter().find(|method| method.name == self.method)
    }
}

impl FromStr for Split {
    type Err = Error;

    /// `random`, `stratified`, `group=COLUMN` or `time=COLUMN`. Which columns there are is known where data is read: there an
    /// empty one is refused.
    fn from_str(text: &str) -> Result<Self> {
        let (name, column) = match text.split_once('=') {
            Some((name, column)) => (name, Some(column)),
            None => (text, None),
        };
        let found = METHODS.iter().find(|method| method.name == name.trim());
        let found = found.filter(|method| method.column.is_some() || column.is_none());
        let method = found.ok_or_else(|| Error::config(format!("expected {}, got `{text}`", forms())))?;
        let column = method.column.map(|_| column.unwrap_or_default().to_owned());
        Ok(Self {
            method: method.name,
            column,
        })
    }
}

/// `` `group=COLUMN`, `random` or `time=COLUMN` ``
fn forms() -> String {
    let form = |method: &Method| match method.column {
        Some(_) => format!("`{}=COLUMN`", method.name),
        None => format!("`{}`", method.name),
    };
    let forms: Vec<String> = METHODS.iter().map(form).collect();
    match forms.split_last() {
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "{}={column}", self.method),
            None => f.write_str(self.method),
        }
    }
}

/// As the text after a flag.
impl Serialize for Split {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Split {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// What a method needs a column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It names groups, which no new row belongs to: it is no feature.
    Group,
    /// It orders the rows.
    Order,
}

/// An entry of the registry.
struct Method {
    name: &'static str,
    /// What its column is for, if it takes one.
    column: Option<Role>,
    prepare: for<'a> fn(&'a Context<'a>) -> Result<Box<dyn HoldOut + 'a>>,
}

/// What a method may look at.
pub(crate) struct Context<'a> {
    /// None of images.
    pub(crate) table: Option<&'a Table>,
    pub(crate) options: &'a DataOptions,
    /// The name of the target.
    pub(crate) target: &'a str,
    /// The class of every row, also of those that are not drawn from.
    pub(crate) classes: Option<&'a [i64]>,
}

impl<'a> Context<'a> {
    /// The table and the column that rows are drawn by.
    fn column(&self) -> Result<(&'a Table, &'a Column)> {
        let (Some(table), Some(split)) = (self.table, &self.options.split) else {
            return Err(Error::internal("a split without a column"));
        };
        Ok((table, table.column(split.column().unwrap_or_default())?))
    }
}

/// The rows of each part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawn<'a> {
    pub(crate) train: &'a [u64],
    pub(crate) valid: Option<&'a [u64]>,
    pub(crate) test: Option<&'a [u64]>,
}

impl<'a> Drawn<'a> {
    /// The first part that was held out, if one was.
    pub(crate) fn held_out(self) -> Option<(Part, &'a [u64])> {
        let valid = self.valid.map(|rows| (Part::Valid, rows));
        valid.or(self.test.map(|rows| (Part::Test, rows)))
    }

    /// Each part that there is, with its name.
    fn parts(self) -> impl Iterator<Item = (&'static str, &'a [u64])> {
        let parts = [
            ("training", Some(self.train)),
            ("validation", self.valid),
            ("test", self.test),
        ];
        parts.into_iter().filter_map(|(name, rows)| Some((name, rows?)))
    }
}

/// A method that has looked at its column.
pub(crate) trait HoldOut {
    /// Parts some rows.
    fn hold_out(&self, rows: &[u64], draw: Draw) -> Result<Parts>;

    /// A line about the parts, if there is something to say.
    fn summary(&self, _drawn: Drawn<'_>) -> Option<String> {
        None
    }

    /// What is unusual about the column in some rows.
    fn warning(&self, _rows: &[u64]) -> Option<Warning> {
        None
    }
}

/// The method that is given, or the usual one.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] with the key `data.split` if there is no such column, or it cannot be one.
pub(crate) fn method<'a>(context: &'a Context<'a>) -> Result<Box<dyn HoldOut + 'a>> {
    const KEY: &str = "data.split";
    let Some(split) = &context.options.split else {
        return Ok(Box::new(stratified::Stratified::of(context)));
    };
    let method = split
        .entry()
        .ok_or_else(|| Error::internal("a method without an entry"))?;
    if method.column.is_some() {
        check_column(split, context).map_err(|error| error.for_setting(KEY))?;
    }
    (method.prepare)(context).map_err(|error| error.for_setting(KEY))
}

fn check_column(split: &Split, context: &Context<'_>) -> Result<()> {
    let Some(table) = context.table else {
        let error = Error::config(format!("`{split}` names a column, and images have none"));
        return Err(error.hint("use `random` or `stratified`"));
    };
    let column = split.column().unwrap_or_default();
    if column.is_empty() && !table.has("") {
        let others = table.names().filter(|name| *name != context.target);
        let name = split.method;
        let error = Error::config(format!("expected a column, as in `{name}=COLUMN`, got `{split}`"));
        return Err(error.hint(format!("name one of its columns: {}", listing(others))));
    }
    table.column(column)?;
    match column == context.target {
        true => Err(Error::config(format!("`{column}` is the target")).hint("name another column")),
        false => Ok(()),
    }
}

fn check_fraction(fraction: f64) -> Result<()> {
    match fraction > 0.0 && fraction < 1.0 {
        true => Ok(()),
        false => Err(Error::config(format!(
            "expected a fraction between 0 and 1, got {fraction}"
        ))),
    }
}

/// The error of rows that have none to give.
fn too_few(rows: usize, which: HeldOut) -> Error {
    let (is, part) = (count(rows, "row"), which.rows());
    let error = Error::data(format!(
        "{is} with a target: too few to hold out {part}, since every class keeps a training row"
    ));
    error.hint(match which {
        HeldOut::Valid => Advice::new("use more rows, or train without validation rows: ").set("preset", "plain"),
        HeldOut::Test => Advice::new("use more rows, or no test rows: leave ")
            .setting("data.test_fraction")
            .text(" out"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_registered() {
        let names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
        assert!(names.is_sorted(), "keep METHODS in alphabetical order");
        assert_eq!(rosenblatt_testkit::rust_files("src/split"), names);
    }

    #[test]
    fn methods_are_read_as_they_are_written() {
        for text in ["random", "stratified", "group=a", "group=a=b", "time= a ", "group="] {
            assert_eq!(text.parse::<Split>().unwrap().to_string(), text);
        }
        assert_eq!("group".parse::<Split>().unwrap().column(), Some(""));
        for wrong in ["", "grop=a", "random=a", "patient", "=a", "stratified="] {
            let error = wrong.parse::<Split>().unwrap_err().to_string();
            let expected = "expected `group=COLUMN`, `random`, `stratified` or `time=COLUMN`, got ";
            assert_eq!(error, format!("{expected}`{wrong}`"));
        }
    }
}
