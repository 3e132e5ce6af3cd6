//! Steps of L-BFGS.

use std::collections::{BTreeMap, VecDeque};

use rosenblatt_tensor::{Error, Result};

use super::line_search::{LineSearch, Next, Trial};
use super::{Evaluate, Moved, Point, Solver};
use crate::optimizers::Lbfgs;

/// The solver [`Lbfgs`]: the last changes of point and gradient, from which steps are made.
#[derive(Clone, Debug)]
pub struct Memory {
    settings: Lbfgs,
    /// Changes of the point and of the gradient, oldest first.
    changes: VecDeque<[Vec<f64>; 2]>,
}

/// Names of what is kept of a change, before its number.
const CHANGES: [&str; 2] = ["x", "gradient"];
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
    #[must_use]
    pub fn new(settings: &Lbfgs) -> Self {
        Self {
            settings: settings.clone(),
            changes: VecDeque::new(),
        }
    }

    /// Keeps a change of point and gradient; the oldest goes if there are too many.
    fn keep(&mut self, change: [Vec<f64>; 2]) {
        if self.changes.len() >= self.settings.history_size {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
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
        evaluate: &mut Evaluate<'_>,
    ) -> Result<Option<Point>> {
        let first = match self.changes.is_empty() {
            true => (1.0 / libm::sqrt(dot(direction, direction))).min(LONGEST),
            false => 1.0,
        };
        let mut search = LineSearch::new(from.value, slope, [DECREASE, CURVATURE], LONGEST);
        let (mut step, mut bounds) = (first, [0.0, 5.0 * first]);
        let mut best: Option<Point> = None;
        for _ in 0..self.settings.max_evaluations {
            let x = from.x.iter().zip(direction).map(|(x, d)| x + step * d).collect();
            let point = Point::at(x, evaluate)?;
            let trial = Trial {
                step,
                value: point.value,
                slope: dot(&point.gradient, direction),
            };
            if !(trial.value.is_finite() && trial.slope.is_finite()) {
                // Outside of where the function is defined, or beyond its numbers.
                (step, bounds) = (step / 10.0, [0.0, step / 2.0]);
                continue;
            }
            match search.observe(trial, bounds) {
                Next::Accept => return Ok((trial.value < from.value).then_some(point)),
                Next::Try(next) => {
                    bounds = search.bounds(next);
                    step = next;
                }
            }
            if trial.value < best.as_ref().map_or(from.value, |best| best.value) {
                best = Some(point);
            }
        }
        // Out of evaluations: what was found on the way is better than nothing.
        Ok(best)
    }
}

impl Solver for Memory {
    fn is_minimum(&self, point: &Point) -> bool {
        let tolerance = self.settings.tolerance_grad;
        point.gradient.iter().all(|g| g.abs() <= tolerance)
    }

    fn iterate(&mut self, point: &mut Point, evaluate: &mut Evaluate<'_>) -> Result<Moved> {
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

    fn kept(&self) -> BTreeMap<String, Vec<f64>> {
        let numbered = self.changes.iter().enumerate();
        let named = |(i, change): (usize, &[Vec<f64>; 2])| {
            let parts = CHANGES.iter().zip(change);
            parts
                .map(|(name, part)| (format!("{name}.{i}"), part.clone()))
                .collect::<Vec<_>>()
        };
        numbered.flat_map(named).collect()
    }

    fn put(&mut self, mut kept: BTreeMap<String, Vec<f64>>) -> Result<()> {
        self.changes.clear();
        while self.changes.len() < self.settings.history_size {
            let names = CHANGES.map(|name| format!("{name}.{}", self.changes.len()));
            if !names.iter().all(|name| kept.contains_key(name)) {
                break;
            }
            let change = names.map(|name| kept.remove(&name).unwrap_or_default());
            self.changes.push_back(change);
        }
        match kept.keys().next() {
            None => Ok(()),
            Some(name) => Err(Error::data(format!(
                "`{name}` is not one of the pairs that L-BFGS keeps"
            ))),
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `a ← a + factor · b`
fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}
