//! From arguments to a command, and from its result to an exit code.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Command, FromArgMatches};
use rosenblatt_tensor::{Error, ErrorKind, Result};
use rosenblatt_train::files;
use rosenblatt_train::text::printable;

use crate::commands::COMMANDS;
use crate::flags::{UiFlags, present_flags};
use crate::signals::survive_file_limit;
use crate::ui::Ui;

/// The work failed.
pub(crate) const FAILED: u8 = 1;
/// The command line or a setting is wrong.
const WRONG_COMMAND: u8 = 2;

/// The name of the program.
pub(crate) const NAME: &str = "rosenblatt";

/// Width of the help text.
const COLUMNS: usize = 80;

const AFTER_HELP: &str = "Examples:
  rosenblatt train penguins
  rosenblatt train adult.csv --target income
  rosenblatt predict adult.safetensors new.csv -o predictions.csv

`rosenblatt COMMAND --help` says more about a command.

Exit codes:
  0    done
  1    the work failed: a file, its content, the machine, or the training
  2    the command line or a setting is wrong; this includes names of columns
       and data sets that do not exist, and outputs that already exist
  129  stopped by SIGHUP (the terminal was closed)
  130  stopped by Ctrl-C
  143  stopped by SIGTERM";

/// Parses, runs, reports.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let (arguments, renamed) = present_flags(asking_for_help(arguments.into_iter().collect()));
    let matches = match command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return not_parsed(&as_shown(error, &arguments)),
    };
    // Without it, the limit ends the process; there is nothing else to lose.
    let _ = survive_file_limit();
    let mut ui = Ui::new(&UiFlags::from_arg_matches(&matches).unwrap_or_default());
    renamed
        .iter()
        .for_each(|(earlier, present)| ui.renamed(earlier, present));
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

/// `rosenblatt help train` means what `rosenblatt train --help` says.
fn asking_for_help(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|first| first == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// The error of the same arguments with their control characters escaped, since the parser shows arguments as they are: a
/// file name may hold anything that `rosenblatt train *` finds.
fn as_shown(error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let has_control = |argument: &OsString| argument.to_string_lossy().contains(char::is_control);
    if !arguments.iter().any(has_control) {
        return error;
    }
    // Line ends and tabs, too, which are printable in a message of several lines.
    let escaped = |argument: &OsString| {
        let text = printable(&argument.to_string_lossy());
        text.replace('\n', "\\n").replace('\t', "\\t")
    };
    let again = command().try_get_matches_from(arguments.iter().map(escaped));
    again
        .err()
        .unwrap_or_else(|| clap::Error::new(error.kind()).with_cmd(&command()))
}

/// Shows help, version, or what is wrong with the arguments.
fn not_parsed(error: &clap::Error) -> ExitCode {
    match refused(error) {
        Some(refused) => Ui::new(&UiFlags::default()).error(&refused),
        None if error.use_stderr() => error.print().unwrap_or_default(),
        None => return shown(error),
    }
    ExitCode::from(WRONG_COMMAND)
}

/// Help or version, on stdout; that no one reads it any more is no error.
fn shown(help: &clap::Error) -> ExitCode {
    let shown = help.print().and_then(|()| io::stdout().flush());
    match shown {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Ui::new(&UiFlags::default()).error(&files::failed(Path::new("stdout"), "cannot be written", &error));
            ExitCode::from(FAILED)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// A value that its flag does not take, in the words of all other errors: where, what was expected, what came.
fn refused(error: &clap::Error) -> Option<Error> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.as_str()),
        _ => None,
    };
    let flag = text(ContextKind::InvalidArg)?.split(' ').next()?;
    let got = text(ContextKind::InvalidValue)?;
    if let Some(argument) = flag.strip_prefix(['<', '[']).filter(|_| got.is_empty()) {
        let argument = argument.trim_end_matches(['>', ']', '.']);
        return Some(Error::config("expected the name of a file, got ``").within(argument));
    }
    let expected = match (error.get(ContextKind::ValidValue), error.source()) {
        // Without a value clap's own words are better: nothing came.
        (Some(ContextValue::Strings(_)), _) if got.is_empty() => return None,
        (Some(ContextValue::Strings(values)), _) => format!("expected `{}`", values.join("` or `")),
        (_, Some(parser)) => parser.to_string(),
        _ => return None,
    };
    Some(Error::config(format!("{expected}, got `{got}`")).within(flag))
}

/// The command line with all commands.
pub(crate) fn command() -> Command {
    UiFlags::augment_args(Command::new(NAME))
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

    /// Every flag is given a value that is not a number and no name: it is taken as a text, or refused in our own words.
    #[test]
    fn no_flag_speaks_the_parsers_words() {
        let mut refusals = 0;
        for sub in command().get_subcommands() {
            let flags = sub.get_arguments().filter(|flag| flag.get_action().takes_values());
            for flag in flags.filter_map(clap::Arg::get_long) {
                let flag = format!("--{flag}");
                let mut line = vec!["rosenblatt", sub.get_name(), &flag, "?!"];
                line.extend(sub.get_positionals().map(|_| "there"));
                let Err(error) = command().try_get_matches_from(line) else {
                    continue;
                };
                // Of a flag that is read later, and needs another one.
                if error.kind() == clap::error::ErrorKind::MissingRequiredArgument {
                    continue;
                }
                let refused = refused(&error).unwrap_or_else(|| panic!("{flag}: {error}"));
                let words = refused.to_string();
                let start = format!("{flag}: expected ");
                assert!(words.starts_with(&start) && words.ends_with(", got `?!`"), "{words}");
                refusals += 1;
            }
        }
        assert!(refusals > 10, "{refusals}");
    }
}
