//! Laws of constraints.

use rosenblatt_autodiff::Graph;
use rosenblatt_nn::constraints::{CONSTRAINTS, MaxNorm, NonNegative, UnitNorm};
use rosenblatt_nn::{Constraint, Entry};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::assert_close;

use crate::common::{random, registry_laws};

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Constraint>("src/constraints", &["rows"]);
}

fn project(constraint: &dyn Constraint, theta: &Tensor) -> Tensor {
    let graph = Graph::dynamic();
    constraint.project(graph.constant(theta.clone())).value().unwrap()
}

/// As f32, so that rounding is seen.
fn single(theta: &Tensor) -> Tensor {
    let values = theta.to_f64().into_iter().map(|value| value as f32).collect();
    Tensor::from_vec::<f32>(values, theta.shape()).unwrap()
}

#[test]
fn projecting_twice_is_projecting_once_for_every_shape_and_type() {
    for constraint in CONSTRAINTS.iter().flat_map(|registration| registration.examples()) {
        for shape in [&[][..], &[5], &[4, 3], &[2, 3, 2], &[0, 3], &[3, 0], &[0]] {
            let theta = random("theta", shape);
            for (theta, tolerance) in [(single(&theta), 2e-7), (theta, 1e-15)] {
                let once = project(&*constraint, &theta);
                assert_eq!((once.dtype(), once.shape()), (theta.dtype(), theta.shape()));
                assert_close(project(&*constraint, &once).to_f64(), once.to_f64(), tolerance);
            }
        }
    }
}

#[test]
fn max_norm_scales_long_rows_only() {
    let theta = Tensor::from_vec(vec![3.0, 4.0, 0.3, 0.4, 0.0, 0.0], &[3, 2]).unwrap();
    let expected = [1.5, 2.0, 0.3, 0.4, 0.0, 0.0];
    assert_close(project(&MaxNorm { max: 2.5 }, &theta).to_f64(), expected, 1e-15);
    // Rows of more axes, and a whole vector.
    let deep = theta.reshape(&[1, 3, 2]).unwrap();
    let scale = 1.0 / 25.25f64.sqrt();
    let expected: Vec<f64> = theta.to_f64().iter().map(|value| value * scale).collect();
    assert_close(project(&MaxNorm { max: 1.0 }, &deep).to_f64(), &expected, 1e-15);
    let vector = theta.reshape(&[6]).unwrap();
    assert_close(project(&MaxNorm { max: 1.0 }, &vector).to_f64(), &expected, 1e-15);
}

#[test]
fn rows_short_enough_keep_every_bit() {
    let theta = single(&random("theta", &[4, 3]));
    assert_eq!(
        project(&MaxNorm { max: 2.0 }, &theta).to_vec::<f32>().unwrap(),
        theta.to_vec::<f32>().unwrap()
    );
}

#[test]
fn norms_of_huge_and_tiny_f32_do_not_overflow_or_vanish() {
    for size in [1e30f32, 1e-30] {
        let theta = Tensor::from_vec(vec![3.0 * size, 4.0 * size], &[1, 2]).unwrap();
        assert_eq!(theta.dtype(), DType::F32);
        assert_close(project(&UnitNorm {}, &theta).to_f64(), [0.6, 0.8], 1e-7);
    }
    let theta = Tensor::from_vec(vec![3e30f32, 4e30], &[1, 2]).unwrap();
    assert_close(project(&MaxNorm { max: 5.0 }, &theta).to_f64(), [3.0, 4.0], 1e-6);
}

#[test]
fn a_row_of_zeros_stays_zero() {
    let theta = Tensor::from_vec(vec![0.0, 0.0, 0.0, -2.0], &[2, 2]).unwrap();
    assert_eq!(project(&UnitNorm {}, &theta).to_f64(), [0.0, 0.0, 0.0, -1.0]);
}

#[test]
fn non_negative_replaces_negative_values_by_0() {
    let theta = Tensor::from_vec(vec![1.5, -2.0, 0.0, -1e-300], &[4]).unwrap();
    assert_eq!(project(&NonNegative {}, &theta).to_f64(), [1.5, 0.0, 0.0, 0.0]);
}

#[test]
fn what_is_not_a_number_stays_one_that_is_seen() {
    let theta = Tensor::from_vec(vec![f64::NAN, 1.0], &[1, 2]).unwrap();
    for constraint in CONSTRAINTS.iter().flat_map(|registration| registration.examples()) {
        assert!(project(&*constraint, &theta).to_f64()[0].is_nan(), "{constraint}");
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in ["max_norm:0", "max_norm:-1", "max_norm:max=inf"] {
        assert!(Entry::<dyn Constraint>::parse(text).is_err(), "{text}");
    }
}
