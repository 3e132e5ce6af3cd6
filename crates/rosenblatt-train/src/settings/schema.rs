//! The JSON schema of a struct, and the descriptors of its fields.

use std::collections::BTreeSet;

use rosenblatt_tensor::{Error, Result};
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Descriptor;
use super::fields::fields;
use super::takes::{Kind, Range, is_entry, is_entry_of_list};
use crate::spec::Spec;

/// The descriptors of the fields of a struct, in the order of its declaration. A field of no part is a shorthand and
/// belongs to the part of the key it sets.
pub(super) fn descriptors<T: JsonSchema + DeserializeOwned>(part: Option<&str>) -> Vec<Descriptor> {
    let schema = Schema::of::<T>();
    let properties = &schema.0["properties"];
    let described = fields::<T>().iter().filter(|name| properties.get(**name).is_some());
    described.map(|name| schema.descriptor(part, name)).collect()
}

/// The JSON schema of run files.
///
/// # Errors
/// None that a caller can cause.
///
/// # Example
/// ```
/// let schema: serde_json::Value = serde_json::from_str(&rosenblatt_train::settings::json_schema()?).unwrap();
/// assert_eq!(schema["$defs"]["TrainSpec"]["properties"]["epochs"]["minimum"], 1);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn json_schema() -> Result<String> {
    let text = serde_json::to_string_pretty(&schema_for!(Spec));
    text.map(|text| text + "\n")
        .map_err(|error| Error::internal(error.to_string()))
}

/// The JSON schema of a struct.
pub(crate) struct Schema(Value);

impl Schema {
    pub(crate) fn of<T: JsonSchema>() -> Self {
        Self(schema_for!(T).into())
    }

    /// The schema of a field.
    pub(crate) fn field(&self, name: &str) -> &Value {
        &self.0["properties"][name]
    }

    fn descriptor(&self, part: Option<&str>, name: &str) -> Descriptor {
        let node = self.field(name);
        let text = |attribute: &str| node[attribute].as_str().map(str::to_owned);
        let list = |attribute: &str| {
            let all = node[attribute].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let sets = text("x-sets");
        let part = part.or_else(|| sets.as_ref()?.split('.').next()).unwrap_or_default();
        let has_flag = node["x-flag"] != Value::Bool(false);
        let long = Some(name.replace('_', "-"));
        let kind = self.kind(node);
        let values = node["x-earlier-values"].as_object();
        let pair = |(earlier, present): (&String, &Value)| Some((earlier.clone(), present.as_str()?.to_owned()));
        Descriptor {
            key: format!("{part}.{name}"),
            flag: has_flag.then(|| text("x-flag").unwrap_or_else(|| name.replace('_', "-"))),
            long_flag: long.filter(|long| has_flag && text("x-flag").is_some_and(|flag| flag != *long)),
            earlier: list("x-earlier"),
            group: text("x-group")
                .or_else(|| self.0["x-group"].as_str().map(str::to_owned))
                .unwrap_or_default(),
            doc: self.description(node),
            example: text("x-example"),
            value_name: text("x-value").unwrap_or_else(|| value_name(&kind)),
            unit: text("x-unit"),
            default: node.get("default").filter(|default| !default.is_null()).cloned(),
            separator: text("x-separator").and_then(|text| text.chars().next()),
            excludes: text("x-excludes").map(|key| format!("{part}.{key}")),
            sets,
            takes: text("x-takes"),
            earlier_values: values.into_iter().flatten().filter_map(pair).collect(),
            kind,
        }
    }

    /// What a field takes.
    fn kind(&self, node: &Value) -> Kind {
        let forms = node["anyOf"].as_array().into_iter().flatten();
        let reference = std::iter::once(node)
            .chain(forms)
            .find_map(|form| form["$ref"].as_str());
        let definition = reference.and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        if is_entry(definition) {
            let names = self.names_in_order(node);
            return Kind::Entry(definition.to_owned(), names);
        }
        let item = node["items"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        if let Some(item) = item.filter(|item| is_entry_of_list(item)) {
            return Kind::Entries(item.to_owned(), self.names_in_order(node));
        }
        // What is next to the reference bounds what it refers to.
        let (form, inner) = (self.forms(node), self.resolved_form(node));
        let types = [&node["type"], &inner["type"]];
        let is = |name: &str| types.iter().any(|types| **types == name || contains(types, name));
        let number = |attribute: &str| node[attribute].as_f64().or_else(|| inner[attribute].as_f64());
        match () {
            () if is("array") && is_integer(&node["items"]) => Kind::Widths,
            () if is("array") => Kind::List,
            () if is("object") => Kind::Table(self.table(inner)),
            () if is("boolean") => Kind::Switch,
            () if is("integer") => Kind::Whole {
                min: number("minimum").unwrap_or_default() as u64,
                all: node["format"] == "uint64",
            },
            () if is("number") => Kind::Number(Range {
                min: number("minimum"),
                above: number("exclusiveMinimum"),
                below: number("exclusiveMaximum"),
                whole_from: number("x-whole-from"),
            }),
            () if node["maxLength"] == 1 => Kind::Character,
            () if node["x-value"] == "FILE" => Kind::Path,
            () if form
                .iter()
                .any(|form| form["const"].is_string() || form["enum"].is_array()) =>
            {
                Kind::Choice(self.names_in_order(node))
            }
            () => Kind::Text,
        }
    }

    fn table(&self, node: &Value) -> Vec<(String, Kind)> {
        let keys = node["properties"].as_object().into_iter().flatten();
        keys.map(|(name, node)| (name.clone(), self.kind(node))).collect()
    }

    /// What a field refers to, through an option.
    fn resolved_form<'m>(&'m self, node: &'m Value) -> &'m Value {
        let forms = node["anyOf"].as_array().into_iter().flatten();
        let some = forms.into_iter().find(|form| form["type"] != "null");
        self.resolved(some.unwrap_or(node))
    }

    /// The first paragraph of a documentation, without its links.
    pub(crate) fn description(&self, node: &Value) -> String {
        let own = node["description"].as_str();
        let text = own.or_else(|| self.resolved(node)["description"].as_str());
        let paragraph = text.unwrap_or_default().split("\n\n").next().unwrap_or_default();
        let words = paragraph.split_whitespace().map(without_link);
        words.collect::<Vec<_>>().join(" ")
    }

    /// The definition a node refers to.
    fn resolved<'m>(&'m self, node: &'m Value) -> &'m Value {
        let pointer = node["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
        pointer.and_then(|pointer| self.0.pointer(pointer)).unwrap_or(node)
    }

    /// The forms a value may have; of a list or a map, those of its items.
    fn forms<'m>(&'m self, node: &'m Value) -> Vec<&'m Value> {
        let node = self.resolved(node);
        let inner = [&node["items"], &node["additionalProperties"]];
        let several = ["anyOf", "oneOf", "allOf"]
            .iter()
            .filter_map(|kind| node[*kind].as_array())
            .flatten();
        let further: Vec<_> = several
            .chain(inner.into_iter().filter(|inner| inner.is_object()))
            .collect();
        if further.is_empty() {
            return vec![node];
        }
        further.into_iter().flat_map(|form| self.forms(form)).collect()
    }

    /// What one may choose from by name.
    pub(crate) fn names(&self, node: &Value) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for form in self.forms(node) {
            // An entry with settings is a table with its name as the one key, which must be there.
            let table = form["required"].as_array().into_iter().flatten();
            names.extend(table.filter_map(Value::as_str).map(str::to_owned));
        }
        names.extend(self.names_in_order(node));
        names
    }

    /// Names that are a value by themselves.
    fn names_in_order(&self, node: &Value) -> Vec<String> {
        let listed = self.forms(node).into_iter().flat_map(|form| {
            let several = form["enum"].as_array().into_iter().flatten();
            several.chain([&form["const"]]).filter_map(Value::as_str)
        });
        listed.map(str::to_owned).collect()
    }

    /// What the names in a value are, and their settings.
    pub(crate) fn settings(&self, node: &Value, value: &Value, depth: usize, lines: &mut Vec<String>) {
        let table = match value {
            Value::Array(items) => return items.iter().for_each(|item| self.settings(node, item, depth, lines)),
            Value::Object(table) => table.clone(),
            Value::String(name) => Map::from_iter([(name.clone(), Value::Null)]),
            _ => return,
        };
        for (name, inner) in &table {
            let forms = self.forms(node);
            let Some(child) = forms.iter().find_map(|form| form["properties"].get(name)) else {
                continue;
            };
            let description = self.description(child);
            let line = format!("{:1$}`{name}`: {description}", "", 2 * depth);
            if !description.is_empty() && !lines.contains(&line) {
                lines.push(line);
                self.settings(child, inner, depth + 1, lines);
            }
        }
    }
}

fn contains(types: &Value, name: &str) -> bool {
    types
        .as_array()
        .is_some_and(|types| types.iter().any(|one| one == name))
}

fn is_integer(node: &Value) -> bool {
    node["type"] == "integer"
}

fn value_name(kind: &Kind) -> String {
    match kind {
        Kind::Number(Range { below: Some(below), .. }) => format!("0..{below}"),
        Kind::Number(_) | Kind::Whole { .. } | Kind::Widths => "N".to_owned(),
        Kind::Switch => "true|false".to_owned(),
        Kind::Choice(names) => names.join("|"),
        _ => "VALUE".to_owned(),
    }
}

/// A word of a documentation as it is without a link: `` `Adam` `` of ``[`crate::optimizers::Adam`]``.
fn without_link(word: &str) -> String {
    let Some((before, rest)) = word.split_once("[`") else {
        return word.to_owned();
    };
    match rest.split_once("`]") {
        Some((path, after)) => {
            let name = path.rsplit("::").next().unwrap_or(path);
            format!("{before}`{name}`{after}")
        }
        None => word.to_owned(),
    }
}
