//! `rosenblatt inspect`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_data::{ColumnKind, DataOptions, Dataset, Input, Preview, Purpose, Table, preview, sets, table_options};
use rosenblatt_report::charts::tile_grids;
use rosenblatt_report::{feature_maps, filters};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::{Model, PlanFigures, Progress};

use super::Run;
use crate::flags::{Reading, RunFlags, SettingFlags, by_argument, in_flags, source, whole_above_0};
use crate::reports::{DataDescription, Description, ImageSetDescription};
use crate::ui::{Report, Ui};
use crate::{outputs, rows, run_files};

/// Describe a model, a run file or a data set.
///
/// For a model or checkpoint: columns with their preprocessing, layers with their parameters, metrics, and the settings as
/// a run file. For a run file: the same, before training; its data is read. For a table: the inferred type of each column,
/// with the reason, and warnings. For images: the number of images of each class.
///
/// `--plot` draws a network that looks at images or sequences, in shades of gray: the filters of its convolutions, or the weights of
/// its first linear layer if that looks at images; with DATA, the feature maps of one row, computed as in prediction. For a
/// built-in data set, that is one of its test rows.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt inspect penguins.safetensors
  rosenblatt inspect penguins.safetensors --plan --threads 2
  rosenblatt inspect cnn.safetensors --plot filters.svg
  rosenblatt inspect cnn.safetensors fashion-mnist --row 3 --plot maps.svg
  rosenblatt inspect run.toml --format json
  rosenblatt inspect adult.csv --delimiter ';' --missing unknown
  rosenblatt inspect rents.csv --target rent
  rosenblatt inspect 2023.csv 2024.csv")]
pub(crate) struct Inspect {
    /// A model, a checkpoint, a run file (`.toml`), a table, a folder of CSV files or IDX images, or the name of a built-in data set.
    #[arg(value_name = "MODEL|SPEC|DATA")]
    file: PathBuf,
    /// Of a table: further CSV files with its rows. Of a model, with `--plot`: the data that has the row to draw.
    #[arg(value_name = "DATA|MORE")]
    more: Vec<PathBuf>,
    /// Of a table: the column to predict; warns of columns that give it away (target leakage).
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    target: Option<String>,
    /// Compile the training step and list its kernels, barriers and memory.
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    reading: SettingFlags<Reading>,
    #[command(flatten, next_help_heading = "Running")]
    running: RunFlags,
    /// Draw the filters of convolutions, or the weights of a first linear layer on images; with DATA, feature maps of a row.
    #[arg(long, value_name = "FILE.SVG", help_heading = "Output")]
    plot: Option<PathBuf>,
    /// The row of DATA whose feature maps are drawn, from 1 [default: 1].
    #[arg(long, value_name = "N", value_parser = whole_above_0, requires = "plot", help_heading = "Output")]
    row: Option<usize>,
    /// Overwrite an existing plot.
    #[arg(long, help_heading = "Output")]
    force: bool,
}

impl Run for Inspect {
    const NAME: &'static str = "inspect";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        if is_data(&self.file) {
            self.only_of_models()?;
            ui.report(&*self.data()?)?;
            return Ok(ExitCode::SUCCESS);
        }
        self.check_more()?;
        self.check_plot()?;
        let options = self.running.options(ui)?;
        let is_run_file = self.file.extension().is_some_and(|extension| extension == "toml");
        let model = if is_run_file {
            untrained(&self.file)?
        } else {
            Model::load(&self.file)?
        };
        let plan = self.plan.then(|| PlanFigures::of(&model, &options)).transpose()?;
        self.draw(&model, ui)?;
        let progress = if is_run_file { None } else { Progress::load(&self.file)? };
        ui.report(&Description {
            file: &self.file,
            model: &model,
            table: model.table()?,
            progress,
            is_trained: !is_run_file,
            plan,
            plot: self.plot.as_deref(),
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
    let is_pattern = path.to_str().is_some_and(|name| name.contains(['*', '?', '[']));
    if path.exists() && !path.is_file() || is_pattern && !path.exists() {
        return true; // A pipe, or a pattern of files.
    }
    if !path.is_file() {
        let is_set = path.to_str().is_some_and(|name| sets::find(name).is_some());
        let is_table = ends_like(&["gz", "txt", "zip", "zst"]) || path.to_str().is_some_and(Input::is_table_name);
        return is_set || path == Path::new("-") || is_table;
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
        let options = DataOptions {
            target: self.target.clone(),
            ..self.reading.options()?
        };
        let read = Table::read(&input, &table_options(&options)?);
        let (content, info) = read.map_err(|error| self.reading.for_setting(error))?;
        for (name, kind) in &options.columns {
            let flag = match kind {
                ColumnKind::Categorical => "--categorical",
                ColumnKind::Numeric => "--numeric",
                ColumnKind::Date => "--date",
            };
            content.column(name).map_err(|error| error.for_setting(flag))?;
        }
        for name in &options.exact {
            content.column(name).map_err(|error| error.for_setting("--exact"))?;
        }
        let files = [source]
            .into_iter()
            .chain(self.more.iter().map(|file| file.display().to_string()));
        let described = DataDescription::of(files.collect(), &content, &info, &options);
        Ok(Box::new(described.map_err(|error| {
            self.reading
                .for_setting(in_flags(error, &[("data.target", "--target")]))
        })?))
    }

    /// Refuses flags about networks.
    fn only_of_models(&self) -> Result<()> {
        let (flag, lacks) = match (self.plan, &self.plot) {
            (true, _) => ("--plan", "a table has no training step"),
            (_, Some(_)) => ("--plot", "data has no filters to draw"),
            _ => return Ok(()),
        };
        let error = Error::config(lacks).within(flag);
        Err(error.hint("name a model or a run file"))
    }

    /// Refuses files after a model that have no use, and flags about how to read them.
    fn check_more(&self) -> Result<()> {
        let Some(more) = self.more.get(usize::from(self.plot.is_some())) else {
            if self.row.is_some() && self.more.is_empty() {
                let error = Error::config("expected the data that has this row").within("--row");
                return Err(
                    error.hint("add it after the model: `rosenblatt inspect MODEL DATA --row N --plot FILE.svg`")
                );
            }
            if self.more.is_empty() || self.target.is_some() || !self.reading.options()?.columns.is_empty() {
                return self.only_of_tables();
            }
            return Ok(());
        };
        let error = match self.plot {
            Some(_) => Error::config("expected one DATA after a model"),
            None => Error::config(format!(
                "expected a table before further files, got `{}`",
                self.file.display()
            ))
            .hint("for feature maps of a row add `--plot FILE.svg`"),
        };
        Err(error.within(more.display().to_string()))
    }

    /// Refuses a place where no picture can be written.
    fn check_plot(&self) -> Result<()> {
        let Some(plot) = &self.plot else { return Ok(()) };
        let inputs: Vec<_> = std::iter::once(&self.file).chain(&self.more).cloned().collect();
        outputs::check(plot, &inputs, self.force).map_err(|error| error.within("--plot"))
    }

    /// Draws what is asked for.
    fn draw(&self, model: &Model, ui: &Ui) -> Result<()> {
        let Some(plot) = &self.plot else { return Ok(()) };
        let file = self.file.display();
        let (title, grids) = match self.more.first() {
            Some(data) => {
                let (number, row) = self.row_of(model, data, ui)?;
                let title = format!("Feature maps of {file} for row {number} of {}", data.display());
                (title, feature_maps(model, &row))
            }
            None => (format!("Weights of {file}"), filters(model)),
        };
        let svg = tile_grids(&title, &grids.map_err(|error| error.within("--plot"))?);
        outputs::write(plot, svg.as_bytes(), self.force).map_err(|error| error.within("--plot"))
    }

    /// The number of the row to draw, and this row.
    fn row_of(&self, model: &Model, data: &Path, ui: &Ui) -> Result<(usize, Dataset)> {
        let (all, _) = rows::read(
            model.table()?,
            data.as_os_str(),
            &self.reading,
            Purpose::Predict,
            ui,
            &mut |_, _| Ok(()),
        )?;
        let number = self.row.unwrap_or(1);
        if number > all.len() {
            let message = format!("expected a row from 1 to {}, got {number}", all.len());
            return Err(Error::config(message).within("--row"));
        }
        Ok((number, all.select(&[number as u64 - 1])?))
    }

    /// Refuses flags that say how to read a table.
    fn only_of_tables(&self) -> Result<()> {
        let target = self.target.as_ref().map(|_| "--target".to_owned());
        let Some(flag) = self.reading.first().or(target) else {
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
