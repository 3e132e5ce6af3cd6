//! What a table holds, for `inspect`.

use std::collections::BTreeMap;

use rosenblatt_data::read::{Dialect, ReadInfo};
use rosenblatt_data::schema::{Inferred, Overview, Profile};
use rosenblatt_data::{DataOptions, DataRef, Table, resolve};
use rosenblatt_tensor::Result;
use rosenblatt_train::Warning;
use serde_json::{Value, json};

use crate::ui::{Report, count, folded, one_line, quoted, quoted_file, table};
use crate::warnings;

/// A table, looked at.
pub(crate) struct DataDescription {
    /// What the user calls its files.
    files: Vec<String>,
    target: Option<String>,
    overview: Overview,
    warnings: Vec<Warning>,
}

impl DataDescription {
    /// Looks at every column and every row of the table that some files are.
    ///
    /// # Errors
    /// The target of the options cannot be predicted.
    pub(crate) fn of(files: Vec<String>, content: &Table, info: &ReadInfo, options: &DataOptions) -> Result<Self> {
        let overview = match &options.target {
            Some(target) => Overview::of_target(content, info, target, options)?,
            None => Overview::of(content, info),
        };
        Ok(Self {
            files,
            warnings: overview.warnings.iter().cloned().map(Warning::from).collect(),
            target: options.target.clone(),
            overview,
        })
    }
}

fn kind(kind: Inferred) -> String {
    let json = serde_json::to_value(kind).unwrap_or_default();
    json.as_str().unwrap_or_default().replace('_', " ")
}

/// `delimiter ',', UTF-8`, or the name of a format without delimiters.
fn dialect(dialect: &Dialect) -> String {
    match (dialect.format, dialect.delimiter) {
        ("delimited", delimiter) => format!("delimiter {:?}, {}", char::from(delimiter), dialect.encoding),
        (format, _) => format.to_owned(),
    }
}

/// `-1 to 2.5`, or `red 14, blue 13, …`.
fn values(column: &Profile) -> String {
    if let Some([low, high]) = column.range {
        return format!("{low} to {high}");
    }
    let frequent = column.frequent.iter().map(|(text, cells)| format!("{text} {cells}"));
    let shown = frequent.collect::<Vec<_>>().join(", ");
    shown.escape_debug().to_string()
        + if column.frequent.len() < column.distinct {
            ", …"
        } else {
            ""
        }
}

impl Report for DataDescription {
    fn text(&self) -> String {
        let overview = &self.overview;
        let mut text = format!(
            "{}: {}, {}, {}{}\n",
            one_line(&self.files.join(", ")),
            count(overview.rows, "row"),
            count(overview.columns.len(), "column"),
            dialect(&overview.dialect),
            overview
                .dialect
                .packing
                .map_or(String::new(), |packing| format!(", {packing}"))
        );
        let header = ["column", "kind", "missing", "distinct", "values", "reason"].map(str::to_owned);
        let row = |column: &Profile| {
            [
                column.name.clone(),
                kind(column.kind),
                column.missing.to_string(),
                column.distinct.to_string(),
                values(column),
                column.reason.clone(),
            ]
        };
        let rows: Vec<_> = std::iter::once(header)
            .chain(overview.columns.iter().map(row))
            .collect();
        text += &table(2, &rows);
        if !self.warnings.is_empty() {
            text += "warnings:\n";
            text.extend(
                warnings::lines(&self.warnings)
                    .iter()
                    .map(|line| folded(&format!("  {line}"))),
            );
        }
        let files: Vec<String> = self.files.iter().map(|file| quoted_file(file)).collect();
        // The target of a built-in data set is known.
        let is_set = matches!(self.files[..], [ref only] if matches!(resolve(only), Ok(DataRef::Set(_))));
        let target = match &self.target {
            Some(target) => format!(" --target {}", quoted(target)),
            None if is_set => String::new(),
            None => " --target COLUMN".to_owned(),
        };
        text + &format!("next: rosenblatt train {}{target}\n", files.join(" "))
    }

    fn json(&self) -> Result<Value> {
        let overview = &self.overview;
        let column = |column: &Profile| {
            let frequent = column
                .frequent
                .iter()
                .map(|(text, cells)| json!({ "value": text, "count": cells }));
            let document = BTreeMap::from([
                ("name", json!(column.name)),
                ("kind", json!(column.kind)),
                ("reason", json!(column.reason)),
                ("missing", json!(column.missing)),
                ("distinct", json!(column.distinct)),
                ("min", json!(column.range.map(|[low, _]| low))),
                ("max", json!(column.range.map(|[_, high]| high))),
                ("frequent", json!(frequent.collect::<Vec<_>>())),
            ]);
            json!(
                document
                    .into_iter()
                    .filter(|(_, value)| !value.is_null())
                    .collect::<BTreeMap<_, _>>()
            )
        };
        let delimiter = match overview.dialect.delimiter {
            0 => String::new(),
            delimiter => char::from(delimiter).to_string(),
        };
        Ok(json!({
            "data": self.files[0],
            "more": self.files[1..],
            "rows": overview.rows,
            "format": overview.dialect.format,
            "packing": overview.dialect.packing,
            "delimiter": delimiter,
            "encoding": overview.dialect.encoding.to_string(),
            "gzip": overview.dialect.packing == Some("gzip"),
            "columns": overview.columns.iter().map(column).collect::<Vec<_>>(),
            "warnings": warnings::json(&self.warnings)?,
        }))
    }
}
