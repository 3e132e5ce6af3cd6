//! Critical points of differentiable functions: where the gradient is 0, and what is there.
//!
//! | step | where |
//! |---|---|
//! | value, gradient and Hessian, compiled | `function.rs` |
//! | from a start to a zero of the gradient | `solve.rs` |
//! | which points are zeros, and how exactly they are known | `accept.rs` |
//! | eigenvalues | `eigen.rs` |
//! | minimum, maximum or saddle | `classify.rs` |
//!
//! # Example
//! ```
//! use rosenblatt_symbolic::critical::{Kind, Search, critical_points};
//! let saddle = critical_points(|x| x.at(0).square() - x.at(1).square(), &[[-1.0, 1.0]; 2], &Search::default())?;
//! let point = &saddle.points[0];
//! assert_eq!((&point.point[..], &point.eigenvalues[..], point.kind), (&[0.0; 2][..], &[-2.0, 2.0][..], Kind::Saddle));
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

mod accept;
mod classify;
mod eigen;
mod expression;
mod function;
mod solve;

pub use eigen::eigenvalues;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{Error, Result};

use self::accept::{Zero, accept};
use self::function::{Function, Jet, norm};
use self::solve::IsKnown;

/// What a critical point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No value nearby is smaller.
    Minimum,
    /// There are larger and smaller values nearby. Of one variable it is a point of inflection.
    Saddle,
    /// No value nearby is larger.
    Maximum,
    /// No value nearby differs.
    Flat,
}

impl Kind {
    /// `minimum`, `saddle`, `maximum` or `flat`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minimum => "minimum",
            Self::Saddle => "saddle",
            Self::Maximum => "maximum",
            Self::Flat => "flat",
        }
    }
}

/// A point where the gradient is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct CriticalPoint {
    /// Where it is.
    pub point: Vec<f64>,
    /// The value there; 0 if it cannot be told from 0.
    pub value: f64,
    /// The eigenvalues of the Hessian there, in ascending order. Those that cannot be told from 0 are 0.
    pub eigenvalues: Vec<f64>,
    /// What it is.
    pub kind: Kind,
    /// Whether there is no other one near. Curves and surfaces of critical points are not isolated.
    pub isolated: bool,
}

impl CriticalPoint {
    /// Whether an eigenvalue is 0: then the Hessian does not say what the point is, unless it has eigenvalues of both signs, and values
    /// around the point do.
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        self.eigenvalues.contains(&0.0)
    }

    /// How many eigenvalues are negative: 0 for a minimum that is not degenerate.
    #[must_use]
    pub fn index(&self) -> usize {
        self.eigenvalues.iter().filter(|value| **value < 0.0).count()
    }
}

/// How critical points are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Random starts at most. The search ends earlier when four times as many starts as were needed for the point found last, and at
    /// least [`Search::MIN_STARTS`], have shown no other.
    pub starts: usize,
    /// Decides the starts.
    pub seed: u64,
}

impl Search {
    /// Starts at least, if so many are allowed.
    pub const MIN_STARTS: usize = 200;
    /// Starts at most, unless other numbers are asked for.
    pub const DEFAULT_STARTS: usize = 4000;
}

impl Default for Search {
    fn default() -> Self {
        Self {
            starts: Self::DEFAULT_STARTS,
            seed: 0,
        }
    }
}

/// Critical points within a box.
#[derive(Clone, Debug, PartialEq)]
pub struct CriticalPoints {
    /// The box: the range of each variable.
    pub within: Vec<[f64; 2]>,
    /// By kind, then by value, then by place. Of those that are not isolated the first
    /// [`CriticalPoints::MAX_NOT_ISOLATED`] of each kind that were found.
    pub points: Vec<CriticalPoint>,
    /// How many different points that are not isolated were found.
    pub not_isolated: usize,
    /// Starts of the search.
    pub starts: usize,
    /// The start at which the last isolated point was found; 0 if none was.
    pub last_found: usize,
}

impl CriticalPoints {
    /// Points that are not isolated and kept, of each kind.
    pub const MAX_NOT_ISOLATED: usize = 3;

    /// Whether the search ended because of [`Search::starts`], while it was still finding points.
    #[must_use]
    pub const fn may_lack_some(&self) -> bool {
        self.starts < 4 * self.last_found
    }
}

/// The critical points of a function within a box: where `∇f(x) = 0`, classified by the Hessian's eigenvalues λ.
///
/// | | |
/// |---|---|
/// | minimum | all λ > 0 |
/// | maximum | all λ < 0 |
/// | saddle | λ of both signs |
/// | degenerate | some λ = 0: the values around the point decide |
///
/// From each random start the method of Levenberg and Marquardt makes `‖∇f‖²` small; it converges to minima, maxima and saddles
/// alike, also where the Hessian is singular. `f` gets `x` of shape `[n]` in f64 and gives a scalar; `within` has a range for each
/// of the `n` variables. The same starts give the same points, in any run.
///
/// # Numerics
/// Along each eigenvector the gradient must be 0 up to its rounding error, or the Newton step shorter than 10⁻⁸ of the box. An eigenvalue
/// counts as 0 below 10⁻¹² of the largest one, below its rounding error, or if its sign may change within the accuracy of the point.
/// Values around a degenerate point are compared at up to 1 % of the box's edges from it, and another critical point within 0.1 % is not
/// told from it.
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
/// // sin x · cos y
/// let found = critical_points(|x| x.at(0).sin() * x.at(1).cos(), &[[0.0, 3.0]; 2], &Search::default())?;
/// let kinds: Vec<Kind> = found.points.iter().map(|point| point.kind).collect();
/// assert_eq!(kinds, [Kind::Maximum]);
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
    Ok(known.finish(within, count))
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
    let Some(end) = solve::descend(f, start, known)? else {
        return Ok(None);
    };
    let mut found = accept(f, end.clone(), typical)?;
    if found.is_none() {
        let end = solve::newton(f, &end)?;
        found = accept(f, end, typical)?;
    }
    let Some(zero) = found else { return Ok(None) };
    let limit = match classify::null_axes(f, &zero)?.is_empty() {
        true => zero.radius(),
        false => accept::MAX_RADIUS,
    };
    let Some(shorter) = accept::shorten(f, zero.jet.clone(), limit)? else {
        return Ok(None);
    };
    let zero = accept(f, shorter, typical)?.unwrap_or(zero);
    Ok(f.contains(&zero.jet.x, accept::MAX_STEP).then_some(zero))
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
        let point = classify::classify(f, &zero, typical)?;
        if point.isolated {
            self.last_found = count;
        }
        let radius = match point.is_degenerate() {
            true => accept::MAX_RADIUS,
            false => zero.radius(),
        };
        self.points.push((point, radius));
        Ok(())
    }

    fn finish(self, within: &[[f64; 2]], starts: usize) -> CriticalPoints {
        let mut points: Vec<CriticalPoint> = self.points.into_iter().map(|(point, _)| point).collect();
        let not_isolated = points.iter().filter(|point| !point.isolated).count();
        let mut kept = [0; 4];
        points.retain(|point| {
            kept[point.kind as usize] += usize::from(!point.isolated);
            point.isolated || kept[point.kind as usize] <= CriticalPoints::MAX_NOT_ISOLATED
        });
        points.sort_by(|a, b| {
            let places = || a.point.iter().zip(&b.point).map(|(a, b)| a.total_cmp(b));
            let by_place = || {
                places()
                    .find(|order| order.is_ne())
                    .unwrap_or(std::cmp::Ordering::Equal)
            };
            (a.kind.cmp(&b.kind))
                .then_with(|| a.value.total_cmp(&b.value))
                .then_with(by_place)
        });
        CriticalPoints {
            within: within.to_vec(),
            points,
            not_isolated,
            starts,
            last_found: self.last_found,
        }
    }
}
