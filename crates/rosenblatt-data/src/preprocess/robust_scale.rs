//! Median 0, quartiles 1 apart, and nothing far out.

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

use super::standardize::units_from;
use super::{Made, Sorted, Transform, each_number, in_range, quantile};
use crate::Column;

/// Shifts and scales numbers by median and quartiles of the training rows, and draws in what lies far out.
///
/// `y = f((x − median) / spread)`, `f(z) = z / √(1 + (z/3)²)`, which is near `z` in the middle and never beyond ±3
///
/// The spread is the distance of the quartiles (interpolated as NumPy and scikit-learn do); half that of the extremes
/// if the quartiles coincide, as for counts that are mostly 0; and `y = 0` for every `x` if the column is constant. Gaps
/// count in none of them, as in scikit-learn.
///
/// # Numerics
/// In f64 over `x / s`, where `s` is a power of two near the largest `|x|`: exact, and safe from overflow at any size.
///
/// # Reference
/// Holzmüller, Grinsztajn, Steinwart: Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular Data.
/// NeurIPS 2024. arXiv:2407.04491, robust scaling and smooth clipping.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobustScale {
    /// Median of the training rows.
    pub median: f64,
    /// What becomes 1; 0 if the training rows are all equal.
    pub spread: f64,
}

impl RobustScale {
    /// Median and spread of the values that are not NaN; 0 and 0 of none.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::preprocess::RobustScale;
    /// assert_eq!(RobustScale::fit(&[1.0, 2.0, 3.0, 4.0, 50.0]), RobustScale { median: 3.0, spread: 2.0 });
    /// assert_eq!(RobustScale::fit(&[0.0, 0.0, 0.0, 0.0, 8.0]), RobustScale { median: 0.0, spread: 4.0 });
    /// ```
    #[must_use]
    pub fn fit(values: &[f64]) -> Self {
        Self::of(&Sorted::of(values))
    }

    pub(crate) fn of(sorted: &Sorted) -> Self {
        let Some([least, most]) = sorted.extremes() else {
            return Self::default();
        };
        if least == most {
            return Self {
                median: least,
                spread: 0.0,
            };
        }
        let scale = sorted.scale();
        let of = |share| quantile(&sorted.numbers, scale, share);
        let quartiles = of(0.75) - of(0.25);
        let extremes = most / scale - least / scale;
        let spread = if quartiles > 0.0 { quartiles } else { extremes / 2.0 };
        Self {
            median: of(0.5) * scale,
            spread: (spread * scale).clamp(f64::MIN_POSITIVE, f64::MAX),
        }
    }

    /// `f((x − median) / spread)`, or 0 if the column was constant.
    #[must_use]
    pub fn scale(&self, x: f64) -> f64 {
        if self.spread == 0.0 {
            return 0.0;
        }
        drawn_in(units_from(x, self.median, self.spread))
    }
}

/// `z / √(1 + (z/3)²)`
fn drawn_in(z: f64) -> f64 {
    const LIMIT: f64 = 3.0;
    const FAR: f64 = 1e9; // From here on the result is the limit to the last digit, and z² might overflow.
    if z.abs() > FAR {
        return LIMIT.copysign(z);
    }
    z / (1.0 + (z / LIMIT) * (z / LIMIT)).sqrt()
}

impl Transform for RobustScale {
    const NAME: &'static str = "robust_scale";

    fn apply(&self, column: Column, _made: &mut Made) -> Result<Option<Column>> {
        each_number(column, |x| self.scale(x))
    }

    fn check(&self) -> Result<()> {
        in_range("median", self.median, f64::MIN)?;
        in_range("spread", self.spread, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_nothing_give_zero_whatever_comes_later() {
        for values in [&[][..], &[0.1], &[-1e300; 4], &[f64::NAN; 3]] {
            let fitted = RobustScale::fit(values);
            assert_eq!([fitted.scale(0.1), fitted.scale(1e9)], [0.0, 0.0], "{values:?}");
        }
    }

    #[test]
    fn no_value_leaves_the_limits_and_the_order_stays() {
        let fitted = RobustScale::fit(&[-1.0, 0.0, 1.0, 2.0]);
        let results = [-f64::MAX, -1e12, -5.0, 0.5, 2.0, 1e10, f64::MAX].map(|x| fitted.scale(x));
        assert!(results.is_sorted(), "{results:?}");
        assert_eq!((results[0], results[3], results[6]), (-3.0, 0.0, 3.0));
    }

    #[test]
    fn any_size_of_number_is_safe() {
        for size in [f64::MAX, 1e300, 1e-300, f64::MIN_POSITIVE] {
            let fitted = RobustScale::fit(&[-size, -size, 0.0, size, size]);
            let results = [-size, 0.0, size].map(|x| fitted.scale(x));
            let half = 0.5 / (1.0 + 1.0 / 36.0_f64).sqrt();
            // Twice the largest number has no f64: there the spread is the largest, and the result its double.
            let expected = if size == f64::MAX { drawn_in(1.0) } else { half };
            assert!(
                (results[2] - expected).abs() < 1e-15 && results[0] == -results[2],
                "{size:e} {results:?}"
            );
            assert_eq!(results[1], 0.0);
        }
    }
}
