//! Minimum, maximum or saddle.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;

use super::accept::{MAX_RADIUS, Zero, accept, value_error};
use super::eigen::Eigen;
use super::function::{Function, Jet, largest, norm};
use super::solve::descend;
use super::{CriticalPoint, Kind};

/// Eigenvalues below this part of the largest one are rounding errors.
const MIN_EIGENVALUE: f64 = 1e-12;
/// Distances, relative to the box, at which values are compared; the smallest at which they differ decides.
const RADII: [f64; 5] = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2];
/// Values differ if they do by more than this many times their rounding error,
const MIN_CHANGE: f64 = 8.0;
/// which is measured at so many points of each radius, and wherever it matters.
const MEASURED: usize = 4;
/// Directions in a plane; in a space of more dimensions as many for each.
const DIRECTIONS: usize = 64;
/// Directions of the search for further zeros of the gradient, and how far away it begins.
const FURTHER_DIRECTIONS: usize = 16;
const FURTHER: f64 = 0.02;
const MAX_CORRECTIONS: usize = 30;

/// A zero of the gradient with what it is.
pub(super) fn classify(f: &mut Function<'_>, zero: &Zero, typical: f64) -> Result<CriticalPoint> {
    let null = null_axes(f, zero)?;
    let negative = |(i, value): (usize, &f64)| *value < 0.0 && !null.contains(&i);
    let index = zero.curvature.values.iter().enumerate().filter(|&axis| negative(axis));
    let index = index.count();
    let is_zero = zero.jet.value.abs() <= zero.value_error;
    Ok(CriticalPoint {
        point: zero.jet.x.clone(),
        value: if is_zero { 0.0 } else { zero.jet.value },
        eigenvalues: eigenvalues(f, &zero.jet, null.len())?,
        index,
        kind: kind(f, zero, &null, index)?,
        degenerate: !null.is_empty(),
        isolated: null.is_empty() || !has_further(f, zero, &null, typical)?,
    })
}

/// By the signs of eigenvalues, and by values if these do not decide.
fn kind(f: &mut Function<'_>, zero: &Zero, null: &[usize], index: usize) -> Result<Kind> {
    let (mut up, mut down) = (index + null.len() < zero.curvature.values.len(), index > 0);
    let mut rounding = Rounding::new(zero);
    for direction in directions(null.len(), DIRECTIONS * null.len()) {
        if up && down {
            break;
        }
        rounding.is_known = [down, up];
        let change = change(f, zero, null, &direction, &mut rounding)?;
        (up, down) = (up || change > 0.0, down || change < 0.0);
    }
    Ok(match (up, down) {
        (true, true) => Kind::Saddle,
        (true, false) => Kind::Minimum,
        (false, true) => Kind::Maximum,
        (false, false) => Kind::Flat,
    })
}

/// The eigenvalues of the Hessian itself; as many as are known to be 0 are 0.
fn eigenvalues(f: &Function<'_>, jet: &Jet, null: usize) -> Result<Vec<f64>> {
    let scale = largest(&jet.hessian);
    let divisor = if scale > 0.0 { scale } else { 1.0 };
    let entries: Vec<f64> = jet.hessian.iter().map(|entry| entry / divisor).collect();
    let mut values = Eigen::new(f.dimension(), &entries)?.values;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs()));
    for &i in &order[..null] {
        values[i] = 0.0;
    }
    Ok(values.iter().map(|value| value * divisor).collect())
}

/// Which eigenvalues are 0: compared with the largest one, with their rounding error, or with how much they change within the
/// radius in which the point may be anywhere.
pub(super) fn null_axes(f: &mut Function<'_>, zero: &Zero) -> Result<Vec<usize>> {
    let most = largest(&zero.curvature.values);
    let scale = zero.curvature.scale;
    let mut null = Vec::new();
    for (i, value) in zero.curvature.values.iter().enumerate() {
        let v = &zero.curvature.vectors[i];
        let mut change = zero.curvature_errors[i];
        for radius in [zero.radii[i], -zero.radii[i]] {
            let step: Vec<f64> = v.iter().map(|v| v * radius).collect();
            if let Some(near) = f.at(f.moved(&zero.jet.x, &step))? {
                change = change.max((f.curvature_along(&near, v, scale) - value).abs());
            }
        }
        if value.abs() <= (MIN_EIGENVALUE * most).max(2.0 * change) {
            null.push(i);
        }
    }
    Ok(null)
}

/// Unit vectors: both of a line, evenly spaced ones of a plane, random ones of a space, and its axes.
fn directions(dimension: usize, count: usize) -> Vec<Vec<f64>> {
    match dimension {
        0 => Vec::new(),
        1 => vec![vec![1.0], vec![-1.0]],
        2 => {
            let angle = |i: usize| std::f64::consts::TAU * i as f64 / count as f64;
            let direction = |i| vec![libm::cos(angle(i)), libm::sin(angle(i))];
            (0..count).map(direction).collect()
        }
        _ => {
            let mut random = Rng::new(0).purpose("directions").stream();
            let axis =
                |i: usize| (0..dimension).map(move |j| if i / 2 == j { 1.0 - 2.0 * (i % 2) as f64 } else { 0.0 });
            let axes = (0..2 * dimension).map(|i| axis(i).collect());
            let any = (0..count).map(|_| {
                let direction: Vec<f64> = (0..dimension).map(|_| random.normal()).collect();
                let length = norm(&direction).max(f64::MIN_POSITIVE);
                direction.iter().map(|x| x / length).collect()
            });
            axes.chain(any).collect()
        }
    }
}

/// A relative step of this length in the space of some eigenvectors.
fn step(zero: &Zero, null: &[usize], direction: &[f64], length: f64) -> Vec<f64> {
    let mut along = vec![0.0; zero.curvature.values.len()];
    for (&axis, direction) in null.iter().zip(direction) {
        along[axis] = length * direction;
    }
    zero.curvature.combination(&along)
}

/// Whether the function rises (above 0), falls (below 0) or neither in a direction of the null space, as far as can be seen: the
/// other coordinates follow, so that the gradient has no component along them.
///
/// By the splitting lemma f is there `½ wᵀ Λ w + φ(u)`, and this is the sign of `φ(u) − φ(0)`: a valley that is curved, as in
/// `(y − x²)(y − 2x²)`, is followed.
fn change(
    f: &mut Function<'_>,
    zero: &Zero,
    null: &[usize],
    direction: &[f64],
    rounding: &mut Rounding,
) -> Result<f64> {
    for (i, radius) in RADII.into_iter().enumerate() {
        let Some(jet) = follow(f, zero, null, &step(zero, null, direction, radius))? else {
            continue;
        };
        let change = jet.value - zero.jet.value;
        if rounding.is_less(f, &jet, i, change)? {
            return Ok(change);
        }
    }
    Ok(0.0)
}

/// Rounding errors of the values around a zero. At the zero itself, which has few digits, terms that cancel may be exact.
struct Rounding {
    /// The largest ones at each radius and the smaller ones.
    errors: [f64; RADII.len()],
    /// At how many points of each radius.
    measured: [usize; RADII.len()],
    /// Whether values that are smaller, and larger, are known.
    is_known: [bool; 2],
}

impl Rounding {
    fn new(zero: &Zero) -> Self {
        Self {
            errors: [zero.value_error; RADII.len()],
            measured: [0; RADII.len()],
            is_known: [false; 2],
        }
    }

    /// Whether the change of the value from the zero to a point is more than rounding errors.
    fn is_less(&mut self, f: &mut Function<'_>, jet: &Jet, radius: usize, change: f64) -> Result<bool> {
        let is_new = !self.is_known[usize::from(change > 0.0)];
        let is_less = |errors: &[f64]| MIN_CHANGE * errors[radius] < change.abs();
        if is_less(&self.errors) && (is_new || self.measured[radius] < MEASURED) {
            self.measured[radius] += 1;
            let error = value_error(f, jet)?;
            self.errors[radius..]
                .iter_mut()
                .for_each(|known| *known = known.max(error));
        }
        Ok(is_less(&self.errors))
    }
}

/// A point away from the zero by `step`, and by whatever else makes the gradient 0 along the eigenvectors that are not null.
fn follow(f: &mut Function<'_>, zero: &Zero, null: &[usize], step: &[f64]) -> Result<Option<Jet>> {
    let scale = zero.curvature.scale;
    let mut jet = f.at(f.moved(&zero.jet.x, step))?;
    if null.len() == zero.curvature.values.len() {
        return Ok(jet);
    }
    for _ in 0..MAX_CORRECTIONS {
        let Some(here) = &jet else { break };
        let mut along = zero.curvature.components(&f.relative_gradient(&here.gradient));
        for (i, along) in along.iter_mut().enumerate() {
            *along = if null.contains(&i) {
                0.0
            } else {
                -*along / (zero.curvature.values[i] * scale)
            };
        }
        if largest(&along) < 1e-12 {
            break;
        }
        jet = f.at(f.moved(&here.x, &zero.curvature.combination(&along)))?;
    }
    Ok(jet)
}

/// Whether there are other zeros of the gradient near a degenerate one that are degenerate too: then it is one of a curve or surface
/// of them.
fn has_further(f: &mut Function<'_>, zero: &Zero, null: &[usize], typical: f64) -> Result<bool> {
    for direction in directions(null.len(), FURTHER_DIRECTIONS) {
        let step = step(zero, null, &direction, FURTHER);
        let Some(start) = f.at(f.moved(&zero.jet.x, &step))? else {
            continue;
        };
        let Some(end) = descend(f, start, &|_, _| false)? else {
            continue;
        };
        let distance = f.distance(&end.x, &zero.jet.x);
        if !(5.0 * MAX_RADIUS..4.0 * FURTHER).contains(&distance) {
            continue;
        }
        if let Some(further) = accept(f, end, typical)?
            && !null_axes(f, &further)?.is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
