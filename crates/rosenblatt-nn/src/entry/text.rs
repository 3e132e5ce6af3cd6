//! Entries on the command line: `adam`, `normal:0.01`, `sgd:momentum=0.9,nesterov=true`.

use std::fmt;
use std::str::FromStr;

use rosenblatt_tensor::{Error, Result};
use serde_json::{Map, Value};

use super::{Entry, Registration, Registry};

impl<K: Registry + ?Sized> Entry<K> {
    /// An entry from a word of the command line: `name`, `name:value` if it has one setting or a main one
    /// ([`Config::MAIN_SETTING`](crate::Config::MAIN_SETTING)), or `name:setting=value,setting=value`.
    ///
    /// # Errors
    /// As [`Entry::make`], and if a value without a name is given where there is more than one setting and no main one.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((name, settings)) = text.split_once(':') else {
            return Self::named(text);
        };
        let mut fields = Map::new();
        for setting in split(settings) {
            let (field, value) = match setting.split_once('=') {
                Some((field, value)) => (field.trim().to_owned(), value),
                None => (main_field::<K>(name)?, setting),
            };
            if fields.insert(field.clone(), value_of(value.trim())).is_some() {
                return Err(Error::config(format!("`{field}` is given twice")).within(name));
            }
        }
        Self::make(name, fields)
    }
}

impl<K: Registry + ?Sized> Entry<K> {
    /// Entries with commas between them: `flip,shift:2,erase:p=0.5,scale=[0.1,0.2]`; `none` is no entry.
    ///
    /// A part `setting=value` belongs to the entry before it.
    ///
    /// # Errors
    /// As [`Entry::parse`].
    pub fn parse_list(text: &str) -> Result<Vec<Self>> {
        if text == "none" {
            return Ok(Vec::new());
        }
        let mut entries: Vec<String> = Vec::new();
        for part in split(text) {
            let is_setting = part.split_once('=').is_some_and(|(name, _)| !name.contains(':'));
            match entries.last_mut() {
                Some(entry) if is_setting => *entry += &format!(",{part}"),
                _ => entries.push(part.trim().to_owned()),
            }
        }
        entries.iter().map(|entry| Self::parse(entry)).collect()
    }
}

/// The parts between commas that are in no list: `milestones=[30,80],gamma=0.1` has two.
fn split(settings: &str) -> Vec<&str> {
    let mut depth = 0_i64;
    let between = move |c: char| {
        depth += i64::from(c == '[') - i64::from(c == ']');
        c == ',' && depth <= 0
    };
    settings.split(between).collect()
}

/// A number, a bool or a list if it reads as one, else a text.
fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// The name of the main setting of an entry, or of its only one.
fn main_field<K: Registry + ?Sized>(name: &str) -> Result<String> {
    let registration = Registration::<K>::find(name)?;
    let fields = registration.fields();
    match (&fields[..], registration.main_setting) {
        (_, Some(main)) => Ok(main.to_owned()),
        ([only], None) => Ok(only.clone()),
        ([], None) => Err(Error::config("there is nothing to set").within(name)),
        (_, None) => Err(Error::config("a value needs the name of its setting").within(name))
            .map_err(|error: Error| error.hint(format!("write {name}:{}=…", fields.join("=…,")))),
    }
}

/// As [`Entry::parse`] reads it.
impl<K: Registry + ?Sized> fmt::Display for Entry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, fields) = (self.name(), self.fields());
        // A setting that is the only one written need not be the one that needs no name.
        let only = fields.len() == 1 && main_field::<K>(name).is_ok_and(|main| fields.contains_key(&main));
        f.write_str(&text_of(name, &fields, only))
    }
}

/// Name and settings as [`Entry::parse`] reads them, if all of them are there.
pub(crate) fn written(name: &str, fields: &Map<String, Value>) -> String {
    text_of(name, fields, fields.len() == 1)
}

fn text_of(name: &str, fields: &Map<String, Value>, only: bool) -> String {
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
