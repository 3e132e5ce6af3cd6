//! `rosenblatt split`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueHint;
use rosenblatt_data::read::read;
use rosenblatt_data::{DataOptions, DataRef, Dataset, Preview, load_input, preview, resolve, table_options};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Warning;
use rosenblatt_train::settings::Descriptor;
use serde_json::{Value, json};

use super::Run;
use crate::flags::{Reading, SettingFlags, Subset, by_argument, source};
use crate::outputs::{self, stem};
use crate::passthrough::{Passthrough, keep};
use crate::ui::{Report, Ui, count, quoted, quoted_file, shown};
use crate::warnings;

/// Split a table into files of training, validation and test rows.
///
/// Rows are drawn as `train` draws them, by the same settings and seed, and written as they are, as CSV. Rows without a target are with
/// the training rows. Without `--valid-fraction` and `--test-fraction`, a fifth of the rows is held out for validation.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt split visits.csv --target ill --split group=patient --test-fraction 0.2
  rosenblatt split rents.csv --target rent --split time=date --output-dir parts")]
pub(crate) struct Split {
    /// A table: a file or folder, or `-` for standard input.
    #[arg(value_name = "DATA", value_hint = ValueHint::AnyPath)]
    data: OsString,
    /// Further CSV files with rows of the same table.
    #[arg(value_name = "MORE")]
    more: Vec<PathBuf>,
    /// The folder of the files `<data>.train.csv`, `<data>.valid.csv` and `<data>.test.csv`.
    #[arg(long, value_name = "FOLDER", default_value = ".", help_heading = "Output")]
    output_dir: PathBuf,
    /// Overwrite existing files.
    #[arg(long, help_heading = "Output")]
    force: bool,
    #[command(flatten)]
    settings: SettingFlags<Drawing>,
}

/// Settings about which rows are drawn.
#[derive(Debug, Clone)]
pub(crate) enum Drawing {}

impl Subset for Drawing {
    fn holds(setting: &Descriptor) -> bool {
        matches!(
            &*setting.key,
            "data.target"
                | "data.sample_weight"
                | "data.split"
                | "data.valid_fraction"
                | "data.test_fraction"
                | "train.seed"
        ) || Reading::holds(setting)
    }
}

/// A part that is written.
struct Part {
    name: &'static str,
    file: PathBuf,
    rows: Vec<u64>,
}

/// What was written.
struct Written {
    parts: Vec<Part>,
    warnings: Vec<Warning>,
    /// Of the next command.
    flags: String,
}

impl Run for Split {
    const NAME: &'static str = "split";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let source = source(&self.data)?;
        if let DataRef::Set(_) = resolve(&source)? {
            let error = Error::config("is a built-in data set, which has its own test rows").within(source);
            return Err(error.hint("name a file"));
        }
        let spec = self.settings.spec()?;
        let mut options = spec.data;
        if options.valid_fraction.is_none() && options.test_fraction.is_none() {
            options.valid_fraction = Some(0.2);
        }
        let mut parts = self.parts(&source, &options)?;
        let Preview::Table(input) = preview(&source, &self.more).map_err(by_argument)? else {
            return Err(Error::config("expected a table, got images").within(source));
        };
        let for_setting = |error| self.settings.for_setting(error);
        let (frame, _) = read(&input, &table_options(&options)?.read).map_err(for_setting)?;
        let data = load_input(&frame.clone().into(), &options, spec.train.seed).map_err(for_setting)?;
        let drawn = [Some(&data.train), data.valid.as_ref(), data.test.as_ref()];
        fill(&mut parts, drawn, frame.len())?;
        let warnings: Vec<Warning> = data.warnings.into_iter().map(Warning::from).collect();
        warnings::print(&warnings, ui);
        let columns: Vec<String> = frame.names().map(str::to_owned).collect();
        let columns = keep(&frame, None, &columns)?;
        for part in &parts {
            outputs::write_by(&part.file, self.force, |out| write(&columns, &part.rows, out))?;
        }
        ui.report(&Written {
            parts,
            warnings,
            flags: flags(&options),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Split {
    /// The files that are to be written, without their rows.
    fn parts(&self, source: &str, options: &DataOptions) -> Result<Vec<Part>> {
        let inputs: Vec<PathBuf> = std::iter::once(PathBuf::from(source))
            .chain(self.more.clone())
            .collect();
        let names = [
            ("train", true),
            ("valid", options.valid_fraction.is_some()),
            ("test", options.test_fraction.is_some()),
        ];
        let part = |(name, _): (&'static str, bool)| {
            let file = self.output_dir.join(format!("{}.{name}.csv", stem(source)));
            outputs::check(&file, &inputs, self.force)?;
            let rows = Vec::new();
            Ok(Part { name, file, rows })
        };
        names.into_iter().filter(|(_, is_asked)| *is_asked).map(part).collect()
    }
}

/// Gives each part its rows; those that nothing is learned from are with the training rows.
fn fill(parts: &mut [Part], drawn: [Option<&Dataset>; 3], rows: usize) -> Result<()> {
    let of = |data: &Dataset| {
        let rows = data.source_rows().map(<[u64]>::to_vec);
        rows.ok_or_else(|| Error::internal("rows of no table"))
    };
    let drawn = drawn.into_iter().flatten().map(of).collect::<Result<Vec<_>>>()?;
    let held_out: Vec<&[u64]> = drawn.iter().skip(1).map(Vec::as_slice).collect();
    let is_held_out = |row: &u64| held_out.iter().any(|rows| rows.binary_search(row).is_ok());
    let train = (0..rows as u64).filter(|row| !is_held_out(row)).collect();
    let all = std::iter::once(train).chain(drawn.iter().skip(1).cloned());
    parts.iter_mut().zip(all).for_each(|(part, rows)| part.rows = rows);
    Ok(())
}

/// Writes rows as CSV.
fn write(columns: &[Passthrough], rows: &[u64], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let mut record = |cells: &mut dyn Iterator<Item = &str>| writer.write_record(cells).map_err(io::Error::other);
    record(&mut columns.iter().map(|column| column.name.as_str()))?;
    for &row in rows {
        record(&mut columns.iter().map(|column| column.cells.get(row as usize)))?;
    }
    writer.flush()
}

/// The flags with which `train` takes the files as they were drawn.
fn flags(options: &DataOptions) -> String {
    let target = options
        .target
        .iter()
        .map(|target| format!(" --target {}", quoted(target)));
    let group = options.split.iter().filter(|split| split.method() == "group");
    let group = group.filter_map(|split| Some(format!(" --drop {}", quoted(split.column()?))));
    let weight = options
        .sample_weight
        .iter()
        .map(|column| format!(" --sample-weight {}", quoted(column)));
    let missing = options
        .missing
        .iter()
        .map(|mark| format!(" --missing {}", quoted(mark)));
    target.chain(group).chain(weight).chain(missing).collect()
}

impl Report for Written {
    fn text(&self) -> String {
        let line = |part: &Part| {
            format!(
                "{}: {} in {}\n",
                part.name,
                count(part.rows.len(), "row"),
                shown(&part.file)
            )
        };
        let mut text: String = self.parts.iter().map(line).collect();
        let file = |part: &Part| quoted_file(&part.file.display().to_string());
        let mut files = self.parts.iter();
        text += &format!("next: rosenblatt train {}", files.next().map(file).unwrap_or_default());
        files.for_each(|part| text += &format!(" --{} {}", part.name, file(part)));
        text + &self.flags + "\n"
    }

    fn json(&self) -> Result<Value> {
        let part = |part: &Part| json!({ "part": part.name, "rows": part.rows.len(), "file": part.file.display().to_string() });
        Ok(json!({
            "parts": self.parts.iter().map(part).collect::<Vec<_>>(),
            "warnings": warnings::json(&self.warnings)?,
        }))
    }
}
