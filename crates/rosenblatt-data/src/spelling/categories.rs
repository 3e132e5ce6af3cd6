//! Which spellings of a column are one category.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::index::Index;
use super::keys::{Keys, are_yes_no, is_whole_number, number_key, yes_no};

/// The texts of a column in categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Categories<'a> {
    /// The canonical text of each category, ascending by bytes: its most frequent spelling, of equally frequent ones the
    /// first by bytes.
    pub names: Vec<&'a str>,
    /// The category of each text, in the order in which they were given.
    pub of: Vec<u32>,
    /// The categories with several spellings, in their order.
    pub merged: Vec<Merged>,
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

impl<'a> Categories<'a> {
    /// Finds the categories of distinct texts with their counts; with `exact` each text is one.
    ///
    /// Texts with the same key are one: they differ in case, blanks or Unicode form only, and have more than one letter. If
    /// all texts are words for yes and no (yes/no, true/false, 1/0, y/n, t/f, on/off), and both are there, all of a side are
    /// one. If all are whole numbers, with or without `.0`, equal ones are one; `04` and `4`, or `1.1` and `1.10`, stay
    /// different, as the numbers may be codes or versions. The order of the texts has no influence. Takes time
    /// n log n.
    pub fn group(texts: &[(&'a str, u64)], exact: bool) -> Self {
        let all = || texts.iter().map(|&(text, _)| text);
        match exact || are_told_apart(all().map(str::as_bytes), all) {
            true => Self::each(texts),
            false => Self::by_keys(texts),
        }
    }

    /// As [`Categories::group`], whatever the texts are.
    pub(super) fn by_keys(texts: &[(&'a str, u64)]) -> Self {
        let (keys, rule) = keys(texts);
        let group_of = groups(&keys);
        let mut order: Vec<u32> = (0..).take(texts.len()).collect();
        order.sort_by_key(|&at| group_of[at as usize]);
        // The spellings of a group are together; the most frequent one, which is its name, comes first.
        let is_one = |one: &u32, other: &u32| group_of[*one as usize] == group_of[*other as usize];
        for group in order.chunk_by_mut(is_one).filter(|group| group.len() > 1) {
            group.sort_unstable_by_key(|&at| (Reverse(texts[at as usize].1), texts[at as usize].0));
        }
        let groups: Vec<&[u32]> = order.chunk_by(is_one).collect();
        let name = |at: u32| texts[groups[at as usize][0] as usize].0;
        let sorted = ascending(groups.len(), |at| name(at).as_bytes());
        let groups_in_order: Vec<&[u32]> = sorted.iter().map(|&at| groups[at as usize]).collect();
        Self {
            names: sorted.iter().map(|&at| name(at)).collect(),
            of: categories_of(&groups_in_order, texts.len()),
            merged: merged(&groups_in_order, texts, rule),
        }
    }

    /// Each text as a category.
    fn each(texts: &[(&'a str, u64)]) -> Self {
        let text = |at: u32| texts[at as usize].0;
        let sorted = ascending(texts.len(), |at| text(at).as_bytes());
        let mut of = vec![0; texts.len()];
        sorted
            .iter()
            .zip(0..)
            .for_each(|(&at, category)| of[at as usize] = category);
        Self {
            names: sorted.iter().map(|&at| text(at)).collect(),
            of,
            merged: Vec::new(),
        }
    }
}

/// What all texts begin with.
pub(crate) fn shared_start<'a>(mut texts: impl Iterator<Item = &'a [u8]>) -> &'a [u8] {
    let first = texts.next().unwrap_or_default();
    let common = |shared: &'a [u8], text: &[u8]| {
        let equal = shared.iter().zip(text).take_while(|(one, other)| one == other);
        &shared[..equal.count()]
    };
    texts.fold(first, common)
}

/// The numbers of `count` texts in ascending order of their bytes.
pub(crate) fn ascending<'a>(count: usize, text: impl Fn(u32) -> &'a [u8]) -> Vec<u32> {
    let numbers = || (0..).take(count);
    // What all begin with is not compared again and again, and the eight bytes behind it are compared as a number.
    let shared = shared_start(numbers().map(&text)).len();
    let key = |at: u32| {
        let mut bytes = [0; 8];
        let rest = &text(at)[shared..];
        let length = rest.len().min(bytes.len());
        bytes[..length].copy_from_slice(&rest[..length]);
        u64::from_be_bytes(bytes)
    };
    let mut sorted: Vec<(u64, u32)> = numbers().map(|at| (key(at), at)).collect();
    sorted.sort_unstable_by(|(key, at), (other, of)| key.cmp(other).then_with(|| text(*at).cmp(text(*of))));
    sorted.into_iter().map(|(_, at)| at).collect()
}

/// Kinds of bytes in texts, a bit for each.
const CAPITAL: u8 = 1;
const SMALL: u8 = 2;
const SPACE: u8 = 4;
const OTHER: u8 = 8;

/// The kinds of some bytes; of marks and digits there is none.
fn kinds(bytes: &[u8]) -> u8 {
    // A sum of comparisons, which a processor makes for many bytes at once.
    let kind = |byte: &u8| {
        CAPITAL * u8::from(byte.is_ascii_uppercase())
            + SMALL * u8::from(byte.is_ascii_lowercase())
            + SPACE * u8::from(*byte == b' ')
            + OTHER * u8::from(*byte < b' ' || *byte > b'~')
    };
    bytes.iter().fold(0, |kinds, byte| kinds | kind(byte))
}

/// Whether texts are no spellings of each other for reasons that are quickly seen: ASCII with capital letters or small ones only
/// and single spaces, and no words for yes and no or numbers. `pieces` are the bytes of all texts.
pub(crate) fn are_told_apart<'t, I: Iterator<Item = &'t str>>(
    pieces: impl Iterator<Item = &'t [u8]>,
    all: impl Fn() -> I,
) -> bool {
    const CASES: u8 = CAPITAL | SMALL;
    let kinds = pieces.fold(0, |found, piece| found | kinds(piece));
    let has_single_spaces = |text: &str| text.split(' ').all(|word| !word.is_empty());
    kinds & OTHER == 0
        && kinds & CASES != CASES
        && (kinds & SPACE == 0 || all().all(has_single_spaces))
        && !are_yes_no(all())
        && !all().all(is_whole_number)
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
fn keys<'a>(texts: &[(&'a str, u64)]) -> (Vec<Cow<'a, str>>, MergeRule) {
    let all = || texts.iter().map(|&(text, _)| text);
    if are_yes_no(all()) {
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
