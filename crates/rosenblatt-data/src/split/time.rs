//! The latest rows.

use rosenblatt_tensor::{Error, Result};

use super::{Context, Draw, Drawn, HoldOut, Method, Parts, Role, check_fraction};
use crate::dates::given::{Given, order_advice};
use crate::dates::{Orders, Spelling};
use crate::places::short;
use crate::{Column, ColumnData, DataOptions, Dictionary, MISSING, Warning};

/// `time=COLUMN`.
pub(super) const METHOD: Method = Method {
    name: "time",
    column: Some(Role::Order),
    prepare: |context| Ok(Box::new(Times::of(context)?)),
};

struct Times<'a> {
    column: &'a Column,
    /// Of every row; NaN where there is none.
    moments: Vec<f64>,
}

impl<'a> Times<'a> {
    fn of(context: &Context<'a>) -> Result<Self> {
        let (table, column) = context.column()?;
        let moments = moments(column, context.options).ok_or_else(|| no_times(column).within(table.name()))?;
        Ok(Self { column, moments })
    }

    /// The cells of the first and of the last of some rows.
    fn ends(&self, rows: &[u64]) -> Option<[String; 2]> {
        let known = || rows.iter().filter(|&&row| !self.moments[row as usize].is_nan());
        let order = |a: &&u64, b: &&u64| self.moments[**a as usize].total_cmp(&self.moments[**b as usize]);
        let ends = known().min_by(order).zip(known().max_by(order))?;
        Some([*ends.0, *ends.1].map(|row| self.cell(row)))
    }

    fn cell(&self, row: u64) -> String {
        match &self.column.data {
            ColumnData::Numeric(values) => values.get(row as usize).to_string(),
            ColumnData::Categorical(texts) => short(texts.get(row as usize).unwrap_or_default()),
        }
    }
}

/// The time of every row as a number, NaN where it is missing; none if the column has neither dates nor numbers.
fn moments(column: &Column, options: &DataOptions) -> Option<Vec<f64>> {
    match &column.data {
        ColumnData::Numeric(values) => Some(values.to_vec()),
        ColumnData::Categorical(texts) => {
            let spelling = Given::of(options, &column.name).spelling(texts.levels().iter())?;
            Some(days(texts, &spelling))
        }
    }
}

/// The days since the beginning of 1970 of every row; NaN where there is no date.
pub(crate) fn days(texts: &Dictionary, spelling: &Spelling) -> Vec<f64> {
    let days = |text| spelling.read(text).map_or(f64::NAN, |moment| moment.elapsed_days());
    let of_levels: Vec<f64> = texts.levels().iter().map(days).collect();
    let moment = |&code: &u32| {
        if code == MISSING {
            f64::NAN
        } else {
            of_levels[code as usize]
        }
    };
    texts.codes().iter().map(moment).collect()
}

fn no_times(column: &Column) -> Error {
    let name = short(&column.name);
    match &column.data {
        ColumnData::Categorical(texts) if Orders::of(texts.levels().iter()).is_ambiguous() => {
            let message = format!("the dates of `{name}` do not show whether the day or the month comes first");
            Error::config(message).hint(order_advice())
        }
        _ => Error::config(format!(
            "expected a column of dates or numbers, but `{name}` holds texts"
        )),
    }
}

impl HoldOut for Times<'_> {
    fn hold_out(&self, rows: &[u64], draw: Draw) -> Result<Parts> {
        let moments: Vec<f64> = rows.iter().map(|&row| self.moments[row as usize]).collect();
        split_time(rows, &moments, draw)
    }

    fn summary(&self, drawn: Drawn<'_>) -> Option<String> {
        let span = |(part, rows)| {
            let [first, last] = self.ends(rows)?;
            Some(format!("{part} {first} to {last}"))
        };
        let spans: Vec<String> = drawn.parts().filter_map(span).collect();
        Some(format!(
            "split: by time of `{}`: {}",
            short(&self.column.name),
            spans.join(", ")
        ))
    }

    fn warning(&self, rows: &[u64]) -> Option<Warning> {
        let missing = rows.iter().filter(|&&row| self.moments[row as usize].is_nan());
        let count = missing.count();
        (count > 0).then(|| Warning::MissingTimes {
            column: self.column.name.clone(),
            count,
        })
    }
}

/// Holds out the latest of `rows`; `moments` has the time of each, NaN if it is not known: such rows stay.
///
/// Rows of one moment are never divided; as many moments are taken as bring the number of rows nearest to the share that is
/// asked for, and at least one.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if the fraction is not between 0 and 1,
/// [`rosenblatt_tensor::ErrorKind::Data`] if there is no earlier and later.
///
/// # Example
/// ```
/// use rosenblatt_data::split::{Draw, HeldOut, split_time};
/// let draw = Draw { fraction: 0.4, part: HeldOut::Test, seed: 0 };
/// let parts = split_time(&[0, 1, 2, 3, 4], &[3.0, 1.0, 3.0, 2.0, f64::NAN], draw)?;
/// assert_eq!((parts.rest, parts.held_out), (vec![1, 3, 4], vec![0, 2]));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn split_time(rows: &[u64], moments: &[f64], draw: Draw) -> Result<Parts> {
    check_fraction(draw.fraction)?;
    let mut latest: Vec<usize> = (0..rows.len()).filter(|&at| !moments[at].is_nan()).collect();
    latest.sort_unstable_by(|&a, &b| moments[b].total_cmp(&moments[a]));
    let mut is_held_out = vec![false; rows.len()];
    let mut missing = draw.wanted(rows.len()) as i64;
    let moment = |at: usize| moments[at] + 0.0;
    let of_moments: Vec<&[usize]> = latest.chunk_by(|&a, &b| moment(a) == moment(b)).collect();
    let Some((_, later)) = of_moments.split_last().filter(|(_, later)| !later.is_empty()) else {
        return Err(no_order(draw));
    };
    for (i, together) in later.iter().enumerate() {
        let size = together.len() as i64;
        if i > 0 && size >= 2 * missing {
            break;
        }
        together.iter().for_each(|&at| is_held_out[at] = true);
        missing -= size;
    }
    Ok(Parts::of(rows, &is_held_out))
}

fn no_order(draw: Draw) -> Error {
    let rows = draw.part.rows();
    let error = Error::data(format!(
        "no row is later than another one: there are no {rows} to hold out"
    ));
    error.hint("use a column with the time of each row")
}
