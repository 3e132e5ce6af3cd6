//! `rosenblatt inspect`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_data::csv::read_with_info;
use rosenblatt_data::{Preview, csv_options, preview, sets};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::{Model, PlanFigures, Progress};

use super::Run;
use crate::flags::{Reading, RunFlags, SettingFlags, by_argument, source};
use crate::reports::{DataDescription, Description, ImageSetDescription};
use crate::run_files;
use crate::ui::{Report, Ui};

/// Describe a model, a run file or a data set.
///
/// For a model or checkpoint: columns with their preprocessing, layers with their parameters, metrics, and the settings as
/// a run file. For a run file: the same, before training; its data is read. For a table: the inferred type of each column,
/// with the reason, and warnings. For images: the number of images of each class.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt inspect penguins.safetensors
  rosenblatt inspect penguins.safetensors --plan --threads 2
  rosenblatt inspect run.toml --format json
  rosenblatt inspect adult.csv --delimiter ';' --missing unknown
  rosenblatt inspect 2023.csv 2024.csv")]
pub(crate) struct Inspect {
    /// A model, a checkpoint, a run file (`.toml`), a table, a folder of CSV files or IDX images, or the name of a built-in data set.
    #[arg(value_name = "MODEL|SPEC|DATA")]
    file: PathBuf,
    /// Further CSV files with rows of the same table.
    #[arg(value_name = "MORE")]
    more: Vec<PathBuf>,
    /// Compile the training step and list its kernels, barriers and memory.
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    reading: SettingFlags<Reading>,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
}

impl Run for Inspect {
    const NAME: &'static str = "inspect";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        if is_data(&self.file) {
            if self.plan {
                let error = Error::config("a table has no training step").within("--plan");
                return Err(error.hint("name a model or a run file"));
            }
            ui.report(&*self.data()?)?;
            return Ok(ExitCode::SUCCESS);
        }
        self.only_of_tables()?;
        if let Some(more) = self.more.first() {
            let message = format!("expected a table before further files, got `{}`", self.file.display());
            return Err(Error::config(message).within(more.display().to_string()));
        }
        let options = self.running.options(ui)?;
        let is_run_file = self.file.extension().is_some_and(|extension| extension == "toml");
        let model = if is_run_file {
            untrained(&self.file)?
        } else {
            Model::load(&self.file)?
        };
        let plan = if self.plan {
            Some(PlanFigures::of(&model, &options)?)
        } else {
            None
        };
        let progress = if is_run_file { None } else { Progress::load(&self.file)? };
        ui.report(&Description {
            file: &self.file,
            model: &model,
            table: model.table()?,
            progress,
            is_trained: !is_run_file,
            plan,
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether this names data: a folder, a file that begins unlike a model, a data set, or standard input.
fn is_data(path: &Path) -> bool {
    let ends_like = |ends: &[&str]| {
        path.extension()
            .is_some_and(|end| ends.iter().any(|known| end == *known))
    };
    if path.is_dir() {
        return true;
    }
    if ends_like(&["toml", "safetensors"]) {
        return false;
    }
    if !path.is_file() {
        let is_set = path.to_str().is_some_and(|name| sets::find(name).is_some());
        return is_set || path == Path::new("-") || ends_like(&["csv", "tsv", "txt", "gz"]);
    }
    let mut start = [0; 9]; // The length of a model's header, eight bytes, and the brace that opens it.
    let begins = File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok();
    !(begins && start[8] == b'{' && start[7] == 0)
}

impl Inspect {
    /// Looks at data.
    fn data(&self) -> Result<Box<dyn Report>> {
        let source = source(self.file.as_os_str())?;
        let input = match preview(&source, &self.more).map_err(by_argument)? {
            Preview::Table(input) => input,
            Preview::Images(image_set) => {
                self.only_of_tables()?;
                return Ok(Box::new(ImageSetDescription { source, image_set }));
            }
        };
        let options = self.reading.options()?;
        let (content, info) = read_with_info(&input, &csv_options(&options)?)?;
        for name in options.columns.keys() {
            let column = content.column(name);
            column.map_err(|error| error.for_setting("--categorical"))?;
        }
        let files = [source]
            .into_iter()
            .chain(self.more.iter().map(|file| file.display().to_string()));
        Ok(Box::new(DataDescription::of(files.collect(), &content, &info)))
    }

    /// Refuses flags that say how to read a table.
    fn only_of_tables(&self) -> Result<()> {
        let Some(flag) = self.reading.first() else {
            return Ok(());
        };
        let error = Error::config("says how to read a table, and this is none").within(flag);
        Err(error.hint("leave it out, or name a table"))
    }
}

/// What a run file would train, with initial values.
fn untrained(path: &Path) -> Result<Model> {
    let (spec, data) = run_files::read(path)?;
    Model::untrained(&spec, &data).map_err(|error| run_files::within(path, error))
}
