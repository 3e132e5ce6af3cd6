//! Data warnings: the only place that reads what `rosenblatt-data` says about rows and columns.

use rosenblatt_data::Prepared;
use rosenblatt_data::schema::Overview;

/// Warnings of the prepared data, of the caller, and of the overview, each once.
pub(crate) fn of(data: &Prepared, overview: Option<&Overview>, further: Vec<String>) -> Vec<String> {
    let unusual = overview.iter().flat_map(|overview| overview.unusual.iter().cloned());
    let mut warnings = data.remarks.sentences();
    for warning in further.into_iter().chain(unusual) {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

/// Why a column was dropped, if the data say so.
pub(crate) fn reason<'a>(data: &'a Prepared, column: &str) -> Option<&'a str> {
    let left_out = data.remarks.left_out.iter().find(|left_out| left_out.column == column);
    left_out.map(|left_out| &*left_out.reason)
}
