//! Which categories of a column have a place of their own.

use std::cmp::Reverse;

use crate::MISSING;
use crate::places::{count, short};

/// The categories that training has seen.
pub(crate) struct Known {
    /// With a place of their own, in ascending order of their bytes.
    pub(crate) levels: Vec<String>,
    /// Too rare for one, in the same order.
    pub(crate) rare: Vec<String>,
}

/// How many cells each level has.
pub(crate) fn counts(codes: &[u32], levels: &[String]) -> Vec<u64> {
    let mut counts = vec![0; levels.len()];
    let present = codes.iter().filter(|&&code| code != MISSING);
    present.for_each(|&code| counts[code as usize] += 1);
    counts
}

impl Known {
    /// At most `most` categories, the most frequent ones, of those that at least `least` cells have.
    pub(crate) fn of(counts: &[u64], levels: &[String], least: u64, most: usize) -> Self {
        let mut seen: Vec<usize> = (0..levels.len()).filter(|&level| counts[level] > 0).collect();
        seen.sort_by_key(|&level| Reverse(counts[level]));
        let frequent = seen.iter().take_while(|&&level| counts[level] >= least).count();
        let mut rare = seen.split_off(frequent.min(most));
        seen.sort_unstable();
        rare.sort_unstable();
        let names = |levels_of: &[usize]| levels_of.iter().map(|&level| levels[level].clone()).collect();
        Self {
            levels: names(&seen),
            rare: names(&rare),
        }
    }
}

/// A sentence about the cells of column `name` whose category is not known, if there are any.
pub(crate) fn strangers(
    name: &str,
    codes: &[u32],
    levels: &[String],
    is_known: impl Fn(&str) -> bool,
) -> Option<String> {
    let unseen: Vec<bool> = levels.iter().map(|level| !is_known(level)).collect();
    let is_strange = |code: &&u32| **code != MISSING && unseen[**code as usize];
    let first = codes.iter().find(is_strange)?;
    let cells = count(codes.iter().filter(is_strange).count(), "cell");
    let example = short(&levels[*first as usize]);
    Some(format!(
        "`{name}`: {cells} with a category not seen in training, such as `{example}`"
    ))
}
