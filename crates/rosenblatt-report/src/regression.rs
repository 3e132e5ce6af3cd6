//! Predicted and true values, and their differences.

use serde::Serialize;

/// Most rows of the scatter plot.
const MAX_POINTS: usize = 1000;

/// Bins of the histogram on either side of an error of 0.
const SIDE: usize = 10;

/// Details of the predictions of a regression.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Regression {
    /// True and predicted values of at most 1,000 rows, evenly spread over all.
    pub points: Vec<[f64; 2]>,
    /// Mean of `predicted − true`.
    pub mean_error: f64,
    /// Median absolute error.
    pub median_absolute_error: f64,
    /// 90 % of the absolute errors are at most this.
    pub absolute_error_p90: f64,
    /// Histogram of `predicted − true`, in ascending order.
    pub histogram: Vec<HistogramBin>,
}

/// A bin of a histogram of errors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HistogramBin {
    /// Errors are at least this; the first bin also holds smaller ones.
    pub low: f64,
    /// Errors are less than this; the last bin also holds larger ones.
    pub high: f64,
    /// Number of rows.
    pub rows: u64,
}

impl Regression {
    pub(crate) fn of(truth: &[f32], predictions: &[f32]) -> Self {
        let pairs = truth
            .iter()
            .zip(predictions)
            .map(|(&t, &p)| [f64::from(t), f64::from(p)]);
        let pairs: Vec<[f64; 2]> = pairs.collect();
        let errors: Vec<f64> = pairs.iter().map(|[t, p]| p - t).collect();
        let mut sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        sizes.sort_unstable_by(f64::total_cmp);
        let shown = pairs.len().min(MAX_POINTS);
        Self {
            points: (0..shown).map(|i| pairs[i * pairs.len() / shown]).collect(),
            mean_error: errors.iter().sum::<f64>() / errors.len() as f64,
            median_absolute_error: quantile(&sizes, 0.5),
            absolute_error_p90: quantile(&sizes, 0.9),
            histogram: bins(&errors, quantile(&sizes, 0.99)),
        }
    }
}

/// A quantile of ascending numbers with linear interpolation, as NumPy computes it; NaN of none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * last as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let (low, high) = (sorted[low], sorted[(low + 1).min(last)]);
    low + (high - low) * part
}

/// Bins of one width around 0, the middle one centered there; an error of `reach` is in the outermost.
fn bins(errors: &[f64], reach: f64) -> Vec<HistogramBin> {
    if errors.is_empty() || !reach.is_finite() {
        return Vec::new();
    }
    let width = if reach > 0.0 { reach / SIDE as f64 } else { 1.0 };
    let edge = |i: usize| (i as f64 - SIDE as f64 - 0.5) * width;
    let bin = |i| HistogramBin {
        low: edge(i),
        high: edge(i + 1),
        rows: 0,
    };
    let last = 2 * SIDE;
    let mut bins: Vec<HistogramBin> = (0..=last).map(bin).collect();
    for error in errors {
        let at = (error / width + SIDE as f64 + 0.5).floor();
        // A cast takes what is below 0, and NaN, to 0.
        bins[(at as usize).min(last)].rows += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_interpolated() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        for (share, expected) in [(0.0, 1.0), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            assert!((quantile(&sorted, share) - expected).abs() < 1e-12, "{share}");
        }
        assert_eq!(quantile(&[7.0], 0.9), 7.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn errors_are_predicted_minus_true() {
        let numbers = Regression::of(&[1.0, 2.0, 3.0, 4.0], &[2.0, 2.0, 3.0, 4.0]);
        assert_eq!((numbers.mean_error, numbers.median_absolute_error), (0.25, 0.0));
        assert_eq!(numbers.points, [[1.0, 2.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]);
        let filled: Vec<(usize, u64)> = (0..).zip(&numbers.histogram).map(|(i, bin)| (i, bin.rows)).collect();
        let filled: Vec<_> = filled.into_iter().filter(|(_, rows)| *rows > 0).collect();
        assert_eq!(filled, [(10, 3), (20, 1)]);
    }

    #[test]
    fn far_errors_are_in_the_outer_bins() {
        let mut truth = vec![0.0; 1000];
        truth[0] = 1e6;
        let predictions: Vec<f32> = (0..1000).map(|i| (i % 100) as f32 / 50.0 - 1.0).collect();
        let numbers = Regression::of(&truth, &predictions);
        assert_eq!(numbers.histogram.len(), 21);
        assert_eq!(numbers.histogram.iter().map(|bin| bin.rows).sum::<u64>(), 1000);
        assert!(numbers.histogram[0].low > -2.0 && numbers.histogram[0].rows > 1);
    }

    #[test]
    fn at_most_max_points_are_kept() {
        let many = vec![0.5; 2500];
        assert_eq!(Regression::of(&many, &many).points.len(), MAX_POINTS);
        let none = Regression::of(&[], &[]);
        assert!(none.points.is_empty() && none.histogram.is_empty() && none.median_absolute_error.is_nan());
        let exact = Regression::of(&[3.0; 5], &[3.0; 5]);
        assert_eq!(exact.histogram[10].rows, 5);
    }
}
