//! Losses against the number of training rows, and whether more rows would help.

use serde::Serialize;

use crate::model::Metrics;

/// A fall of the validation loss by a smaller share than this is no reason to look for more rows.
const FALL: f64 = 0.01;
/// A fall is seen if it is more than so many times its standard error.
const ERRORS: f64 = 2.0;

/// The runs on so many training rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LearningPoint {
    /// Training rows.
    pub rows: usize,
    /// Loss and metrics of the trained models on these rows, one for each repetition.
    pub train: Vec<Metrics>,
    /// Those on the validation rows, which are the same for all.
    pub valid: Vec<Metrics>,
}

impl LearningPoint {
    /// Before the first run.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        let (train, valid) = (Vec::new(), Vec::new());
        Self { rows, train, valid }
    }
}

/// Mean of some values, and their standard deviation (divided by `n − 1`), if there are several.
///
/// # Example
/// ```
/// use rosenblatt_train::mean_and_std;
/// assert_eq!(mean_and_std(&[1.0, 3.0]), (2.0, Some(2.0f64.sqrt())));
/// assert_eq!(mean_and_std(&[1.0]), (1.0, None));
/// ```
#[must_use]
pub fn mean_and_std(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (values.len() > 1).then(|| libm::sqrt(squares / (n - 1.0))))
}

/// Losses and metrics against the number of training rows: see [`crate::Model::learning_curve`].
#[derive(Clone, Debug, PartialEq)]
pub struct LearningCurve {
    points: Vec<LearningPoint>,
    valid_rows: usize,
}

/// How far the validation loss fell between the last two sizes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LastFall {
    /// Training rows before.
    pub from: usize,
    /// Training rows after.
    pub to: usize,
    /// Mean over the repetitions of the loss before minus the loss after, divided by the size of the mean loss before.
    pub share: f64,
    /// Standard error of this mean, if there are several repetitions.
    pub error: Option<f64>,
}

/// Whether more training rows would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MoreRows {
    /// The validation loss still falls: by at least a hundredth, and by more than two standard errors.
    Help,
    /// It falls by less than a hundredth, or rises.
    NoHelp,
    /// It falls by at least a hundredth, but by no more than two standard errors, or there is a single repetition.
    Unclear,
}

impl LearningCurve {
    /// The runs of each size, fewest rows first, and the number of validation rows.
    #[must_use]
    pub fn new(points: Vec<LearningPoint>, valid_rows: usize) -> Self {
        Self { points, valid_rows }
    }

    /// The runs of each size, fewest rows first.
    #[must_use]
    pub fn points(&self) -> &[LearningPoint] {
        &self.points
    }

    /// The number of validation rows.
    #[must_use]
    pub fn valid_rows(&self) -> usize {
        self.valid_rows
    }

    /// How far the validation loss fell between the last two sizes; `None` if there are not two.
    ///
    /// Repetitions are compared one by one: both sizes have the same seed, and the rows of the smaller one are in the larger.
    #[must_use]
    pub fn last_fall(&self) -> Option<LastFall> {
        let [.., before, after] = &self.points[..] else {
            return None;
        };
        let losses = before.valid.iter().map(Metrics::loss).collect::<Vec<_>>();
        let size = mean_and_std(&losses).0.abs();
        let pairs = losses.iter().zip(&after.valid);
        let falls = pairs.map(|(before, after)| before - after.loss()).collect::<Vec<_>>();
        let (fall, deviation) = mean_and_std(&falls);
        // Of a loss of 0 there is no share.
        let share = |x: f64| if size > 0.0 { x / size } else { 0.0 };
        Some(LastFall {
            from: before.rows,
            to: after.rows,
            share: share(fall),
            error: deviation.map(|deviation| share(deviation) / libm::sqrt(falls.len() as f64)),
        })
    }

    /// Whether more training rows would help, by [`LearningCurve::last_fall`]; `None` if there are not two sizes.
    #[must_use]
    pub fn more_rows(&self) -> Option<MoreRows> {
        let LastFall { share, error, .. } = self.last_fall()?;
        Some(match error {
            _ if share.is_nan() || share < FALL => MoreRows::NoHelp,
            Some(error) if share > ERRORS * error => MoreRows::Help,
            _ => MoreRows::Unclear,
        })
    }
}
