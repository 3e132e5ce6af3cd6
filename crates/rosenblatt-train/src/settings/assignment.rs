//! A value for a setting, and where it comes from.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Descriptor, PARTS, keys};
use crate::spec::{known, not_finite};

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A flag or argument of the command line, as it is written.
    Flag(String),
    /// A call of the library.
    Argument,
    /// A key given by itself, as in `train.epochs=20`; it goes over what is given otherwise. With the name of what gave it.
    Set(String),
    /// A run file.
    RunFile(PathBuf),
    /// A rule of a preset.
    Preset {
        /// Why.
        reason: String,
    },
    /// No one gave a value.
    Default,
}

impl Origin {
    /// Whether the value was given for a key by itself.
    pub(crate) fn is_key(&self) -> bool {
        matches!(self, Self::Set(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Set(name) => f.write_str(name),
            Self::Argument => f.write_str("argument"),
            Self::RunFile(path) => path.display().fmt(f),
            Self::Preset { .. } => f.write_str("preset"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value for one key of a spec: `train.epochs=20`.
///
/// A part of a key that has a dot in it is quoted: `data.columns."a.b"=categorical`.
///
/// # Example
/// ```
/// use rosenblatt_train::{Spec, settings::Assignment};
/// let patience: Assignment = "train.early_stopping.patience = 3".parse()?;
/// assert_eq!(patience.key(), "train.early_stopping.patience");
/// assert!(patience.is_within("train.early_stopping") && !patience.is_within("train.early"));
/// assert!(patience.touches("train") && patience.touches("train.early_stopping.patience.x") && !patience.touches("train.seed"));
/// assert_eq!(Spec::default().set(&patience)?.train.early_stopping.unwrap().patience, 3);
///
/// let error = "train={ epochs = 3 }".parse::<Assignment>().unwrap_err();
/// assert_eq!(error.to_string(), "`train` has many keys, expected one of them");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    path: Vec<String>,
    /// The value, as JSON.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
    earlier: Option<(String, String)>,
    /// Whether it follows from the choice of a model.
    implied: bool,
}

impl Assignment {
    /// A value for a setting from a surface that has checked its name.
    #[must_use]
    pub fn new(key: &str, value: Value, origin: Origin) -> Self {
        let path = split(key).unwrap_or_else(|| vec![key.to_owned()]);
        Self {
            path,
            value,
            origin,
            earlier: None,
            implied: false,
        }
    }

    /// The same, as what follows from the choice of a model.
    pub(crate) fn implied(self) -> Self {
        Self { implied: true, ..self }
    }

    /// Whether it follows from the choice of a model.
    pub(crate) fn is_implied(&self) -> bool {
        self.implied
    }

    /// The key, without blanks and quotes around its parts.
    #[must_use]
    pub fn key(&self) -> String {
        self.path.join(".")
    }

    /// The parts of the key.
    #[must_use]
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The earlier spelling of the key it was given with, and the present one.
    #[must_use]
    pub fn earlier(&self) -> Option<(&str, &str)> {
        self.earlier.as_ref().map(|(earlier, present)| (&**earlier, &**present))
    }

    /// The same with its value as specs have it: an entry of a registry is looked up now.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it names what there is not, with the flag that gave it.
    pub fn checked(self) -> Result<Self> {
        let value = self.normal().map_err(|error| self.for_setting(error))?;
        Ok(Self { value, ..self })
    }

    /// What is known about the setting, if the key is that of a setting and of nothing inside its value.
    #[must_use]
    pub fn descriptor(&self) -> Option<&'static Descriptor> {
        let key = self.key();
        super::descriptors().iter().find(|setting| setting.key == key)
    }

    /// The key in a run file that it decides: its own, but for a shorthand.
    #[must_use]
    pub fn target(&self) -> String {
        self.descriptor()
            .map_or_else(|| self.key(), |setting| setting.target().to_owned())
    }

    /// Whether it sets this key, or something inside its value.
    #[must_use]
    pub fn is_within(&self, key: &str) -> bool {
        is_inside(&self.key(), key)
    }

    /// Whether it sets this key, something inside its value, or a value around it.
    #[must_use]
    pub fn touches(&self, key: &str) -> bool {
        self.is_within(key) || is_inside(key, &self.key())
    }

    /// The value as specs have it: entries and class weights may be written as after a flag.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it names what there is not.
    pub(crate) fn normal(&self) -> Result<Value> {
        let value = self.value.clone();
        if value.is_null() || not_finite(&value).is_some() {
            return Err(Error::config("expected a finite number").within(self.key()));
        }
        let Some(setting) = self.descriptor() else {
            return Ok(value);
        };
        match setting.kind.normal(value.clone()) {
            // A key that is set by itself takes what a run file takes, and is explained as there.
            Err(_) if self.origin.is_key() => Ok(value),
            normal => normal,
        }
    }

    /// The same error as that of whoever gave the value.
    pub(crate) fn for_setting(&self, error: Error) -> Error {
        match &self.origin {
            Origin::Flag(name) | Origin::Set(name) => error.within(name.clone()),
            _ => error,
        }
    }
}

/// Whether a key is another one, or inside its value.
pub(super) fn is_inside(key: &str, other: &str) -> bool {
    let rest = key.strip_prefix(other);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl FromStr for Assignment {
    type Err = Error;

    /// `key=value`, where the value is written as in TOML; what is no TOML is a text. A whole part of a spec is refused:
    /// it would silently give all its other keys their defaults.
    fn from_str(assignment: &str) -> Result<Self> {
        let none = || {
            let error = Error::config(format!("expected `key=value`, got `{assignment}`"));
            error.hint("write for example `train.epochs=20`")
        };
        let end = outside_quotes(assignment)
            .find(|(_, letter)| *letter == '=')
            .ok_or_else(none)?
            .0;
        let mut path = split(&assignment[..end]).ok_or_else(none)?;
        if path.iter().all(String::is_empty) {
            return Err(none());
        }
        let earlier = check(&mut path)?;
        let value = value(assignment[end + 1..].trim());
        match not_finite(&value) {
            Some(inner) => Err(Error::config("expected a finite number").within(format!("{}.{inner}", path.join(".")))),
            None => Ok(Self {
                path,
                value,
                origin: Origin::Set("key".to_owned()),
                earlier,
                implied: false,
            }),
        }
    }
}

/// The letters outside of quotes, with their positions.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut quote = None;
    text.char_indices().filter(move |&(_, letter)| {
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            None => return true,
            Some(_) => {}
        }
        false
    })
}

/// The parts of a dotted key, without blanks and quotes around them; nothing if a quote is not closed.
fn split(key: &str) -> Option<Vec<String>> {
    let dots = outside_quotes(key)
        .filter(|(_, letter)| *letter == '.')
        .map(|(at, _)| at);
    let ends: Vec<usize> = dots.chain([key.len()]).collect();
    let mut start = 0;
    let part = |end: usize| {
        let part = key[std::mem::replace(&mut start, end + 1)..end].trim();
        match part.chars().next().filter(|first| matches!(first, '"' | '\'')) {
            Some(quote) => Some(part[1..].strip_suffix(quote)?.to_owned()),
            None => Some(part.to_owned()),
        }
    };
    ends.into_iter().map(part).collect()
}

/// Refuses a key that no spec has, whatever is inside its value, and a whole part; an earlier spelling becomes the present one, and is
/// returned with it.
fn check(path: &mut [String]) -> Result<Option<(String, String)>> {
    let (part, rest) = path
        .split_first_mut()
        .map_or((String::new(), None), |(part, rest)| (part.clone(), rest.first_mut()));
    known([&part], &PARTS)?;
    let keys = keys(&part);
    match rest {
        Some(name) => {
            let renamed = super::present_name(&part, name).map(|present| (name.clone(), present));
            if let Some((_, present)) = &renamed {
                name.clone_from(present);
            }
            known([name], &keys).map_err(|error| error.within(part))?;
            Ok(renamed)
        }
        None => {
            let error = Error::config(format!("`{part}` has many keys, expected one of them"));
            let first = keys.first().copied().unwrap_or_default();
            Err(error.hint(format!("set each by itself: `{part}.{first}=…`")))
        }
    }
}

/// A TOML value, or else a text.
fn value(text: &str) -> Value {
    let table = toml::from_str::<Map<String, Value>>(&format!("value = {text}"));
    // A text with line ends may hold further keys: it is no value. A date is not among what keys take, but may be a name.
    let is_date = || text.parse::<toml::value::Datetime>().is_ok();
    let only = table.ok().filter(|table| table.len() == 1 && !is_date());
    let value = only.and_then(|mut table| table.remove("value"));
    // What TOML calls `inf` and `nan` is null here, which would leave a key out.
    let value = value.filter(|value| !value.is_null());
    value.unwrap_or_else(|| Value::from(text))
}
