//! A spec as a run file in which comments explain every key.
//!
//! Nothing is said here that is not said where the keys are defined: what a key is and what its settings are comes from
//! the documentation of the fields (by way of their JSON schema), what it takes from `expected.rs`, which names there
//! are from the registries.

use std::collections::BTreeSet;

use rosenblatt_data::DataOptions;
use rosenblatt_tensor::Result;
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value};

use super::expected::words;
use super::{ModelSpec, Spec, TrainSpec};
use crate::text::printable;

/// The longest line of a comment.
const WIDTH: usize = 100;

impl Spec {
    /// The spec as a run file in which a comment explains every key: what it is, what it takes, what its settings are.
    /// Keys without a value are comments too.
    ///
    /// `remarks` are keys with what else is to be said about their values: `("train.epochs", "a short run")`.
    ///
    /// # Errors
    /// As [`Spec::to_toml`].
    ///
    /// # Example
    /// ```
    /// use rosenblatt_train::Spec;
    /// let text = Spec::default().to_commented_toml(&[("train.epochs", "A short run.".to_owned())])?;
    /// let epochs = [
    ///     "# Passes over the training rows, at least 1.",
    ///     "# Takes a whole number of at least 1.",
    ///     "# A short run.",
    ///     "epochs = 10",
    /// ];
    /// assert!(text.contains(&epochs.join("\n")));
    /// assert_eq!(Spec::from_toml(&text)?, Spec::default());
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn to_commented_toml(&self, remarks: &[(&str, String)]) -> Result<String> {
        let [data, model, train] = [
            Manual::of::<DataOptions>(),
            Manual::of::<ModelSpec>(),
            Manual::of::<TrainSpec>(),
        ];
        self.written(|part, key, value| {
            let manual = match part {
                "data" => &data,
                "model" => &model,
                _ => &train,
            };
            let about = remarks
                .iter()
                .filter(|(place, _)| place.split_once('.') == Some((part, key)));
            let about = about.map(|(_, remark)| remark.clone());
            manual
                .comment(key, value, about)
                .iter()
                .flat_map(|text| wrapped(&printable(text)))
                .collect()
        })
    }
}

/// What is known about the keys of a part: its JSON schema.
struct Manual(Value);

impl Manual {
    fn of<T: JsonSchema>() -> Self {
        Self(schema_for!(T).into())
    }

    /// All there is to say about a key and its value, one paragraph each.
    fn comment(&self, key: &str, value: Option<&Value>, remarks: impl Iterator<Item = String>) -> Vec<String> {
        let node = &self.0["properties"][key];
        let mut lines = vec![self.description(node)];
        lines.extend(words(key).map(|words| format!("Takes {words}.")));
        let names: Vec<String> = self.names(node).into_iter().collect();
        if !names.is_empty() {
            lines.push(format!("Names: {}.", names.join(", ")));
        }
        lines.extend(remarks);
        if let Some(value) = value {
            self.settings(node, value, 0, &mut lines);
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// The first paragraph of a documentation, without its links.
    fn description(&self, node: &Value) -> String {
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
    fn names(&self, node: &Value) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for form in self.forms(node) {
            let listed = form["enum"].as_array().into_iter().flatten();
            // An entry with settings is a table with its name as the one key, which must be there.
            let table = form["required"].as_array().into_iter().flatten();
            let all = listed.chain(table).chain([&form["const"]]);
            names.extend(all.filter_map(Value::as_str).map(str::to_owned));
        }
        names
    }

    /// What the names in a value are, and their settings.
    fn settings(&self, node: &Value, value: &Value, depth: usize, lines: &mut Vec<String>) {
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

/// A paragraph cut into lines; those after the first are indented as it is.
fn wrapped(text: &str) -> Vec<String> {
    let indent = text.len() - text.trim_start().len();
    let mut lines = vec![" ".repeat(indent)];
    for word in text.split_whitespace() {
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > indent && last + 1 + word.chars().count() > WIDTH - 2 {
            lines.push(" ".repeat(indent));
        }
        if let Some(line) = lines.last_mut() {
            *line += if line.len() > indent { " " } else { "" };
            *line += word;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_names() {
        assert_eq!(without_link("[`crate::resolve`]."), "`resolve`.");
        assert_eq!(without_link("([`Adam`],"), "(`Adam`,");
        for word in ["plain", "`[0,", "1)`", "[`broken"] {
            assert_eq!(without_link(word), word);
        }
    }

    #[test]
    fn long_lines_are_cut_and_indented() {
        let text = format!("  {}", "seven77 ".repeat(30));
        let lines = wrapped(&text);
        assert_eq!(lines.len(), 3);
        assert!(
            lines
                .iter()
                .all(|line| line.len() <= WIDTH - 2 && line.starts_with("  s")),
            "{lines:?}"
        );
        assert_eq!(wrapped("x"), ["x"]);
        assert_eq!(wrapped(&"y".repeat(200)), ["y".repeat(200)]);
    }
}
