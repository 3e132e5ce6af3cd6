//! JSON schema of entries, for editors, the studio and the reference.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::{Entry, Registration, Registry};

impl<K: Registry + ?Sized> JsonSchema for Entry<K> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed(K::KIND)
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Owned(format!("{}::{}", module_path!(), K::KIND))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let all = K::all();
        let names: Vec<&str> = all
            .iter()
            .filter(|registration| registration.has_defaults())
            .map(|registration| registration.name)
            .collect();
        let called = |registration: &'static Registration<K>| {
            let names = std::iter::once(registration.name).chain(registration.aliases.iter().copied());
            names.map(move |name| (name, registration))
        };
        let tables = all
            .iter()
            .flat_map(|&registration| called(registration))
            .map(|(name, registration)| {
                let settings = registration.schema(generator);
                Value::from(json_schema!({
                    "type": "object",
                    "properties": { name: settings },
                    "required": [name],
                    "additionalProperties": false,
                }))
            });
        let mut forms: Vec<Value> = tables.collect();
        let aliases: Vec<&str> = all
            .iter()
            .flat_map(|registration| registration.aliases)
            .copied()
            .collect();
        if !aliases.is_empty() {
            // Not an `enum`: what is offered are the names.
            let pattern = format!("^({})$", aliases.join("|"));
            forms.insert(0, Value::from(json_schema!({ "type": "string", "pattern": pattern })));
        }
        if !names.is_empty() {
            forms.insert(0, Value::from(json_schema!({ "type": "string", "enum": names })));
        }
        json_schema!({ "oneOf": forms })
    }
}
