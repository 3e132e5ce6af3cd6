//! `rosenblatt datasets`.

use std::process::ExitCode;

use rosenblatt_data::sets::{Content, SETS, Set, find};
use rosenblatt_tensor::{Error, Result, nearest};
use serde_json::{Value, json};

use super::Run;
use crate::ui::{Report, Ui, table};

/// List the data sets known by name, or describe one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rosenblatt datasets
  rosenblatt datasets penguins")]
pub(crate) struct Datasets {
    /// The one to describe.
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Run for Datasets {
    const NAME: &'static str = "datasets";

    fn run(self, ui: &mut Ui) -> Result<ExitCode> {
        match &self.name {
            None => ui.report(&All)?,
            Some(name) => ui.report(&One(find(name).ok_or_else(|| unknown(name))?))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn unknown(name: &str) -> Error {
    let error = Error::config(format!("there is no data set `{name}`"));
    match nearest(name, SETS.iter().map(|set| set.name)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`rosenblatt datasets` lists them all"),
    }
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
