//! The chain rule in denominator layout: `∂z/∂x` has the rows of `x` and the columns of `z`, so that
//! `∂z/∂x = ∂y/∂x · ∂z/∂y`, from left to right.

use rosenblatt_autodiff::{grad, jacobian};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::assert_close;

/// Rows of a matrix.
type Matrix = Vec<Vec<f64>>;

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    let entry = |row: &[f64], column: usize| row.iter().zip(b).map(|(x, row)| x * row[column]).sum();
    a.iter()
        .map(|row| (0..b[0].len()).map(|column| entry(row, column)).collect())
        .collect()
}

fn transposed(a: &Matrix) -> Matrix {
    (0..a[0].len())
        .map(|column| a.iter().map(|row| row[column]).collect())
        .collect()
}

/// The engine's Jacobian has the rows of the result: denominator layout is its transpose.
fn in_denominator_layout(jacobian: &Tensor, columns: usize) -> Matrix {
    transposed(&jacobian.to_f64().chunks(columns).map(<[f64]>::to_vec).collect())
}

const A: [[f64; 2]; 3] = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]];
const B: [[f64; 3]; 2] = [[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]];

/// cos 0.7 (mpmath).
const COS: f64 = 0.764_842_187_284_488_5;

fn matrix<const N: usize>(rows: &[[f64; N]]) -> Matrix {
    rows.iter().map(|row| row.to_vec()).collect()
}

/// Scalar x, `y = a sin x` and `z = B y`: `[1, 3] · [3, 2] = [1, 2]`.
#[test]
fn a_vector_by_a_scalar() {
    let (x, a) = (0.7, [1.0, -2.0, 0.5]);
    let by_x = vec![a.map(|a| a * COS).to_vec()];
    let by_hand = times(&by_x, &transposed(&matrix(&B)));
    let z = jacobian(
        |x| {
            let graph = x.graph();
            let y = graph.constant(Tensor::from([[1.0], [-2.0], [0.5]])) * x.sin();
            graph.constant(Tensor::from(B)).matmul(y)
        },
        &Tensor::from([x]),
    );
    assert_close(
        in_denominator_layout(&z.unwrap(), 1)[0].clone(),
        by_hand[0].clone(),
        1e-14,
    );
}

/// `x` of 2, `y = (A x)²` of 3, `z = B y` of 2: `[2, 3] · [3, 2] = [2, 2]`.
#[test]
fn a_vector_by_a_vector() {
    let x = [1.0, -2.0];
    let inner = A.map(|row| row[0] * x[0] + row[1] * x[1]);
    // ∂yⱼ/∂xᵢ = 2 (A x)ⱼ Aⱼᵢ
    let by_x: Matrix = (0..2)
        .map(|i| (0..3).map(|j| 2.0 * inner[j] * A[j][i]).collect())
        .collect();
    let by_hand = times(&by_x, &transposed(&matrix(&B)));
    let z = jacobian(
        |x| {
            let graph = x.graph();
            let y = graph.constant(Tensor::from(A)).matmul(x).square();
            graph.constant(Tensor::from(B)).matmul(y)
        },
        &Tensor::from([[x[0]], [x[1]]]),
    );
    let found = in_denominator_layout(&z.unwrap(), 2);
    assert_close(found.concat(), by_hand.concat(), 1e-14);
}

/// Matrix X, `y = X v` of 3, scalar `z = Σ yᵢ³`: `∂z/∂Xᵢⱼ = Σₖ ∂yₖ/∂Xᵢⱼ ∂z/∂yₖ = 3 yᵢ² vⱼ`, of the shape of X.
#[test]
fn a_scalar_by_a_matrix() {
    let v = [2.0, -0.5];
    let y = A.map(|row| row[0] * v[0] + row[1] * v[1]);
    let by_hand: Vec<f64> = y.iter().flat_map(|y| v.map(|v| 3.0 * y * y * v)).collect();
    let found = grad(
        |[x]| {
            let y = x.matmul(x.graph().constant(Tensor::from([[2.0], [-0.5]])));
            (y * y * y).sum_all()
        },
        [&Tensor::from(A)],
    );
    let [found] = found.unwrap();
    assert_eq!(found.shape()[..], [3, 2]);
    assert_close(found.to_f64(), by_hand, 1e-14);
}
