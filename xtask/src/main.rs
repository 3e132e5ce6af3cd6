//! For developers: `cargo xtask COMMAND`.
//!
//! Everything here drives other programs and judges what they print. To add a command: write `<name>.rs` with a
//! `pub static COMMAND`, then add its two lines here.

#![forbid(unsafe_code)]

use std::process::ExitCode;

mod args;
mod bench;
mod defaults;
mod fixtures;
mod licenses;
mod mixed;
mod program;
mod prove;
mod python;
mod random;
mod reading;
mod report;
mod shell;
mod tables;
mod test;
mod tidy;
mod trial;
mod words;

use args::Args;
use shell::Outcome;

/// One thing `cargo xtask` can do.
pub struct Command {
    /// What the developer types.
    name: &'static str,
    /// Arguments and one line of help.
    help: &'static str,
    /// Runs it with the arguments after the name.
    run: fn(Args) -> Outcome,
}

/// Every command, in alphabetical order.
static COMMANDS: &[Command] = &[
    bench::COMMAND,
    defaults::COMMAND,
    fixtures::COMMAND,
    licenses::COMMAND,
    prove::COMMAND,
    test::SOAK,
    tables::COMMAND,
    test::COMMAND,
    tidy::COMMAND,
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("usage: cargo xtask COMMAND");
        for command in COMMANDS {
            eprintln!("  {:<9} {}", command.name, command.help);
        }
        return ExitCode::from(2);
    };
    match (command.run)(Args::new(words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}
