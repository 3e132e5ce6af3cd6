//! What there is to say about the cells of data, one line for all columns.

use std::collections::BTreeMap;

use rosenblatt_data::preprocess::Fitted;
use rosenblatt_data::{ColumnKind, Prepared};

use crate::ui::count;

/// How many columns a line names before it says how many more there are.
const LISTED: usize = 12;

/// Fewer rows for a category, on average, and it is nearly a name of its row.
const FEW_ROWS: usize = 3;

/// Fewer categories are nobody's names.
const FEW_CATEGORIES: usize = 5;

/// Cells of a column that hold nothing the model knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) column: String,
    pub(crate) cells: usize,
    pub(crate) kind: GapKind,
}

/// What stands in such cells' place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GapKind {
    /// The median of the training rows, and a mark that training knew.
    Number,
    /// The median of the training rows; there was no gap in training.
    NewNumber,
    /// The feature of all other categories.
    Category,
}

impl Gap {
    /// The gap that a sentence of the reader is about, with the words before the name of the column.
    fn of_note(note: &str) -> Option<(&str, Self)> {
        let (before, rest) = note.split_once('`')?;
        let (column, rest) = rest.rsplit_once("`: ")?;
        let (cells, what) = rest.split_once(' ')?;
        let gap = Self {
            column: column.to_owned(),
            cells: cells.parse().ok()?,
            kind: GapKind::NewNumber,
        };
        what.starts_with("missing cell").then_some((before, gap))
    }
}

/// Gaps of many columns as one sentence; none if there are none.
pub(crate) fn sentence(gaps: &[Gap]) -> Option<String> {
    let is = |kind| move |gap: &Gap| gap.kind == kind;
    let what = match gaps.iter().any(is(GapKind::Category)) {
        true => "missing, or of a category without a feature of its own",
        false => "missing",
    };
    let column = |gap: &Gap| {
        let new = if gap.kind == GapKind::NewNumber {
            " (none in training)"
        } else {
            ""
        };
        format!("`{}` {}{new}", gap.column, gap.cells)
    };
    let numbers = if gaps.iter().all(is(GapKind::Category)) {
        ""
    } else {
        "; numbers get the training median"
    };
    let cells = count(gaps.iter().map(|gap| gap.cells).sum(), "cell");
    let columns = listing(gaps.iter().map(column));
    (!gaps.is_empty()).then(|| format!("{cells} {what}: {columns}{numbers}"))
}

/// Sentences of the reader, those about gaps taken out.
pub(crate) fn without_gaps(notes: Vec<String>) -> (Vec<String>, Vec<Gap>) {
    let (mut others, mut gaps) = (Vec::new(), Vec::new());
    for note in notes {
        match Gap::of_note(&note) {
            Some(("", gap)) => gaps.push(gap),
            _ => others.push(note),
        }
    }
    (others, gaps)
}

/// Sentences of the reader, those about the gaps of one part of the data as one.
pub(crate) fn gathered(notes: &[String]) -> Vec<String> {
    let mut lines: Vec<(&str, Vec<Gap>)> = Vec::new();
    for note in notes {
        let Some((part, gap)) = Gap::of_note(note) else {
            lines.push((note, Vec::new()));
            continue;
        };
        match lines
            .iter_mut()
            .find(|(before, gaps)| *before == part && !gaps.is_empty())
        {
            Some((_, gaps)) => gaps.push(gap),
            None => lines.push((part, vec![gap])),
        }
    }
    let line = |(text, gaps): (&str, Vec<Gap>)| format!("{text}{}", sentence(&gaps).unwrap_or_default());
    lines.into_iter().map(line).collect()
}

/// A warning about columns of texts that are nearly different in every row, and become a feature each.
///
/// Columns whose kind is given are meant so.
pub(crate) fn nearly_unique(data: &Prepared, given: &BTreeMap<String, ColumnKind>) -> Option<String> {
    let rows = data.train.rows();
    let categories = |steps: &[Fitted]| match steps {
        [Fitted::OneHot(one_hot)] => one_hot.levels.len() + one_hot.rare.len(),
        _ => 0,
    };
    let columns = data
        .preprocessing
        .columns
        .iter()
        .filter(|steps| !given.contains_key(&steps.column));
    let found = columns.map(|steps| (&*steps.column, categories(&steps.steps)));
    let found: Vec<_> = found
        .filter(|&(_, categories)| is_nearly_unique(categories, rows))
        .collect();
    let (first, _) = found.first()?;
    let columns = listing(
        found
            .iter()
            .map(|(column, categories)| format!("`{column}` {categories}")),
    );
    Some(format!(
        "nearly as many categories as the {rows} training rows, a feature each: {columns}; `--drop {first}` leaves it \
         out, `--categorical {first}` keeps it without this warning"
    ))
}

fn is_nearly_unique(categories: usize, rows: usize) -> bool {
    categories >= FEW_CATEGORIES && rows < FEW_ROWS * categories
}

fn listing(columns: impl ExactSizeIterator<Item = String>) -> String {
    let more = columns.len().saturating_sub(LISTED);
    let shown = columns.take(LISTED).collect::<Vec<_>>().join(", ");
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
            "6 cells missing, or of a category without a feature of its own: `a` 1, `b` 2 (none in training), `c` 3; \
             numbers get the training median"
        );
        assert_eq!(
            sentence(&gaps[..1]).unwrap(),
            "1 cell missing: `a` 1; numbers get the training median"
        );
        assert!(sentence(&gaps[2..]).unwrap().ends_with(": `c` 3"));
        assert_eq!(sentence(&[]), None);
    }

    #[test]
    fn a_sentence_names_so_many_columns() {
        let gaps = |n: usize| vec![gap("x", 1, GapKind::Number); n];
        assert!(!sentence(&gaps(12)).unwrap().contains("more"));
        assert!(sentence(&gaps(13)).unwrap().contains(" and 1 more column;"));
        assert!(sentence(&gaps(99)).unwrap().contains(" and 87 more columns;"));
    }

    #[test]
    fn each_part_of_the_data_has_its_own_line() {
        let new = |part: &str, column: &str| {
            format!("{part} rows: `{column}`: 2 missing cells, none in training: filled with the training median")
        };
        let other = "task: `x`: 7 things".to_owned();
        let notes = [
            new("test", "a"),
            other.clone(),
            new("validation", "a"),
            new("test", "b`: c"),
        ];
        let lines = gathered(&notes);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines[0].starts_with("test rows: 4 cells missing: `a` 2 (none"),
            "{lines:?}"
        );
        assert_eq!(lines[1], other);
        assert!(
            lines[2].starts_with("validation rows: 2 cells missing: `a` 2"),
            "{lines:?}"
        );
    }

    #[test]
    fn names_and_small_tables_are_told_apart() {
        for (categories, rows, expected) in [
            (44, 44, true),
            (20, 44, true),
            (15, 44, true),
            (14, 44, false),
            (3, 3, false),
            (0, 0, false),
        ] {
            assert_eq!(is_nearly_unique(categories, rows), expected, "{categories} of {rows}");
        }
    }
}
