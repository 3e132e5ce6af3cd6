//! Which spellings of a column are one category.

use std::cmp::Reverse;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::keys::{are_yes_no, is_whole_number, key, loose_key, number_key, yes_no};

/// The texts of a column in categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Categories {
    /// The canonical text of each category, ascending by bytes: its most frequent spelling, of equally frequent ones the
    /// first by bytes.
    pub names: Vec<String>,
    /// The category of each text, in the order in which they were given.
    pub of: Vec<u32>,
    /// The categories with several spellings, in their order.
    pub merged: Vec<Merged>,
    /// Two categories that differ in the case of letters only, if there are such: case may have a meaning there.
    pub alike: Option<(u32, u32)>,
}

/// A category with several spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    /// Its place in the names.
    pub category: u32,
    /// Its spellings and their counts, the most frequent first.
    pub spellings: Vec<(String, u64)>,
    /// Why they are one.
    pub rule: MergeRule,
}

/// Why texts are one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MergeRule {
    /// They differ in case, blanks or Unicode form.
    Spelling,
    /// They are one whole number, with and without `.0`.
    Number,
    /// All texts of the column are words for yes and no.
    YesNo,
}

type Map<K> = HashMap<K, u32, FixedState>;

impl Categories {
    /// Finds the categories of distinct texts with their counts; with `exact` each text is one.
    ///
    /// Texts with the same key are one: they differ in case, blanks or Unicode form only, and have more than one letter. If
    /// all texts are words for yes and no (yes/no, true/false, 1/0, y/n, t/f, on/off), and both are there, all of a side are
    /// one. If all are whole numbers, with or without `.0`, equal ones are one; `04` and `4`, or `1.1` and `1.10`, stay
    /// different, as the numbers may be codes or versions. The order of the texts has no influence. Takes time
    /// n log n.
    pub fn group(texts: &[(&str, u64)], exact: bool) -> Self {
        let (keys, rule) = keys(texts, exact);
        let groups = members(&keys);
        let mut groups: Vec<(&str, Vec<usize>)> = groups.into_iter().map(|group| sorted(texts, group)).collect();
        groups.sort_unstable_by_key(|(name, _)| *name);
        let mut of = vec![0; texts.len()];
        let mut merged = Vec::new();
        for ((_, members), category) in groups.iter().zip(0..) {
            members.iter().for_each(|&at| of[at] = category);
            if members.len() > 1 {
                let spellings = members
                    .iter()
                    .map(|&at| (texts[at].0.to_owned(), texts[at].1))
                    .collect();
                merged.push(Merged {
                    category,
                    spellings,
                    rule,
                });
            }
        }
        let names: Vec<String> = groups.into_iter().map(|(name, _)| name.to_owned()).collect();
        let alike = alike(&names);
        Self {
            names,
            of,
            merged,
            alike,
        }
    }
}

/// A key for each text, equal if they are one category, and by which rule.
fn keys(texts: &[(&str, u64)], exact: bool) -> (Vec<String>, MergeRule) {
    let all = || texts.iter().map(|(text, _)| *text);
    if exact {
        (all().map(str::to_owned).collect(), MergeRule::Spelling)
    } else if are_yes_no(all()) {
        let side = |text| yes_no(text).map_or(String::new(), |(side, _)| side.to_string());
        (all().map(side).collect(), MergeRule::YesNo)
    } else if all().all(is_whole_number) {
        (
            all().map(|text| number_key(text).unwrap_or_default()).collect(),
            MergeRule::Number,
        )
    } else {
        (all().map(|text| key(text).into_owned()).collect(), MergeRule::Spelling)
    }
}

/// The places of texts with the same key.
fn members(keys: &[String]) -> Vec<Vec<usize>> {
    let mut found: Map<&str> = HashMap::with_capacity_and_hasher(keys.len(), FixedState::default());
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let group = *found.entry(key).or_insert_with(|| {
            groups.push(Vec::with_capacity(1));
            groups.len() as u32 - 1
        });
        groups[group as usize].push(at);
    }
    groups
}

/// A group with the most frequent spelling first, and that spelling.
fn sorted<'a>(texts: &[(&'a str, u64)], mut group: Vec<usize>) -> (&'a str, Vec<usize>) {
    group.sort_unstable_by_key(|&at| (Reverse(texts[at].1), texts[at].0));
    (texts[group[0]].0, group)
}

/// The first two categories that differ in the case of letters only.
fn alike(names: &[String]) -> Option<(u32, u32)> {
    let mut found: Map<_> = HashMap::with_capacity_and_hasher(names.len(), FixedState::default());
    names
        .iter()
        .zip(0..)
        .find_map(|(name, at)| found.insert(loose_key(name), at).map(|earlier| (earlier, at)))
}
