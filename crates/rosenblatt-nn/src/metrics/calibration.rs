//! Calibration: predicted probability against observed frequency.

use serde::Serialize;

/// Calibration of the predicted class: its predicted probability against its observed frequency.
///
/// Rows are sorted by their confidence, the probability of the predicted class, into bins of equal width;
/// bin `i` of `n` holds confidences above `i/n` up to `(i+1)/n`, and the first one 0 too.
///
/// # Reference
/// Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017. arXiv:1706.04599, section 2.
///
/// # Example
/// ```
/// use rosenblatt_nn::metrics::Calibration;
/// let calibration = Calibration::of(2, [(0.9, true), (0.7, false), (0.4, true)]);
/// assert_eq!(calibration.bins[1].rows, 2);
/// assert_eq!(calibration.bins[1].accuracy, 0.5);
/// // (2 · |0.8 − 0.5| + 1 · |0.4 − 1|) / 3
/// assert!((calibration.error() - 0.4).abs() < 1e-15);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// In ascending order of confidence.
    pub bins: Vec<Bin>,
    /// Rows whose confidence is not between 0 and 1.
    pub invalid: u64,
}

/// Rows of about equal confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Confidences are above this,
    pub low: f64,
    /// and at most this.
    pub high: f64,
    /// How many rows there are.
    pub rows: u64,
    /// Mean of their confidences; 0 of no rows.
    pub confidence: f64,
    /// Share of them whose predicted class is correct; 0 of no rows.
    pub accuracy: f64,
}

impl Calibration {
    /// Sorts rows, each given by its confidence and whether the predicted class is correct.
    ///
    /// # Numerics
    /// Confidences are added up in f64, in the order of the rows.
    #[must_use]
    pub fn of(bins: usize, rows: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let edge = |i: usize| i as f64 / bins as f64;
        let bin = |i| Bin {
            low: edge(i),
            high: edge(i + 1),
            rows: 0,
            confidence: 0.0,
            accuracy: 0.0,
        };
        let mut found: Vec<Bin> = (0..bins).map(bin).collect();
        let mut invalid = 0;
        for (confidence, correct) in rows {
            let place = (confidence >= 0.0).then(|| found.iter().position(|bin| confidence <= bin.high));
            match place.flatten() {
                Some(at) => {
                    found[at].rows += 1;
                    found[at].confidence += confidence;
                    found[at].accuracy += f64::from(u8::from(correct));
                }
                None => invalid += 1,
            }
        }
        for bin in found.iter_mut().filter(|bin| bin.rows > 0) {
            bin.confidence /= bin.rows as f64;
            bin.accuracy /= bin.rows as f64;
        }
        Self { bins: found, invalid }
    }

    /// Expected calibration error: the mean over rows of the difference of confidence and accuracy of their bin.
    ///
    /// `Σ_b rows_b · |accuracy_b − confidence_b| / Σ_b rows_b`; NaN of no rows, and if a confidence is invalid.
    #[must_use]
    pub fn error(&self) -> f64 {
        let rows: u64 = self.bins.iter().map(|bin| bin.rows).sum();
        let gaps = self
            .bins
            .iter()
            .map(|bin| bin.rows as f64 * (bin.accuracy - bin.confidence).abs());
        if self.invalid > 0 {
            f64::NAN
        } else {
            gaps.sum::<f64>() / rows as f64
        }
    }
}
