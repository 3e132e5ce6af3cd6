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

/// Where a text stands in an ascending list.
pub(crate) fn place(text: &str, ascending: &[String]) -> Option<usize> {
    ascending.binary_search_by(|level| level.as_str().cmp(text)).ok()
}

/// How many cells hold a text that `is_strange`, by the number of its level, and the first such text; nothing if none do.
pub(crate) fn strange(
    codes: &[u32],
    levels: &[String],
    is_strange: impl Fn(usize) -> bool,
) -> Option<(String, String)> {
    let strange: Vec<bool> = (0..levels.len()).map(is_strange).collect();
    let mut found = codes
        .iter()
        .filter(|&&code| code != MISSING && strange[code as usize])
        .peekable();
    let example = short(&levels[**found.peek()? as usize]);
    Some((count(found.count(), "cell"), example))
}

/// A sentence about the cells of column `name` whose category is in none of the lists, if there are any.
pub(crate) fn unseen_categories(name: &str, codes: &[u32], levels: &[String], known: [&[String]; 2]) -> Option<String> {
    let is_new = |level: usize| known.iter().all(|known| place(&levels[level], known).is_none());
    let (cells, example) = strange(codes, levels, is_new)?;
    Some(format!(
        "`{name}`: {cells} with a category not seen in training, such as `{example}`"
    ))
}
