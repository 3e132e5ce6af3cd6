//! Flags of settings, made from their descriptors.

use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint};
use rosenblatt_data::{DataOptions, Schema, table_options};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Spec;
use rosenblatt_train::presets::Overrides;
use rosenblatt_train::settings::{Assignment, Descriptor, Kind, Origin, descriptors};
use serde_json::Value;

/// Which settings a command takes.
pub(crate) trait Subset {
    /// Whether this is one of them.
    fn holds(setting: &Descriptor) -> bool;
}

/// All that have a flag.
#[derive(Debug, Clone)]
pub(crate) enum All {}

/// Those about how a table is read.
#[derive(Debug, Clone)]
pub(crate) enum Reading {}

/// Those about how a file is written.
#[derive(Debug, Clone)]
pub(crate) enum Cells {}

impl Subset for All {
    fn holds(_: &Descriptor) -> bool {
        true
    }
}

impl Subset for Reading {
    fn holds(setting: &Descriptor) -> bool {
        matches!(
            &*setting.key,
            "data.categorical" | "data.numeric" | "data.date" | "data.not_missing" | "data.exact"
        ) || Cells::holds(setting)
    }
}

impl Subset for Cells {
    fn holds(setting: &Descriptor) -> bool {
        matches!(
            &*setting.key,
            "data.missing"
                | "data.delimiter"
                | "data.header"
                | "data.skip_lines"
                | "data.comment"
                | "data.encoding"
                | "data.names"
                | "data.memory"
        )
    }
}

/// What the flags of some settings say.
#[derive(Debug, Clone)]
pub(crate) struct SettingFlags<S> {
    given: Vec<(&'static Descriptor, Vec<Raw>)>,
    subset: PhantomData<S>,
}

/// A value after a flag.
#[derive(Debug, Clone)]
enum Raw {
    Value(Value),
    /// A name of a file that no run file, and no settings that are printed, could hold.
    NotUnicode(OsString),
}

/// The settings of a subset that have a flag.
pub(super) fn flags<S: Subset>() -> impl Iterator<Item = (&'static Descriptor, &'static str)> {
    let all = descriptors().iter().filter(|setting| S::holds(setting));
    all.filter_map(|setting| Some((setting, setting.flag.as_deref()?)))
}

impl<S: Subset> Args for SettingFlags<S> {
    fn augment_args(command: Command) -> Command {
        let arg = |(setting, flag): (&'static Descriptor, &'static str)| {
            let excluded = setting
                .excludes
                .as_deref()
                .filter(|key| flags::<S>().any(|(other, _)| other.key == *key));
            arg(setting, flag).conflicts_with_all(excluded)
        };
        command.args(flags::<S>().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn arg(setting: &'static Descriptor, flag: &'static str) -> Arg {
    let action = match setting.kind {
        Kind::List | Kind::Entries(..) => ArgAction::Append,
        _ => ArgAction::Set,
    };
    let mut arg = Arg::new(&*setting.key)
        .long(flag)
        .help(setting.help())
        .help_heading(&*setting.group)
        .value_name(&*setting.value_name)
        .value_parser(Parser(setting))
        .hide_possible_values(true)
        .action(action);
    if let Some(long) = &setting.long_flag {
        arg = arg.alias(&**long);
    }
    if let Some(separator) = setting.separator {
        arg = arg.value_delimiter(separator);
    }
    if setting.kind == Kind::Path {
        arg = arg.value_hint(ValueHint::AnyPath);
    }
    arg
}

/// Reads the value of a setting; shells offer the names it takes.
#[derive(Clone)]
struct Parser(&'static Descriptor);

impl TypedValueParser for Parser {
    type Value = Raw;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> std::result::Result<Raw, clap::Error> {
        if self.0.kind == Kind::Path && value.to_str().is_none() {
            return Ok(Raw::NotUnicode(value.to_owned()));
        }
        let setting = self.0;
        let read = move |text: &str| setting.read(text).map(Raw::Value);
        read.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        match &self.0.kind {
            Kind::Entry(_, names) | Kind::Entries(_, names) | Kind::Choice(names) => {
                Some(Box::new(names.iter().map(|name| PossibleValue::new(&**name))))
            }
            _ => None,
        }
    }
}

impl<S: Subset> FromArgMatches for SettingFlags<S> {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let given = |(setting, _): (&'static Descriptor, _)| {
            let values = matches.get_many::<Raw>(&setting.key)?;
            Some((setting, values.cloned().collect()))
        };
        Ok(Self {
            given: flags::<S>().filter_map(given).collect(),
            subset: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<S: Subset> SettingFlags<S> {
    /// What is given, as assignments.
    ///
    /// # Errors
    /// A name or a setting that does not exist, with the flag and the nearest right name.
    pub(crate) fn assignments(&self) -> Result<Vec<Assignment>> {
        let assignment = |(setting, raw): &(&'static Descriptor, Vec<Raw>)| {
            let flag = format!("--{}", setting.flag.as_deref().unwrap_or_default());
            let values = raw.iter().map(|raw| match raw {
                Raw::Value(value) => Ok(value.clone()),
                Raw::NotUnicode(name) => Err(not_unicode(&flag, name)),
            });
            let mut values = values.collect::<Result<Vec<_>>>()?;
            let value = match setting.kind {
                Kind::List | Kind::Entries(..) => Value::Array(values),
                _ => values.pop().unwrap_or_default(),
            };
            Assignment::new(&setting.key, value, Origin::Flag(flag)).checked()
        };
        self.given.iter().map(assignment).collect()
    }

    /// The first flag that is given.
    pub(crate) fn first(&self) -> Option<String> {
        let (setting, _) = self.given.first()?;
        Some(format!("--{}", setting.flag.as_deref()?))
    }

    /// Options that have what is given, and nothing else.
    ///
    /// # Errors
    /// As [`SettingFlags::spec`].
    pub(crate) fn options(&self) -> Result<DataOptions> {
        Ok(self.spec()?.data)
    }

    /// A spec that has what is given, and nothing else.
    ///
    /// # Errors
    /// What is given cannot be a delimiter or a marker of missing values.
    pub(crate) fn spec(&self) -> Result<Spec> {
        let overrides = self
            .assignments()?
            .into_iter()
            .fold(Overrides::default(), Overrides::with);
        let spec = overrides.over(&Spec::default())?;
        table_options(&spec.data).map_err(|error| overrides.for_setting(error, None))?;
        Ok(spec)
    }

    /// The same error, which knows settings by their keys, with the flag that gave the value.
    pub(crate) fn for_setting(&self, error: Error) -> Error {
        // What cannot be an assignment was refused before.
        let given = self.assignments().unwrap_or_default();
        let overrides = given.into_iter().fold(Overrides::default(), Overrides::with);
        overrides.for_setting(error, None)
    }

    /// The schema of a model, for data that is written as these flags say.
    ///
    /// # Errors
    /// As [`SettingFlags::options`].
    pub(crate) fn reading(&self, schema: &Schema) -> Result<Schema> {
        Ok(schema.clone().written_as(&self.options()?))
    }
}

/// Refuses a name that no run file, and no settings that are printed, could hold.
pub(super) fn not_unicode(place: &str, file: &OsStr) -> Error {
    let error = Error::config(format!("the name of the file is not valid Unicode: {}", file.display()));
    error.within(place).hint("give it another name")
}
