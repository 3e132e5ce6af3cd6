//! Settings that a user gives, on top of a preset or a run file.

use std::path::Path;

use rosenblatt_data::DataOptions;
use rosenblatt_nn::{Entry, Loss, Optimizer};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Choice, Preset, plain};
use crate::settings::{
    Assignment, Descriptor, ModelKind, Origin, SettingOrigin, Shorthands, descriptors, instead_of, origins,
};
use crate::spec::{DROPOUT, NOT_OF_SOLVERS, RunFile, Spec};

/// The key of the choice of a model.
const MODEL: &str = "model.model";

/// Settings given one by one; what is not given is left to a preset or a run file. Of two values for a setting the last counts.
///
/// # Example
/// ```
/// use rosenblatt_train::{Spec, presets::Overrides};
/// let overrides = Overrides::default().set("hidden", [32, 16]).set("optimizer", "sgd:momentum=0.9").set("epochs", 5);
/// let spec = overrides.over(&Spec::default())?;
/// assert_eq!((spec.model.layers.len(), spec.train.epochs), (4, 5));
///
/// let error = Overrides::default().set("epoch", 5).over(&Spec::default()).unwrap_err();
/// assert_eq!(error.hint_text(), Some("did you mean `epochs`?"));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    assignments: Vec<Assignment>,
}

impl Overrides {
    /// The same with a value for a setting: its key (`train.epochs`), the last part of it, or its short name (`lr`).
    ///
    /// Entries of registries may be texts: `sgd:momentum=0.9`. A name that does not exist is an error when the overrides
    /// are used.
    #[must_use]
    pub fn set(self, name: &str, value: impl Serialize) -> Self {
        let key = Descriptor::find(name).map_or(name, |setting| &setting.key);
        // What cannot be JSON, NaN for one, is null, which is refused.
        let value = serde_json::to_value(value).unwrap_or_default();
        self.with(Assignment::new(key, value, Origin::Argument))
    }

    /// The same with a value that says where it comes from. A key that is set by itself ([`Origin::Set`]) goes over the others.
    #[must_use]
    pub fn with(mut self, assignment: Assignment) -> Self {
        if assignment.key() == MODEL {
            self.choose_model(&assignment);
        }
        let at = match assignment.origin.is_key() {
            true => self.assignments.len(),
            false => self.first_key(),
        };
        self.assignments.insert(at, assignment);
        self
    }

    /// Puts what a model stands for before everything else that is given, in place of what an earlier one did.
    fn choose_model(&mut self, assignment: &Assignment) {
        self.assignments.retain(|one| !one.is_implied() && one.key() != MODEL);
        let kind = serde_json::from_value::<ModelKind>(assignment.value.clone());
        let implied = kind.map_or(&[][..], ModelKind::settings).iter().map(|(key, value)| {
            let value = serde_json::from_str(value).unwrap_or_default();
            Assignment::new(key, value, assignment.origin.clone()).implied()
        });
        self.assignments.splice(0..0, implied.collect::<Vec<_>>());
    }

    /// The preset that chooses validation rows: a model that is trained until no training row is misclassified has none.
    #[must_use]
    pub fn preset_of_data(&self, preset: Preset) -> Preset {
        match self.value(MODEL) {
            Some(ModelKind::Perceptron) => Preset::Plain,
            _ => preset,
        }
    }

    /// The data a run with this preset needs, see [`Preset::data`]. A linear model stays linear, outside the training range too.
    #[must_use]
    pub fn data(&self, preset: Preset, options: &DataOptions) -> DataOptions {
        let data = self.preset_of_data(preset).data(options);
        match self.value(MODEL) {
            Some(ModelKind::Linear) => DataOptions {
                soft_clip: options.soft_clip,
                quantiles_from: options.quantiles_from,
                ..data
            },
            _ => data,
        }
    }

    /// Where the keys that are set by themselves begin.
    fn first_key(&self) -> usize {
        self.assignments.partition_point(|one| !one.origin.is_key())
    }

    /// What is given, in the order it was given; keys that are set by themselves come last.
    #[must_use]
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// Those about which data is read and how it is split.
    #[must_use]
    pub fn of_data(&self) -> Self {
        let of_data = |given: &&Assignment| {
            let target = given.target();
            target.starts_with("data.") || target == "train.seed"
        };
        let assignments = self.assignments.iter().filter(of_data).cloned().collect();
        Self { assignments }
    }

    /// A spec with these settings in place of what it had.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there is no such setting, a value is out of range, or if normalization,
    /// activation or dropout are given for a network that is written layer by layer.
    pub fn over(&self, spec: &Spec) -> Result<Spec> {
        let mut spec = spec.clone();
        let shorthands = self.shorthands()?;
        shorthands.check_model()?;
        match shorthands.hidden {
            _ if shorthands.is_linear() => spec.model.layers.clear(),
            None if !shorthands.is_convolutional() => shorthands.needs_hidden_layers(&[])?,
            None | Some(_) => {
                let mut draft = plain::draft()?;
                draft.shape(&shorthands);
                spec.model.layers = draft.layers();
            }
        }
        self.apply(spec)
    }

    /// All of them but those about the hidden layers: keys, then what stands for a part of a key, then keys that are set
    /// key by key.
    pub(super) fn apply(&self, spec: Spec) -> Result<Spec> {
        let (given, set) = self.assignments.split_at(self.first_key());
        let all = |spec: Spec, assignments: &[Assignment]| {
            let mut keys = assignments.iter().filter(|one| !is_shorthand(one));
            keys.try_fold(spec, |spec, one| spec.set(one).map_err(|error| one.for_setting(error)))
        };
        let mut spec = all(spec, given)?;
        self.shorthands()?.apply(&mut spec)?;
        let spec = all(spec, set)?;
        spec.check()?;
        self.check_solver(&spec)?;
        Ok(spec)
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a setting is given that the optimizer, a solver, has no use for.
    fn check_solver(&self, spec: &Spec) -> Result<()> {
        if spec.train.optimizer.solver().is_none() {
            return Ok(());
        }
        let given = |one: &Assignment| {
            let inside = |key: &str| one.is_within(key) || one.target() == key;
            let of_steps = NOT_OF_SOLVERS.iter().find(|(key, _)| inside(key));
            let drops = one.key() == DROPOUT.0 && one.value.as_f64() != Some(0.0);
            let (key, reason) = of_steps.or(drops.then_some(&DROPOUT))?;
            let error = spec.train.refused(key, reason);
            Some(match one.origin {
                Origin::Flag(_) => one.for_setting(error),
                _ => one.for_setting(error.within(*key)),
            })
        };
        self.assignments.iter().find_map(given).map_or(Ok(()), Err)
    }

    /// The shorthands among them.
    pub(super) fn shorthands(&self) -> Result<Shorthands> {
        let mut table = Map::new();
        for one in &self.assignments {
            match one.descriptor() {
                Some(setting) if setting.is_shorthand() => {
                    let value = one.normal().map_err(|error| one.for_setting(error))?;
                    read(setting, Map::from_iter([(setting.name().to_owned(), value.clone())]))?;
                    table.insert(setting.name().to_owned(), value);
                }
                None if !one.key().contains('.') => return Err(unknown(&one.key())),
                _ => {}
            }
        }
        serde_json::from_value(Value::Object(table)).map_err(|error| Error::config(error.to_string()))
    }

    /// The value given last for a setting, if it is one of this type.
    #[must_use]
    pub fn value<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let last = self.assignments.iter().rfind(|one| one.key() == key)?;
        serde_json::from_value(last.value.clone()).ok()
    }

    /// The loss that is given; none if it names what there is not, which is an error elsewhere.
    pub(super) fn loss(&self) -> Option<Entry<dyn Loss>> {
        Entry::from_json(&self.last("train.loss")?).ok()
    }

    /// The optimizer that is given, as the loss.
    pub(super) fn optimizer(&self) -> Option<Entry<dyn Optimizer>> {
        Entry::from_json(&self.last("train.optimizer")?).ok()
    }

    /// The value given last for a setting, in its normal form.
    fn last(&self, key: &str) -> Option<Value> {
        let last = self.assignments.iter().rfind(|one| one.key() == key)?;
        last.normal().ok()
    }

    /// Whether the user has decided what a preset would choose.
    pub(super) fn decides(&self, setting: &Descriptor) -> bool {
        let inside = |one: &Assignment| {
            let part = one.descriptor().filter(|given| given.is_shorthand());
            // What was chosen has a decay and a warm-up: with another one it is no longer that.
            let part = part.is_some_and(|given| given.target() == setting.key);
            part || one.is_within(&setting.key) || one.is_within(setting.target())
        };
        self.assignments.iter().any(inside)
    }

    /// An error that names a setting by its key, with the flag or the run file that gave the value.
    #[must_use]
    pub fn for_setting(&self, error: Error, run_file: Option<&Path>) -> Error {
        error.rename_places(|key| {
            let given = self.assignments.iter().rev().find(|one| touches(one, key));
            match given.map(|one| &one.origin) {
                Some(Origin::Flag(flag)) => Some(flag.clone()),
                Some(_) => None,
                None => {
                    let is_key = ["data.", "model.", "train."].iter().any(|part| key.starts_with(part));
                    run_file
                        .filter(|_| is_key)
                        .map(|path| format!("{}: {key}", path.display()))
                }
            }
        })
    }

    /// Where the value of every setting comes from.
    #[must_use]
    pub fn origins(&self, spec: &Spec, run_file: Option<(&RunFile, &Path)>, choices: &[Choice]) -> Vec<SettingOrigin> {
        origins(spec, &self.assignments, run_file, choices)
    }
}

/// Checks that a shorthand has a value of its type.
fn read(setting: &Descriptor, table: Map<String, Value>) -> Result<()> {
    let value = table.values().next().cloned().unwrap_or_default();
    serde_json::from_value::<Shorthands>(Value::Object(table))
        .map(drop)
        .map_err(|error| {
            let words = instead_of(&setting.takes(), &setting.kind, &value);
            Error::config(words.unwrap_or_else(|| error.to_string())).within(setting.name())
        })
}

fn is_shorthand(one: &Assignment) -> bool {
    one.descriptor().is_some_and(Descriptor::is_shorthand)
}

/// Whether an error at this key is about the value; a list of columns has a key for each.
fn touches(one: &Assignment, key: &str) -> bool {
    let columns = matches!(&*one.key(), "data.categorical" | "data.numeric" | "data.date");
    let named = |name: &Value| name.as_str().is_some_and(|name| key == format!("data.columns.{name}"));
    let listed = columns && one.value.as_array().is_some_and(|names| names.iter().any(named));
    listed
        || if is_shorthand(one) && !columns {
            one.target() == key
        } else {
            one.touches(key)
        }
}

fn unknown(name: &str) -> Error {
    let names = descriptors().iter().map(Descriptor::name);
    Error::config(format!("unknown setting `{name}`")).hint(meant(name, names))
}
