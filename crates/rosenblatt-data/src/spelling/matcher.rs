//! Finds the category of training that a text of new data means.

use std::borrow::Cow;

use super::index::Index;
use super::keys::{Keys, are_yes_no, loose_key, number_key, yes_no};

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
    names: Vec<String>,
    exact: Index,
    /// All others, unless nothing but the same text is to be found.
    others: Option<Others>,
}

/// Categories by other texts than their own.
#[derive(Clone, Debug)]
struct Others {
    key_rules: Keys,
    keys: Index,
    /// By keys with all letters folded, unless two categories have one: then the case has a meaning.
    loose_keys: Option<Index>,
    /// By number, unless two categories write one number: then its writing has a meaning.
    numbers: Option<Index>,
    /// The categories of no and yes, if there are no others.
    sides: Option<[u32; 2]>,
}

impl Matcher {
    /// A matcher for the canonical texts of the categories of training; with `exact` it finds nothing but these texts.
    ///
    /// It tries, in this order: the same text; the same key (case, blanks, Unicode form), and a key that differs in the case
    /// of letters only, unless training had categories that do; the same number (`4`, `4.0`, `04`), unless training had
    /// categories that write one number differently; the word for yes or no, if there are two categories, one of each side.
    pub fn new<T: AsRef<str>>(names: &[T], exact: bool) -> Self {
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        Self {
            exact: index(&names, |name| Some(name.into())).0,
            others: (!exact).then(|| Others::new(&names)),
            names,
        }
    }

    /// The category that a text means.
    pub fn find(&self, text: &str) -> Option<Match> {
        let category = self.exact.find(text, |at| Cow::Borrowed(self.name(at)));
        let exact = category.map(|category| (category, MatchRule::Exact));
        let found = exact.or_else(|| self.find_other(text, self.others.as_ref()?));
        found.map(|(category, rule)| Match { category, rule })
    }

    fn find_other(&self, text: &str, others: &Others) -> Option<(u32, MatchRule)> {
        let by_key = || {
            let rules = &others.key_rules;
            others.keys.find(&rules.key(text), |at| rules.key(self.name(at)))
        };
        let by_loose_key = || {
            let loose_keys = others.loose_keys.as_ref()?;
            loose_keys.find(&loose_key(text), |at| loose_key(self.name(at)))
        };
        let by_number = || {
            let number_of = |at| number_key(self.name(at)).unwrap_or_default().into();
            others.numbers.as_ref()?.find(&number_key(text)?, number_of)
        };
        let by_side = || others.sides.as_ref()?.get(usize::from(yes_no(text)?.0)).copied();
        let with = |rule| move |category| (category, rule);
        let spelling = by_key().or_else(by_loose_key).map(with(MatchRule::Spelling));
        let spelling_or_number = spelling.or_else(|| by_number().map(with(MatchRule::Number)));
        spelling_or_number.or_else(|| by_side().map(with(MatchRule::YesNo)))
    }

    /// The canonical text of a category.
    pub fn name(&self, at: u32) -> &str {
        &self.names[at as usize]
    }
}

impl Others {
    fn new(names: &[String]) -> Self {
        let unique = |(index, is_unique): (Index, bool)| is_unique.then_some(index);
        let key_rules = Keys::of(names.iter().map(String::as_str));
        Self {
            keys: index(names, |name| Some(key_rules.key(name))).0,
            key_rules,
            loose_keys: unique(index(names, |name| Some(loose_key(name)))),
            numbers: unique(index(names, |name| number_key(name).map(Cow::Owned))),
            sides: sides(names),
        }
    }
}

/// The first name of each key, and whether each key has one name only; a name may have no key.
fn index<'a>(names: &'a [String], key_of: impl Fn(&'a str) -> Option<Cow<'a, str>>) -> (Index, bool) {
    let mut index = Index::default();
    let mut is_unique = true;
    for (name, at) in names.iter().zip(0..) {
        if let Some(key) = key_of(name) {
            let first = index.find_or_insert(&key, at, |at| key_of(&names[at as usize]).unwrap_or_default());
            is_unique &= first == at;
        }
    }
    (index, is_unique)
}

/// The categories of no and yes, if they are all there are.
fn sides(names: &[String]) -> Option<[u32; 2]> {
    let is_pair = names.len() == 2 && are_yes_no(names.iter().map(String::as_str));
    let of = |wanted| {
        names
            .iter()
            .zip(0..)
            .find_map(|(name, at)| (yes_no(name)?.0 == wanted).then_some(at))
    };
    is_pair.then(|| Some([of(false)?, of(true)?]))?
}
