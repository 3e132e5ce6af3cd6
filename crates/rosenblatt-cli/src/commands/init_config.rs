//! `rosenblatt init-config`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_tensor::Result;
use rosenblatt_train::Warning;
use rosenblatt_train::presets::Choice;
use rosenblatt_train::settings;
use serde_json::{Value, json};

use super::Run;
use crate::flags::{Job, SpecFlags};
use crate::ui::{Report, Ui, quoted_file, shown};
use crate::{outputs, warnings};

/// Write the run file that `train` would use, with explanations.
///
/// Takes DATA and flags as `train` does, reads the data, and writes a run file with every setting: its meaning, its
/// range, and, where a preset chose it, the reason. Edit it and train with `rosenblatt train --config RUN.TOML`. Without
/// edits it gives the same model as `train`, byte for byte.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt init-config penguins
  rosenblatt init-config adult.csv --target income -o run.toml
  rosenblatt init-config --schema > run.schema.json
  rosenblatt train --config run.toml --set train.epochs=5")]
pub(crate) struct InitConfig {
    #[command(flatten)]
    spec: SpecFlags,
    /// Print the JSON schema of run files, for editors and programs.
    #[arg(long, exclusive = true, help_heading = "Output")]
    schema: bool,
    /// Where to write the run file; `-` is standard output.
    #[arg(short, long, value_name = "RUN.TOML", default_value = "-", help_heading = "Output")]
    output: PathBuf,
    /// Overwrite the output if it exists.
    #[arg(long, help_heading = "Output")]
    force: bool,
}

impl Run for InitConfig {
    const NAME: &'static str = "init-config";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        if self.schema {
            ui.raw(settings::json_schema()?.as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
        let file = Some(&*self.output).filter(|path| *path != Path::new("-"));
        let request = self.spec.request(ui)?;
        if let Some(path) = file {
            outputs::check(path, &request.inputs(), self.force)?;
        }
        let job = request.prepare()?;
        let warnings: Vec<Warning> = job.data.warnings.iter().cloned().map(Warning::from).collect();
        warnings::print(&warnings, ui);
        let run_file = RunFile {
            text: text(&job)?,
            job: &job,
            warnings: warnings::json(&warnings)?,
        };
        let Some(path) = file else {
            ui.report(&run_file)?;
            return Ok(ExitCode::SUCCESS);
        };
        outputs::write(path, run_file.text.as_bytes(), self.force)?;
        let name = path.display().to_string();
        ui.note(&format!(
            "wrote {}; train with: rosenblatt train --config {}",
            shown(path),
            quoted_file(&name)
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// The run file, for people and for programs.
struct RunFile<'j> {
    text: String,
    job: &'j Job,
    /// A list of objects.
    warnings: Value,
}

impl Report for RunFile<'_> {
    fn text(&self) -> String {
        self.text.clone()
    }

    fn json(&self) -> Result<Value> {
        let choice = |choice: &Choice| json!({ "key": choice.key, "value": choice.value, "reason": choice.reason });
        Ok(json!({
            "spec": self.job.spec.to_json()?,
            "choices": self.job.choices.iter().map(choice).collect::<Vec<_>>(),
            "warnings": self.warnings,
        }))
    }
}

/// What a spec says, and what else is known about it.
fn text(job: &Job) -> Result<String> {
    let Job {
        spec,
        data,
        choices,
        decided_by,
        ..
    } = job;
    let chosen = |choice: &Choice| {
        let Choice { key, value, reason, .. } = choice;
        let remark = format!("Chosen by {decided_by}: {} {value} ({reason}).", key.replace('-', " "));
        (choice.setting, remark)
    };
    let mut remarks: Vec<_> = choices.iter().map(chosen).collect();
    let follows = |name: &str| format!("Default here: `{name}`.");
    if spec.data.target.is_none() {
        remarks.push(("data.target", follows(&data.schema.target.name)));
    }
    if spec.train.loss.is_none() {
        remarks.push(("train.loss", follows(spec.loss(&data.schema.task).name())));
    }
    let head = "# A run file: train with `rosenblatt train --config FILE`.\n\
                # A key that is missing or commented out has its default.\n\n";
    Ok(head.to_owned() + &spec.to_commented_toml(&remarks)?)
}
