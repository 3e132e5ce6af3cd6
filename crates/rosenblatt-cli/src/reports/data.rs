//! What a table holds, for `inspect`.

use std::collections::BTreeMap;

use rosenblatt_data::Table;
use rosenblatt_data::csv::{Dialect, Encoding, Findings};
use rosenblatt_data::schema::{Inferred, Profile, repeated_rows};
use rosenblatt_tensor::Result;
use serde_json::{Value, json};

use crate::ui::{Report, count, quoted, table};

/// A table, looked at.
pub(crate) struct DataDescription {
    /// What the user calls it.
    source: String,
    rows: usize,
    dialect: Dialect,
    columns: Vec<Profile>,
    /// What the user should look at, one sentence each.
    unusual: Vec<String>,
}

impl DataDescription {
    /// Looks at every column and every row.
    pub(crate) fn of(source: String, content: &Table, findings: Findings) -> Self {
        let profile = |column| Profile::of(column, &findings.oddities);
        let columns: Vec<Profile> = content.columns().iter().map(profile).collect();
        let mut unusual = of_columns(&columns);
        let repeated = repeated_rows(content);
        if repeated > 0 {
            unusual.push(format!(
                "{} equal to an earlier one in every column",
                plural(repeated, "row is", "rows are")
            ));
        }
        unusual.extend(findings.oddities.iter().map(ToString::to_string));
        unusual.extend(of_lines(&findings.dialect));
        Self {
            source,
            rows: content.rows(),
            dialect: findings.dialect,
            columns,
            unusual,
        }
    }
}

/// `1 row is`, `2 rows are`.
fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn of_columns(columns: &[Profile]) -> Vec<String> {
    let called = |kind: Inferred| {
        let named = columns.iter().filter(|column| column.kind == kind);
        let names: Vec<String> = named.map(|column| format!("`{}`", column.name)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let constant = called(Inferred::Constant).map(|names| format!("nothing can be learned from constants: {names}"));
    let identifier = called(Inferred::Identifier).map(|names| format!("left out of training as identifiers: {names}"));
    let number = columns
        .iter()
        .find(|column| column.name.parse::<f64>().is_ok_and(f64::is_finite));
    let header = number.map(|column| {
        format!(
            "the name of a column is a number, `{}`: is the first line a header?",
            column.name
        )
    });
    constant.into_iter().chain(identifier).chain(header).collect()
}

fn of_lines(dialect: &Dialect) -> Vec<String> {
    let (returns, feeds) = (dialect.returns, dialect.lines - dialect.returns);
    let mixed =
        (returns > 0 && feeds > 0).then(|| format!("some lines end in CRLF ({returns}), others in LF ({feeds})"));
    let blank = usize::try_from(dialect.blank_lines).unwrap_or(usize::MAX);
    let blank = (blank > 0).then(|| plural(blank, "blank line is no row", "blank lines are no rows"));
    mixed.into_iter().chain(blank).collect()
}

fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf8Marked => "UTF-8 with a byte order mark",
        Encoding::Utf16Le => "UTF-16 LE",
        Encoding::Utf16Be => "UTF-16 BE",
    }
}

fn kind(kind: Inferred) -> String {
    let json = serde_json::to_value(kind).unwrap_or_default();
    json.as_str().unwrap_or_default().replace('_', " ")
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
        let mut text = format!(
            "{}: {}, {}, delimiter {:?}, {}{}\n",
            self.source,
            count(self.rows, "row"),
            count(self.columns.len(), "column"),
            char::from(self.dialect.delimiter),
            encoding(self.dialect.encoding),
            if self.dialect.packed { ", gzip" } else { "" }
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
        let rows: Vec<_> = std::iter::once(header).chain(self.columns.iter().map(row)).collect();
        text += &table(2, &rows);
        if !self.unusual.is_empty() {
            text += "unusual:\n";
            text.extend(self.unusual.iter().map(|line| format!("  {line}\n")));
        }
        text + &format!("next: rosenblatt train {} --target COLUMN\n", quoted(&self.source))
    }

    fn json(&self) -> Result<Value> {
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
        Ok(json!({
            "data": self.source,
            "rows": self.rows,
            "delimiter": char::from(self.dialect.delimiter).to_string(),
            "encoding": encoding(self.dialect.encoding),
            "gzip": self.dialect.packed,
            "columns": self.columns.iter().map(column).collect::<Vec<_>>(),
            "unusual": self.unusual,
        }))
    }
}
