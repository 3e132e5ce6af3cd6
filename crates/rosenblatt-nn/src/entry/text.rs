//! Entries on the command line: `adam`, `normal:0.01`, `sgd:momentum=0.9,nesterov=true`.

use std::fmt;
use std::str::FromStr;

use rosenblatt_tensor::{Error, Result};
use serde_json::{Map, Value};

use super::{Entry, Registration, Registry};

impl<K: Registry + ?Sized> Entry<K> {
    /// An entry from a word of the command line: `name`, `name:value` if it has one setting, or
    /// `name:setting=value,setting=value`.
    ///
    /// # Errors
    /// As [`Entry::make`], and if a value without a name is given where there is more than one setting.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((name, settings)) = text.split_once(':') else {
            return Self::named(text);
        };
        let mut fields = Map::new();
        for setting in settings.split(',') {
            let (field, value) = match setting.split_once('=') {
                Some((field, value)) => (field.trim().to_owned(), value),
                None => (only_field::<K>(name)?, setting),
            };
            if fields.insert(field.clone(), value_of(value.trim())).is_some() {
                return Err(Error::config(format!("`{field}` is given twice")).within(name));
            }
        }
        Self::make(name, fields)
    }
}

/// A number or bool if it reads as one, else a text.
fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// The name of the setting of an entry that has exactly one.
fn only_field<K: Registry + ?Sized>(name: &str) -> Result<String> {
    let fields = Registration::<K>::find(name)?.fields();
    match &fields[..] {
        [only] => Ok(only.clone()),
        [] => Err(Error::config("there is nothing to set").within(name)),
        _ => Err(Error::config("a value needs the name of its setting").within(name))
            .map_err(|error: Error| error.hint(format!("write {name}:{}=…", fields.join("=…,")))),
    }
}

/// As [`Entry::parse`] reads it.
impl<K: Registry + ?Sized> fmt::Display for Entry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, fields) = (self.name(), self.fields());
        let known = Registration::<K>::find(name).map_or(fields.len(), |registration| registration.fields().len());
        f.write_str(&text(name, &fields, known == 1))
    }
}

/// Name and settings as [`Entry::parse`] reads them.
pub(crate) fn written(name: &str, fields: &Map<String, Value>) -> String {
    text(name, fields, fields.len() == 1)
}

/// As [`written`]; `only` says whether there is one setting, which needs no name.
fn text(name: &str, fields: &Map<String, Value>, only: bool) -> String {
    let setting = |(field, value): (&String, &Value)| match (only, value) {
        (true, Value::String(text)) => text.clone(),
        (true, value) => value.to_string(),
        (false, Value::String(text)) => format!("{field}={text}"),
        (false, value) => format!("{field}={value}"),
    };
    match fields.is_empty() {
        true => name.to_owned(),
        false => format!("{name}:{}", fields.iter().map(setting).collect::<Vec<_>>().join(",")),
    }
}

impl<K: Registry + ?Sized> FromStr for Entry<K> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}
