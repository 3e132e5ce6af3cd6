//! Predicted and true values, and their differences.

use serde::Serialize;

/// Most rows of the scatter plot.
pub(super) const MAX_POINTS: usize = 1000;

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
    pub(crate) fn of(truth: &[f64], predictions: &[f64]) -> Self {
        let pairs: Vec<[f64; 2]> = truth.iter().zip(predictions).map(|(&t, &p)| [t, p]).collect();
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
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
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
