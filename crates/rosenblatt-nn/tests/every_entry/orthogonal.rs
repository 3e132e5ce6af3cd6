//! Orthogonal initial values: every shape, an independent way to the same matrix, and the distribution.

use rosenblatt_nn::init::Orthogonal;
use rosenblatt_nn::{Entry, Initializer, TensorSpec};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Shape};

use crate::every_initializer::{bias, moments, value, weight};

/// `W Wᵀ − gain² I` or `Wᵀ W − gain² I`, the largest element.
fn distance_from_orthogonal(w: &[f64], rows: usize, columns: usize, gain: f64) -> f64 {
    let at = |i: usize, j: usize| w[i * columns + j];
    let (small, large) = (rows.min(columns), rows.max(columns));
    let element = |i: usize, k: usize| if rows <= columns { at(i, k) } else { at(k, i) };
    let pairs = (0..small).flat_map(|i| (0..small).map(move |j| (i, j)));
    let distances = pairs.map(|(i, j)| {
        let product: f64 = (0..large).map(|k| element(i, k) * element(j, k)).sum();
        (product - if i == j { gain * gain } else { 0.0 }).abs()
    });
    distances.fold(0.0, f64::max)
}

#[test]
fn orthogonal_is_orthogonal_for_every_shape() {
    for (rows, columns) in [(100, 100), (7, 3), (3, 7), (1, 9), (9, 1), (1, 1), (2, 2)] {
        let spec = weight("w", rows, columns, DType::F64);
        for (text, gain) in [("orthogonal", 1.0), ("orthogonal:2.5", 2.5)] {
            let rule = Entry::<dyn Initializer>::parse(text).unwrap();
            let distance = distance_from_orthogonal(&value(&spec, 5, &*rule).to_f64(), rows, columns, gain);
            assert!(distance <= 1e-12, "{rows} × {columns}: {distance:e}");
        }
    }
    for (rows, columns) in [(0, 3), (3, 0), (0, 0)] {
        assert_eq!(
            value(&weight("w", rows, columns, DType::F32), 0, &Orthogonal::default()).elements(),
            0
        );
    }
    // A kernel is the matrix [out, in · height · width]; a vector is a row.
    let kernel = TensorSpec {
        shape: Shape::new(&[4, 2, 3, 3]).unwrap(),
        ..weight("w", 4, 18, DType::F64)
    };
    let matrix = weight("w", 4, 18, DType::F64);
    let of = |spec: &TensorSpec| value(spec, 1, &Orthogonal::default()).to_f64();
    assert_eq!(of(&kernel), of(&matrix));
    let row: f64 = value(&bias("b", 9, 4), 1, &Orthogonal::default())
        .to_f64()
        .iter()
        .map(|x| x * x)
        .sum();
    assert!((row - 1.0).abs() < 1e-14, "{row}");
}

/// The `Q` of a QR decomposition with a positive diagonal of `R` is unique: Gram-Schmidt gives the same.
#[test]
fn orthogonal_is_gram_schmidt_of_the_normal_numbers() {
    let (rows, columns) = (6, 4);
    let mut a = vec![0.0; rows * columns];
    Rng::new(8).purpose("init").purpose("w").fill_normal(0, &mut a);
    let mut q: Vec<Vec<f64>> = Vec::new();
    for j in 0..columns {
        let mut column: Vec<f64> = (0..rows).map(|i| a[i * columns + j]).collect();
        for before in &q {
            let product: f64 = before.iter().zip(&column).map(|(a, b)| a * b).sum();
            column.iter_mut().zip(before).for_each(|(x, b)| *x -= product * b);
        }
        let norm = column.iter().map(|x| x * x).sum::<f64>().sqrt();
        q.push(column.iter().map(|x| x / norm).collect());
    }
    let got = value(&weight("w", rows, columns, DType::F64), 8, &Orthogonal::default()).to_f64();
    for (j, column) in q.iter().enumerate() {
        for (i, x) in column.iter().enumerate() {
            assert!((got[i * columns + j] - x).abs() < 1e-13, "{i}, {j}");
        }
    }
}

/// For a uniform distribution the trace has mean 0 and mean square 1 (Diaconis, Shahshahani 1994), and half of the determinants are 1.
#[test]
fn orthogonal_matrices_are_equally_likely() {
    let count = 4000;
    let matrix = |seed| value(&weight("w", 2, 2, DType::F64), seed, &Orthogonal::default()).to_f64();
    let (mut traces, mut rotations) = (Vec::new(), 0);
    for w in (0..count).map(matrix) {
        traces.push(w[0] + w[3]);
        rotations += usize::from(w[0] * w[3] - w[1] * w[2] > 0.0);
    }
    let (mean, deviation) = moments(&traces);
    let error = 5.0 / (count as f64).sqrt();
    assert!(mean.abs() < error, "mean {mean}");
    assert!(
        (deviation * deviation - 1.0).abs() < 2.0 * error,
        "deviation {deviation}"
    );
    assert!(
        (rotations as f64 / count as f64 - 0.5).abs() < error / 2.0,
        "{rotations} rotations"
    );
}
