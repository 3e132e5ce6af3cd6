//! `rosenblatt inspect`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_data::load;
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::{Callback, Callbacks, Model, PlanFigures, RunOptions, fit};

use super::Run;
use crate::flags::{DataFlags, RunFlags, blame, run_file};
use crate::reports::Description;
use crate::ui::Ui;

/// Show what a model or a run file holds.
///
/// Columns with their preprocessing, layers with their parameters, figures, and the settings as a run file. Of a run file
/// the data is read, since the network follows from it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt inspect penguins.safetensors
  rosenblatt inspect penguins.safetensors --plan --threads 2
  rosenblatt inspect run.toml --format json")]
pub(crate) struct Inspect {
    /// A model, a checkpoint, or a run file (`.toml`).
    #[arg(value_name = "MODEL|SPEC")]
    file: PathBuf,
    /// Compile the training step and list its kernels, barriers and memory.
    #[arg(long)]
    plan: bool,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Inspect {
    const NAME: &'static str = "inspect";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let options = self.running.options(ui)?;
        let is_run_file = self.file.extension().is_some_and(|extension| extension == "toml");
        let model = if is_run_file {
            first_values(&self.file, &options)?
        } else {
            Model::load(&self.file)?
        };
        let plan = if self.plan {
            Some(PlanFigures::of(&model.about, &options)?)
        } else {
            None
        };
        ui.report(&Description {
            file: &self.file,
            model: &model,
            is_trained: !is_run_file,
            plan,
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What a run file would train, before the first step.
fn first_values(path: &Path, options: &RunOptions) -> Result<Model> {
    let spec = run_file(path)?;
    let within = |error: Error| error.within(path.display().to_string());
    let columns = DataFlags::default().columns(&spec.data);
    let data = load(&spec.data, spec.train.seed).map_err(|error| within(blame(error, &columns, &spec.data)))?;
    let mut first = None;
    let ended = fit(
        &spec,
        &data,
        options,
        &mut Callbacks::none().and(Look { first: &mut first }),
    );
    match (first, ended) {
        (Some(model), _) => Ok(model),
        (None, Err(error)) => Err(within(error)),
        (None, Ok(_)) => Err(Error::internal("a run without a beginning")),
    }
}

/// Takes the model before the first step, and ends the run there.
struct Look<'m> {
    first: &'m mut Option<Model>,
}

impl Callback for Look<'_> {
    fn at_start(&mut self, run: &mut rosenblatt_train::Run<'_>) -> Result<()> {
        let mut model = run.snapshot()?;
        model.about.progress = None;
        *self.first = Some(model);
        Err(Error::cancelled("seen"))
    }
}
