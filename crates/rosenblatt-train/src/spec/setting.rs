//! Single keys of a spec, as one writes them on a command line.

use std::str::FromStr;

use rosenblatt_tensor::{Error, Result};
use serde_json::{Map, Value};

use super::Spec;
use super::text::{KEYS, known, not_finite};

/// A value for one key of a spec: `train.epochs=20`.
///
/// # Example
/// ```
/// use rosenblatt_train::{Setting, Spec};
/// let setting: Setting = "train.early_stopping.patience = 3".parse()?;
/// assert_eq!(setting.key(), "train.early_stopping.patience");
/// assert!(setting.is_within("train.early_stopping") && !setting.is_within("train.early"));
/// assert!(setting.touches("train") && setting.touches("train.early_stopping.patience.x") && !setting.touches("train.seed"));
/// assert_eq!(Spec::default().set(&setting)?.train.early_stopping.unwrap().patience, 3);
///
/// let error = "train={ epochs = 3 }".parse::<Setting>().unwrap_err();
/// assert_eq!(error.to_string(), "`train` has many keys, expected one of them");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    key: String,
    value: Value,
}

impl Setting {
    /// The key, without blanks around its parts.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it sets this key, or something inside its value.
    #[must_use]
    pub fn is_within(&self, key: &str) -> bool {
        is_inside(&self.key, key)
    }

    /// Whether it sets this key, something inside its value, or a value around it.
    #[must_use]
    pub fn touches(&self, key: &str) -> bool {
        self.is_within(key) || is_inside(key, &self.key)
    }
}

/// Whether a key is another one, or inside its value.
fn is_inside(key: &str, other: &str) -> bool {
    let rest = key.strip_prefix(other);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl FromStr for Setting {
    type Err = Error;

    /// `key=value`, where the value is written as in TOML; what is no TOML is a text. A whole part of a spec is refused:
    /// it would silently give all its other keys their defaults.
    fn from_str(assignment: &str) -> Result<Self> {
        let (path, text) = assignment.split_once('=').unwrap_or_default();
        let key = path.split('.').map(str::trim).collect::<Vec<_>>().join(".");
        if key.is_empty() {
            let error = Error::config(format!("expected `key=value`, got `{assignment}`"));
            return Err(error.hint("write for example `train.epochs=20`"));
        }
        check(&key)?;
        let value = value(text.trim());
        match not_finite(&value) {
            Some(path) => Err(Error::config("expected a finite number").within(format!("{key}.{path}"))),
            None => Ok(Self { key, value }),
        }
    }
}

/// Refuses a key that no spec has, whatever is inside its value, and a whole part.
fn check(key: &str) -> Result<()> {
    let (part, rest) = key
        .split_once('.')
        .map_or((key, None), |(part, rest)| (part, Some(rest)));
    known([part], &KEYS.map(|(name, _)| name))?;
    let keys = KEYS
        .iter()
        .find(|(name, _)| *name == part)
        .map_or(&[][..], |(_, keys)| keys);
    match rest.map(|rest| rest.split('.').next().unwrap_or(rest)) {
        Some(name) => known([name], keys).map_err(|error| error.within(part)),
        None => {
            let error = Error::config(format!("`{part}` has many keys, expected one of them"));
            Err(error.hint(format!(
                "set each by itself: `{part}.{}=…`",
                keys.first().copied().unwrap_or_default()
            )))
        }
    }
}

impl Spec {
    /// The same with another value for one key: `train.epochs=20`, `model.layers.0.linear.out_features=64`.
    ///
    /// The value is written as in TOML; what is no TOML is a text.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there is no such key or the value does not fit it.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_train::Spec;
    /// let spec = Spec::default().with("train.epochs=20")?.with("train.optimizer=sgd")?;
    /// assert_eq!(spec.train.epochs, 20);
    /// assert_eq!(spec.train.optimizer.name(), "sgd");
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn with(&self, assignment: &str) -> Result<Self> {
        self.set(&assignment.parse()?)
    }

    /// As [`Spec::with`], of what was read before.
    ///
    /// # Errors
    /// As [`Spec::with`].
    pub fn set(&self, setting: &Setting) -> Result<Self> {
        let mut json = self.to_json()?;
        put(&mut json, &setting.key, setting.value.clone())?;
        Self::from_json(&json)
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

fn put(json: &mut Value, path: &str, value: Value) -> Result<()> {
    let mut place = json;
    for key in path.split('.') {
        place = match place {
            Value::Array(items) => {
                let count = items.len();
                let item = key.parse().ok().and_then(|index: usize| items.get_mut(index));
                let none = || Error::config(format!("expected a number below {count}, got `{key}`"));
                item.ok_or_else(|| none().within(path))?
            }
            Value::Object(table) => table.entry(key).or_insert(Value::Null),
            // A name with its defaults gets a table for the setting that follows.
            other => match other.as_str() {
                Some(name) if name == key => {
                    *other = Value::Object(Map::from_iter([(key.to_owned(), Value::Object(Map::new()))]));
                    &mut other[key]
                }
                _ if other.is_null() => {
                    *other = Value::Object(Map::new());
                    &mut other[key]
                }
                _ => return Err(Error::config(format!("`{key}`: {other} has no keys")).within(path)),
            },
        };
    }
    *place = value;
    Ok(())
}
