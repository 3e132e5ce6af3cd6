//! From a starting point to a minimum.

use rosenblatt_tensor::{Error, Result};

use super::{Ended, Minimum, Moved, Point, Solver};

/// Minimizes a function from a starting point; `f` gives value and gradient at a point.
///
/// # Errors
/// Those of `f`; [`rosenblatt_tensor::ErrorKind::Shape`] if a gradient has not as many elements as the point;
/// [`rosenblatt_tensor::ErrorKind::NotFinite`] if the function is not finite at the starting point.
pub fn minimize(
    solver: &mut dyn Solver,
    start: &[f64],
    max_iterations: usize,
    mut f: impl FnMut(&[f64]) -> Result<(f64, Vec<f64>)>,
) -> Result<Minimum> {
    let mut evaluations = 0;
    let mut evaluate = |x: &mut [f64]| {
        evaluations += 1;
        let (value, gradient) = f(x)?;
        match gradient.len() == x.len() {
            true => Ok((value, gradient)),
            false => Err(Error::shape(format!(
                "expected a gradient of {} numbers, got {}",
                x.len(),
                gradient.len()
            ))),
        }
    };
    let mut point = Point::at(start.to_vec(), &mut evaluate)?;
    if !point.is_finite() {
        return Err(Error::not_finite(
            "the function or its gradient is not finite at the starting point",
        ));
    }
    let mut iterations = 0;
    let ended = loop {
        if solver.is_minimum(&point) {
            break Ended::Gradient;
        }
        if iterations == max_iterations {
            break Ended::Iterations;
        }
        if solver.iterate(&mut point, &mut evaluate)? == Moved::Nowhere {
            break Ended::NoProgress;
        }
        iterations += 1;
    };
    Ok(Minimum {
        x: point.x,
        value: point.value,
        gradient: point.gradient,
        iterations,
        evaluations,
        ended,
    })
}
