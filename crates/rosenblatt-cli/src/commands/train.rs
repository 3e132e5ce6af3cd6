//! `rosenblatt train`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_tensor::{Error, ErrorKind, Result};
use rosenblatt_train::callbacks::Progress;
use rosenblatt_train::{Callbacks, Cancel, CheckpointOptions, Every, RunOptions, Trained, fit};

use super::Run;
use crate::flags::{Job, RunFlags, SpecFlags, names};
use crate::reports::Summary;
use crate::signals::Signals;
use crate::ui::{Ui, table};
use crate::{outputs, plot, remarks};

const EXAMPLES: &str = "Examples:
  rosenblatt train penguins
  rosenblatt train adult.csv --target income -o adult.safetensors
  rosenblatt train 2023.csv 2024.csv --target rent
  rosenblatt train rents.csv --target rent --test-fraction 0.2 --plot rents.svg
  rosenblatt train digits --preset plain --hidden 64 --optimizer sgd:momentum=0.9
  rosenblatt train --config run.toml --set train.epochs=5

Ctrl-C or SIGTERM saves; the same command with --resume goes on.";

/// Train a model from a file or a named data set.
///
/// With nothing but DATA (and --target for a file) task, columns and settings are inferred and printed with their
/// reasons. The model is one file with all that is needed to use it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", names()))]
pub(crate) struct Train {
    /// A CSV file, a folder of CSV files or IDX images, `-` for standard input, or the name of a data set (see `rosenblatt datasets`).
    #[arg(value_name = "DATA", required_unless_present = "config")]
    data: Option<OsString>,
    /// Further CSV files with rows of the same table.
    #[arg(value_name = "MORE")]
    more: Vec<PathBuf>,
    #[command(flatten)]
    spec: SpecFlags,
    /// Where to write the model (default: `<data>.safetensors`, numbered if taken).
    #[arg(short, long, value_name = "MODEL")]
    output: Option<PathBuf>,
    /// Draw loss and score of each epoch.
    #[arg(long, value_name = "FILE.SVG")]
    plot: Option<PathBuf>,
    /// Replace outputs that exist.
    #[arg(long)]
    force: bool,
    /// Go on from the last checkpoint of the same command.
    #[arg(long)]
    resume: bool,
    /// How often to save, beside the ends of epochs: seconds (`30s`) or steps (`100`).
    #[arg(long, value_name = "30s|N", default_value = "30s")]
    checkpoint_every: String,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Train {
    const NAME: &'static str = "train";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let cancel = Cancel::default();
        let signals = Signals::catch(&cancel)?;
        let request = self.spec.request(self.data.as_deref(), &self.more)?;
        let source = request.source().to_owned();
        let output = self.outputs(&source)?;
        let options = self.options(&output, cancel, ui)?;
        let job = request.prepare()?;
        ui.preamble(&preamble(&source, &job))?;
        if ui.is_verbose() {
            ui.detail(&job.spec.to_toml()?);
        }
        if let Some(warning) = remarks::nearly_unique(&job.data, &job.spec.data.columns) {
            ui.warning(&warning);
        }
        self.tell_of_checkpoints(&output, ui);

        signals.ask_first();
        let trained = match watched_fit(&job, &options, ui) {
            Err(error) if error.kind() == ErrorKind::Cancelled => {
                ui.error(&error);
                return Ok(ExitCode::from(signals.code()));
            }
            other => other?,
        };
        trained.save(&output)?;
        let plot = self.plot.as_deref();
        if let Some(path) = plot {
            let saved = |error: Error| {
                error
                    .within("--plot")
                    .also(format!("the model is saved in `{}`", output.display()))
            };
            outputs::write(path, plot::curves(&source, &trained.epochs).as_bytes()).map_err(saved)?;
        }
        ui.report(&Summary {
            source: &source,
            job: &job,
            trained: &trained,
            options: &options,
            output: &output,
            plot,
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Trains and shows how it goes on.
fn watched_fit(job: &Job, options: &RunOptions, ui: &Ui) -> Result<Trained> {
    let mut progress = ui.progress(&job.spec);
    let mut callbacks = Callbacks::usual(&job.spec, options).and(Progress::new(&mut progress));
    fit(&job.spec, &job.data, options, &mut callbacks)
}

impl Train {
    /// Where the model goes; it and the plot are refused now rather than after training.
    fn outputs(&self, source: &str) -> Result<PathBuf> {
        if let Some(path) = &self.plot {
            outputs::check(path, self.force).map_err(|error| error.within("--plot"))?;
        }
        outputs::model(self.output.as_deref(), source, self.force, self.resume)
    }

    fn options(&self, output: &Path, cancel: Cancel, ui: &Ui) -> Result<RunOptions> {
        let every = self
            .checkpoint_every
            .parse::<Every>()
            .map_err(|error| error.within("--checkpoint-every"))?;
        let checkpoint = Some(CheckpointOptions {
            every,
            ..CheckpointOptions::beside(output)
        });
        Ok(RunOptions {
            checkpoint,
            resume: self.resume,
            cancel,
            ..self.running.options(ui)?
        })
    }

    fn tell_of_checkpoints(&self, output: &Path, ui: &Ui) {
        if outputs::has_checkpoints(output) && !self.resume {
            let folder = CheckpointOptions::beside(output).folder;
            ui.warning(&format!(
                "the checkpoints of an unfinished run in {} are replaced",
                folder.display()
            ));
        }
    }
}

/// What was inferred, and what was chosen for which reason.
fn preamble(source: &str, job: &Job) -> String {
    let mut text = format!("{source}\n");
    job.data
        .description
        .iter()
        .for_each(|line| text += &format!("  {line}\n"));
    text += &format!("settings ({})\n", job.decided_by);
    let chosen = job
        .choices
        .iter()
        .map(|choice| [choice.key.to_owned(), choice.value.clone(), choice.reason.clone()]);
    text += &table(2, &chosen.collect::<Vec<_>>());
    text
}
