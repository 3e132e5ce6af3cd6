//! `rosenblatt completions`.

use std::process::ExitCode;

use clap_complete::{Shell, generate};
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
        let mut script = Vec::new();
        generate(self.shell, &mut command(), NAME, &mut script);
        ui.raw(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
