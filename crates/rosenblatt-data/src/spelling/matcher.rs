//! Finds the category of training that a text of new data means.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::keys::{are_yes_no, key, loose_key, number_key, yes_no};

/// The category that a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Its place among the categories.
    pub category: u32,
    /// How it was found.
    pub rule: MatchRule,
}

/// How a category was found. All but the first should be counted and reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MatchRule {
    /// By the very same text.
    Exact,
    /// By a text that differs in case, blanks or Unicode form.
    Spelling,
    /// By the same number, written differently.
    Number,
    /// As the word for yes or no.
    YesNo,
}

/// Finds categories by their texts.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    exact: Map,
    keys: Map,
    /// By keys with all letters folded, unless two categories have one: then the case has a meaning.
    loose_keys: Option<Map>,
    /// By number, unless two categories write one number: then its writing has a meaning.
    numbers: Option<Map>,
    /// The categories of no and yes, if there are no others.
    sides: Option<[u32; 2]>,
}

type Map = HashMap<String, u32, FixedState>;

impl Matcher {
    /// A matcher for the canonical texts of the categories of training; with `exact` it finds nothing but these texts.
    ///
    /// It tries, in this order: the same text; the same key (case, blanks, Unicode form); the same number (`4`, `4.0`, `04`);
    /// the word for yes or no, if all categories are one such word each.
    pub fn new<T: AsRef<str>>(names: &[T], exact: bool) -> Self {
        let names = || names.iter().map(AsRef::as_ref).zip(0..);
        let (exact_map, _) = map(names().map(|(name, at)| (name.to_owned(), at)));
        let mut matcher = Self {
            exact: exact_map,
            keys: Map::default(),
            loose_keys: None,
            numbers: None,
            sides: None,
        };
        if !exact {
            matcher.keys = map(names().map(|(name, at)| (key(name).into_owned(), at))).0;
            matcher.loose_keys = unique(map(names().map(|(name, at)| (loose_key(name).into_owned(), at))));
            matcher.numbers = unique(map(names().filter_map(|(name, at)| Some((number_key(name)?, at)))));
            matcher.sides = sides(names);
        }
        matcher
    }

    /// The category that a text means.
    pub fn find(&self, text: &str) -> Option<Match> {
        let found = |category: Option<&u32>, rule| category.map(|&category| Match { category, rule });
        if let Some(found) = found(self.exact.get(text), MatchRule::Exact) {
            return Some(found);
        }
        let by_key = || (!self.keys.is_empty()).then(|| self.keys.get(&*key(text)))?;
        let by_loose_key = || self.loose_keys.as_ref()?.get(&*loose_key(text));
        let by_number = || {
            self.numbers
                .as_ref()
                .filter(|map| !map.is_empty())?
                .get(&number_key(text)?)
        };
        let by_side = || self.sides.as_ref()?.get(usize::from(yes_no(text)?.0));
        found(by_key().or_else(by_loose_key), MatchRule::Spelling)
            .or_else(|| found(by_number(), MatchRule::Number))
            .or_else(|| found(by_side(), MatchRule::YesNo))
    }
}

/// The first category of each text, and whether each text has one category only.
fn map(texts: impl Iterator<Item = (String, u32)>) -> (Map, bool) {
    let mut map = Map::default();
    let mut is_unique = true;
    for (text, at) in texts {
        let first = *map.entry(text).or_insert(at);
        is_unique &= first == at;
    }
    (map, is_unique)
}

fn unique((map, is_unique): (Map, bool)) -> Option<Map> {
    is_unique.then_some(map)
}

/// The categories of no and yes, if they are all there are.
fn sides<'a, I: Iterator<Item = (&'a str, u32)>>(names: impl Fn() -> I) -> Option<[u32; 2]> {
    let is_pair = names().count() == 2 && are_yes_no(names().map(|(name, _)| name));
    let of = |wanted| names().find_map(|(name, at)| (yes_no(name)?.0 == wanted).then_some(at));
    is_pair.then(|| Some([of(false)?, of(true)?]))?
}
