//! Mean 0, spread 1.

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

use super::{Made, Transform, each_number, in_range};
use crate::Column;

/// Shifts and scales numbers to mean 0 and standard deviation 1 over the training rows.
///
/// `y = (x − mean) / std`, with `std² = Σ (x − mean)² / n`; 0 for every `x` if the column is constant in training
///
/// # Numerics
/// Two passes in f64 over `x / s`, where `s` is a power of two near the largest `|x|`: exact, and safe from
/// overflow at any size. A column is constant if its smallest value equals its largest, so rounding cannot make it
/// vary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standardize {
    /// Mean of the training rows.
    pub mean: f64,
    /// Standard deviation of the training rows; 0 if they are all equal.
    pub std: f64,
}

impl Standardize {
    /// Mean and standard deviation of finite values; 0 and 0 of none.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::preprocess::Standardize;
    /// assert_eq!(Standardize::fit(&[1.0, 3.0]), Standardize { mean: 2.0, std: 1.0 });
    /// ```
    #[must_use]
    pub fn fit(values: &[f64]) -> Self {
        let Some(&first) = values.first() else {
            return Self { mean: 0.0, std: 0.0 };
        };
        if values.iter().all(|&x| x == first) {
            return Self { mean: first, std: 0.0 };
        }
        let scale = power_of_two_below(values.iter().fold(0.0, |most, x| x.abs().max(most)));
        let n = values.len() as f64;
        let mean = values.iter().map(|x| x / scale).sum::<f64>() / n;
        let square = |x: f64| x * x;
        let variance = values.iter().map(|x| square(x / scale - mean)).sum::<f64>() / n;
        Self {
            mean: mean * scale,
            std: (variance.sqrt() * scale).max(f64::MIN_POSITIVE),
        }
    }

    /// `(x − mean) / std`, or 0 if the column was constant.
    #[must_use]
    pub fn scale(&self, x: f64) -> f64 {
        if self.std == 0.0 {
            return 0.0;
        }
        units_from(x, self.mean, self.std)
    }
}

/// `(x − middle) / unit` for a unit above 0.
pub(super) fn units_from(x: f64, middle: f64, unit: f64) -> f64 {
    // Halves keep the difference of two huge numbers finite.
    if x.abs().max(middle.abs()) > f64::MAX / 2.0 {
        return (x / 2.0 - middle / 2.0) / (unit / 2.0);
    }
    (x - middle) / unit
}

/// The largest power of two not above `x > 0`; subnormal `x` count as the smallest normal number.
pub(super) fn power_of_two_below(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    f64::from_bits(x.max(f64::MIN_POSITIVE).to_bits() & EXPONENT)
}

impl Transform for Standardize {
    const NAME: &'static str = "standardize";

    fn apply(&self, column: Column, _made: &mut Made) -> Result<Option<Column>> {
        each_number(column, |x| self.scale(x))
    }

    fn check(&self) -> Result<()> {
        in_range("mean", self.mean, f64::MIN)?;
        in_range("std", self.std, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_give_zero_whatever_comes_later() {
        for constant in [0.0, 0.1, -1e300, f64::MIN_POSITIVE] {
            let fitted = Standardize::fit(&[constant; 7]);
            assert_eq!((fitted.mean, fitted.std), (constant, 0.0));
            assert_eq!(fitted.scale(constant), 0.0);
            assert_eq!(fitted.scale(5.0), 0.0);
        }
        assert_eq!(Standardize::fit(&[]).scale(3.0), 0.0);
    }

    #[test]
    fn any_size_of_number_is_safe() {
        for scale in [f64::MAX, 1e300, 1e-300, f64::MIN_POSITIVE] {
            let fitted = Standardize::fit(&[-scale, scale, -scale, scale]);
            assert_eq!(fitted, Standardize { mean: 0.0, std: scale });
            assert_eq!((fitted.scale(scale), fitted.scale(-scale)), (1.0, -1.0));
        }
        let lopsided = Standardize::fit(&[f64::MAX, -f64::MAX, -f64::MAX, -f64::MAX]);
        assert!((lopsided.scale(f64::MAX) - 3f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_small_spread_on_a_large_mean_survives() {
        let fitted = Standardize::fit(&[1e9 - 1e-3, 1e9, 1e9 + 1e-3]);
        assert!((fitted.scale(1e9 + 1e-3) - 1.5f64.sqrt()).abs() < 1e-3);
    }
}
