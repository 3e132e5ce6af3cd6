//! The commands.
//!
//! To add one: write `commands/<name>.rs`, then add its two lines here. Its doc comments are its help text.

mod bench;
mod check;
mod completions;
mod datasets;
mod derive;
mod evaluate;
mod find_lr;
mod init_config;
mod inspect;
mod learning_curve;
mod predict;
mod split;
mod train;

use std::process::ExitCode;

use clap::ArgMatches;
use rosenblatt_tensor::Result;

use crate::app::parsed;
use crate::flags::without_files;
use crate::ui::Ui;

/// Every command, in alphabetical order.
pub(crate) static COMMANDS: &[Entry] = &[
    Entry::of::<bench::Bench>(),
    Entry::of::<check::Check>(),
    Entry::of::<completions::Completions>(),
    Entry::of::<datasets::Datasets>(),
    Entry::of::<derive::Derive>(),
    Entry::of::<evaluate::Evaluate>(),
    Entry::of::<find_lr::FindLr>(),
    Entry::of::<init_config::InitConfig>(),
    Entry::of::<inspect::Inspect>(),
    Entry::of::<learning_curve::LearningCurve>(),
    Entry::of::<predict::Predict>(),
    Entry::of::<split::Split>(),
    Entry::of::<train::Train>(),
];

/// What one command takes, and what it does.
pub(crate) trait Run: clap::Args {
    /// Its name: file (with `_` for `-`), registry, command line.
    const NAME: &'static str;

    /// Parse, call, print.
    ///
    /// # Errors
    /// Whatever stopped it, for `Ui::error`.
    fn run(self, ui: &mut Ui) -> Result<ExitCode>;
}

/// One line of the registry.
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its part of the command line.
    pub(crate) command: fn() -> clap::Command,
    /// Does it.
    pub(crate) run: fn(&ArgMatches, &mut Ui) -> Result<ExitCode>,
}

impl Entry {
    const fn of<C: Run>() -> Self {
        Self {
            name: C::NAME,
            // So that the error of `--lr -1` says what is expected, and not that there is no flag `-1`.
            command: || {
                let command = C::augment_args(clap::Command::new(C::NAME)).allow_negative_numbers(true);
                command.mut_args(without_files)
            },
            run: |matches, ui| parsed::<C>(matches)?.run(ui),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The flags of `train` are too many for one list.
    #[test]
    fn every_flag_of_train_has_a_heading() {
        let train = COMMANDS.iter().find(|entry| entry.name == "train").unwrap();
        let command = (train.command)();
        let flags = command.get_arguments().filter(|flag| flag.get_long().is_some());
        for flag in flags {
            assert!(flag.get_help_heading().is_some(), "{flag} has no heading");
        }
    }

    #[test]
    fn every_file_is_registered() {
        let names: Vec<_> = COMMANDS.iter().map(|entry| entry.name.replace('-', "_")).collect();
        assert!(names.is_sorted(), "keep COMMANDS in alphabetical order");
        assert_eq!(rosenblatt_testkit::rust_files("src/commands"), names);
    }
}
