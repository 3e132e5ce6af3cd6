//! `rosenblatt train`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use rosenblatt_data::Task;
use rosenblatt_data::schema::Overview;
use rosenblatt_report::{Evaluation, Report, TrainingRun, charts, evaluate_held_out};
use rosenblatt_tensor::{Error, ErrorKind, Result};
use rosenblatt_train::callbacks::Progress;
use rosenblatt_train::presets::ModelKind;
use rosenblatt_train::{Cancel, CheckpointOptions, Every, FitResult, RunOptions, Separability, Spec, Warning, fit};

use super::Run;
use crate::flags::{Job, Request, RunFlags, SpecFlags, names, typed};
use crate::outputs::ModelPlace;
use crate::reports::{Summary, commands, settings};
use crate::signals::Signals;
use crate::ui::{Ui, one_line, shown, table};
use crate::{outputs, warnings};

const EXAMPLES: &str = "Examples:
  rosenblatt train penguins
  rosenblatt train adult.csv --target income -o adult.safetensors
  rosenblatt train 2023.csv 2024.csv --target rent
  rosenblatt train rents.csv --target rent --test-fraction 0.2 --report r.html
  rosenblatt train cancer.csv --target ill --model perceptron --prove
  rosenblatt train digits --hidden 64 --optimizer sgd:momentum=0.9
  rosenblatt train --config run.toml --set train.epochs=5

Ctrl-C or SIGTERM saves a checkpoint; the same command with --resume continues.";

/// Train a model on a file or a built-in data set.
///
/// With nothing but DATA (and --target for a file) task, columns and settings are inferred and printed with their
/// reasons. The model is one file with all that is needed to use it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", names()))]
pub(crate) struct Train {
    #[command(flatten)]
    spec: SpecFlags,
    /// Where to write the model (default: `<data>.safetensors`, numbered if taken).
    #[arg(short, long, value_name = "MODEL", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Draw the learning curves: loss and metric of each epoch.
    #[arg(long, value_name = "FILE.SVG", help_heading = "Output")]
    plot: Option<PathBuf>,
    /// Write a page about the data, the settings, the training run and the evaluation.
    #[arg(long, value_name = "FILE.HTML", help_heading = "Output")]
    report: Option<PathBuf>,
    /// Decide whether the training rows are linearly separable, by a linear program (with `--model perceptron`).
    #[arg(long, help_heading = "Output")]
    prove: bool,
    /// Overwrite existing outputs.
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Resume from the last checkpoint of the same command.
    #[arg(long, help_heading = "Running")]
    resume: bool,
    /// How often to save a checkpoint, besides the ends of epochs: seconds (`30s`) or steps (`100`).
    #[arg(long, value_name = "30s|N", default_value = "30s", help_heading = "Running")]
    checkpoint_every: String,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Train {
    const NAME: &'static str = "train";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let cancel = Cancel::default();
        let signals = Signals::catch(&cancel)?;
        let request = self.spec.request(ui)?;
        let source = request.source().to_owned();
        self.check_outputs(&request)?;
        let every = self.checkpoint_every.parse::<Every>();
        let every = every.map_err(|error| error.within("--checkpoint-every"))?;
        let options = self.options(cancel, ui)?;
        let mut overview = None;
        let job = request.prepare_and_look(&mut |table, info| {
            overview = self.report.is_some().then(|| Overview::of(table, info));
        })?;
        let separability = self.proven(&job)?;
        // Not before: who stops the program while it reads leaves nothing behind.
        let (output, options) = self.take_place(&source, every, options)?;
        ui.preamble(&preamble(&source, &job))?;
        if ui.is_verbose() {
            ui.detail(&settings(&job.settings, &job.decided_by));
        }
        let mut warnings: Vec<Warning> = job.data.warnings.iter().cloned().map(Warning::from).collect();
        warnings.extend(self.replaced_checkpoints(&options));
        warnings::print(&warnings, ui);

        signals.ask_first();
        let trained = match watched_fit(&job, &options, ui) {
            Err(error) if error.kind() == ErrorKind::Cancelled => {
                ui.error(&error);
                return Ok(ExitCode::from(signals.code()));
            }
            other => other?,
        };
        warnings.extend(trained.history.warnings.iter().cloned());
        if self.force {
            trained.save(&output)?;
        } else {
            trained.save_new(&output)?;
        }
        let saved = |error: Error| error.also(format!("the model is saved in `{}`", shown(&output)));
        let evaluation = evaluate_held_out(&trained, &job.data, &options).map_err(saved)?;
        let of_result = evaluation.as_ref().map(Evaluation::warnings).unwrap_or_default();
        warnings::print(&of_result, ui);
        warnings.extend(of_result);
        let plot = self.plot.as_deref();
        if let Some(path) = plot {
            let svg = charts::training_curves(&source, &trained.history.epochs, trained.model.metadata().epoch);
            outputs::write(path, svg.as_bytes(), self.force).map_err(|error| saved(error.within("--plot")))?;
        }
        if let Some(path) = &self.report {
            let run = TrainingRun {
                overview: overview.as_ref(),
                ..training_run(&job, &trained, &output, &warnings)
            };
            Report::of_training(run, &options)
                .and_then(|report| outputs::write(path, report.to_html().as_bytes(), self.force))
                .map_err(|error| saved(error.within("--report")))?;
        }
        ui.report(&Summary {
            source: &source,
            job: &job,
            trained: &trained,
            evaluation: evaluation.as_ref(),
            pocket: trained.history.pocket(job.data.train.len())?,
            separability: separability.as_ref(),
            options: &options,
            output: &output,
            warnings: &warnings,
            plot,
            report: self.report.as_deref(),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Trains and shows how it goes on.
fn watched_fit(job: &Job, options: &RunOptions, ui: &Ui) -> Result<FitResult> {
    let mut progress = ui.progress(&job.spec);
    fit(&job.spec, &job.data, options, &mut [&mut Progress::new(&mut progress)])
        .map_err(|error| job.given.for_setting(error))
}

impl Train {
    /// Refuses outputs now rather than after training.
    fn check_outputs(&self, request: &Request) -> Result<()> {
        let inputs = request.inputs();
        let mut taken: Vec<PathBuf> = Vec::new();
        for (flag, path) in self.outputs() {
            let place = outputs::place(path);
            let refused = match taken.contains(&place) {
                true => Err(is_another_output(path)),
                false => outputs::check(path, &inputs, self.force),
            };
            refused.map_err(|error| if flag == "--output" { error } else { error.within(flag) })?;
            taken.push(place);
        }
        Ok(())
    }

    /// The outputs that are named, with their flags.
    fn outputs(&self) -> impl Iterator<Item = (&'static str, &PathBuf)> {
        let all = [
            ("--output", &self.output),
            ("--plot", &self.plot),
            ("--report", &self.report),
        ];
        all.into_iter().filter_map(|(flag, path)| Some((flag, path.as_ref()?)))
    }

    /// Takes the place of the model, and the folder of its checkpoints.
    fn take_place(&self, source: &str, every: Every, options: RunOptions) -> Result<(PathBuf, RunOptions)> {
        let ModelPlace { path, lock } = outputs::model(self.output.as_deref(), source, self.force, self.resume)?;
        for (flag, other) in self.outputs().filter(|(flag, _)| *flag != "--output") {
            if outputs::place(other) == outputs::place(&path) {
                return Err(is_another_output(other).within(flag));
            }
        }
        let checkpoint = CheckpointOptions {
            every,
            lock: Some(Arc::new(lock)),
            ..CheckpointOptions::next_to(&path)
        };
        let checkpoint = Some(checkpoint);
        Ok((path, RunOptions { checkpoint, ..options }))
    }

    /// Whether the training rows are linearly separable, if that is asked.
    fn proven(&self, job: &Job) -> Result<Option<Separability>> {
        if !self.prove {
            return Ok(None);
        }
        if job.given.model() != Some(ModelKind::Perceptron) {
            let error = Error::config("linear separability is what a perceptron needs").within("--prove");
            return Err(error.hint("add --model perceptron"));
        }
        let decided = Separability::of(&job.data).map_err(|error| job.given.for_setting(error));
        decided.map(Some).map_err(|error| error.within("--prove"))
    }

    fn options(&self, cancel: Cancel, ui: &Ui) -> Result<RunOptions> {
        Ok(RunOptions {
            resume: self.resume,
            cancel,
            ..self.running.options(ui)?
        })
    }

    fn replaced_checkpoints(&self, options: &RunOptions) -> Option<Warning> {
        let lock = options.checkpoint.as_ref()?.lock.as_ref()?;
        let file = lock.folder().display().to_string();
        (lock.has_checkpoints() && !self.resume).then_some(Warning::CheckpointsReplaced { file })
    }
}

fn is_another_output(path: &Path) -> Error {
    let error = Error::config(format!("`{}` is another output of this command", shown(path)));
    error.hint("choose another name")
}

/// What a page says about the run.
fn training_run<'a>(job: &'a Job, trained: &'a FitResult, output: &Path, warnings: &[Warning]) -> TrainingRun<'a> {
    let source = &job.spec.data.source;
    TrainingRun {
        source,
        spec: &job.spec,
        data: &job.data,
        overview: None,
        settings: &job.settings,
        decided_by: &job.decided_by,
        trained,
        warnings: warnings::lines(warnings),
        commands: commands(source, output),
    }
}

/// `mse (of the standardized target)`
fn loss(spec: &Spec, task: &Task) -> String {
    let mut notes = Vec::new();
    if spec.model.scale_target && task.classes().is_none() {
        notes.push("of the standardized target");
    }
    if spec.train.class_weight.is_some() {
        notes.push("with class weights");
    }
    let name = spec.loss(task).to_string();
    match notes.is_empty() {
        true => name,
        false => format!("{name} ({})", notes.join(", ")),
    }
}

/// What was inferred, and what was chosen for which reason.
fn preamble(source: &str, job: &Job) -> String {
    let mut text = format!("{}\n", one_line(source));
    for (i, line) in job.data.summary.iter().enumerate() {
        // The first line is about the task.
        let other = job.data.other_task().filter(|_| i == 0);
        let other = other.map_or(String::new(), |advice| format!(" ({})", advice.named(typed)));
        text += &format!("  {line}{other}\n");
    }
    text += &format!("  loss: {}\n", loss(&job.spec, &job.data.schema.task));
    text += &format!("settings ({})\n", job.decided_by);
    let chosen = job
        .choices
        .iter()
        .map(|choice| [choice.key.to_owned(), choice.value.clone(), choice.reason.clone()]);
    text += &table(2, &chosen.collect::<Vec<_>>());
    text
}
