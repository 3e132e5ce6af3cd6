//! Which rows are for training, validation and test.

use rosenblatt_tensor::{Error, Result};

use crate::places::count;
use crate::sets::Set;
use crate::split::{self, Context, Draw, Drawn, HeldOut, HoldOut, Parts};
use crate::{Column, DataOptions, Schema, Table, Task, Warning};

/// Rows of each part, as row numbers of the table.
pub(super) struct Rows {
    pub(super) train: Vec<u64>,
    pub(super) valid: Option<Vec<u64>>,
    pub(super) test: Option<Vec<u64>>,
}

impl Rows {
    pub(super) fn drawn(&self) -> Drawn<'_> {
        Drawn {
            train: &self.train,
            valid: self.valid.as_deref(),
            test: self.test.as_deref(),
        }
    }
}

/// The rows of a table, and what is to be said about them.
pub(super) struct Divided {
    pub(super) rows: Rows,
    pub(super) line: Option<String>,
    pub(super) warning: Option<Warning>,
}

/// Some rows, and those that were set apart if any were asked for.
type Apart = (Vec<u64>, Option<Vec<u64>>);

/// Draws rows as the options say.
pub(super) struct Divider<'a> {
    method: Box<dyn HoldOut + 'a>,
    options: &'a DataOptions,
    seed: u64,
}

impl<'a> Divider<'a> {
    pub(super) fn of(context: &'a Context<'a>, seed: u64) -> Result<Self> {
        Ok(Self {
            method: split::method(context)?,
            options: context.options,
            seed,
        })
    }

    /// Test rows.
    pub(super) fn test(&self, rows: Vec<u64>) -> Result<Apart> {
        self.set_apart(rows, self.options.test_fraction, HeldOut::Test)
    }

    /// Validation rows, from what test rows leave.
    pub(super) fn valid(&self, rows: Vec<u64>) -> Result<Apart> {
        let left = count(rows.len(), "row");
        let apart = self.set_apart(rows, self.options.valid_fraction, HeldOut::Valid);
        apart.map_err(|error| match self.options.test_fraction {
            Some(share) if self.column().is_none() => {
                let few = format!("{share} for testing leaves {left}: too few to hold out validation rows");
                let error = Error::config(few).within("data.test_fraction");
                error.hint("choose a smaller share, or use more rows; of every class one row is kept for training")
            }
            _ => error,
        })
    }

    /// Sets a share of `rows` apart if one is asked for.
    fn set_apart(&self, rows: Vec<u64>, fraction: Option<f64>, part: HeldOut) -> Result<Apart> {
        let Some(fraction) = fraction else {
            return Ok((rows, None));
        };
        let seed = self.seed;
        let parts = self.method.hold_out(&rows, Draw { fraction, part, seed });
        let Parts { rest, held_out } = parts.map_err(|error| match self.column() {
            Some(_) => error.within("data.split"),
            None => error,
        })?;
        Ok((rest, Some(held_out)))
    }

    /// The column that rows are drawn by, if they are.
    fn column(&self) -> Option<&str> {
        self.options.split.as_ref()?.column()
    }
}

/// Test rows first: they depend on the data set, or on the whole file; then validation rows from what stays.
pub(super) fn divide(
    table: &Table,
    schema: &Schema,
    known: Vec<u64>,
    options: &DataOptions,
    set: Option<&Set>,
    seed: u64,
) -> Result<Divided> {
    let placed = |error: Error| error.within(table.name());
    let classes = classes(table.column(&schema.target.name)?, &schema.task, &known).map_err(placed)?;
    let context = Context {
        table: Some(table),
        options,
        target: &schema.target.name,
        classes: classes.as_deref(),
    };
    let divider = Divider::of(&context, seed)?;
    let warning = divider.method.warning(&known);
    let (rest, test) = match set {
        Some(_) if options.test.is_some() || options.test_fraction.is_some() => {
            return Err(placed(own_test_rows(options)));
        }
        Some(set) => {
            let held_out = set.held_out()?.unwrap_or_default();
            let (test, rest) = known.into_iter().partition(|row| held_out.binary_search(row).is_ok());
            (rest, Some(test))
        }
        None => divider.test(known).map_err(placed)?,
    };
    let (train, valid) = divider.valid(rest).map_err(placed)?;
    if train.is_empty() {
        return Err(placed(Error::data("no row is left to learn from")));
    }
    let rows = Rows { train, valid, test };
    let line = divider.method.summary(rows.drawn());
    Ok(Divided { rows, line, warning })
}

fn own_test_rows(options: &DataOptions) -> Error {
    let key = match options.test.is_some() {
        true => "data.test",
        false => "data.test_fraction",
    };
    let error = Error::config("the data set has its own test rows").within(key);
    error.hint("leave it out")
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
