//! A number for each category, for columns with many of them.

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

use super::{Feature, FeatureValues, Made, Transform, known_once, texts};
use crate::categories::{Known, place, warn};
use crate::{Column, Dictionary, MISSING};

/// One feature with the code of the category: from 1 in the order of `levels`, and 0 for everything else.
///
/// Everything else is a missing cell, a category not seen in training, and one that fewer than
/// [`CategoryCode::MIN_ROWS`] training rows have: numbers learned from a single row would repeat its target, and these
/// rows teach the network what an unseen category is like. Unseen, rare and missing cells are counted in warnings.
///
/// A code says nothing by its size. The network replaces it by learned numbers (`embedding`), and its features come
/// before all others, so that it knows which they are.
///
/// # Ranges
/// Codes are below 2²⁴, which f32 holds exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryCode {
    /// Categories with a code of their own, in ascending order of their bytes.
    pub levels: Vec<String>,
    /// Further categories of the training rows: not unseen, but too rare.
    #[serde(default)]
    pub rare: Vec<String>,
}

impl CategoryCode {
    /// Training rows a category needs for a code of its own.
    pub const MIN_ROWS: u64 = 2;
    /// The largest number of categories with a code of their own; the most frequent ones win.
    pub const MAX_LEVELS: usize = (1 << 24) - 1;

    /// The categories that occur.
    #[must_use]
    pub fn fit(texts: &Dictionary) -> Self {
        let Known { levels, rare } = Known::of(texts, Self::MIN_ROWS, Self::MAX_LEVELS);
        Self { levels, rare }
    }

    /// How many different codes there are.
    #[must_use]
    pub fn values(&self) -> usize {
        self.levels.len() + 1
    }
}

impl Transform for CategoryCode {
    const NAME: &'static str = "category_code";

    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
        let (name, texts) = texts(column, "categories")?;
        let new: Vec<_> = texts
            .levels()
            .iter()
            .map(|level| place(level, &self.levels).map_or(0, |at| at + 1))
            .collect();
        let code = |&old: &u32| if old == MISSING { 0 } else { new[old as usize] };
        let values = FeatureValues::Numbers(texts.codes().iter().map(|old| code(old) as f64).collect());
        warn(made, (&name, &texts), [&self.levels, &self.rare], true);
        made.features.push(Feature { name, values });
        Ok(None)
    }

    fn check(&self) -> Result<()> {
        known_once(&self.levels, &self.rare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnData, Warning};

    fn fit(cells: &[Option<&str>]) -> CategoryCode {
        match Column::categorical("c", cells.iter().copied()).data {
            ColumnData::Categorical(texts) => CategoryCode::fit(&texts),
            ColumnData::Numeric(_) => unreachable!(),
        }
    }

    fn apply(fitted: &CategoryCode, cells: &[Option<&str>]) -> (Vec<f64>, Vec<String>) {
        let mut made = Made::default();
        let left = fitted.apply(Column::categorical("c", cells.iter().copied()), &mut made);
        assert_eq!(left.unwrap(), None);
        let [
            Feature {
                name,
                values: FeatureValues::Numbers(values),
            },
        ] = &made.features[..]
        else {
            panic!("{made:?}")
        };
        assert_eq!(name, "c");
        (values.clone(), made.warnings.iter().map(Warning::to_string).collect())
    }

    #[test]
    fn known_categories_count_from_1_and_all_else_is_0() {
        let fitted = fit(&["b", "a", "b", "c", "a"].map(Some));
        assert_eq!(
            (fitted.levels.join(","), fitted.rare.join(",")),
            ("a,b".into(), "c".into())
        );
        assert_eq!(fitted.values(), 3);
        let (codes, warnings) = apply(
            &fitted,
            &[Some("a"), None, Some("z"), Some("b"), Some("c"), Some("y"), Some("")],
        );
        assert_eq!(codes, [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0]);
        assert_eq!(
            warnings,
            [
                "`c`: 3 cells with a category not seen in training, such as `z`",
                "1 cell of a category too rare in training to be distinguished: `c` 1",
                "1 missing value: `c` 1; imputed: categories as unknown"
            ]
        );
    }

    #[test]
    fn another_file_with_other_levels_gets_the_same_codes() {
        let fitted = fit(&["b", "a", "b", "c", "a", "c"].map(Some));
        let (codes, warnings) = apply(&fitted, &[Some("c"), Some("b")]);
        assert_eq!((codes, warnings), (vec![3.0, 2.0], vec![]));
    }

    #[test]
    fn nothing_seen_often_enough_is_all_zeros() {
        for cells in [&[Some("a"), Some("b")][..], &[None, None], &[]] {
            let fitted = fit(cells);
            assert_eq!(fitted.values(), 1);
            assert_eq!(apply(&fitted, cells).0, vec![0.0; cells.len()]);
        }
    }

    #[test]
    fn numbers_are_refused() {
        let error = fit(&[]).apply(Column::numeric("c", vec![1.0]), &mut Made::default());
        assert_eq!(
            error.unwrap_err().to_string(),
            "column `c` holds numbers, but categories in training"
        );
    }

    /// What f32 holds exactly.
    #[test]
    fn the_largest_code_survives_f32() {
        let largest = CategoryCode::MAX_LEVELS;
        assert_eq!(largest as f32 as usize, largest);
        assert_eq!((largest + 2) as f32 as usize, largest + 1, "one bit more would not");
    }
}
