//! Which points are zeros of the gradient, and how exactly they are known.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;

use super::eigen::dot;
use super::function::{Curvature, Function, Jet, largest, norm};

/// A component of the gradient along an eigenvector is 0 if a Newton step along it is shorter than this part of the box,
pub(super) const MAX_STEP: f64 = 1e-8;
/// or if it is below this many times its rounding error.
const MAX_ROUNDING: f64 = 16.0;
/// A gradient whose jumps between neighboring numbers are larger than this part of it nearby is not rounded, but has a jump.
const MAX_JUMP: f64 = 1e-7;
/// Nearby, relative to the box.
const NEARBY: f64 = 0.02;
/// How far the points are that tell the rounding error.
const NEIGHBOR: f64 = 1e-14;
/// They are at least so far, relative to the coordinate: so that there are numbers between.
const MIN_NEIGHBOR: f64 = 64.0 * f64::EPSILON;
const NEIGHBORS: usize = 8;
/// The rounding error of a value is at least this part of it.
const MIN_VALUE_ERROR: f64 = 4.0 * f64::EPSILON;
/// Neighbors away from a zero, and how much further each is than the one before: up to 10⁻⁹, far less than from the zero.
const FURTHER_NEIGHBORS: usize = 32;
const FURTHER: f64 = 1.45;
/// Places are not told apart below this part of the box,
const MIN_RADIUS: f64 = 1e-7;
/// nor thought less certain than this.
pub(super) const MAX_RADIUS: f64 = 1e-3;
/// Digits that coordinates are rounded to, relative to the box.
const DIGITS: std::ops::Range<i32> = 2..13;

/// A zero of the gradient.
pub(super) struct Zero {
    pub(super) jet: Jet,
    pub(super) curvature: Curvature,
    /// How far it may be off along each eigenvector, relative to the box.
    pub(super) radii: Vec<f64>,
    /// Rounding error of the values.
    pub(super) value_error: f64,
    /// Rounding error of the curvature along each eigenvector, in the units of `curvature`.
    pub(super) curvature_errors: Vec<f64>,
}

impl Zero {
    /// As far as points count as this one.
    pub(super) fn radius(&self) -> f64 {
        largest(&self.radii)
    }
}

/// The point as a zero of the gradient, if it is one.
///
/// Each component of the gradient along an eigenvector of the Hessian must be 0 up to its rounding error, which the gradient at
/// neighboring points tells, or the Newton step along it must be too short to matter. So what counts does not depend on the scale
/// of the function, and where a gradient only tends to 0, as in the tails of `exp(−x²)`, does not count.
pub(super) fn accept(f: &mut Function<'_>, jet: Jet, typical: f64) -> Result<Option<Zero>> {
    let curvature = f.curvature(&jet)?;
    let errors = Errors::at(f, &jet, &curvature)?;
    let jump = largest(&errors.gradient);
    if jump > 0.0 && jump > MAX_JUMP * typical.max(nearby(f, &jet)?) {
        return Ok(None);
    }
    let gradient = curvature.components(&f.relative_gradient(&jet.gradient));
    let axes = gradient.iter().zip(&curvature.values).zip(&errors.gradient);
    let radii = axes.map(|((g, value), error)| radius(*g, value * curvature.scale, *error));
    let Some(radii) = radii.collect() else { return Ok(None) };
    Ok(Some(Zero {
        jet,
        curvature,
        radii,
        value_error: errors.value,
        curvature_errors: errors.curvature,
    }))
}

/// How far away the zero of a component of the gradient may be, if it is one.
fn radius(gradient: f64, curvature: f64, error: f64) -> Option<f64> {
    let (step, slack) = ((gradient / curvature).abs(), MAX_ROUNDING * error);
    if step > MAX_STEP && gradient.abs() > slack {
        return None;
    }
    let radius = 2.0 * step + slack / curvature.abs();
    // 0/0 where the function is flat.
    Some(match radius.is_nan() {
        true => MAX_RADIUS,
        false => radius.clamp(MIN_RADIUS, MAX_RADIUS),
    })
}

/// The largest gradient nearby.
fn nearby(f: &mut Function<'_>, jet: &Jet) -> Result<f64> {
    let mut most = 0.0_f64;
    for axis in 0..2 * f.dimension() {
        let mut step = vec![0.0; f.dimension()];
        step[axis / 2] = if axis % 2 == 0 { NEARBY } else { -NEARBY };
        if let Some(near) = f.at(f.moved(&jet.x, &step))? {
            most = most.max(norm(&f.relative_gradient(&near.gradient)));
        }
    }
    Ok(most)
}

/// Points so near that what they differ by beyond the first derivatives are rounding errors; each is `growth` times as far as the one
/// before.
fn neighbors(f: &mut Function<'_>, jet: &Jet, count: usize, growth: f64) -> Result<Vec<Jet>> {
    let mut random = Rng::new(0).purpose("neighbors").stream();
    let (mut found, mut times) = (Vec::new(), 1.0);
    for _ in 0..count {
        let axes = jet.x.iter().enumerate();
        let far = axes.map(|(axis, x)| times * NEIGHBOR.max(MIN_NEIGHBOR * x.abs() / f.width(axis)));
        let step: Vec<f64> = far.map(|far| (2.0 * random.next_f64() - 1.0) * far).collect();
        found.extend(f.at(f.moved(&jet.x, &step))?);
        times *= growth;
    }
    Ok(found)
}

/// The step that was taken: adding it to the point was rounded.
fn step_between(f: &Function<'_>, [jet, near]: [&Jet; 2]) -> Vec<f64> {
    let axes = near.x.iter().zip(&jet.x).enumerate();
    axes.map(|(axis, (near, x))| (near - x) / f.width(axis)).collect()
}

/// By how much a value differs from the one that gradient and Hessian tell.
fn value_beyond(f: &Function<'_>, [jet, near]: [&Jet; 2]) -> f64 {
    let step = step_between(f, [jet, near]);
    let linear = dot(&f.relative_gradient(&jet.gradient), &step);
    (near.value - jet.value - linear - 0.5 * f.curvature_along(jet, &step, 1.0)).abs()
}

/// The rounding error of the value away from a zero. Where terms cancel it may be the same at many neighboring numbers, so neighbors
/// are of different distances.
pub(super) fn value_error(f: &mut Function<'_>, jet: &Jet) -> Result<f64> {
    let neighbors = neighbors(f, jet, FURTHER_NEIGHBORS, FURTHER)?;
    let errors = neighbors.iter().map(|near| value_beyond(f, [jet, near]));
    Ok(errors.fold(MIN_VALUE_ERROR * jet.value.abs(), f64::max))
}

/// Rounding errors: what neighboring points differ by beyond value, gradient and Hessian.
struct Errors {
    value: f64,
    /// Along each eigenvector.
    gradient: Vec<f64>,
    /// Along each eigenvector, in the units of the curvature.
    curvature: Vec<f64>,
}

impl Errors {
    fn at(f: &mut Function<'_>, jet: &Jet, curvature: &Curvature) -> Result<Self> {
        let n = f.dimension();
        let mut errors = Self {
            value: MIN_VALUE_ERROR * jet.value.abs(),
            gradient: vec![0.0; n],
            curvature: vec![0.0; n],
        };
        for near in neighbors(f, jet, NEIGHBORS, 1.0)? {
            errors.grow(f, [jet, &near], curvature);
        }
        Ok(errors)
    }

    fn grow(&mut self, f: &Function<'_>, [jet, near]: [&Jet; 2], curvature: &Curvature) {
        self.value = self.value.max(value_beyond(f, [jet, near]));
        let [gradient, near_gradient] = [jet, near].map(|jet| f.relative_gradient(&jet.gradient));
        let along = curvature.components(&step_between(f, [jet, near]));
        let [gradient, near_gradient] = [gradient, near_gradient].map(|gradient| curvature.components(&gradient));
        for i in 0..along.len() {
            let value = curvature.values[i];
            let linear = gradient[i] + value * curvature.scale * along[i];
            self.gradient[i] = self.gradient[i].max((near_gradient[i] - linear).abs());
            let near_value = f.curvature_along(near, &curvature.vectors[i], curvature.scale);
            self.curvature[i] = self.curvature[i].max((near_value - value).abs());
        }
    }
}

/// The point, or one not further away than `limit` whose coordinates have fewer digits and where the gradient is as small: 0 rather
/// than 1e-17.
///
/// None if the function has no derivatives at such a point: then it may have none at the zero either, as `sin(x)/x` at 0.
pub(super) fn shorten(f: &mut Function<'_>, jet: Jet, limit: f64) -> Result<Option<Jet>> {
    let all: Vec<usize> = (0..f.dimension()).collect();
    let mut shortest = jet;
    for axes in std::iter::once(&all[..]).chain(all.chunks(1)) {
        match shorten_axes(f, shortest, axes, limit)? {
            Some(shorter) => shortest = shorter,
            None => return Ok(None),
        }
    }
    // Also of -0.
    shortest.x.iter_mut().for_each(|x| *x += 0.0);
    Ok(Some(shortest))
}

fn shorten_axes(f: &mut Function<'_>, jet: Jet, axes: &[usize], limit: f64) -> Result<Option<Jet>> {
    let size = |f: &Function<'_>, jet: &Jet| norm(&f.relative_gradient(&jet.gradient));
    for digits in DIGITS {
        let mut x = jet.x.clone();
        for &axis in axes {
            x[axis] = rounded(x[axis], libm::floor(libm::log10(f.width(axis))) as i32 - digits);
        }
        if f.distance(&x, &jet.x) > limit || !f.contains(&x, 0.0) {
            continue;
        }
        match f.at(x)? {
            Some(shorter) if size(f, &shorter) <= size(f, &jet) => return Ok(Some(shorter)),
            Some(_) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(jet))
}

/// To a multiple of a power of ten.
fn rounded(x: f64, exponent: i32) -> f64 {
    let power = libm::pow(10.0, f64::from(exponent.abs()));
    // A power of ten below 1 is not a binary number, but its inverse is.
    match exponent < 0 {
        true => (x * power).round() / power,
        false => (x / power).round() * power,
    }
}
