//! `rosenblatt completions`.

use std::process::ExitCode;

use clap::Arg;
use clap_complete::{Shell, generate};
use rosenblatt_tensor::Result;

use super::Run;
use crate::app::{NAME, command};
use crate::flags::sets;
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
        ui.raw(&script(self.shell))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The script of clap. Where bash offers files for DATA, it offers the names of data sets first.
fn script(shell: Shell) -> Vec<u8> {
    let mut command = command();
    if shell == Shell::Bash {
        let is_data = |arg: &Arg| arg.get_value_names().is_some_and(|names| names[0].ends_with("DATA"));
        let with_names = |arg: Arg| if is_data(&arg) { arg.value_parser(sets()) } else { arg };
        command = command.mut_subcommands(|sub| sub.mut_args(with_names));
    }
    let mut script = Vec::new();
    generate(shell, &mut command, NAME, &mut script);
    script
}
