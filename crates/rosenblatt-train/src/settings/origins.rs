//! Where the value of every setting of a run comes from.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Assignment, Descriptor, Origin, descriptors};
use crate::presets::Choice;
use crate::spec::{RunFile, Spec};

/// A setting of a run, its value, and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingOrigin {
    /// Its key in a run file: `train.learning_rate`.
    pub key: String,
    /// Its value, null if it is unset.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
}

/// The value of a setting as it is written after a flag: `adamw:weight_decay=0.01`; `not set` if it is unset.
#[must_use]
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Array(items) if !items.is_empty() => items.iter().map(value_text).collect::<Vec<_>>().join(", "),
        // An entry of a registry, as it is written after a flag.
        Value::Object(entry) if entry.len() == 1 => {
            let (name, settings) = entry.iter().next().unzip();
            let name = name.map_or("", String::as_str);
            match settings.and_then(Value::as_object) {
                Some(settings) if settings.is_empty() => name.to_owned(),
                Some(settings) => {
                    let settings = settings
                        .iter()
                        .map(|(key, value)| format!("{key}={}", value_text(value)));
                    format!("{name}:{}", settings.collect::<Vec<_>>().join(","))
                }
                None => entry
                    .iter()
                    .map(|(key, value)| format!("{key}={}", value_text(value)))
                    .collect(),
            }
        }
        other => other.to_string(),
    }
}

/// Every setting of a spec, in the order of a run file. The last that set a key, or something inside its value, counts.
pub(crate) fn origins(
    spec: &Spec,
    assignments: &[Assignment],
    run_file: Option<(&RunFile, &Path)>,
    choices: &[Choice],
) -> Vec<SettingOrigin> {
    let json = spec.to_json().unwrap_or_default();
    let origin = |key: &str| {
        let given = assignments
            .iter()
            .rev()
            .find(|given| super::assignment::is_inside(&given.target(), key));
        let chosen = || {
            let of_key = choices.iter().filter(|choice| choice.setting == key);
            let reasons: Vec<&str> = of_key.map(|choice| &*choice.reason).collect();
            (!reasons.is_empty()).then(|| Origin::Preset {
                reason: reasons.join("; "),
            })
        };
        let read = || {
            let (file, path) = run_file?;
            file.keys
                .iter()
                .any(|read| read == key)
                .then(|| Origin::RunFile(path.to_owned()))
        };
        // A value that excludes this one has removed it.
        let excludes = |one: &&Assignment| {
            one.descriptor()
                .is_some_and(|setting| setting.excludes.as_deref() == Some(key))
        };
        let given = given.or_else(|| assignments.iter().rev().find(excludes));
        let given = given.map(|given| given.origin.clone());
        given.or_else(chosen).or_else(read).unwrap_or(Origin::Default)
    };
    let keys = descriptors().iter().filter(|setting| !setting.is_shorthand());
    let of = |setting: &Descriptor| {
        let value = json.pointer(&format!("/{}", setting.key.replace('.', "/")));
        SettingOrigin {
            key: setting.key.clone(),
            value: value.or(setting.default.as_ref()).cloned().unwrap_or_default(),
            origin: origin(&setting.key),
        }
    };
    keys.map(of).collect()
}
