//! Rows held out for validation and test.
//!
//! - A named set with an official test part keeps it.
//! - A named set without one holds out [`HELD_OUT`] of its rows, stratified by class, by a seed that belongs to the set
//!   ([`HELD_OUT_SEED`]) and not to the run: every run of every user is evaluated on the same rows.
//! - Validation rows, and the test rows of a file if asked for, are drawn by the seed of the run.
//!
//! Both parts keep the order of the file.

use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Advice, Error, Result};

use crate::places::count;

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

/// Holds out `fraction` of `rows`.
///
/// `round(fraction · n)` rows, at least one if there are two. With `classes` (one for each of the `rows`) every class
/// gives its share, rounded so that the sum is right (largest remainder, ties to the smaller class), and keeps at
/// least one row.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if the fraction is not between 0 and 1, or
/// [`rosenblatt_tensor::ErrorKind::Data`] if one part would be empty.
///
/// # Example
/// ```
/// use rosenblatt_data::split::{HeldOut, split};
/// let rows: Vec<u64> = (0..10).collect();
/// let classes = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
/// let parts = split(&rows, Some(&classes), 0.4, HeldOut::Test, 7)?;
/// assert_eq!(parts.held_out.iter().filter(|&&row| row < 5).count(), 2);
/// assert_eq!(parts.rest.len(), 6);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn split(rows: &[u64], classes: Option<&[i64]>, fraction: f64, part: HeldOut, seed: u64) -> Result<Parts> {
    if !(fraction > 0.0 && fraction < 1.0) {
        return Err(Error::config(format!(
            "expected a fraction between 0 and 1, got {fraction}"
        )));
    }
    let one_class = vec![0; rows.len()];
    let quotas = quotas(classes.unwrap_or(&one_class), fraction).ok_or_else(|| too_few(rows.len(), part))?;
    let mut order = vec![0; rows.len()];
    Rng::new(seed).purpose(part.name()).permutation(&mut order);

    let mut left: Vec<(i64, usize)> = quotas;
    let mut is_held_out = vec![false; rows.len()];
    for &at in &order {
        let class = classes.map_or(0, |classes| classes[at as usize]);
        if let Ok(slot) = left.binary_search_by_key(&class, |&(class, _)| class)
            && left[slot].1 > 0
        {
            left[slot].1 -= 1;
            is_held_out[at as usize] = true;
        }
    }
    let mut parts = Parts {
        rest: Vec::new(),
        held_out: Vec::new(),
    };
    for (&row, held_out) in rows.iter().zip(is_held_out) {
        if held_out {
            parts.held_out.push(row)
        } else {
            parts.rest.push(row)
        }
    }
    parts.rest.sort_unstable();
    parts.held_out.sort_unstable();
    Ok(parts)
}

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

/// How many rows each class gives, classes ascending; none if they have none to give.
fn quotas(classes: &[i64], fraction: f64) -> Option<Vec<(i64, usize)>> {
    let mut sorted = classes.to_vec();
    sorted.sort_unstable();
    let sizes: Vec<(i64, usize)> = sorted
        .chunk_by(|a, b| a == b)
        .map(|group| (group[0], group.len()))
        .collect();
    let wanted = ((classes.len() as f64 * fraction).round() as usize).max(1);
    let available: usize = sizes.iter().map(|&(_, size)| size - 1).sum();
    if available == 0 {
        return None;
    }
    let wanted = wanted.min(available);
    let share = |size: usize| size as f64 * wanted as f64 / classes.len() as f64;
    let mut quotas: Vec<(i64, usize)> = sizes
        .iter()
        .map(|&(class, size)| (class, (share(size) as usize).min(size - 1)))
        .collect();
    let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
    by_remainder.sort_by(|&a, &b| share(sizes[b].1).fract().total_cmp(&share(sizes[a].1).fract()));
    let mut missing = wanted - quotas.iter().map(|&(_, quota)| quota).sum::<usize>();
    while missing > 0 {
        for &class in &by_remainder {
            if missing > 0 && quotas[class].1 + 1 < sizes[class].1 {
                quotas[class].1 += 1;
                missing -= 1;
            }
        }
    }
    Some(quotas)
}
