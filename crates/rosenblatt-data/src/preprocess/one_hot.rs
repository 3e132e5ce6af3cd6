//! A feature for each category.

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

use super::{Feature, FeatureValues, Made, Transform, known_once, texts};
use crate::categories::{Known, place, warn};
use crate::{Column, Dictionary, MISSING};

/// One feature for each category seen in training, 1 in the rows of that category.
///
/// One more feature, `<column>=(other)`, is 1 where the cell is missing, holds a category too rare for a feature of
/// its own, or one not seen in training. It exists if a training row needs it: otherwise its weights would never be
/// trained and an unseen category would speak with noise. Without it such a row has 0 in all features of the
/// column. Unseen, rare and missing cells are counted in warnings either way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneHot {
    /// Categories with a feature of their own, in ascending order of their bytes.
    pub levels: Vec<String>,
    /// Further categories of the training rows: not unseen, but too rare.
    #[serde(default)]
    pub rare: Vec<String>,
    /// Whether there is a feature for everything else.
    pub other: bool,
}

impl OneHot {
    /// The largest number of categories with a feature of their own; the most frequent ones win.
    pub const MAX_LEVELS: usize = 255;

    /// The categories that occur.
    #[must_use]
    pub fn fit(texts: &Dictionary) -> Self {
        let Known { levels, rare } = Known::of(texts, 1, Self::MAX_LEVELS);
        let other = !rare.is_empty() || texts.codes().contains(&MISSING);
        Self { levels, rare, other }
    }

    /// How many categories training has seen.
    #[must_use]
    pub fn categories(&self) -> usize {
        self.levels.len() + self.rare.len()
    }
}

impl Transform for OneHot {
    const NAME: &'static str = "one_hot";

    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
        let (name, texts) = texts(column, "categories")?;
        let codes = texts.codes();
        let slots: Vec<_> = texts.levels().iter().map(|level| place(level, &self.levels)).collect();
        let slot = |code: u32| if code == MISSING { None } else { slots[code as usize] };
        let mut flags = vec![vec![false; codes.len()]; self.levels.len() + 1];
        for (row, &code) in codes.iter().enumerate() {
            flags[slot(code).unwrap_or(self.levels.len())][row] = true;
        }
        let other = self.other.then_some("(other)");
        let slot_names = self.levels.iter().map(String::as_str).chain(other);
        made.features
            .extend(slot_names.zip(flags).map(|(level, flags)| Feature {
                name: format!("{name}={level}"),
                values: FeatureValues::Flags(flags),
            }));
        warn(made, (&name, &texts), [&self.levels, &self.rare], self.other);
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

    fn fit(column: &Column) -> OneHot {
        let ColumnData::Categorical(texts) = &column.data else {
            unreachable!()
        };
        OneHot::fit(texts)
    }

    fn apply(fitted: &OneHot, cells: &[Option<&str>]) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
        let mut made = Made::default();
        fitted
            .apply(Column::categorical("c", cells.iter().copied()), &mut made)
            .unwrap();
        let features = made.features.into_iter().map(|f| match f.values {
            FeatureValues::Flags(flags) => (f.name, flags.into_iter().map(u8::from).collect()),
            FeatureValues::Numbers(_) => unreachable!(),
        });
        (
            features.collect(),
            made.warnings.iter().map(Warning::to_string).collect(),
        )
    }

    #[test]
    fn without_gaps_in_training_the_unseen_is_all_zeros() {
        let fitted = fit(&Column::categorical("c", [Some("b"), Some("a")]));
        let (features, warnings) = apply(&fitted, &[Some("a"), Some("z"), None, Some("b"), Some("y")]);
        assert_eq!(
            features,
            [("c=a".into(), vec![1, 0, 0, 0, 0]), ("c=b".into(), vec![0, 0, 0, 1, 0])]
        );
        assert_eq!(
            warnings,
            [
                "`c`: 2 cells with a category not seen in training, such as `z`",
                "1 missing value: `c` 1 (none in training); imputed: categories as unknown"
            ]
        );
    }

    #[test]
    fn with_gaps_in_training_the_unseen_counts_as_one() {
        let fitted = fit(&Column::categorical("c", [Some("a"), None]));
        let (features, _) = apply(&fitted, &[None, Some("a"), Some("z")]);
        assert_eq!(
            features,
            [("c=a".into(), vec![0, 1, 0]), ("c=(other)".into(), vec![1, 0, 1])]
        );
    }

    #[test]
    fn the_rarest_of_too_many_share_a_feature() {
        let texts: Vec<String> = (0..300)
            .flat_map(|i| vec![format!("{i:03}"); if i < 50 { 1 } else { 2 }])
            .collect();
        let fitted = fit(&Column::categorical("c", texts.iter().map(|t| Some(t.as_str()))));
        assert_eq!((fitted.levels.len(), fitted.rare.len(), fitted.other), (255, 45, true));
        assert!(fitted.levels.is_sorted() && fitted.rare.iter().all(|level| level.as_str() < "050"));
        let (features, warnings) = apply(&fitted, &[Some("049"), Some("299")]);
        assert_eq!(features[255], ("c=(other)".into(), vec![1, 0]));
        let rare = "1 cell of a category too rare in training to be distinguished: `c` 1";
        assert_eq!(warnings, [rare]);
    }

    #[test]
    fn no_rows_still_name_the_features() {
        let fitted = fit(&Column::categorical("c", [Some("a")]));
        assert_eq!(apply(&fitted, &[]).0, [("c=a".into(), vec![])]);
    }
}
