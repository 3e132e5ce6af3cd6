//! A function with its gradient and Hessian, compiled, on a box.

use rosenblatt_autodiff::{Var, hessian_of, jit, reverse};
use rosenblatt_tensor::{Error, Result, Tensor};

use super::eigen::Eigen;

/// Value, gradient and Hessian at a point.
#[derive(Clone)]
pub(super) struct Jet {
    pub(super) x: Vec<f64>,
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    /// Row by row.
    pub(super) hessian: Vec<f64>,
}

/// Value, gradient and Hessian, one after the other.
type Compiled<'f> = Box<dyn FnMut(&Tensor) -> Result<Tensor> + 'f>;

/// A function on a box. Lengths and derivatives are measured in units in which every edge of the box is 1 ("relative"): so variables
/// of different sizes count alike.
pub(super) struct Function<'f> {
    evaluate: Compiled<'f>,
    pub(super) within: Vec<[f64; 2]>,
}

impl<'f> Function<'f> {
    pub(super) fn new<F>(f: F, within: &[[f64; 2]]) -> Result<Self>
    where
        F: for<'g> Fn(Var<'g>) -> Var<'g> + 'f,
    {
        if within.is_empty() {
            return Err(Error::config("expected a function of at least one variable"));
        }
        let is_box = |&[from, to]: &[f64; 2]| from < to && (to - from).is_finite();
        if let Some([from, to]) = within.iter().find(|range| !is_box(range)) {
            return Err(Error::config(format!(
                "expected a finite range from a number to a larger one, got {from} to {to}"
            )));
        }
        let n = within.len();
        let mut all = jit(move |[x]| {
            let y = f(x);
            let (gradient, hessian) = (reverse::gradients(y, &[x])[0], hessian_of(y, x));
            y.reshape(&[1]).concat(&[gradient, hessian.reshape(&[n * n])], 0)
        });
        Ok(Self {
            evaluate: Box::new(move |x| all.call([x])),
            within: within.to_vec(),
        })
    }

    pub(super) fn dimension(&self) -> usize {
        self.within.len()
    }

    /// None where the value or a derivative is not finite, or too large for relative steps.
    pub(super) fn at(&mut self, x: Vec<f64>) -> Result<Option<Jet>> {
        let n = x.len();
        let all = (self.evaluate)(&Tensor::from(x.clone()))?.to_f64();
        let (gradient, hessian) = all[1..].split_at(n);
        let relative = [self.relative_gradient(gradient), self.relative_hessian(hessian)].concat();
        let is_finite = all.iter().chain(&relative).all(|number| number.is_finite());
        Ok(is_finite.then(|| Jet {
            x,
            value: all[0],
            gradient: gradient.to_vec(),
            hessian: hessian.to_vec(),
        }))
    }

    pub(super) fn width(&self, axis: usize) -> f64 {
        self.within[axis][1] - self.within[axis][0]
    }

    /// `x + step`, with a relative step.
    pub(super) fn moved(&self, x: &[f64], step: &[f64]) -> Vec<f64> {
        let axes = x.iter().zip(step).enumerate();
        axes.map(|(axis, (x, step))| x + step * self.width(axis)).collect()
    }

    /// The relative distance of two points.
    pub(super) fn distance(&self, x: &[f64], y: &[f64]) -> f64 {
        let axes = x.iter().zip(y).enumerate();
        norm(
            &axes
                .map(|(axis, (x, y))| (x - y) / self.width(axis))
                .collect::<Vec<_>>(),
        )
    }

    /// Whether a point is in the box, or less than the relative `margin` outside.
    pub(super) fn contains(&self, x: &[f64], margin: f64) -> bool {
        let mut axes = x.iter().zip(&self.within).enumerate();
        axes.all(|(axis, (x, [from, to]))| {
            let margin = margin * self.width(axis);
            (from - margin..=to + margin).contains(x)
        })
    }

    /// The gradient for relative steps.
    pub(super) fn relative_gradient(&self, gradient: &[f64]) -> Vec<f64> {
        let axes = gradient.iter().enumerate();
        axes.map(|(axis, entry)| entry * self.width(axis)).collect()
    }

    /// The Hessian for relative steps, row by row.
    fn relative_hessian(&self, hessian: &[f64]) -> Vec<f64> {
        let (n, entries) = (self.dimension(), hessian.iter().enumerate());
        entries
            .map(|(i, entry)| entry * self.width(i / n) * self.width(i % n))
            .collect()
    }

    pub(super) fn curvature(&self, jet: &Jet) -> Result<Curvature> {
        let relative = self.relative_hessian(&jet.hessian);
        let scale = match largest(&relative) {
            0.0 => 1.0,
            scale => scale,
        };
        let entries: Vec<f64> = relative.iter().map(|entry| entry / scale).collect();
        let basis = Eigen::new(self.dimension(), &entries)?;
        Ok(Curvature { basis, scale })
    }

    /// `vᵀ H v` for a relative `v`, in the units of `scale`.
    pub(super) fn curvature_along(&self, jet: &Jet, v: &[f64], scale: f64) -> f64 {
        let (n, relative) = (v.len(), self.relative_hessian(&jet.hessian));
        let entries = relative.iter().enumerate();
        entries.map(|(i, entry)| v[i / n] * v[i % n] * (entry / scale)).sum()
    }
}

/// Eigenvalues and eigenvectors of the Hessian for relative steps, divided by `scale`, its largest entry (1 if that is 0).
pub(super) struct Curvature {
    basis: Eigen,
    pub(super) scale: f64,
}

impl std::ops::Deref for Curvature {
    type Target = Eigen;

    fn deref(&self) -> &Eigen {
        &self.basis
    }
}

pub(super) fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()))
}

/// `√(Σ x²)`, without overflow.
pub(super) fn norm(x: &[f64]) -> f64 {
    let scale = largest(x);
    if scale == 0.0 || !scale.is_finite() {
        return scale;
    }
    scale * x.iter().map(|x| (x / scale) * (x / scale)).sum::<f64>().sqrt()
}
