//! Starts, and the points that are found.

use std::cmp::Ordering;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{Error, Result};

use super::accept::{MAX_RADIUS, MAX_STEP, Zero, accept, shorten};
use super::classify::{classify, null_axes};
use super::function::{Function, Jet, norm};
use super::solve::{IsKnown, descend, newton};
use super::{CriticalPoint, CriticalPoints, Search};

/// The critical points of a function within a box: where `∇f(x) = 0`, classified by the Hessian's eigenvalues λ.
///
/// | | |
/// |---|---|
/// | minimum | all λ > 0 |
/// | maximum | all λ < 0 |
/// | saddle | λ of both signs |
/// | degenerate | some λ = 0: unless others have both signs, the values around the point decide |
///
/// From each random start the method of Levenberg and Marquardt makes `‖∇f‖²` small; it converges to minima, maxima and saddles
/// alike, also where the Hessian is singular. `f` gets `x` of shape `[n]` in f64 and gives a scalar; `within` has a range for each
/// of the `n` variables. The same starts give the same points, in any run.
///
/// # Numerics
/// Along each eigenvector the gradient must be 0 up to its rounding error, or the Newton step shorter than 10⁻⁸ of the box. An eigenvalue
/// counts as 0 below 10⁻¹² of the largest one, below its rounding error, or if its sign may change within the accuracy of the point.
/// Values around a degenerate point are compared at up to 1 % of the box's edges from it, and differ if they do by more than 8 times their
/// rounding error; another critical point within 0.1 % is not told from it.
///
/// # Limits
/// The search is random: it may miss points with a small region of attraction, and there is no proof that none is left. Points where
/// the function has no second derivative, as the kink of `|x|` or 0 in `sin(x)/x`, are not critical points in this sense.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if a range is not one, or if value and derivatives are finite at no start; a mistake made
/// by `f`.
///
/// # Example
/// ```
/// use rosenblatt_symbolic::critical::{Kind, Search, critical_points};
/// // sin x · cos y: a saddle at (0, π/2), a maximum at (π/2, 0)
/// let found = critical_points(|x| x.at(0).sin() * x.at(1).cos(), &[[0.0, 3.0]; 2], &Search::default())?;
/// let kinds: Vec<Kind> = found.points.iter().map(|point| point.kind).collect();
/// assert_eq!(kinds, [Kind::Saddle, Kind::Maximum]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
///
/// # Reference
/// Levenberg: A method for the solution of certain non-linear problems in least squares. 1944. Marquardt: An algorithm for least-squares
/// estimation of nonlinear parameters. 1963. Degenerate points: Gromoll, Meyer: On differentiable functions with isolated critical
/// points. 1969 (the splitting lemma).
pub fn critical_points<F>(f: F, within: &[[f64; 2]], search: &Search) -> Result<CriticalPoints>
where
    F: for<'g> Fn(Var<'g>) -> Var<'g>,
{
    let mut f = Function::new(f, within)?;
    let mut starts = Rng::new(search.seed).purpose("critical_points").stream();
    let typical = typical_gradient(&mut f, search)?;
    let mut known = Known::default();
    let mut count = 0;
    while count < search.starts && count < Search::MIN_STARTS.max(4 * known.last_found) {
        count += 1;
        if let Some(start) = random_point(&mut f, &mut starts)? {
            known.add(&mut f, start, typical, count)?;
        }
    }
    Ok(known.finish(within, [count, search.starts]))
}

fn random_point(f: &mut Function<'_>, random: &mut Stream) -> Result<Option<Jet>> {
    let step: Vec<f64> = (0..f.dimension()).map(|_| random.next_f64()).collect();
    let corner: Vec<f64> = f.within.iter().map(|[from, _]| *from).collect();
    f.at(f.moved(&corner, &step))
}

/// The median size of the gradient in the box.
fn typical_gradient(f: &mut Function<'_>, search: &Search) -> Result<f64> {
    let mut random = Rng::new(search.seed).purpose("critical_points.typical").stream();
    let mut sizes = Vec::new();
    for _ in 0..Search::MIN_STARTS {
        if let Some(jet) = random_point(f, &mut random)? {
            sizes.push(norm(&f.relative_gradient(&jet.gradient)));
        }
    }
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied().ok_or_else(|| {
        let message = "the expression or its second derivatives are finite nowhere in the box";
        Error::config(message).hint("choose a box in which the expression is defined")
    })
}

/// The zero of the gradient in the box that a start leads to, unless it is known.
fn zero(f: &mut Function<'_>, start: Jet, typical: f64, known: IsKnown<'_>) -> Result<Option<Zero>> {
    let Some(end) = descend(f, start, known)? else {
        return Ok(None);
    };
    let mut found = accept(f, end.clone(), typical)?;
    if found.is_none() {
        let end = newton(f, &end)?;
        found = accept(f, end, typical)?;
    }
    let Some(zero) = found else { return Ok(None) };
    let limit = match null_axes(f, &zero)?.is_empty() {
        true => zero.radius(),
        false => MAX_RADIUS,
    };
    let Some(shorter) = shorten(f, zero.jet.clone(), limit)? else {
        return Ok(None);
    };
    let zero = accept(f, shorter, typical)?.unwrap_or(zero);
    Ok(f.contains(&zero.jet.x, MAX_STEP).then_some(zero))
}

/// The points found so far, with their radii.
#[derive(Default)]
struct Known {
    points: Vec<(CriticalPoint, f64)>,
    last_found: usize,
}

impl Known {
    /// Follows a start, and keeps where it ends if that is new.
    fn add(&mut self, f: &mut Function<'_>, start: Jet, typical: f64, count: usize) -> Result<()> {
        let is_near = |f: &Function<'_>, x: &[f64], radius: f64| {
            let is_it = |(point, known): &(CriticalPoint, f64)| f.distance(&point.point, x) <= radius + known;
            self.points.iter().any(is_it)
        };
        let is_known = |f: &Function<'_>, x: &[f64]| is_near(f, x, 0.0);
        let zero = zero(f, start, typical, &is_known)?;
        let Some(zero) = zero.filter(|zero| !is_near(f, &zero.jet.x, zero.radius())) else {
            return Ok(());
        };
        let point = classify(f, &zero, typical)?;
        if point.isolated {
            self.last_found = count;
        }
        let radius = match point.degenerate {
            true => MAX_RADIUS,
            false => zero.radius(),
        };
        self.points.push((point, radius));
        Ok(())
    }

    fn finish(self, within: &[[f64; 2]], [starts, max_starts]: [usize; 2]) -> CriticalPoints {
        let mut points: Vec<CriticalPoint> = self.points.into_iter().map(|(point, _)| point).collect();
        let not_isolated = points.iter().filter(|point| !point.isolated).count();
        let mut kept = [0; 4];
        points.retain(|point| {
            kept[point.kind as usize] += usize::from(!point.isolated);
            point.isolated || kept[point.kind as usize] <= CriticalPoints::MAX_NOT_ISOLATED
        });
        points.sort_by(order);
        CriticalPoints {
            within: within.to_vec(),
            points,
            not_isolated,
            starts,
            max_starts,
            last_found: self.last_found,
        }
    }
}

/// By kind, then by value, then by place.
fn order(a: &CriticalPoint, b: &CriticalPoint) -> Ordering {
    let mut places = a.point.iter().zip(&b.point).map(|(a, b)| a.total_cmp(b));
    (a.kind.cmp(&b.kind))
        .then_with(|| a.value.total_cmp(&b.value))
        .then_with(|| places.find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}
