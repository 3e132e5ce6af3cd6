//! Which categories of a column have a place of their own.

use std::cmp::Reverse;

use crate::places::short;
use crate::preprocess::Made;
use crate::warning::{Imputed, Warning};
use crate::{Dictionary, MISSING};

/// The categories that training has seen.
pub(crate) struct Known {
    /// With a place of their own, in ascending order of their bytes.
    pub(crate) levels: Vec<String>,
    /// Too rare for one, in the same order.
    pub(crate) rare: Vec<String>,
}

/// How many cells each level has.
pub(crate) fn counts(texts: &Dictionary) -> Vec<u64> {
    let mut counts = vec![0; texts.levels().len()];
    let present = texts.codes().iter().filter(|&&code| code != MISSING);
    present.for_each(|&code| counts[code as usize] += 1);
    counts
}

impl Known {
    /// At most `most` categories, the most frequent ones, of those that at least `least` cells have.
    pub(crate) fn of(texts: &Dictionary, least: u64, most: usize) -> Self {
        let (counts, levels) = (counts(texts), texts.levels());
        let mut seen: Vec<usize> = (0..levels.len()).filter(|&level| counts[level] > 0).collect();
        seen.sort_by_key(|&level| Reverse(counts[level]));
        let frequent = seen.iter().take_while(|&&level| counts[level] >= least).count();
        let mut rare = seen.split_off(frequent.min(most));
        seen.sort_unstable();
        rare.sort_unstable();
        let names = |levels_of: &[usize]| levels_of.iter().map(|&level| levels.get(level).to_owned()).collect();
        Self {
            levels: names(&seen),
            rare: names(&rare),
        }
    }
}

/// The place of a text in an ascending list.
pub(crate) fn place(text: &str, ascending: &[String]) -> Option<usize> {
    ascending.binary_search_by(|level| level.as_str().cmp(text)).ok()
}

/// Cells of some kind.
pub(crate) struct Counted {
    /// How many there are.
    pub(crate) count: usize,
    /// The text of the first of them.
    pub(crate) text: String,
    /// The row of that cell, counted from 1.
    pub(crate) row: u64,
}

/// The cells whose text `is_counted`, by the number of its level; nothing if there are none.
pub(crate) fn count_texts(texts: &Dictionary, is_counted: impl Fn(usize) -> bool) -> Option<Counted> {
    let (codes, levels) = (texts.codes(), texts.levels());
    let counted: Vec<bool> = (0..levels.len()).map(is_counted).collect();
    let is = |code: u32| code != MISSING && counted[code as usize];
    let first = codes.iter().position(|&code| is(code))?;
    Some(Counted {
        count: codes[first..].iter().filter(|&&code| is(code)).count(),
        text: short(levels.get(codes[first] as usize)),
        row: first as u64 + 1,
    })
}

/// Adds warnings about the cells of a column without a place of their own: unseen, rare and missing ones; `in_training`
/// says whether training rows had such cells.
pub(crate) fn warn(
    made: &mut Made,
    (name, texts): (&str, &Dictionary),
    [own, rare]: [&[String]; 2],
    in_training: bool,
) {
    let levels = texts.levels();
    let is_rare = |level: usize| place(levels.get(level), rare).is_some();
    let is_unseen = |level: usize| place(levels.get(level), own).is_none() && !is_rare(level);
    if let Some(Counted { count, text, row }) = count_texts(texts, is_unseen) {
        made.warnings.push(Warning::UnseenCategories {
            column: name.to_owned(),
            count,
            text,
            row,
            part: None,
        });
    }
    if let Some(Counted { count, .. }) = count_texts(texts, is_rare) {
        let column = name.to_owned();
        made.warnings.push(Warning::RareCategories { column, count });
    }
    let missing = texts.codes().iter().filter(|&&code| code == MISSING).count();
    made.missing(name, missing, Imputed::UnknownCategory, in_training);
}
