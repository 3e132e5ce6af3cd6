//! Eigenvalues and eigenvectors of a symmetric matrix.

use nalgebra::{DMatrix, SymmetricEigen};
use rosenblatt_tensor::{Error, Result, Tensor};

/// Iterations of the QR algorithm for each eigenvalue; it takes two or three.
const MAX_ITERATIONS: usize = 100;

/// `H = V diag(λ) Vᵀ`, with ascending λ.
pub(super) struct Eigen {
    pub(super) values: Vec<f64>,
    /// `vectors[i]` belongs to `values[i]`; they are orthonormal.
    pub(super) vectors: Vec<Vec<f64>>,
}

impl Eigen {
    /// Of a matrix of `n` rows with finite entries; its two triangles are averaged.
    pub(super) fn new(n: usize, entries: &[f64]) -> Result<Self> {
        let symmetric = DMatrix::from_fn(n, n, |i, j| 0.5 * entries[i * n + j] + 0.5 * entries[j * n + i]);
        let found = SymmetricEigen::try_new(symmetric, f64::EPSILON, MAX_ITERATIONS * n.max(1));
        let found = found.ok_or_else(|| Error::data("the eigenvalues of a Hessian do not converge"))?;
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| found.eigenvalues[a].total_cmp(&found.eigenvalues[b]));
        let column = |&i: &usize| found.eigenvectors.column(i).iter().copied().collect();
        Ok(Self {
            values: order.iter().map(|&i| found.eigenvalues[i]).collect(),
            vectors: order.iter().map(column).collect(),
        })
    }

    /// `Vᵀ x`
    pub(super) fn components(&self, x: &[f64]) -> Vec<f64> {
        self.vectors.iter().map(|v| dot(v, x)).collect()
    }

    /// `V y`
    pub(super) fn combination(&self, y: &[f64]) -> Vec<f64> {
        let entry = |j: usize| self.vectors.iter().zip(y).map(|(v, y)| v[j] * y).sum();
        (0..y.len()).map(entry).collect()
    }
}

pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The eigenvalues of a symmetric matrix, in ascending order: of a Hessian, the curvatures along its eigenvectors.
///
/// By Householder's reduction to a tridiagonal matrix and the implicit QR algorithm, in f64; the two triangles are averaged first.
///
/// # Shapes
/// `[n, n]` gives `n` numbers.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] for another shape, [`rosenblatt_tensor::ErrorKind::NotFinite`] if an entry is not finite.
///
/// # Example
/// ```
/// use rosenblatt_symbolic::critical::eigenvalues;
/// assert_eq!(eigenvalues(&[[0.0, 2.0], [2.0, 0.0]].into())?, [-2.0, 2.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn eigenvalues(matrix: &Tensor) -> Result<Vec<f64>> {
    let n = match matrix.shape()[..] {
        [rows, columns] if rows == columns => rows,
        ref shape => return Err(Error::shape(format!("expected a square matrix, got shape {shape:?}"))),
    };
    let entries = matrix.to_f64();
    if !entries.iter().all(|entry| entry.is_finite()) {
        return Err(Error::not_finite("expected a matrix of finite numbers"));
    }
    // Scaled by its largest entry, so that squares neither overflow nor vanish.
    let scale = entries.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()));
    if scale == 0.0 {
        return Ok(vec![0.0; n]);
    }
    let entries: Vec<f64> = entries.iter().map(|entry| entry / scale).collect();
    Ok(Eigen::new(n, &entries)?
        .values
        .iter()
        .map(|value| value * scale)
        .collect())
}
