//! Ranks as normal quantiles.

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Feature, FeatureValues, Made, Sorted, Transform, in_range, numbers};
use crate::Column;

/// So many numbers of the training cells at most are kept.
const KNOTS: usize = 64;

/// No quantile is further from 0.
const LIMIT: f64 = 3.0;

/// Adds a second feature, `<column>_quantile`: the rank of a number among the training cells, as a quantile of the normal
/// distribution.
///
/// `y = Φ⁻¹(r)`, where `r` is the share of the training cells below `x`, plus half the share of those that equal it; from −3 to 3.
/// Up to 64 numbers of the training cells are kept with their quantiles, evenly spaced by rank; others are on the line between
/// the nearest two, or beyond all of them have the quantile of the last one. So the feature spreads numbers evenly however skewed they are, and
/// nothing far out can move it.
///
/// # Numerics
/// In f64; the quantiles that are kept are rounded to three decimals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantiles {
    /// Numbers of the training cells, ascending.
    pub values: Vec<f64>,
    /// The quantile of each, ascending.
    pub quantiles: Vec<f64>,
}

impl Quantiles {
    /// The quantiles of the values that are not NaN; none of fewer than three different values, which a scale tells apart as well.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::preprocess::Quantiles;
    /// let fitted = Quantiles::fit(&[1.0, 10.0, 100.0, 1000.0, 1e9]).unwrap();
    /// assert_eq!(fitted.quantiles, [-1.282, -0.524, 0.0, 0.524, 1.282]);
    /// assert_eq!([fitted.of(55.0), fitted.of(1e12)], [-0.262, 1.282]);
    /// ```
    #[must_use]
    pub fn fit(values: &[f64]) -> Option<Self> {
        Self::of_ranks(&Sorted::of(values))
    }

    pub(crate) fn of_ranks(sorted: &Sorted) -> Option<Self> {
        let sorted = &sorted.numbers;
        let n = sorted.len();
        let last = n.checked_sub(1)?;
        let steps = last.clamp(1, KNOTS - 1);
        let mut values: Vec<f64> = (0..=steps).map(|step| sorted[step * last / steps]).collect();
        // 0 equals -0.
        values.dedup();
        let rank = |x: &f64| {
            let below = sorted.partition_point(|other| other < x);
            let up_to = sorted.partition_point(|other| other <= x);
            (below + up_to) as f64 / (2 * n) as f64
        };
        let rounded = |x: f64| (x * 1000.0).round() / 1000.0;
        let quantiles = values.iter().map(|x| rounded(normal_quantile(rank(x)))).collect();
        (values.len() > 2).then_some(Self { values, quantiles })
    }

    /// The quantile of a number.
    #[must_use]
    pub fn of(&self, x: f64) -> f64 {
        let next = self.values.partition_point(|&value| value < x);
        let (Some(&last), Some(&first)) = (self.quantiles.last(), self.quantiles.first()) else {
            return 0.0;
        };
        match next {
            0 => first,
            next if next == self.values.len() => last,
            next => {
                // Halves keep the differences of huge numbers finite.
                let [low, high] = [self.values[next - 1], self.values[next]];
                let share = (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
                let [from, to] = [self.quantiles[next - 1], self.quantiles[next]];
                from + (to - from) * share
            }
        }
    }
}

/// `x` with `Φ(x) = share`, or the limit that is nearest, by halving.
fn normal_quantile(share: f64) -> f64 {
    const HALVINGS: usize = 40;
    let below = |x: f64| libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) / 2.0;
    let halve = |[low, high]: [f64; 2], _| {
        let middle = low.midpoint(high);
        if below(middle) < share {
            [middle, high]
        } else {
            [low, middle]
        }
    };
    let [low, high] = (0..HALVINGS).fold([-LIMIT, LIMIT], halve);
    low.midpoint(high)
}

impl Transform for Quantiles {
    const NAME: &'static str = "quantiles";

    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
        let (name, values) = numbers(column)?;
        made.features.push(Feature {
            name: format!("{name}_quantile"),
            values: FeatureValues::Numbers(values.iter().map(|&x| self.of(x)).collect()),
        });
        Ok(Some(Column::numeric(name, values)))
    }

    fn check(&self) -> Result<()> {
        for (name, numbers) in [("values", &self.values), ("quantiles", &self.quantiles)] {
            numbers
                .iter()
                .try_for_each(|&number| in_range(name, number, f64::MIN))?;
            if !numbers.is_sorted() {
                return Err(Error::data(format!("{name} are not in ascending order")));
            }
        }
        match (self.values.len(), self.quantiles.len()) {
            (values, quantiles) if values == quantiles && values > 0 => Ok(()),
            (values, quantiles) => Err(Error::data(format!("{values} values have {quantiles} quantiles"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `scipy.stats.norm.ppf`.
    #[test]
    fn quantiles_of_the_normal_distribution() {
        for (share, expected) in [
            (0.5, 0.0),
            (0.025, -1.959963984540054),
            (0.9, 1.2815515655446004),
            (0.998, 2.878161739095483),
            (1e-9, -3.0),
            (1.0, 3.0),
        ] {
            assert!((normal_quantile(share) - expected).abs() < 1e-9, "{share}");
        }
    }

    #[test]
    fn equal_numbers_share_the_middle_of_their_ranks() {
        let fitted = Quantiles::fit(&[0.0, -0.0, 0.0, 1.0, f64::NAN, 2.0]).unwrap();
        assert_eq!(fitted.values, [0.0, 1.0, 2.0]);
        assert_eq!(fitted.quantiles, [-0.524, 0.524, 1.282]);
        assert_eq!(fitted.of(0.5), 0.0);
    }

    #[test]
    fn two_numbers_need_no_quantiles() {
        for values in [&[][..], &[1.0], &[0.0, 1.0, 0.0, 1.0], &[f64::NAN, f64::NAN]] {
            assert_eq!(Quantiles::fit(values), None, "{values:?}");
        }
    }

    #[test]
    fn any_number_has_a_quantile_within_the_limits_and_in_order() {
        let cells: Vec<f64> = (-1000..1000).map(|n| f64::from(n).exp2()).collect();
        let fitted = Quantiles::fit(&cells).unwrap();
        assert!(fitted.values.len() <= KNOTS && fitted.check().is_ok());
        let numbers = [f64::MIN, -1e9, -1.0, 0.0, 1e-300, 3.0, 1e300, f64::MAX].map(|x| fitted.of(x));
        assert!(numbers.is_sorted(), "{numbers:?}");
        assert_eq!((numbers[0], numbers[7]), (-3.0, 3.0));
    }
}
