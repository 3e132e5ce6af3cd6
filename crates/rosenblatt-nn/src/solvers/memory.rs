//! Steps of L-BFGS.

use std::collections::VecDeque;

use rosenblatt_tensor::Result;

use super::line_search::{LineSearch, Next, Trial};

/// A point with the function and its gradient there.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) x: Vec<f64>,
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// The function is smaller now.
    Down,
    /// No step along the direction makes the function smaller: as far as its numbers go, this is a minimum.
    Nowhere,
}

/// The last changes of point and gradient, from which steps are made.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    /// How many changes are kept, at least 1.
    history: usize,
    /// Evaluations of the function in a line search, at most.
    max_evaluations: usize,
    /// Changes of the point and of the gradient, oldest first.
    changes: VecDeque<[Vec<f64>; 2]>,
}

/// The share of the decrease that a straight line promises.
const DECREASE: f64 = 1e-3;
/// The share of the slope that may be left.
const CURVATURE: f64 = 0.9;
/// The longest step.
const LONGEST: f64 = 1e10;
/// A change of the gradient with a smaller share along the change of the point says nothing.
const LEAST_CURVATURE: f64 = f64::EPSILON;

impl Memory {
    /// Without any change yet.
    pub(super) fn new(history: usize, max_evaluations: usize) -> Self {
        Self {
            history,
            max_evaluations,
            changes: VecDeque::new(),
        }
    }

    /// Keeps a change of point and gradient; the oldest goes if there are too many.
    fn keep(&mut self, change: [Vec<f64>; 2]) {
        if self.changes.len() == self.history {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    /// Goes from `point` to a better one. `evaluate` gives value and gradient at a point.
    ///
    /// # Errors
    /// Those of `evaluate`.
    pub(super) fn step(
        &mut self,
        point: &mut Point,
        evaluate: &mut impl FnMut(&[f64]) -> Result<(f64, Vec<f64>)>,
    ) -> Result<Moved> {
        loop {
            let direction = self.direction(&point.gradient);
            let slope = dot(&direction, &point.gradient);
            let found = match slope < 0.0 {
                true => self.search(point, &direction, slope, evaluate)?,
                false => None,
            };
            match found {
                Some(next) => {
                    let change = |new: &[f64], old: &[f64]| new.iter().zip(old).map(|(new, old)| new - old).collect();
                    let (s, y): (Vec<f64>, Vec<f64>) =
                        (change(&next.x, &point.x), change(&next.gradient, &point.gradient));
                    if dot(&s, &y) > LEAST_CURVATURE * dot(&y, &y) {
                        self.keep([s, y]);
                    }
                    *point = next;
                    return Ok(Moved::Down);
                }
                None if self.changes.is_empty() => return Ok(Moved::Nowhere),
                // What is known of the curvature misleads: once more, along the gradient.
                None => self.changes.clear(),
            }
        }
    }

    /// `−H g`: two loops over the changes.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut d: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(self.changes.len());
        for [s, y] in self.changes.iter().rev() {
            let share = dot(s, &d) / dot(s, y);
            add(&mut d, -share, y);
            shares.push(share);
        }
        if let Some([s, y]) = self.changes.back() {
            let scale = dot(s, y) / dot(y, y);
            d.iter_mut().for_each(|d| *d *= scale);
        }
        for ([s, y], share) in self.changes.iter().zip(shares.into_iter().rev()) {
            let other = dot(y, &d) / dot(s, y);
            add(&mut d, share - other, s);
        }
        d
    }

    /// A better point along a direction; none if there is none to be found.
    fn search(
        &self,
        from: &Point,
        direction: &[f64],
        slope: f64,
        evaluate: &mut impl FnMut(&[f64]) -> Result<(f64, Vec<f64>)>,
    ) -> Result<Option<Point>> {
        let first = match self.changes.is_empty() {
            true => (1.0 / libm::sqrt(dot(direction, direction))).min(LONGEST),
            false => 1.0,
        };
        let mut search = LineSearch::new(from.value, slope, [DECREASE, CURVATURE], LONGEST);
        let (mut step, mut bounds) = (first, [0.0, 5.0 * first]);
        for _ in 0..self.max_evaluations {
            let x: Vec<f64> = from.x.iter().zip(direction).map(|(x, d)| x + step * d).collect();
            let (value, gradient) = evaluate(&x)?;
            let trial = Trial {
                step,
                value,
                slope: dot(&gradient, direction),
            };
            if !(value.is_finite() && trial.slope.is_finite()) {
                // Outside of where the function is defined, or beyond its numbers.
                (step, bounds) = (step / 10.0, [0.0, step / 2.0]);
                continue;
            }
            match search.observe(trial, bounds) {
                Next::Accept => return Ok((value < from.value).then_some(Point { x, value, gradient })),
                Next::Try(next) => {
                    bounds = search.bounds(next);
                    step = next;
                }
            }
        }
        Ok(None)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `a ← a + factor · b`
fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}
