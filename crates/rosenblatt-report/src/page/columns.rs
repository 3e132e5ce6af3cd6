//! Rows of each split, and every column of the table.

use maud::{Markup, html};
use rosenblatt_data::schema::{Inferred, Profile};
use rosenblatt_train::text::{count, grouped, plain};

use super::{prose::prose, table};
use crate::{ColumnSummary, Report, Role, Split};

/// Most columns that are shown.
const MAX_COLUMNS: usize = 200;

pub(super) fn section(report: &Report) -> Markup {
    let rows: usize = report.splits.iter().map(|(_, rows)| rows).sum();
    html! {
        @if !report.columns.is_empty() {
            p {
                (grouped(rows as u64)) " rows with a known " code { (report.target) } ", "
                (count(report.columns.len(), "column")) ":"
            }
        }
        ul { @for (split, rows) in &report.splits { li { (grouped(*rows as u64)) " " (purpose(*split)) } } }
        @if !report.columns.is_empty() { (columns(report)) }
    }
}

fn purpose(split: Split) -> &'static str {
    match split {
        Split::Train => "training rows",
        Split::Validation => "validation rows, used to select the best epoch",
        Split::Test => "test rows, used only for the final score",
        Split::New => "rows to evaluate the model on",
    }
}

fn columns(report: &Report) -> Markup {
    let caption = format!("Columns of {}, in the order of the file.", report.source);
    let rows = html! { @for column in report.columns.iter().take(MAX_COLUMNS) { (line(column)) } };
    let more = report.columns.len().saturating_sub(MAX_COLUMNS);
    html! {
        (table(Some("cards"), &caption, &["column", "type", "values", "role"], &rows))
        @if more > 0 { p { (count(more, "further column")) " not shown." } }
    }
}

fn line(column: &ColumnSummary) -> Markup {
    let profile = &column.profile;
    let role = match &column.role {
        Role::Target => "target".to_owned(),
        Role::Features(features) => count(*features, "feature"),
        Role::SampleWeight => "sample weight".to_owned(),
        Role::Dropped(reason) => format!("dropped: {reason}"),
    };
    html! {
        tr {
            th scope="row" { (profile.name) }
            td data-label="type" { (kind(profile.kind)) small { (prose(&profile.reason)) } }
            td data-label="values" { (values(profile)) }
            td data-label="role" { (role) }
        }
    }
}

fn kind(kind: Inferred) -> &'static str {
    match kind {
        Inferred::Numeric => "numeric",
        Inferred::Categorical => "categorical",
        Inferred::Boolean => "boolean",
        Inferred::Date => "date",
        Inferred::Identifier => "identifier",
        Inferred::FreeText => "free text",
        Inferred::Constant => "constant",
        _ => "other",
    }
}

/// `1 to 29, 28 distinct`, or `8 distinct, most frequent: Private (33,906), …`; and how many are missing.
fn values(profile: &Profile) -> Markup {
    let distinct = format!("{} distinct", grouped(profile.distinct as u64));
    let frequent = profile.frequent.iter();
    let frequent = frequent.map(|(text, cells)| format!("{text} ({})", grouped(*cells as u64)));
    let frequent = frequent.collect::<Vec<_>>().join(", ");
    let text = match profile.range {
        Some([low, high]) => format!("{} to {}, {distinct}", number(low), number(high)),
        None if profile.frequent.len() < profile.distinct => format!("{distinct}, most frequent: {frequent}"),
        None => frequent,
    };
    html! {
        (text)
        @if profile.missing > 0 { small { (grouped(profile.missing as u64)) " missing" } }
    }
}

/// Long whole numbers are grouped; years are not.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && (1e4..1e15).contains(&value) {
        grouped(value as u64)
    } else {
        plain(value)
    }
}
