//! From a start to a zero of the gradient.

use rosenblatt_tensor::Result;

use super::function::{Curvature, Function, Jet, largest, norm};

const MAX_STEPS: usize = 250;
/// Damping of the first step, relative to the square of the largest entry of the Hessian.
const FIRST_DAMPING: f64 = 1e-2;
/// So many damped steps without a smaller gradient, each damped more than the one before, and there is none near.
const MAX_REJECTED: usize = 12;
/// A step that makes the gradient smaller by this part of what its model says is a good one.
const GOOD: f64 = 0.75;
/// The longest step, relative to the box: what is said about the gradient further away is not worth more.
const MAX_STEP: f64 = 0.25;
/// Iterates may leave the box by this much of its edges, so that what is near its border is found from both sides.
const MARGIN: f64 = 0.5;
const MAX_NEWTON_STEPS: usize = 100;
/// A step shorter than this part of the box is the last one.
const LAST_STEP: f64 = 1e-10;
/// Without damping, curvatures below this part of the largest one are rounding errors.
const MIN_CURVATURE: f64 = 1e-15;

/// Makes `½‖∇f‖²` small by the method of Levenberg and Marquardt: `Δx = −(H² + μ)⁻¹ H ∇f`, with a damping μ that falls after a
/// step that is as good as its model, and rises after one that is not. It ends where no step makes the gradient smaller.
///
/// With `H = V Λ Vᵀ` a step is `−V Λ (Λ² + μ)⁻¹ Vᵀ ∇f`: one decomposition for every μ, and no square of a condition number.
///
/// None where it comes to what is known.
pub(super) fn descend(f: &mut Function<'_>, start: Jet, known: IsKnown<'_>) -> Result<Option<Jet>> {
    let (mut here, mut damping) = (start, FIRST_DAMPING);
    for _ in 0..MAX_STEPS {
        if known(f, &here.x) {
            return Ok(None);
        }
        match improved(f, &here, &mut damping)? {
            Improved::By(next) => here = next,
            Improved::ForTheLastTime(next) => return Ok(Some(next)),
            Improved::Not => break,
        }
    }
    Ok(Some(here))
}

/// Whether a point counts as one that was found before.
pub(super) type IsKnown<'a> = &'a dyn Fn(&Function<'_>, &[f64]) -> bool;

enum Improved {
    By(Jet),
    /// A step so short that a further one would change nothing.
    ForTheLastTime(Jet),
    Not,
}

/// Newton's method without damping, which may make the gradient larger on the way: to degenerate points at the end of a curved
/// valley, as in `(y − x²)(y − 2x²)`, a way with ever smaller gradients has very short steps.
pub(super) fn newton(f: &mut Function<'_>, start: &Jet) -> Result<Jet> {
    let mut here = start.clone();
    for _ in 0..MAX_NEWTON_STEPS {
        let model = Model::new(f, &here)?;
        let (step, _) = model.step(MIN_CURVATURE * MIN_CURVATURE);
        match inside(f, &here, &step)? {
            Some(next) => here = next,
            None => break,
        }
        if norm(&step) < LAST_STEP {
            break;
        }
    }
    Ok(here)
}

/// The next point, if one has a smaller gradient.
fn improved(f: &mut Function<'_>, here: &Jet, damping: &mut f64) -> Result<Improved> {
    let model = Model::new(f, here)?;
    let mut growth = 4.0;
    for _ in 0..MAX_REJECTED {
        let (step, expected) = model.step(*damping);
        if f.moved(&here.x, &step) == here.x {
            return Ok(Improved::Not);
        }
        if let Some(next) = inside(f, here, &step)? {
            let gain = model.decrease(&f.relative_gradient(&next.gradient)) / expected;
            if gain > GOOD && norm(&step) < LAST_STEP {
                return Ok(Improved::ForTheLastTime(next));
            }
            if gain > 1e-4 {
                let factor = if gain > GOOD { 0.1 } else { 1.0 };
                *damping = (*damping * factor).max(f64::MIN_POSITIVE);
                return Ok(Improved::By(next));
            }
        }
        *damping *= growth;
        growth *= 2.0;
    }
    Ok(Improved::Not)
}

/// The point after a step, if it is in the box or near, and the function finite there.
fn inside(f: &mut Function<'_>, here: &Jet, step: &[f64]) -> Result<Option<Jet>> {
    let next = f.moved(&here.x, step);
    match f.contains(&next, MARGIN) {
        true => f.at(next),
        false => Ok(None),
    }
}

/// The gradient near a point, to first order.
struct Model {
    curvature: Curvature,
    /// Its largest component, by which the others are divided.
    size: f64,
    /// Along the eigenvectors.
    gradient: Vec<f64>,
}

impl Model {
    fn new(f: &Function<'_>, here: &Jet) -> Result<Self> {
        let (curvature, gradient) = (f.curvature(here)?, f.relative_gradient(&here.gradient));
        let size = largest(&gradient).max(f64::MIN_POSITIVE);
        let gradient: Vec<f64> = gradient.iter().map(|entry| entry / size).collect();
        let gradient = curvature.components(&gradient);
        Ok(Self {
            curvature,
            size,
            gradient,
        })
    }

    /// The step for a damping, and by which part `‖∇f‖²` should become smaller.
    fn step(&self, damping: f64) -> (Vec<f64>, f64) {
        let unit = self.size / self.curvature.scale;
        let pairs = || self.gradient.iter().zip(&self.curvature.values);
        let along = pairs().map(|(g, value)| -value * g / (value * value + damping).max(f64::MIN_POSITIVE));
        let along: Vec<f64> = along.collect();
        let shortened = (MAX_STEP / (norm(&along) * unit)).min(1.0);
        let left = pairs().zip(&along).map(|((g, value), p)| g + value * p * shortened);
        let left = norm(&left.collect::<Vec<_>>()) / norm(&self.gradient).max(f64::MIN_POSITIVE);
        let step = self.curvature.combination(&along);
        let step = step.iter().map(|p| p * shortened * unit).collect();
        (step, 1.0 - left * left)
    }

    /// By which part `‖∇f‖²` is smaller for another gradient.
    fn decrease(&self, gradient: &[f64]) -> f64 {
        let relative: Vec<f64> = gradient.iter().map(|entry| entry / self.size).collect();
        let left = norm(&relative) / norm(&self.gradient).max(f64::MIN_POSITIVE);
        1.0 - left * left
    }
}
