//! Permutation importance of the columns.

use maud::{Markup, html};
use rosenblatt_train::text::{count, decimals, fixed, grouped};

use super::{definitions, table};
use crate::{ColumnImportance, Importance, minus};

/// Most columns that are shown.
const MAX_COLUMNS: usize = 20;

pub(super) fn section(importance: &Importance) -> Markup {
    let columns = &importance.columns;
    let largest = columns.first().map_or(0.0, |column| column.mean).max(f64::MIN_POSITIVE);
    let is_accuracy = importance.metric == "accuracy";
    let show = |value: f64| match is_accuracy {
        true => minus(&fixed(100.0 * value, 2)),
        // As many digits for all as the largest needs.
        false => minus(&fixed(value, decimals(largest))),
    };
    let times = count(importance.repeats, "time");
    let (head, what) = if is_accuracy {
        ("#accuracy drop", "Drop in accuracy, in percentage points".to_owned())
    } else {
        (
            "#error increase",
            format!("Increase in {}", definitions::title(&importance.metric)),
        )
    };
    let caption = format!(
        "{what}: mean ± standard deviation over {}.",
        count(importance.repeats, "shuffle")
    );
    let line = |column: &ColumnImportance| {
        let width = 100.0 * (column.mean / largest).clamp(0.0, 1.0);
        html! {
            tr {
                th scope="row" { (column.column) }
                td.track { span.bar style=(format!("width:{width:.1}%")) {} }
                td.number { (show(column.mean)) " ± " (show(column.spread)) }
            }
        }
    };
    let rows = html! { @for column in columns.iter().take(MAX_COLUMNS) { (line(column)) } };
    html! {
        p {
            "Each column was shuffled among " (grouped(importance.rows as u64)) " rows, " (times) ", with all other columns \
             unchanged. The worse the predictions get, the more the model relies on the column. Correlated columns can replace \
             each other, so each of them looks less important than they are together."
        }
        (table(Some("importance"), &caption, &["column", "relative", head], &rows))
        @if let Some(next) = columns.get(MAX_COLUMNS) {
            p { (count(columns.len() - MAX_COLUMNS, "further column")) ": at most " (show(next.mean)) " each." }
        }
    }
}
