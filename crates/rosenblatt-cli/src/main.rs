//! The binary `rosenblatt`.
//!
//! | what | where |
//! |---|---|
//! | arguments to a command, errors to an exit code | `app.rs` |
//! | the commands, one file each | `commands/` |
//! | flags that several commands share | `flags/` |
//! | everything that is printed | `ui/` |
//! | what `train` and `inspect` print in the end | `reports/` |
//! | no memory left | `memory.rs` |
//! | names of models, outputs that exist | `outputs.rs` |
//! | Ctrl-C and SIGTERM | `signals.rs` |
//! | new rows for a trained model | `rows.rs` |
//! | a run file and its data | `run_files.rs` |
//! | warnings, as lines and as JSON | `warnings.rs` |
//! | predictions as CSV and JSON | `predictions.rs` |
//! | columns passed through to predictions | `passthrough.rs` |
//!
//! A command parses, calls and prints; what it calls is in the crates below.
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]

mod app;
mod commands;
mod flags;
mod memory;
mod outputs;
mod passthrough;
mod predictions;
mod reports;
mod rows;
mod run_files;
mod signals;
mod ui;
mod warnings;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::run(std::env::args_os())
}
