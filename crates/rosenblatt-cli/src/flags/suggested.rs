//! Values that shells offer for a flag which takes others too.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, ValueHint};
use rosenblatt_data::sets::SETS;

/// Takes any text, and lets shells offer those that are known: what is behind the flag says what is wrong with others.
#[derive(Clone)]
pub(crate) struct Suggested(fn() -> Vec<&'static str>);

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}

/// These words.
pub(crate) const fn words(list: fn() -> Vec<&'static str>) -> Suggested {
    Suggested(list)
}

/// Data sets.
pub(crate) const fn sets() -> Suggested {
    Suggested(|| SETS.iter().map(|set| set.name).collect())
}

/// The argument, for which no files are offered unless it names one.
pub(crate) fn without_files(arg: Arg) -> Arg {
    let open = arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown;
    if open { arg.value_hint(ValueHint::Other) } else { arg }
}
