//! Which spellings of a column are one category.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::index::Index;
use super::keys::{Keys, are_yes_no, is_whole_number, loose_key, number_key, yes_no};

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
        let group_of = groups(&keys);
        let mut order: Vec<u32> = (0..).take(texts.len()).collect();
        order.sort_by_key(|&at| group_of[at as usize]);
        // The spellings of a group are together; the most frequent one, which is its name, comes first.
        let is_one = |one: &u32, other: &u32| group_of[*one as usize] == group_of[*other as usize];
        for group in order.chunk_by_mut(is_one).filter(|group| group.len() > 1) {
            group.sort_unstable_by_key(|&at| (Reverse(texts[at as usize].1), texts[at as usize].0));
        }
        let mut groups: Vec<&[u32]> = order.chunk_by(is_one).collect();
        let name = |group: &[u32]| texts[group[0] as usize].0;
        groups.sort_unstable_by_key(|group| name(group));
        let names: Vec<String> = groups.iter().map(|group| name(group).to_owned()).collect();
        Self {
            of: categories_of(&groups, texts.len()),
            merged: merged(&groups, texts, rule),
            alike: alike(&names),
            names,
        }
    }
}

/// The category of each text.
fn categories_of(groups: &[&[u32]], texts: usize) -> Vec<u32> {
    let mut of = vec![0; texts];
    for (members, category) in groups.iter().zip(0..) {
        members.iter().for_each(|&at| of[at as usize] = category);
    }
    of
}

fn merged(groups: &[&[u32]], texts: &[(&str, u64)], rule: MergeRule) -> Vec<Merged> {
    let spelling = |&at: &u32| (texts[at as usize].0.to_owned(), texts[at as usize].1);
    let with_several = groups.iter().zip(0..).filter(|(members, _)| members.len() > 1);
    let merged = with_several.map(|(members, category)| Merged {
        category,
        spellings: members.iter().map(spelling).collect(),
        rule,
    });
    merged.collect()
}

/// A key for each text, equal if they are one category, and by which rule.
fn keys<'a>(texts: &[(&'a str, u64)], exact: bool) -> (Vec<Cow<'a, str>>, MergeRule) {
    let all = || texts.iter().map(|&(text, _)| text);
    if exact {
        (all().map(Cow::Borrowed).collect(), MergeRule::Spelling)
    } else if are_yes_no(all()) {
        let side = |text| yes_no(text).map_or("", |(yes, _)| if yes { "yes" } else { "no" });
        (all().map(|text| side(text).into()).collect(), MergeRule::YesNo)
    } else if all().all(is_whole_number) {
        let number = |text| number_key(text).unwrap_or_default();
        (all().map(|text| number(text).into()).collect(), MergeRule::Number)
    } else {
        let keys = Keys::of(all());
        (all().map(|text| keys.key(text)).collect(), MergeRule::Spelling)
    }
}

/// The number of a group for each key, the same for equal keys.
fn groups(keys: &[Cow<'_, str>]) -> Vec<u32> {
    let mut index = Index::with_capacity(keys.len());
    let key_of = |at: u32| keys[at as usize].clone();
    keys.iter()
        .zip(0..)
        .map(|(key, at)| index.find_or_insert(key, at, key_of))
        .collect()
}

/// The first two categories that differ in the case of letters only.
fn alike(names: &[String]) -> Option<(u32, u32)> {
    let mut index = Index::with_capacity(names.len());
    let key_of = |at: u32| loose_key(&names[at as usize]);
    names.iter().zip(0..).find_map(|(name, at)| {
        let first = index.find_or_insert(&loose_key(name), at, key_of);
        (first != at).then_some((first, at))
    })
}
