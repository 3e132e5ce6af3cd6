//! A spec as TOML and JSON, and single keys of it as words.

use std::fmt;

use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::ser::ValueSerializer;

use super::Spec;
use super::file::no_toml;
use crate::settings::{Descriptor, PARTS, descriptors, instead_of, keys, present_name};

impl Spec {
    /// Reads a run file.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] with line and column, or with the key and the nearest right name.
    pub fn from_toml(text: &str) -> Result<Self> {
        let table: Map<String, Value> = toml::from_str(text).map_err(|error| no_toml(text, &error))?;
        let table = Value::Object(table);
        match not_finite(&table) {
            Some(path) => Err(Error::config("expected a finite number").within(path)),
            None => Self::from_json(&table),
        }
    }

    /// A spec from JSON; what is left out has its default.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] with the key and the nearest right name.
    pub fn from_json(json: &Value) -> Result<Self> {
        let Some(parts) = json.as_object() else {
            return Err(Error::config(format!("expected a table, got {json}")));
        };
        known(parts.keys(), &PARTS)?;
        let spec = Self {
            data: part(parts, "data")?,
            model: part(parts, "model")?,
            train: part(parts, "train")?,
        };
        spec.check()?;
        Ok(spec)
    }

    /// The spec as JSON; all settings are written, so that it does not depend on defaults that may change.
    ///
    /// # Errors
    /// A path in it is no Unicode.
    pub fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| Error::config(error.to_string()))
    }

    /// The spec as a run file.
    ///
    /// # Errors
    /// A path in it is no Unicode.
    pub fn to_toml(&self) -> Result<String> {
        self.written(|_, _, _| Vec::new())
    }

    /// The spec as a run file; `comments` are the lines before a key of a part with its value.
    pub(super) fn written(&self, comments: impl Fn(&str, &str, Option<&Value>) -> Vec<String>) -> Result<String> {
        let json = self.to_json()?;
        let mut text = String::new();
        for part in PARTS {
            text += &format!("{}[{part}]\n", if text.is_empty() { "" } else { "\n" });
            for (i, key) in keys(part).into_iter().enumerate() {
                let value = json[part].get(key);
                let comments = comments(part, key, value);
                text += if i > 0 && !comments.is_empty() { "\n" } else { "" };
                comments.iter().for_each(|line| text += &format!("# {line}\n"));
                match value {
                    Some(value) => text += &format!("{key} = {}\n", toml(key, value)?),
                    None if !comments.is_empty() => text += &format!("# {key} =\n"),
                    None => {}
                }
            }
        }
        Ok(text)
    }
}

/// The path of the first number that is not finite: TOML has a word for it, JSON has not, and null would leave the key out.
pub(crate) fn not_finite(value: &Value) -> Option<String> {
    let inside = |key: &dyn fmt::Display, value: &Value| match value {
        Value::Null => Some(key.to_string()),
        value => not_finite(value).map(|path| format!("{key}.{path}")),
    };
    match value {
        Value::Object(table) => table.iter().find_map(|(key, value)| inside(key, value)),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, value)| inside(&i, value)),
        _ => None,
    }
}

/// Refuses keys that do not exist.
pub(crate) fn known(given: impl IntoIterator<Item = impl AsRef<str>>, keys: &[&str]) -> Result<()> {
    let unknown = given.into_iter().find(|key| !keys.contains(&key.as_ref()));
    unknown.map_or(Ok(()), |key| {
        let key = key.as_ref();
        Err(Error::config(format!("unknown key `{key}`")).hint(meant(key, keys.iter().copied())))
    })
}

/// One part of a spec; an error names the key whose value does not fit.
fn part<T: DeserializeOwned + Default>(parts: &Map<String, Value>, name: &str) -> Result<T> {
    let table = match parts.get(name) {
        None => return Ok(T::default()),
        Some(Value::Object(table)) => &renamed(name, table),
        Some(other) => return Err(Error::config(format!("expected a table, got {other}")).within(name)),
    };
    known(table.keys(), &keys(name)).map_err(|error| error.within(name))?;
    serde_json::from_value(Value::Object(table.clone())).map_err(|error| {
        // Every key has a default, so the one at fault fails alone too.
        match table
            .iter()
            .find_map(|(key, value)| Some((key, explain::<T>(name, key, value)?)))
        {
            Some((key, error)) => error.within(key).within(name),
            None => Error::config(error.to_string()).within(name),
        }
    })
}

/// The table of a part with the present spellings of its keys.
fn renamed(part: &str, table: &Map<String, Value>) -> Map<String, Value> {
    let present = |key: &String| present_name(part, key).filter(|present| !table.contains_key(present));
    let pairs = table
        .iter()
        .map(|(key, value)| (present(key).unwrap_or_else(|| key.clone()), value.clone()));
    pairs.collect()
}

/// What is wrong with the value of a key, if anything.
fn explain<T: DeserializeOwned>(part: &str, key: &str, value: &Value) -> Option<Error> {
    let table = Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
    let error = serde_json::from_value::<T>(table).err()?;
    if let ("layers", Value::Array(layers)) = (key, value) {
        // Read one by one, the layer at fault has a number, and its error keeps its hint.
        let wrong = |(i, layer)| Some((i, Entry::<dyn Layer>::from_json(layer).err()?));
        if let Some((i, error)) = layers.iter().enumerate().find_map(wrong) {
            return Some(error.within(i.to_string()));
        }
    }
    let setting = descriptor(part, key)?;
    for (inner, kind) in setting.kind.inside() {
        if let Some(got) = value.get(inner).filter(|got| !kind.holds(got)) {
            return Some(Error::config(instead_of(&kind.words(), kind, got)?).within(inner.clone()));
        }
    }
    let words = instead_of(&setting.takes(), &setting.kind, value).unwrap_or_else(|| error.to_string());
    Some(Error::config(words))
}

/// What is known about a key of a part.
fn descriptor(part: &str, key: &str) -> Option<&'static Descriptor> {
    let mut settings = descriptors().iter();
    settings.find(|setting| !setting.is_shorthand() && setting.part() == part && setting.name() == key)
}

/// A value with texts of several lines, on one line: texts of JSON are texts of TOML, too.
fn on_one_line(json: &Value) -> String {
    let text = |text: &str| Value::from(text).to_string().replace('\u{7f}', "\\u007f");
    match json {
        Value::String(line) => text(line),
        Value::Array(all) => format!("[{}]", all.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        Value::Object(all) => {
            let entry = |(key, value): (&String, &Value)| format!("{} = {}", text(key), on_one_line(value));
            format!("{{ {} }}", all.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A value as TOML on one line; layers one a line.
fn toml(key: &str, json: &Value) -> Result<String> {
    let write = |json: &Value| {
        let mut text = String::new();
        // Not by way of `toml::Value`, whose whole numbers end at 2⁶³ − 1: seeds do not.
        let written = json.serialize(ValueSerializer::new(&mut text)).map(|_| ());
        written.map_err(|error| Error::config(error.to_string()).within(key.to_owned()))?;
        // A text with a line end is written over several lines.
        Ok(if text.contains('\n') { on_one_line(json) } else { text })
    };
    match json {
        Value::Array(layers) if key == "layers" && !layers.is_empty() => {
            let lines = layers
                .iter()
                .map(|layer| Ok(format!("  {},\n", write(layer)?)))
                .collect::<Result<String>>()?;
            Ok(format!("[\n{lines}]"))
        }
        other => write(other),
    }
}
