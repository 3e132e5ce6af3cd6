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
            let choice = choices.iter().find(|choice| choice.setting == key)?;
            let reason = choice.reason.clone();
            Some(Origin::Preset { reason })
        };
        let read = || {
            let (file, path) = run_file?;
            file.keys
                .iter()
                .any(|read| read == key)
                .then(|| Origin::RunFile(path.to_owned()))
        };
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
