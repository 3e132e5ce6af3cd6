//! Numbers, names and tables for people.

use rosenblatt_train::Figures;

/// Four digits after the point, or an exponent where that says nothing.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e6).contains(&size) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}

/// `1 row`, `2 rows`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// `accuracy 0.9710, loss 0.0832`.
pub(crate) fn figures(figures: &Figures) -> String {
    format!(
        "{} {}, loss {}",
        figures.score.name(),
        number(figures.score.value()),
        number(figures.loss)
    )
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

/// A word as one types it in a shell.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_meaning() {
        for (value, expected) in [
            (0.0, "0.0000"),
            (0.97, "0.9700"),
            (123.456, "123.4560"),
            (1e-5, "1.000e-5"),
            (-2.5e7, "-2.500e7"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn columns_are_aligned_by_letters() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(
            table(2, &[row("é", "1"), row("abc", "2"), row("x", "")]),
            "  é    1\n  abc  2\n  x\n"
        );
        assert_eq!(table::<2>(2, &[]), "");
    }

    #[test]
    fn a_shell_reads_back_what_is_quoted() {
        for (word, expected) in [
            ("a/b.csv", "a/b.csv"),
            ("my data.csv", "'my data.csv'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
