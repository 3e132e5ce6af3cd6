//! The loss against the learning rate, and what it suggests.

use serde::Serialize;

use super::RateRange;

/// What a step keeps of the smoothed loss before it.
const SMOOTHING: f64 = 0.9;
/// The test ends where the smoothed loss is so many times its minimum.
const DIVERGED: f64 = 4.0;
/// Before so many steps the smoothed loss is mostly that of single batches: they decide nothing.
const FIRST: usize = 10;
/// A fall of the smoothed loss by a smaller share than this is noise.
const FALL: f64 = 0.01;
/// One part in so many of the steps is on each side of the place where a slope is measured.
const WINDOW: usize = 20;

/// A step of a learning-rate range test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatePoint {
    /// Its learning rate.
    pub rate: f64,
    /// The mean loss of its rows, before it.
    pub loss: f64,
    /// The mean of the losses so far, in which each counts nine tenths of the one after it.
    pub smoothed: f64,
}

/// The loss at rising learning rates.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRates {
    range: RateRange,
    points: Vec<RatePoint>,
    /// The sum that becomes the smoothed loss once it is divided by its weights.
    sum: f64,
    diverged: Option<f64>,
}

impl LearningRates {
    /// Before the first step.
    #[must_use]
    pub fn new(range: RateRange) -> Self {
        Self {
            range,
            points: Vec::new(),
            sum: 0.0,
            diverged: None,
        }
    }

    /// Adds a step, and says whether another may follow: not once the loss has diverged. A loss that is not a number, that of
    /// rows without weight, is left out.
    pub fn add(&mut self, rate: f64, loss: f64) -> bool {
        if loss.is_nan() {
            return true;
        }
        self.sum = SMOOTHING * self.sum + (1.0 - SMOOTHING) * loss;
        let weights = 1.0 - libm::pow(SMOOTHING, (self.points.len() + 1) as f64);
        let smoothed = self.sum / weights;
        let best = self.smoothed().fold(f64::INFINITY, f64::min);
        let first = self.points.first().map_or(0.0, |point| point.smoothed.abs());
        self.points.push(RatePoint { rate, loss, smoothed });
        // Four times a loss below 0 would be smaller, and four times 0 is nothing.
        let scale = if best == 0.0 { first.max(1.0) } else { best.abs() };
        if best.is_finite() && smoothed - best > (DIVERGED - 1.0) * scale || !smoothed.is_finite() {
            self.end(rate);
        }
        self.diverged.is_none()
    }

    /// Notes that training diverged at a learning rate.
    pub(super) fn end(&mut self, rate: f64) {
        self.diverged = Some(rate);
    }

    /// The range that was to be tried.
    #[must_use]
    pub fn range(&self) -> RateRange {
        self.range
    }

    /// The steps that were taken.
    #[must_use]
    pub fn points(&self) -> &[RatePoint] {
        &self.points
    }

    /// The learning rate at which the loss diverged, if it did: four times its minimum, or not finite.
    #[must_use]
    pub fn diverged(&self) -> Option<f64> {
        self.diverged
    }

    fn smoothed(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| point.smoothed)
    }

    /// Place of the smallest smoothed loss, the first of equal ones, if it is a hundredth below the first loss.
    fn lowest(&self) -> Option<usize> {
        let places = self.smoothed().enumerate();
        let (place, lowest) = places.min_by(|one, other| one.1.total_cmp(&other.1))?;
        let first = self.points.first()?.smoothed;
        (first - lowest > FALL * first.abs()).then_some(place)
    }

    /// The learning rate of the smallest smoothed loss; `None` if it is not at least a hundredth below the first loss.
    #[must_use]
    pub fn minimum(&self) -> Option<f64> {
        self.lowest().map(|place| self.points[place].rate)
    }

    /// A tenth of the learning rate of the smallest smoothed loss: well below where it is too large.
    #[must_use]
    pub fn minimum_over_10(&self) -> Option<f64> {
        self.minimum().map(|rate| rate / 10.0)
    }

    /// The learning rate at which the smoothed loss falls fastest, before its minimum; `None` where there is no minimum.
    ///
    /// The slope against the logarithm of the learning rate is that of a line through the points within a twentieth of the
    /// steps on each side, by least squares. The first ten steps are left out.
    #[must_use]
    pub fn steepest(&self) -> Option<f64> {
        let lowest = self.lowest()?;
        let side = (self.range.steps / WINDOW).clamp(1, (lowest / 2).max(1));
        let losses: Vec<f64> = self.smoothed().take(lowest + 1).collect();
        // Points are at equal distances, so that the slope is proportional to this.
        let slope = |window: &[f64]| {
            let weighed = window.iter().enumerate();
            weighed.map(|(i, loss)| (i as f64 - side as f64) * loss).sum::<f64>()
        };
        let begin = if lowest > 2 * FIRST { FIRST } else { 0 };
        let slopes = losses.windows(2 * side + 1).map(slope).enumerate().skip(begin);
        let steepest = slopes.min_by(|one, other| one.1.total_cmp(&other.1))?;
        (steepest.1 < 0.0).then(|| self.points[steepest.0 + side].rate)
    }

    /// The learning rate to begin with: [`LearningRates::steepest`].
    #[must_use]
    pub fn suggested(&self) -> Option<f64> {
        self.steepest()
    }
}
