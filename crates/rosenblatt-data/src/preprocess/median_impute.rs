//! A number for missing cells.

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

use super::{Feature, FeatureValues, Made, Sorted, Transform, in_range, numbers};
use crate::Column;
use crate::warning::Imputed;

/// Fills missing numbers with the median of the training rows, and says in a feature of its own which were missing.
///
/// The second feature, `<column>_missing`, exists if a training row lacked the number: otherwise its weights would
/// never be trained. Cells that are missing only later are filled too. Both are counted in warnings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedianImpute {
    /// Median of the present training cells; the mean of the middle two if their number is even.
    pub median: f64,
    /// Whether there is a feature that marks missing cells.
    pub indicator: bool,
}

impl MedianImpute {
    /// The median of the values that are not NaN; 0 if there are none.
    #[must_use]
    pub fn fit(values: &[f64]) -> Self {
        Self::of(&Sorted::of(values))
    }

    pub(crate) fn of(sorted: &Sorted) -> Self {
        let present = &sorted.numbers;
        let n = present.len();
        let median = if n == 0 {
            0.0
        } else {
            present[(n - 1) / 2].midpoint(present[n / 2])
        };
        Self {
            median,
            indicator: sorted.missing > 0,
        }
    }

    /// The values with the median in place of NaN.
    #[must_use]
    pub fn fill(&self, values: &[f64]) -> Vec<f64> {
        values
            .iter()
            .map(|&x| if x.is_nan() { self.median } else { x })
            .collect()
    }
}

impl Transform for MedianImpute {
    const NAME: &'static str = "median_impute";

    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
        let (name, values) = numbers(column)?;
        let missing: Vec<bool> = values.iter().map(|x| x.is_nan()).collect();
        let absent = missing.iter().filter(|&&missing| missing).count();
        if self.indicator {
            made.features.push(Feature {
                name: format!("{name}_missing"),
                values: FeatureValues::Flags(missing),
            });
        }
        made.missing(&name, absent, Imputed::Median, self.indicator);
        Ok(Some(Column::numeric(name, self.fill(&values))))
    }

    fn check(&self) -> Result<()> {
        in_range("median", self.median, f64::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnData;
    use crate::warning::Warning;

    #[test]
    fn medians() {
        for (values, median) in [
            (&[3.0, 1.0, 2.0][..], 2.0),
            (&[4.0, 1.0, 2.0, 3.0], 2.5),
            (&[f64::NAN, 5.0, f64::NAN], 5.0),
            (&[f64::MAX, f64::MAX], f64::MAX),
            (&[], 0.0),
            (&[f64::NAN], 0.0),
        ] {
            assert_eq!(MedianImpute::fit(values).median, median, "{values:?}");
        }
    }

    #[test]
    fn missing_values_new_at_prediction_are_filled_with_a_warning() {
        let fitted = MedianImpute::fit(&[1.0, 3.0]);
        let mut made = Made::default();
        let column = fitted
            .apply(Column::numeric("x", vec![f64::NAN, 7.0]), &mut made)
            .unwrap()
            .unwrap();
        assert_eq!(column.data, ColumnData::Numeric(vec![2.0, 7.0].into()));
        assert!(made.features.is_empty());
        assert_eq!(made.warnings, [missing(false)]);
    }

    #[test]
    fn missing_values_known_from_training_are_marked() {
        let fitted = MedianImpute::fit(&[1.0, f64::NAN]);
        let mut made = Made::default();
        fitted
            .apply(Column::numeric("x", vec![f64::NAN, 7.0]), &mut made)
            .unwrap();
        let expected = Feature {
            name: "x_missing".into(),
            values: FeatureValues::Flags(vec![true, false]),
        };
        assert_eq!(made.features, [expected]);
        assert_eq!(made.warnings, [missing(true)]);
    }

    fn missing(in_training: bool) -> Warning {
        Warning::MissingValues {
            column: "x".to_owned(),
            count: 1,
            in_training,
            imputed: Imputed::Median,
            part: None,
        }
    }
}
