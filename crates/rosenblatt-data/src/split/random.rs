//! By row.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;

use super::{Draw, HoldOut, Method, Parts, check_fraction, too_few};

/// `random`.
pub(super) const METHOD: Method = Method {
    name: "random",
    column: None,
    prepare: |context| Ok(Box::new(Random(context.classes))),
};

struct Random<'a>(Option<&'a [i64]>);

impl HoldOut for Random<'_> {
    fn hold_out(&self, rows: &[u64], draw: Draw) -> Result<Parts> {
        split_random(rows, &classes_of(rows, self.0), draw)
    }
}

/// The class of each of the rows, from those of all; one for all if there are none.
pub(super) fn classes_of(rows: &[u64], of_all: Option<&[i64]>) -> Vec<i64> {
    let class = |&row: &u64| of_all.map_or(0, |classes| classes[row as usize]);
    rows.iter().map(class).collect()
}

/// Holds out a share of `rows`, drawn one by one; `classes` has the class of each, and every class keeps a row.
///
/// # Errors
/// As [`split`](super::split).
pub fn split_random(rows: &[u64], classes: &[i64], draw: Draw) -> Result<Parts> {
    check_fraction(draw.fraction)?;
    let mut left = Classes::of(classes.iter().copied());
    let mut order = vec![0; rows.len()];
    Rng::new(draw.seed).purpose(draw.part.name()).permutation(&mut order);
    let (mut missing, mut is_held_out) = (draw.wanted(rows.len()), vec![false; rows.len()]);
    for &at in &order {
        if missing > 0 && left.take(&[classes[at as usize]]) {
            is_held_out[at as usize] = true;
            missing -= 1;
        }
    }
    match is_held_out.contains(&true) {
        true => Ok(Parts::of(rows, &is_held_out)),
        false => Err(too_few(rows.len(), draw.part)),
    }
}

/// How many rows of each class are left for training.
pub(super) struct Classes {
    /// Ascending.
    classes: Vec<i64>,
    left: Vec<usize>,
}

impl Classes {
    pub(super) fn of(classes: impl Iterator<Item = i64>) -> Self {
        let mut sorted: Vec<i64> = classes.collect();
        sorted.sort_unstable();
        let (classes, left) = sorted.chunk_by(|a, b| a == b).map(|rows| (rows[0], rows.len())).unzip();
        Self { classes, left }
    }

    /// Takes rows of these classes away, unless a class would have none left.
    pub(super) fn take(&mut self, rows: &[i64]) -> bool {
        let places: Vec<usize> = rows
            .iter()
            .filter_map(|class| self.classes.binary_search(class).ok())
            .collect();
        places.iter().for_each(|&place| self.left[place] -= 1);
        let keeps = places.iter().all(|&place| self.left[place] > 0);
        if !keeps {
            places.iter().for_each(|&place| self.left[place] += 1);
        }
        keeps
    }
}
