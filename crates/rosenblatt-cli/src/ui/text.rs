//! Figures and tables for people.

use rosenblatt_train::Metrics;
use rosenblatt_train::text::number;

/// `accuracy 0.9710, loss 0.0832`.
pub(crate) fn metrics(metrics: &Metrics) -> String {
    let (score, loss) = (metrics.score(), ("loss", metrics.loss()));
    let values = score
        .into_iter()
        .chain([loss])
        .map(|(name, value)| format!("{name} {}", number(value)));
    values.collect::<Vec<_>>().join(", ")
}

/// Rows of cells, each column as wide as its widest cell but the last, two spaces between them, `indent` before.
pub(crate) fn table<const N: usize>(indent: usize, rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{:indent$}{}\n", "", line.trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_letters() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(
            table(2, &[row("é", "1"), row("abc", "2"), row("x", "")]),
            "  é    1\n  abc  2\n  x\n"
        );
        assert_eq!(table::<2>(2, &[]), "");
    }
}
