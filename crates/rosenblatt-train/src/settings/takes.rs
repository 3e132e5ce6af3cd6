//! What a setting takes: as a check, as words, and as the text after a flag.

use std::num::IntErrorKind;

use rosenblatt_nn::entry::Registry;
use rosenblatt_nn::{Augmentation, Entry, Initializer, Layer, Loss, Optimizer, Schedule};
use rosenblatt_tensor::{Error, Result};
use serde_json::{Number, Value};

use crate::spec::ClassWeight;

/// The key under which a date of TOML is found in JSON.
const DATE: &str = "$__toml_private_datetime";

/// What a setting takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A number in a range.
    Number(Range),
    /// A whole number of at least `min`; `all` if any number of 64 bits is one.
    Whole {
        /// The smallest.
        min: u64,
        /// Whether the largest is part of its description.
        all: bool,
    },
    /// True or false.
    Switch,
    /// One character.
    Character,
    /// A text.
    Text,
    /// A path.
    Path,
    /// One of some words.
    Choice(Vec<String>),
    /// A list of texts.
    List,
    /// A list of numbers above 0, or `none`.
    Widths,
    /// An entry of a registry or class weights: which, and names that need no settings.
    Entry(String, Vec<String>),
    /// A list of entries of a registry: which, and names that need no settings.
    Entries(String, Vec<String>),
    /// A table with these keys.
    Table(Vec<(String, Kind)>),
}

/// A range of numbers; what is `None` does not bound it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// The smallest number in it.
    pub min: Option<f64>,
    /// All numbers in it are larger.
    pub above: Option<f64>,
    /// All numbers in it are smaller.
    pub below: Option<f64>,
    /// From here on only whole numbers are in it.
    pub whole_from: Option<f64>,
}

impl Range {
    /// Whether a number is in it.
    #[must_use]
    pub fn holds(&self, x: f64) -> bool {
        x.is_finite()
            && self.min.is_none_or(|min| x >= min)
            && self.above.is_none_or(|above| x > above)
            && self.below.is_none_or(|below| x < below)
            && self.whole_from.is_none_or(|from| x < from || x.fract() == 0.0)
    }

    fn words(&self) -> String {
        match (self.min, self.above, self.below) {
            (None, None, None) => "a number".to_owned(),
            (Some(min), None, None) => format!("a number of at least {min}"),
            (None, Some(above), None) => format!("a number above {above}"),
            (None, Some(above), Some(below)) => format!("a number between {above} and {below}"),
            (min, above, below) => {
                let least = min.map(|min| format!("of at least {min}"));
                let above = above.map(|above| format!("above {above}"));
                let below = below.map(|below| format!("below {below}"));
                let all: Vec<String> = [least, above, below].into_iter().flatten().collect();
                format!("a number {}", all.join(" and "))
            }
        }
    }
}

impl Kind {
    /// In words, as they follow "expected"; nothing where that depends on the setting.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Number(range) => range.words(),
            Self::Whole { min, all: false } => format!("a whole number of at least {min}"),
            Self::Whole { min, all: true } => format!("a whole number from {min} to {}", u64::MAX),
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Character => "one character".to_owned(),
            Self::Text | Self::Path => "a string".to_owned(),
            Self::Choice(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                match names.split_last() {
                    Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
                    _ => names.concat(),
                }
            }
            Self::List => "a list of strings such as `[\"a\", \"b\"]`".to_owned(),
            Self::Widths => "numbers above 0 such as `256,128`, or `none`".to_owned(),
            Self::Entry(..) | Self::Entries(..) | Self::Table(_) => String::new(),
        }
    }

    /// Whether a value of the right type is in the range.
    pub(crate) fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Number(range) => value.as_f64().is_some_and(|x| range.holds(x)),
            Self::Whole { min, .. } => value.as_u64().is_some_and(|x| x >= *min),
            _ => true,
        }
    }

    /// The keys of a table.
    pub(crate) fn inside(&self) -> &[(String, Self)] {
        match self {
            Self::Table(keys) => keys,
            _ => &[],
        }
    }

    /// The value a text after a flag means, if it is one.
    pub(super) fn read(&self, text: &str) -> Option<Value> {
        match self {
            Self::Number(range) => {
                let number = text.parse().ok().filter(|&x| range.holds(x));
                number.and_then(Number::from_f64).map(Value::Number)
            }
            Self::Whole { min, .. } => text.parse().ok().filter(|x: &u64| x >= min).map(Value::from),
            Self::Switch => text.parse::<bool>().ok().map(Value::from),
            Self::Character if matches!(text, "tab" | "\\t") => Some(Value::from("\t")),
            Self::Character => (text.chars().count() == 1).then(|| Value::from(text)),
            Self::Choice(names) => names.iter().any(|name| name == text).then(|| Value::from(text)),
            Self::Widths if text == "none" => Some(Value::Array(Vec::new())),
            Self::Widths => {
                let width = |word: &str| word.trim().parse().ok().filter(|&width: &usize| width > 0);
                let widths = text.split(',').map(|word| width(word).map(Value::from));
                widths.collect::<Option<Vec<_>>>().map(Value::Array)
            }
            Self::Text | Self::Path | Self::List | Self::Entry(..) | Self::Entries(..) | Self::Table(_) => {
                Some(Value::from(text))
            }
        }
    }

    /// What is wrong with a text after a flag that [`Kind::read`] does not take.
    pub(super) fn expected(&self, text: &str, takes: &str) -> String {
        match self {
            Self::Whole { min, .. } => match text.parse::<u64>() {
                Err(error) if *error.kind() == IntErrorKind::PosOverflow => format!("expected at most {}", u64::MAX),
                _ => format!("expected a whole number of at least {min}"),
            },
            Self::Character => "expected one character, or `tab`".to_owned(),
            _ => format!("expected {takes}"),
        }
    }

    /// A value as specs have it: entries may be written as after a flag, `sgd:momentum=0.9`.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there is no such entry or setting of it, with the nearest name.
    pub(super) fn normal(&self, value: Value) -> Result<Value> {
        match (self, &value) {
            (Self::Entry(kind, _), Value::String(text)) => entry(kind, text),
            (Self::Entries(kind, _), Value::String(text)) => entries(kind, text).map(Value::Array),
            (Self::Entries(kind, _), Value::Array(items)) => {
                let all = items.iter().map(|item| match item {
                    Value::String(text) => entries(kind, text),
                    other => Ok(vec![other.clone()]),
                });
                all.collect::<Result<Vec<_>>>().map(|all| Value::Array(all.concat()))
            }
            _ => Ok(value),
        }
    }
}

fn entry(kind: &str, text: &str) -> Result<Value> {
    fn of<K: Registry + ?Sized>(text: &str) -> Result<Value> {
        json(&Entry::<K>::parse(text)?)
    }
    match kind {
        _ if kind == <dyn Layer>::KIND => of::<dyn Layer>(text),
        _ if kind == <dyn Initializer>::KIND => of::<dyn Initializer>(text),
        _ if kind == <dyn Loss>::KIND => of::<dyn Loss>(text),
        _ if kind == <dyn Optimizer>::KIND => of::<dyn Optimizer>(text),
        _ if kind == <dyn Schedule>::KIND => of::<dyn Schedule>(text),
        _ => json(&text.parse::<ClassWeight>()?),
    }
}

fn entries(kind: &str, text: &str) -> Result<Vec<Value>> {
    fn of<K: Registry + ?Sized>(text: &str) -> Result<Vec<Value>> {
        Entry::<K>::parse_list(text)?.iter().map(json).collect()
    }
    match kind {
        _ if kind == <dyn Augmentation>::KIND => of::<dyn Augmentation>(text),
        _ => of::<dyn Layer>(text),
    }
}

/// Whether there are lists of such a definition of the schema that a text can be.
pub(super) fn is_entry_of_list(definition: &str) -> bool {
    [<dyn Augmentation>::KIND, <dyn Layer>::KIND].contains(&definition)
}

/// Whether there is a textual form of such a definition of the schema.
pub(super) fn is_entry(definition: &str) -> bool {
    let kinds = [
        <dyn Layer>::KIND,
        <dyn Initializer>::KIND,
        <dyn Loss>::KIND,
        <dyn Optimizer>::KIND,
        <dyn Schedule>::KIND,
    ];
    kinds.contains(&definition) || definition == "ClassWeight"
}

fn json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::internal(error.to_string()))
}

/// What was expected and what came, for a value of the wrong type; nothing where a name in a table is wrong.
pub(crate) fn instead_of(takes: &str, kind: &Kind, got: &Value) -> Option<String> {
    let got = match got {
        // What TOML calls `inf` and `nan` has no place in JSON.
        Value::Null => return Some("expected a finite number".to_owned()),
        Value::String(text) => text.clone(),
        // A date of TOML, as its reader passes it on.
        Value::Object(date) if date.contains_key(DATE) => date[DATE].as_str().unwrap_or_default().to_owned(),
        Value::Object(_) if matches!(kind, Kind::Table(_)) => return None,
        other => other.to_string(),
    };
    (!takes.is_empty()).then(|| format!("expected {takes}, got `{got}`"))
}
