//! By whole groups.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Error, Result};

use super::random::{Classes, classes_of};
use super::{Context, Draw, Drawn, HoldOut, Method, Parts, Role, check_fraction};
use crate::places::{count, short};
use crate::{Column, ColumnData, Warning};

/// `group=COLUMN`.
pub(super) const METHOD: Method = Method {
    name: "group",
    column: Some(Role::Group),
    prepare: |context| Ok(Box::new(Groups::of(context)?)),
};

struct Groups<'a> {
    column: &'a Column,
    /// The group of every row.
    ids: Vec<u64>,
    classes: Option<&'a [i64]>,
}

impl<'a> Groups<'a> {
    fn of(context: &Context<'a>) -> Result<Self> {
        let (_, column) = context.column()?;
        Ok(Self {
            column,
            ids: ids(column),
            classes: context.classes,
        })
    }

    fn id(&self, row: u64) -> u64 {
        self.ids[row as usize]
    }
}

/// The group of every row; a row without a value is one of its own.
fn ids(column: &Column) -> Vec<u64> {
    let id = |row: usize| match &column.data {
        data if data.is_missing(row) => Key::Row(row),
        ColumnData::Numeric(values) => Key::Value((values.get(row) + 0.0).to_bits()),
        ColumnData::Categorical(texts) => Key::Value(u64::from(texts.codes()[row])),
    };
    let mut known: HashMap<Key, u64, FixedState> = HashMap::default();
    let rows = 0..column.data.len();
    rows.map(|row| {
        let next = known.len() as u64;
        *known.entry(id(row)).or_insert(next)
    })
    .collect()
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Value(u64),
    Row(usize),
}

impl HoldOut for Groups<'_> {
    fn hold_out(&self, rows: &[u64], draw: Draw) -> Result<Parts> {
        let ids: Vec<u64> = rows.iter().map(|&row| self.id(row)).collect();
        split_groups(rows, &ids, &classes_of(rows, self.classes), draw)
    }

    fn summary(&self, drawn: Drawn<'_>) -> Option<String> {
        let groups = drawn.parts().map(|(part, rows)| {
            let mut ids: Vec<u64> = rows.iter().map(|&row| self.id(row)).collect();
            ids.sort_unstable();
            ids.dedup();
            format!("{} {part}", ids.len())
        });
        let groups = groups.collect::<Vec<_>>().join(", ");
        let name = short(&self.column.name);
        Some(format!(
            "split: by groups of `{name}`, which is not a feature: {groups}"
        ))
    }

    fn warning(&self, rows: &[u64]) -> Option<Warning> {
        let missing = rows.iter().filter(|&&row| self.column.data.is_missing(row as usize));
        let count = missing.count();
        (count > 0).then(|| Warning::MissingGroups {
            column: self.column.name.clone(),
            count,
        })
    }
}

/// Holds out whole groups of `rows`; `groups` has the group of each, `classes` its class, and every class keeps a row.
///
/// In random order, a group is taken if that brings the number of held out rows nearer to the share that is asked for. So it is
/// missed by at most half of the smallest group that could be taken; a group of twice the rows that are asked for is never
/// taken, unless all are as large: then the smallest is.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if the fraction is not between 0 and 1,
/// [`rosenblatt_tensor::ErrorKind::Data`] if no group can be held out.
///
/// # Example
/// ```
/// use rosenblatt_data::split::{Draw, HeldOut, split_groups};
/// let rows: Vec<u64> = (0..10).collect();
/// let groups = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
/// let draw = Draw { fraction: 0.4, part: HeldOut::Test, seed: 7 };
/// let parts = split_groups(&rows, &groups, &[0; 10], draw)?;
/// assert_eq!(parts.held_out.len(), 4);
/// assert!(parts.held_out.chunks(2).all(|pair| pair[0] / 2 == pair[1] / 2));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn split_groups(rows: &[u64], groups: &[u64], classes: &[i64], draw: Draw) -> Result<Parts> {
    check_fraction(draw.fraction)?;
    let members = members(groups);
    let mut order = vec![0; members.len()];
    Rng::new(draw.seed).purpose(draw.part.name()).permutation(&mut order);
    let mut left = Classes::of(classes.iter().copied());
    let mut take = |group: u64| {
        let classes: Vec<i64> = members[group as usize].iter().map(|&at| classes[at]).collect();
        left.take(&classes)
    };
    let size = |group: u64| members[group as usize].len();
    let mut missing = draw.wanted(rows.len()) as i64;
    let mut taken = Vec::new();
    for &group in &order {
        if (size(group) as i64) < 2 * missing && take(group) {
            missing -= size(group) as i64;
            taken.push(group);
        }
    }
    if taken.is_empty() {
        order.sort_by_key(|&group| size(group));
        taken.extend(order.into_iter().find(|&group| take(group)));
    }
    if taken.is_empty() {
        return Err(no_group(members.len(), draw));
    }
    let mut is_held_out = vec![false; rows.len()];
    let of_taken = taken.iter().flat_map(|&group| &members[group as usize]);
    of_taken.for_each(|&at| is_held_out[at] = true);
    Ok(Parts::of(rows, &is_held_out))
}

/// The places of the rows of each group; groups in the order of their first rows, so that it is the same whatever they are called.
fn members(groups: &[u64]) -> Vec<Vec<usize>> {
    let mut places: HashMap<u64, usize, FixedState> = HashMap::default();
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let place = *places.entry(*group).or_insert(members.len());
        if place == members.len() {
            members.push(Vec::new());
        }
        members[place].push(at);
    }
    members
}

fn no_group(groups: usize, draw: Draw) -> Error {
    let (groups, rows) = (count(groups, "group"), draw.part.rows());
    let error = Error::data(format!(
        "{groups}: none can be held out as {rows}, since every class keeps a training row"
    ));
    error.hint("group by a column with more values, or use more rows")
}
