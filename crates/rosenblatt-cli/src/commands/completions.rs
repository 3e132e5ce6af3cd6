//! `rosenblatt completions`.

use std::process::ExitCode;

use clap::Arg;
use clap::builder::PossibleValuesParser;
use clap_complete::{Shell, generate};
use rosenblatt_data::sets::SETS;
use rosenblatt_tensor::Result;

use super::Run;
use crate::app::{NAME, command};
use crate::ui::Ui;

/// Print a script that lets a shell complete commands and flags.
///
/// The script goes to standard output; where a shell looks for it is shown below. It knows the commands and flags of
/// this version: make it again after an update.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  bash        rosenblatt completions bash > \\
                ~/.local/share/bash-completion/completions/rosenblatt
  zsh         rosenblatt completions zsh > ~/.zfunc/_rosenblatt
              (a folder of `fpath`; then start the shell anew)
  fish        rosenblatt completions fish > \\
                ~/.config/fish/completions/rosenblatt.fish
  powershell  rosenblatt completions powershell >> $PROFILE
  elvish      rosenblatt completions elvish >> ~/.config/elvish/rc.elv")]
pub(crate) struct Completions {
    /// The shell that reads it.
    #[arg(
        value_enum,
        value_name = "bash|zsh|fish|powershell|elvish",
        hide_possible_values = true
    )]
    shell: Shell,
}

impl Run for Completions {
    const NAME: &'static str = "completions";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        ui.raw(script(self.shell).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Arguments that take a file, a folder or the name of a data set.
const DATA: [(&str, &str); 5] = [
    ("evaluate", "data"),
    ("init-config", "data"),
    ("inspect", "file"),
    ("predict", "data"),
    ("train", "data"),
];

/// The script, which offers files and names of data sets for [`DATA`]: clap knows arguments that take one or the other.
fn script(shell: Shell) -> String {
    let names: Vec<&str> = SETS.iter().map(|set| set.name).collect();
    let mut command = command();
    if shell == Shell::Bash {
        // Where no name fits, bash goes on with files.
        let with_names = |arg: Arg| arg.value_parser(PossibleValuesParser::new(names.clone()));
        command = command.mut_subcommands(|sub| {
            let data = DATA.iter().find(|(name, _)| *name == sub.get_name());
            sub.mut_args(|arg| match data {
                Some((_, id)) if arg.get_id() == *id => with_names(arg),
                _ => arg,
            })
        });
    }
    let mut script = Vec::new();
    generate(shell, &mut command, NAME, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let names = names.join(" ");
    match shell {
        Shell::Zsh => script.lines().map(|line| zsh_with_sets(line, &names) + "\n").collect(),
        Shell::Fish => {
            // It offers files for every argument, and for `datasets NAME` nothing else.
            let commands = DATA.iter().map(|(command, _)| *command).chain(["datasets"]);
            script + &commands.map(|command| fish_sets(command, &names)).collect::<String>()
        }
        _ => script,
    }
}

/// A line of a script for zsh, with names beside files if it is about [`DATA`].
fn zsh_with_sets(line: &str, names: &str) -> String {
    let of_data = |(_, data): &(&str, &str)| line.trim_start_matches([':', '\'']).starts_with(&format!("{data} -- "));
    match line.strip_suffix(":_files' \\") {
        Some(start) if DATA.iter().any(of_data) => {
            format!("{start}:{{_alternative \"sets\\:data set\\:({names})\" \"files\\:file\\:_files\"}}' \\")
        }
        _ => line.to_owned(),
    }
}

/// A line of a script for fish that offers names beside files.
fn fish_sets(command: &str, names: &str) -> String {
    format!("complete -c {NAME} -n \"__fish_{NAME}_using_subcommand {command}\" -a \"{names}\" -d 'data set'\n")
}
