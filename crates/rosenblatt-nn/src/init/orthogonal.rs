//! Orthogonal matrices.

use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Gain, Initializer, ParameterInfo, fill_normal};
use crate::Config;

/// Orthogonal: rows are perpendicular to each other and have the norm `gain`; columns, if there are more rows than columns.
///
/// `W Wᵀ = gain² I`, or `Wᵀ W = gain² I`; every such matrix is equally likely
///
/// A layer then keeps the norms of its inputs exactly, however many layers there are.
///
/// # Shapes
/// - `[out, in, …]`: the matrix `[out, in · …]`, as in PyTorch
/// - a vector: one row
///
/// # Numerics
/// `Q` of the QR decomposition of a normal matrix by Householder reflections in f64, each column with the sign of the diagonal of `R`:
/// without it the distribution is not uniform. It takes about `8/3 n³` operations for a matrix `[n, n]`, a second for n = 1,000.
///
/// # Reference
/// Saxe, McClelland, Ganguli: Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks. ICLR 2014.
/// arXiv:1312.6120. Mezzadri: How to Generate Random Matrices from the Classical Compact Groups. Notices of the AMS 54, 2007.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Orthogonal {
    /// Norm of the rows: `auto` (the gain of the activation that follows), or a number above 0 [default: 1].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain: Option<Gain>,
}

impl Config for Orthogonal {
    const NAME: &'static str = "orthogonal";

    fn check(&self) -> Result<()> {
        Gain::check(self.gain)
    }

    fn examples() -> Vec<Self> {
        let with = |gain| Self { gain: Some(gain) };
        vec![Self::default(), with(Gain::AUTO), with(Gain::Number(1.5))]
    }
}

impl Initializer for Orthogonal {
    fn fill(&self, parameter: ParameterInfo<'_>, rng: &Rng, values: &mut [f64]) {
        let outputs = match parameter.shape[..] {
            [outputs, _, ..] => outputs,
            _ => 1,
        };
        if values.is_empty() {
            return;
        }
        let inputs = values.len() / outputs;
        let gain = libm::sqrt(Gain::squared(self.gain, parameter.gain, 1.0));
        fill_normal(rng, 1.0, values);
        if outputs >= inputs {
            orthonormal_columns(values, inputs, gain);
            return;
        }
        let mut tall = vec![0.0; values.len()];
        transpose(values, inputs, &mut tall);
        orthonormal_columns(&mut tall, outputs, gain);
        transpose(&tall, outputs, values);
    }

    fn needs_gain(&self) -> bool {
        self.gain == Some(Gain::AUTO)
    }
}

/// Writes the transpose of a row-major matrix of so many columns.
fn transpose(matrix: &[f64], columns: usize, transposed: &mut [f64]) {
    let rows = matrix.len() / columns;
    for (i, row) in matrix.chunks_exact(columns).enumerate() {
        for (j, &value) in row.iter().enumerate() {
            transposed[j * rows + i] = value;
        }
    }
}

/// Replaces a row-major matrix `A` of at least as many rows as columns by `gain · Q`, where `A = Q R` and the diagonal of `R` is
/// positive.
fn orthonormal_columns(a: &mut [f64], columns: usize, gain: f64) {
    let rows = a.len() / columns;
    let mut row = vec![0.0; columns];
    let mut signs = vec![0.0; columns];
    // Column k below the diagonal becomes the vector of reflection k.
    for (k, sign) in signs.iter_mut().enumerate() {
        let norm = libm::sqrt((k..rows).map(|i| a[i * columns + k] * a[i * columns + k]).sum());
        let diagonal = &mut a[k * columns + k];
        // The sign that does not cancel: the diagonal of R is −norm for a positive number.
        *sign = if *diagonal > 0.0 { -gain } else { gain };
        *diagonal += if *diagonal > 0.0 { norm } else { -norm };
        let v: Vec<f64> = (k..rows).map(|i| a[i * columns + k]).collect();
        reflect(&mut a[k * columns..], &v, k + 1, &mut row);
    }
    // Q is the product of the reflections, applied to the columns of the identity from the last one on.
    for k in (0..columns).rev() {
        let v: Vec<f64> = (k..rows).map(|i| a[i * columns + k]).collect();
        let below = &mut a[k * columns..];
        below[k..columns].fill(0.0);
        below.iter_mut().skip(k).step_by(columns).for_each(|value| *value = 0.0);
        below[k] = 1.0;
        reflect(below, &v, k, &mut row);
    }
    let scaled = |row: &mut [f64]| row.iter_mut().zip(&signs).for_each(|(value, sign)| *value *= sign);
    a.chunks_exact_mut(columns).for_each(scaled);
}

/// Reflects the columns from `first` on of a row-major matrix: `A ← A − 2 v (vᵀ A) / (vᵀ v)`.
fn reflect(a: &mut [f64], v: &[f64], first: usize, sums: &mut [f64]) {
    let columns = sums.len();
    let squares: f64 = v.iter().map(|v| v * v).sum();
    if squares == 0.0 {
        return;
    }
    let sums = &mut sums[first..];
    sums.fill(0.0);
    for (row, &v) in a.chunks_exact(columns).zip(v) {
        sums.iter_mut()
            .zip(&row[first..])
            .for_each(|(sum, value)| *sum += v * value);
    }
    sums.iter_mut().for_each(|sum| *sum *= 2.0 / squares);
    for (row, &v) in a.chunks_exact_mut(columns).zip(v) {
        row[first..]
            .iter_mut()
            .zip(&*sums)
            .for_each(|(value, sum)| *value -= v * sum);
    }
}
