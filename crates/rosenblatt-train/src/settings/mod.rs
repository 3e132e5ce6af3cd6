//! Settings as data: everything a surface needs to know about a setting, read from the declaration of its field.
//!
//! A setting is a field of [`rosenblatt_data::DataOptions`], [`crate::ModelSpec`] or [`crate::TrainSpec`], or, if it only
//! stands for parts of others, of `Shorthands`. Documentation, default, range, unit, group and names are attributes of
//! the field; [`descriptors`] reads them from its JSON schema. Flags, range checks, error messages, comments of run
//! files and the reference page follow from the descriptors.
//!
//! Attributes of a field, in `#[schemars(extend(...))]`; all may be left out:
//!
//! | attribute | what |
//! |---|---|
//! | `x-flag` | short name of its flag (`"lr"`), or `false` for none |
//! | `x-group` | heading in the help; of a struct: of all its fields |
//! | `x-value` | name of the value in the help: `"FILE"` is a path |
//! | `x-example` | values as one writes them after the flag |
//! | `x-unit` | unit |
//! | `x-takes` | what it takes, where the type does not say it |
//! | `x-separator` | separator of the values of a list after one flag |
//! | `x-earlier`, `x-earlier-values` | earlier spellings of the key, of values |
//! | `x-excludes` | a setting that cannot be given at the same time |
//! | `x-sets` | of a shorthand: the key whose value it is a part of |

mod assignment;
mod fields;
mod origins;
mod schema;
mod shorthands;
mod takes;

use std::sync::LazyLock;

use rosenblatt_data::DataOptions;
use rosenblatt_tensor::{Error, Result};
use serde_json::Value;

use crate::spec::{ModelSpec, TrainSpec};

pub use assignment::{Assignment, Origin};
pub(crate) use origins::origins;
pub use origins::{SettingOrigin, value_text};
pub(crate) use schema::Schema;
pub use schema::json_schema;
pub(crate) use shorthands::Shorthands;
pub use shorthands::{ModelKind, Norm};
pub(crate) use takes::instead_of;
pub use takes::{Kind, Range};

/// The parts of a spec, in the order of a run file.
pub(crate) const PARTS: [&str; 3] = ["data", "model", "train"];

/// What is known about a setting.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// Its key in a run file: `train.learning_rate`. A shorthand has a key that no run file has.
    pub key: String,
    /// Its flag without dashes, if it has one: `lr`.
    pub flag: Option<String>,
    /// Its flag by the last part of the key, if that is another name: `learning-rate`.
    pub long_flag: Option<String>,
    /// Earlier spellings of the last part of the key.
    pub earlier: Vec<String>,
    /// The heading under which it is listed.
    pub group: String,
    /// What it is, in one sentence.
    pub doc: String,
    /// Values as one writes them after the flag.
    pub example: Option<String>,
    /// What its value is called in the help.
    pub value_name: String,
    /// Its unit.
    pub unit: Option<String>,
    /// Its default; none if it is unset.
    pub default: Option<Value>,
    /// What it takes.
    pub kind: Kind,
    /// Separator of the values of a list after one flag.
    pub separator: Option<char>,
    /// A key that cannot be given at the same time.
    pub excludes: Option<String>,
    /// The key whose value a shorthand is a part of.
    pub sets: Option<String>,
    takes: Option<String>,
    earlier_values: Vec<(String, String)>,
}

/// Every setting, in the order of a run file; shorthands follow what they are a part of.
///
/// # Example
/// ```
/// use rosenblatt_train::settings::{Descriptor, descriptors};
/// let rate = Descriptor::find("train.learning_rate").unwrap();
/// assert_eq!((rate.flag.as_deref(), rate.takes()), (Some("lr"), "a number above 0".to_owned()));
/// assert!(descriptors().iter().all(|setting| !setting.doc.is_empty()));
/// ```
#[must_use]
pub fn descriptors() -> &'static [Descriptor] {
    static ALL: LazyLock<Vec<Descriptor>> = LazyLock::new(|| {
        let shorthands = schema::descriptors::<Shorthands>(None);
        let parts = [
            schema::descriptors::<DataOptions>(Some(PARTS[0])),
            schema::descriptors::<ModelSpec>(Some(PARTS[1])),
            schema::descriptors::<TrainSpec>(Some(PARTS[2])),
        ];
        let with_shorthands = |setting: Descriptor| {
            let parts = shorthands
                .iter()
                .filter(|short| short.sets.as_ref() == Some(&setting.key));
            let parts: Vec<_> = parts.cloned().collect();
            std::iter::once(setting).chain(parts)
        };
        parts.into_iter().flatten().flat_map(with_shorthands).collect()
    });
    &ALL
}

/// The keys of a part of a spec, in the order they are written.
pub(crate) fn keys(part: &str) -> Vec<&'static str> {
    let of_part = descriptors().iter().filter(|setting| !setting.is_shorthand());
    let split = of_part.filter_map(|setting| setting.key.split_once('.'));
    split.filter(|(of, _)| *of == part).map(|(_, key)| key).collect()
}

/// The present spelling of a key of a part, if it is an earlier one.
pub(crate) fn present_name(part: &str, name: &str) -> Option<String> {
    let earlier = |setting: &&Descriptor| setting.earlier.iter().any(|earlier| earlier == name);
    let of_part = descriptors()
        .iter()
        .filter(|setting| !setting.is_shorthand() && setting.part() == part);
    of_part.clone().find(earlier).map(|setting| setting.name().to_owned())
}

impl Descriptor {
    /// The first part of its key: the section of a run file.
    #[must_use]
    pub fn part(&self) -> &str {
        self.key.split_once('.').map_or(&*self.key, |(part, _)| part)
    }

    /// The setting of this name: its key, the last part of its key, or its flag. A shorthand comes before a key of the same name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let flag = name.replace('_', "-");
        let is =
            |setting: &&Self| setting.key == name || setting.name() == name || setting.flag.as_ref() == Some(&flag);
        let all = descriptors().iter();
        all.clone()
            .filter(|setting| setting.is_shorthand())
            .find(is)
            .or_else(|| all.clone().find(is))
    }

    /// The last part of its key.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.split_once('.').map_or(&*self.key, |(_, name)| name)
    }

    /// Whether it stands for a part of another setting and has no key in a run file.
    #[must_use]
    pub fn is_shorthand(&self) -> bool {
        self.sets.is_some()
    }

    /// The key in a run file that it decides.
    #[must_use]
    pub fn target(&self) -> &str {
        self.sets.as_deref().unwrap_or(&self.key)
    }

    /// What it takes, in words; nothing for an entry of a registry, which names its choices.
    #[must_use]
    pub fn takes(&self) -> String {
        self.takes.clone().unwrap_or_else(|| self.kind.words())
    }

    /// Its help text.
    #[must_use]
    pub fn help(&self) -> String {
        let doc = self.doc.trim_end_matches('.');
        let (what, default) = doc.find(" [default: ").map_or((doc, ""), |at| doc.split_at(at));
        match &self.example {
            Some(example) => format!("{what}: {example}{default}"),
            None => doc.to_owned(),
        }
    }

    /// Earlier names of its flag, but for those that are the flag of another setting now.
    #[must_use]
    pub fn earlier_flags(&self) -> Vec<String> {
        let earlier = self.earlier.iter().map(|name| name.replace('_', "-"));
        let names = [
            self.name().to_owned(),
            self.flag.clone().unwrap_or_default().replace('-', "_"),
        ];
        let mut underscored: Vec<String> = names.into_iter().filter(|name| name.contains('_')).collect();
        underscored.dedup();
        let is_free = |name: &String| descriptors().iter().all(|other| other.flag.as_ref() != Some(name));
        earlier.chain(underscored).filter(is_free).collect()
    }

    /// The present spelling of a value, if it is an earlier one.
    #[must_use]
    pub fn present_value(&self, value: &str) -> Option<&str> {
        let same = self.earlier_values.iter().find(|(earlier, _)| earlier == value);
        same.map(|(_, present)| &**present)
    }

    /// Reads the text after a flag.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn read(&self, text: &str) -> std::result::Result<Value, String> {
        let text = self.present_value(text).unwrap_or(text);
        self.kind
            .read(text)
            .ok_or_else(|| self.kind.expected(text, &self.takes()))
    }

    /// Checks its value in a spec against its range.
    pub(crate) fn check(&self, spec: &Value) -> Result<()> {
        let Some((part, key)) = self.key.split_once('.').filter(|_| !self.is_shorthand()) else {
            return Ok(());
        };
        let Some(value) = spec[part].get(key) else {
            return Ok(());
        };
        let refused = |takes: String, got: &Value| {
            let got = match got {
                Value::Null => "NaN or infinity".to_owned(),
                Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
                other => other.to_string(),
            };
            Err(Error::config(format!("expected {takes}, got `{got}`")))
        };
        if !self.kind.holds(value) {
            return refused(self.takes(), value).map_err(|error| error.within(self.key.clone()));
        }
        for (inner, kind) in self.kind.inside() {
            match value.get(inner) {
                Some(value) if !kind.holds(value) => {
                    let place = format!("{}.{inner}", self.key);
                    return refused(kind.words(), value).map_err(|error| error.within(place));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
