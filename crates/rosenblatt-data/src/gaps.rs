//! Cells that hold nothing the model knows, and one sentence about them.

use crate::places::count;

/// How many columns a sentence names before it says how many more there are.
const LISTED: usize = 12;

/// Such cells of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The column's name.
    pub column: String,
    /// How many cells.
    pub cells: usize,
    /// What stands in their place.
    pub kind: GapKind,
}

/// What stands in the place of such cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GapKind {
    /// The median of the training rows, and a mark that training knew.
    Number,
    /// The median of the training rows; there was no gap in training.
    NewNumber,
    /// What stands for all other categories.
    Category,
    /// The mean of the training rows in every part of a date, and a mark that training knew.
    Date,
    /// The mean of the training rows in every part of a date; there was no gap in training.
    NewDate,
}

impl GapKind {
    /// Whether training rows had no such gap.
    #[must_use]
    pub fn is_new(self) -> bool {
        matches!(self, Self::NewNumber | Self::NewDate)
    }
}

/// Gaps of many columns as one sentence; none if there are none.
///
/// # Example
/// ```
/// use rosenblatt_data::gaps::{Gap, GapKind, sentence};
/// let gap = Gap { column: "age".to_owned(), cells: 3, kind: GapKind::Number };
/// assert_eq!(sentence(&[gap]).unwrap(), "3 cells missing: `age` 3; numbers get the training median");
/// ```
#[must_use]
pub fn sentence(gaps: &[Gap]) -> Option<String> {
    let is = |kind| move |gap: &Gap| gap.kind == kind;
    let what = match gaps.iter().any(is(GapKind::Category)) {
        true => "missing, or of a category too rare or not seen in training",
        false => "missing",
    };
    let column = |gap: &Gap| {
        let new = if gap.kind.is_new() { " (none in training)" } else { "" };
        format!("`{}` {}{new}", gap.column, gap.cells)
    };
    let any = |kinds: [GapKind; 2]| gaps.iter().any(|gap| kinds.contains(&gap.kind));
    let told = |kinds, text| if any(kinds) { text } else { "" };
    let numbers = told(
        [GapKind::Number, GapKind::NewNumber],
        "; numbers get the training median",
    );
    let dates = told([GapKind::Date, GapKind::NewDate], "; dates get the training mean");
    let cells = count(gaps.iter().map(|gap| gap.cells).sum(), "cell");
    let columns = columns(gaps.iter().map(column));
    (!gaps.is_empty()).then(|| format!("{cells} {what}: {columns}{numbers}{dates}"))
}

/// What is said of each of some columns, the first twelve of them.
pub fn columns(said: impl ExactSizeIterator<Item = String>) -> String {
    let more = said.len().saturating_sub(LISTED);
    let shown = said.take(LISTED).collect::<Vec<_>>().join(", ");
    match more {
        0 => shown,
        more => format!("{shown} and {}", count(more, "more column")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(column: &str, cells: usize, kind: GapKind) -> Gap {
        Gap {
            column: column.to_owned(),
            cells,
            kind,
        }
    }

    #[test]
    fn gaps_are_one_sentence() {
        let gaps = [
            gap("a", 1, GapKind::Number),
            gap("b", 2, GapKind::NewNumber),
            gap("c", 3, GapKind::Category),
        ];
        assert_eq!(
            sentence(&gaps).unwrap(),
            "6 cells missing, or of a category too rare or not seen in training: `a` 1, `b` 2 (none in training), `c` 3; \
             numbers get the training median"
        );
        assert_eq!(
            sentence(&gaps[..1]).unwrap(),
            "1 cell missing: `a` 1; numbers get the training median"
        );
        assert!(sentence(&gaps[2..]).unwrap().ends_with(": `c` 3"));
        let dates = [gap("d", 4, GapKind::NewDate), gap("e", 1, GapKind::Date)];
        assert_eq!(
            sentence(&dates).unwrap(),
            "5 cells missing: `d` 4 (none in training), `e` 1; dates get the training mean"
        );
        assert_eq!(sentence(&[]), None);
    }

    #[test]
    fn a_sentence_names_so_many_columns() {
        let gaps = |n: usize| vec![gap("x", 1, GapKind::Number); n];
        assert!(!sentence(&gaps(12)).unwrap().contains("more"));
        assert!(sentence(&gaps(13)).unwrap().contains(" and 1 more column;"));
        assert!(sentence(&gaps(99)).unwrap().contains(" and 87 more columns;"));
    }
}
