//! From arguments to a command, and from its result to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, Command, FromArgMatches};
use rosenblatt_tensor::{Error, ErrorKind, Result};

use crate::commands::COMMANDS;
use crate::flags::UiFlags;
use crate::ui::Ui;

/// It failed.
const FAILED: u8 = 1;
/// The command line or a run file is wrong.
const WRONG_COMMAND: u8 = 2;

/// Width of the help text.
const COLUMNS: usize = 80;

const AFTER_HELP: &str = "Examples:
  rosenblatt train penguins
  rosenblatt train adult.csv --target income
  rosenblatt predict adult.safetensors new.csv -o predictions.csv

`rosenblatt COMMAND --help` says more about a command.
Exit codes: 0 done, 1 failed, 2 wrong command line or run file, 130 Ctrl-C, 143 SIGTERM.";

/// Parses, runs, reports.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version go to stdout, the rest to stderr; a closed pipe is nobody's fault.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { WRONG_COMMAND } else { 0 });
        }
    };
    let mut ui = Ui::new(&UiFlags::from_arg_matches(&matches).unwrap_or_default());
    let entry = matches
        .subcommand()
        .and_then(|(name, matches)| Some((COMMANDS.iter().find(|c| c.name == name)?, matches)));
    let result = match entry {
        Some((entry, matches)) => (entry.run)(matches, &mut ui),
        None => Err(Error::internal("a command that is not in the list")),
    };
    result.unwrap_or_else(|error| {
        ui.error(&error);
        ExitCode::from(code(error.kind()))
    })
}

/// The command line with all commands.
pub(crate) fn command() -> Command {
    UiFlags::augment_args(Command::new("rosenblatt"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Trains feed-forward neural networks on ordinary CPUs, and uses them.")
        .after_help(AFTER_HELP)
        .max_term_width(COLUMNS)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(COMMANDS.iter().map(|entry| (entry.command)()))
}

fn code(kind: ErrorKind) -> u8 {
    if kind == ErrorKind::Config {
        WRONG_COMMAND
    } else {
        FAILED
    }
}

/// Parsed flags of a command.
///
/// # Errors
/// None once clap has accepted the arguments.
pub(crate) fn parsed<C: FromArgMatches>(matches: &clap::ArgMatches) -> Result<C> {
    C::from_arg_matches(matches).map_err(|error| Error::config(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }
}
