//! A spec as a run file in which comments explain every key.
//!
//! What a key is and what it takes comes from the declaration of its field, by way of its descriptor; which names there
//! are, from the registries.

use rosenblatt_data::DataOptions;
use rosenblatt_tensor::Result;
use serde_json::Value;

use super::{ModelSpec, Spec, TrainSpec};
use crate::settings::{Descriptor, PARTS, Schema, descriptors};
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
    ///     "# Maximum number of epochs (passes over the training rows).",
    ///     "# Takes a whole number of at least 1.",
    ///     "# A short run.",
    ///     "epochs = 10",
    /// ];
    /// assert!(text.contains(&epochs.join("\n")));
    /// assert_eq!(Spec::from_toml(&text)?, Spec::default());
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn to_commented_toml(&self, remarks: &[(&str, String)]) -> Result<String> {
        let schemas = [
            Schema::of::<DataOptions>(),
            Schema::of::<ModelSpec>(),
            Schema::of::<TrainSpec>(),
        ];
        self.written(|part, key, value| {
            let place = format!("{part}.{key}");
            let setting = descriptors().iter().find(|setting| setting.key == place);
            let schema = PARTS.iter().zip(&schemas).find(|(name, _)| **name == part);
            let (Some(setting), Some((_, schema))) = (setting, schema) else {
                return Vec::new();
            };
            let about = remarks.iter().filter(|(key, _)| *key == place);
            let about = about.map(|(_, remark)| remark.clone());
            let paragraphs = comment(setting, schema, value, about);
            paragraphs.iter().flat_map(|text| wrapped(&printable(text))).collect()
        })
    }
}

/// All there is to say about a key and its value, one paragraph each.
fn comment(
    setting: &Descriptor,
    schema: &Schema,
    value: Option<&Value>,
    remarks: impl Iterator<Item = String>,
) -> Vec<String> {
    let node = schema.field(setting.name());
    let mut lines = vec![setting.doc.clone()];
    let takes = setting.takes();
    lines.extend((!takes.is_empty()).then(|| format!("Takes {takes}.")));
    let names: Vec<String> = schema.names(node).into_iter().collect();
    if !names.is_empty() {
        lines.push(format!("Names: {}.", names.join(", ")));
    }
    lines.extend(remarks);
    if let Some(value) = value {
        schema.settings(node, value, 0, &mut lines);
    }
    lines.retain(|line| !line.is_empty());
    lines
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
