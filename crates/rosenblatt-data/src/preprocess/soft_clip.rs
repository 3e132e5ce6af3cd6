//! Numbers far outside drawn in.

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use super::standardize::units_from;
use super::{Made, Sorted, Transform, in_range, numbers, quantile};
use crate::{Column, Warning};

/// How many distances of the quartiles a number may lie beyond them and be ordinary for certain.
const REACH: f64 = 10.0;

/// Numbers beyond that are absurd if they are so many times as far from the median as all others are.
const GAP: f64 = 10.0;

/// At most this share of the cells may be absurd: what is more frequent is a part of the data.
pub(crate) const SHARE: f64 = 0.25;

/// Draws in numbers beyond an upper and a lower limit, and takes absurd ones for missing, so that a few cells do not decide the scale of
/// all others.
///
/// `y = upper + unit · z / (1 + z)`, `z = (x − upper) / unit` for `x > upper`, the same mirrored below `lower`, else `y = x`: numbers
/// keep their order, the slope does not jump, and nothing is more than a unit beyond the limits. The unit is the distance of the quartiles of the training cells, and the limits are
/// the extremes of these cells without absurd ones: what comes later from outside the training range is drawn in too.
///
/// Training cells are absurd if they are more than 10 units beyond the quartiles, ten times as far from the median as all that are nearer, and not
/// more than a quarter of all: numbers of a skewed column have no such gap. Later cells are if they are eight times as far from the
/// middle as the limits, and more than 10 units from the limit on the other side: a year after those of training is not. If the quartiles coincide, those of the cells that differ from the median take their place, as for counts that are mostly 0.
///
/// # Numerics
/// In f64; differences of huge numbers are taken from their halves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftClip {
    /// Numbers below are drawn in.
    pub lower: f64,
    /// Numbers above are drawn in.
    pub upper: f64,
    /// How far beyond a limit numbers may be; 0 if the training cells are all equal, which changes nothing.
    pub unit: f64,
}

impl SoftClip {
    /// Limits for the values that are not NaN.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::preprocess::SoftClip;
    /// let mut cells: Vec<f64> = (0..=100).map(f64::from).collect();
    /// assert_eq!(SoftClip::fit(&cells), SoftClip { lower: 0.0, upper: 100.0, unit: 50.0 });
    /// cells[100] = 1e9;
    /// assert_eq!(SoftClip::fit(&cells), SoftClip { lower: 0.0, upper: 99.0, unit: 50.0 });
    /// ```
    #[must_use]
    pub fn fit(values: &[f64]) -> Self {
        Self::of(&Sorted::of(values))
    }

    pub(crate) fn of(sorted: &Sorted) -> Self {
        let Some([least, most]) = sorted.extremes() else {
            return Self::default();
        };
        let (fence, unit) = fence(sorted);
        let [lower, upper] = ordinary(sorted, fence).unwrap_or([least, most]);
        Self { lower, upper, unit }
    }

    /// The number, drawn in if it is outside; NaN if it is absurd.
    #[must_use]
    pub fn clip(&self, x: f64) -> f64 {
        let beyond = |limit: f64| {
            let units = units_from(x, limit, self.unit).abs();
            // The same as units / (1 + units), for infinity too.
            self.unit / (1.0 + 1.0 / units)
        };
        match x {
            _ if self.unit == 0.0 => x,
            x if self.is_absurd(x) => f64::NAN,
            x if x > self.upper => self.upper + beyond(self.upper),
            x if x < self.lower => self.lower - beyond(self.lower),
            x => x,
        }
    }

    /// Whether a number is further outside than half of what is inside.
    fn is_far(&self, x: f64) -> bool {
        self.is_times_as_far(x, 2.0)
    }

    /// Whether a number is as far outside as absurd ones of the training cells: from the middle instead of the median, and from the limit
    /// on the other side instead of a quartile, it may be a little nearer.
    pub(crate) fn is_absurd(&self, x: f64) -> bool {
        let other = if x > self.upper { self.lower } else { self.upper };
        let is_beyond_reach = (x / 2.0 - other / 2.0).abs() > REACH * (self.unit / 2.0);
        self.unit > 0.0 && is_beyond_reach && self.is_times_as_far(x, GAP - 2.0)
    }

    /// Whether a number is so many times as far from the middle as the limits are.
    fn is_times_as_far(&self, x: f64, times: f64) -> bool {
        let middle = self.lower.midpoint(self.upper);
        (x / 2.0 - middle / 2.0).abs() > times * (self.upper / 4.0 - self.lower / 4.0)
    }
}

/// How far numbers may lie from the middle, if there are any.
pub(crate) fn reach(sorted: &Sorted) -> Option<[f64; 2]> {
    sorted.extremes().map(|_| fence(sorted).0)
}

/// The extremes of the numbers that are not absurd, if some are.
fn ordinary(sorted: &Sorted, [lower, upper]: [f64; 2]) -> Option<[f64; 2]> {
    let (all, median) = (&sorted.numbers, sorted.median()?);
    let inside = all.partition_point(|&x| x < lower)..all.partition_point(|&x| x <= upper);
    let distance = |x: &f64| (x / 2.0 - median / 2.0).abs();
    let farthest = distance(all.get(inside.start)?).max(distance(all[..inside.end].last()?));
    let outside = all[..inside.start].iter().chain(&all[inside.end..]);
    let from = absurd_from(farthest, outside.map(distance).collect())?;
    let is_ordinary = |x: &&f64| distance(x) < from;
    let kept = all.iter().filter(is_ordinary).count();
    let is_rare = (all.len() - kept) as f64 <= SHARE * all.len() as f64;
    let extremes = [*all.iter().find(is_ordinary)?, *all.iter().rev().find(is_ordinary)?];
    is_rare.then_some(extremes)
}

/// How far from the median numbers are absurd: behind the first gap beyond those within the fence, of which the farthest is given.
pub(crate) fn absurd_from(mut farthest: f64, mut outside: Vec<f64>) -> Option<f64> {
    outside.sort_unstable_by(f64::total_cmp);
    outside.into_iter().find(|&distance| {
        let is_behind_gap = distance >= GAP * farthest;
        farthest = distance;
        is_behind_gap
    })
}

/// The numbers that are not too far beyond the quartiles, and the distance of these.
fn fence(sorted: &Sorted) -> ([f64; 2], f64) {
    let scale = sorted.scale();
    let [low, high] = quartiles(&sorted.numbers, scale);
    let unit = high - low;
    let limits = [low - REACH * unit, high + REACH * unit];
    (limits.map(|limit| limit * scale), (unit * scale).min(f64::MAX))
}

/// The quartiles of sorted numbers divided by `scale`; if they coincide, those of the numbers that differ from the median.
fn quartiles(sorted: &[f64], scale: f64) -> [f64; 2] {
    let of = |sorted: &[f64]| [0.25, 0.75].map(|share| quantile(sorted, scale, share));
    let [low, high] = of(sorted);
    if low < high {
        return [low, high];
    }
    let median = sorted[sorted.len() / 2];
    let others: Vec<f64> = sorted.iter().copied().filter(|&x| x != median).collect();
    match others.is_empty() {
        true => [low, high],
        false => {
            let [first, last] = of(&others);
            [first.min(low), last.max(low)]
        }
    }
}

impl Transform for SoftClip {
    const NAME: &'static str = "soft_clip";

    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
        let (name, mut values) = numbers(column)?;
        if let Some(row) = values.iter().position(|&x| self.is_far(x)) {
            made.warnings.push(Warning::OutsideRange {
                column: name.clone(),
                count: values.iter().filter(|&&x| self.is_far(x)).count(),
                number: values[row].to_string(),
                row: row as u64 + 1,
                part: None,
            });
        }
        values.iter_mut().for_each(|x| *x = self.clip(*x));
        Ok(Some(Column::numeric(name, values)))
    }

    fn check(&self) -> Result<()> {
        in_range("lower", self.lower, f64::MIN)?;
        in_range("upper", self.upper, f64::MIN)?;
        in_range("unit", self.unit, 0.0)?;
        match self.lower <= self.upper {
            true => Ok(()),
            false => Err(Error::data(format!(
                "lower is {}, above upper, {}",
                self.lower, self.upper
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_and_the_slope_does_not_jump() {
        let fitted = SoftClip::fit(&[0.0, 1.0, 2.0, 3.0, 4.0, 1e12]);
        assert_eq!((fitted.lower, fitted.upper), (0.0, 4.0));
        let numbers = [-13.0, -7.0, -0.5, 0.0, 2.5, 4.5, 9.0, 17.0];
        let clipped = numbers.map(|x| fitted.clip(x));
        assert!(clipped.is_sorted_by(|a, b| a < b), "{clipped:?}");
        assert_eq!(clipped[3..5], numbers[3..5]);
        assert!(clipped[7] < fitted.upper + fitted.unit, "{clipped:?}");
        let slope = (fitted.clip(fitted.upper + 1e-6) - fitted.upper) / 1e-6;
        assert!((slope - 1.0).abs() < 1e-5, "{slope}");
        for absurd in [f64::MIN, -1e9, -22.0, 26.0, 1e12, f64::MAX] {
            assert!(fitted.clip(absurd).is_nan(), "{absurd}");
        }
    }

    /// Two years of training, and later ones.
    #[test]
    fn a_later_year_is_not_absurd() {
        let years: Vec<f64> = (0..40).map(|row| f64::from(2019 + row % 2)).collect();
        let fitted = SoftClip::fit(&years);
        for year in [2021.0, 2025.0, 2028.0] {
            assert!((2020.0..2021.0).contains(&fitted.clip(year)), "{year}");
        }
        assert!(fitted.clip(9999.0).is_nan());
    }

    #[test]
    fn counts_that_are_mostly_0_keep_their_range() {
        let mut counts = vec![0.0; 90];
        counts.extend((1..=10).map(f64::from));
        let fitted = SoftClip::fit(&counts);
        assert_eq!((fitted.lower, fitted.upper), (0.0, 10.0));
        counts.push(1e9);
        assert_eq!(SoftClip::fit(&counts).upper, 10.0);
        counts.extend([30.0, 150.0]);
        assert_eq!(SoftClip::fit(&counts).upper, 150.0, "the gap is behind it");
        counts.extend([1e3, 9e3, 8e4, 7e5, 6e6, 5e7, 4e8]);
        assert_eq!(SoftClip::fit(&counts).upper, 1e9, "no gap");
    }

    #[test]
    fn any_size_of_number_is_safe() {
        for size in [f64::MAX, 1e300, 1e-300, f64::MIN_POSITIVE] {
            let fitted = SoftClip::fit(&[-size, -size / 2.0, size / 2.0, size]);
            assert_eq!((fitted.lower, fitted.upper), (-size, size), "{fitted:?}");
            assert!(fitted.check().is_ok(), "{fitted:?}");
            assert!(size < f64::MAX && fitted.clip(f64::MAX).is_nan() || fitted.clip(f64::MAX) == size);
        }
        for constant in [&[][..], &[3.0; 4], &[f64::NAN]] {
            assert_eq!(SoftClip::fit(constant).clip(7.0), 7.0);
        }
    }
}
