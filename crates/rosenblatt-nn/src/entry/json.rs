//! Entries as JSON, and as whatever else serde reads and writes.

use std::fmt;
use std::marker::PhantomData;

use rosenblatt_tensor::{Error, Result};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Entry, Registry, not_saved};

impl<K: Registry + ?Sized> Entry<K> {
    /// An entry from JSON: a name, or an object with one name and its settings.
    ///
    /// # Errors
    /// As [`Entry::make`], and if the JSON has another form.
    pub fn from_json(json: &Value) -> Result<Self> {
        match json {
            Value::String(name) => Self::named(name),
            Value::Object(table) => match (table.len(), table.iter().next()) {
                (1, Some((name, Value::Object(fields)))) => Self::make(name, fields.clone()),
                (1, Some((name, other))) => {
                    let error = Error::config(format!("expected a table of settings, got {other}")).within(name);
                    Err(error.hint(format!("write `{name} = {{ … }}`, or the name alone for its defaults")))
                }
                _ => Err(not_one::<K>(table)),
            },
            other => Err(Error::config(format!(
                "expected the name of a {}, got {other}",
                K::KIND
            ))),
        }
    }

    /// The entry as JSON: a name if there is nothing to set, else an object with all settings, so that what is saved
    /// does not depend on defaults that may change.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it, or an entry inside it, is not registered: it could not be read
    /// again.
    pub fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| not_saved(&error))
    }
}

fn not_one<K: Registry + ?Sized>(table: &Map<String, Value>) -> Error {
    let names: Vec<String> = table.keys().map(|name| format!("`{name}`")).collect();
    let got = if names.is_empty() {
        "an empty table".to_owned()
    } else {
        names.join(" and ")
    };
    Error::config(format!("expected one {}, got {got}", K::KIND))
}

impl<K: Registry + ?Sized> Serialize for Entry<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if !self.is_registered() {
            let message = format!("the {} `{}` is not registered", K::KIND, self.name());
            return Err(serde::ser::Error::custom(message));
        }
        let fields = self.to_fields().map_err(serde::ser::Error::custom)?;
        let name = self.name().to_owned();
        let json = match fields.is_empty() {
            true => Value::from(name),
            false => Value::Object(Map::from_iter([(name, Value::Object(fields))])),
        };
        json.serialize(serializer)
    }
}

impl<'de, K: Registry + ?Sized> Deserialize<'de> for Entry<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor(PhantomData))
    }
}

/// Fails while the entry is visited, not after, so that readers of TOML know its line.
struct EntryVisitor<K: ?Sized>(PhantomData<K>);

impl<'de, K: Registry + ?Sized> Visitor<'de> for EntryVisitor<K> {
    type Value = Entry<K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the name of a {}, or a table with one name and its settings",
            K::KIND
        )
    }

    fn visit_str<E: de::Error>(self, name: &str) -> std::result::Result<Entry<K>, E> {
        Entry::named(name).map_err(as_text)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> std::result::Result<Entry<K>, A::Error> {
        Entry::from_json(&Value::deserialize(MapAccessDeserializer::new(table))?).map_err(as_text)
    }
}

/// Serde's errors are texts, so a hint becomes part of them.
fn as_text<E: de::Error>(error: Error) -> E {
    match error.hint_text() {
        Some(hint) => E::custom(format!("{error}; {hint}")),
        None => E::custom(error),
    }
}
