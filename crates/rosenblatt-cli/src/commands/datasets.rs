//! `rosenblatt datasets`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rosenblatt_data::sets::{Content, SETS, Set, find};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};
use serde_json::{Value, json};

use super::Run;
use crate::flags::sets;
use crate::outputs;
use crate::ui::{Report, Ui, count, shown, table};

/// List the built-in data sets; describe or write one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt datasets
  rosenblatt datasets penguins
  rosenblatt datasets penguins -o penguins.csv")]
pub(crate) struct Datasets {
    /// Name of the data set to describe.
    #[arg(value_name = "NAME", value_parser = sets(), hide_possible_values = true)]
    name: Option<String>,
    /// Write the table of NAME to a file, or to `-`, standard output.
    #[arg(short, long, value_name = "FILE", requires = "name", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long, help_heading = "Output")]
    force: bool,
}

impl Run for Datasets {
    const NAME: &'static str = "datasets";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        let set = self.name.as_deref().map(|name| find(name).ok_or_else(|| unknown(name)));
        match (set.transpose()?, &self.output) {
            (None, _) => ui.report(&All)?,
            (Some(set), None) => ui.report(&One(set))?,
            (Some(set), Some(path)) => self.write(set, path, ui)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Datasets {
    /// Writes a table where the user wants it.
    fn write(&self, set: &Set, path: &Path, ui: &mut Ui) -> Result<()> {
        let Some(table) = set.csv()? else {
            let error = Error::config(format!("`{}` holds images, which are no table", set.name));
            return Err(error.within("--output"));
        };
        if path == Path::new("-") {
            return ui.raw(&table);
        }
        outputs::check(path, &[], self.force)?;
        outputs::write(path, &table, self.force)?;
        ui.note(&format!(
            "{} of {} in {}",
            count(set.rows, "row"),
            set.name,
            shown(path)
        ));
        Ok(())
    }
}

fn unknown(name: &str) -> Error {
    let hint = meant(name, SETS.iter().map(|set| set.name));
    Error::config(format!("there is no data set `{name}`")).hint(hint)
}

struct All;

impl Report for All {
    fn text(&self) -> String {
        let header = ["name", "task", "rows", "features", "target"].map(str::to_owned);
        let row = |set: &Set| [set.name, set.task, &set.rows.to_string(), set.features, set.target].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(header).chain(SETS.iter().map(row)).collect();
        table(0, &rows)
    }

    fn json(&self) -> Result<Value> {
        Ok(SETS.iter().map(describe).collect())
    }
}

struct One(&'static Set);

impl Report for One {
    fn text(&self) -> String {
        let Set {
            name,
            description,
            task,
            rows,
            features,
            target,
            source,
            licence,
            content,
        } = self.0;
        let row = |key: &str, value: &dyn std::fmt::Display| [key.to_owned(), value.to_string()];
        let mut lines = vec![
            row("task", task),
            row("rows", rows),
            row("features", features),
            row("target", target),
            row("source", source),
            row("licence", licence),
        ];
        match content {
            Content::Csv(_) => lines.push(row("test rows", &"20 % held out, always the same")),
            Content::Idx { package, .. } => {
                lines.push(row("test rows", &"the official ones"));
                lines.push(row("files", &format!("from the Debian package `{package}`")));
            }
        }
        format!(
            "{name}: {description}\n{}\nnext: rosenblatt train {name}\n",
            table(2, &lines)
        )
    }

    fn json(&self) -> Result<Value> {
        Ok(describe(self.0))
    }
}

fn describe(set: &Set) -> Value {
    json!({
        "name": set.name,
        "description": set.description,
        "task": set.task,
        "rows": set.rows,
        "features": set.features,
        "target": set.target,
        "source": set.source,
        "licence": set.licence,
    })
}
