//! Laws of penalties.

use rosenblatt_autodiff::{Graph, reverse};
use rosenblatt_nn::penalties::{L1, L1Proximal, L2, PENALTIES};
use rosenblatt_nn::{Entry, Penalty};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::assert_close;

use crate::common::{check_gradients, random, registry_laws};

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Penalty>("src/penalties", &[]);
}

fn value(penalty: &dyn Penalty, theta: Tensor) -> f64 {
    let graph = Graph::dynamic();
    penalty.value(graph.constant(theta)).value().unwrap().item().unwrap()
}

fn gradient(penalty: &dyn Penalty, theta: Tensor) -> Vec<f64> {
    let graph = Graph::dynamic();
    let theta = graph.constant(theta);
    reverse::gradients(penalty.value(theta), &[theta])[0]
        .value()
        .unwrap()
        .to_f64()
}

#[test]
fn values_by_hand() {
    let mut missing: Vec<&str> = PENALTIES.iter().map(|registration| registration.name).collect();
    for (text, expected) in [
        // Σ|θ| = 6, Σθ² = 14
        ("l1:0.5", 3.0),
        ("l1_proximal:0.5", 3.0),
        ("l2:0.5", 3.5),
        ("elastic_net:alpha=0.5,l1_ratio=0.25", 0.25 * 3.0 + 0.75 * 3.5),
    ] {
        let penalty = Entry::<dyn Penalty>::parse(text).unwrap();
        missing.retain(|name| *name != penalty.name());
        for shape in [&[4][..], &[2, 2], &[1, 2, 2]] {
            let theta = Tensor::from_vec(vec![1.0, -2.0, 0.0, 3.0], shape).unwrap();
            assert_close(value(&*penalty, theta), expected, 1e-15);
        }
    }
    assert!(missing.is_empty(), "no value by hand: {missing:?}");
}

#[test]
fn every_penalty_is_0_at_0_and_for_nothing_and_has_the_gradient_of_its_value() {
    for penalty in PENALTIES.iter().flat_map(|registration| registration.examples()) {
        assert_eq!(value(&*penalty, Tensor::from_vec(vec![0f32; 6], &[2, 3]).unwrap()), 0.0);
        assert_eq!(
            value(&*penalty, Tensor::from_vec(Vec::<f32>::new(), &[0, 3]).unwrap()),
            0.0
        );
        assert!(value(&*penalty, random("theta", &[3, 5])) > 0.0, "{penalty}");
        check_gradients(&[random("theta", &[3, 5])], |_, theta| penalty.value(theta[0]));
    }
}

#[test]
fn the_gradient_of_l1_is_the_sign() {
    let theta = Tensor::from_vec(vec![2.0, -0.5, 0.0, 1e-300], &[4]).unwrap();
    assert_eq!(gradient(&L1 { alpha: 0.25 }, theta), [0.25, -0.25, 0.0, 0.25]);
}

#[test]
fn the_gradient_of_l2_is_the_parameter() {
    let theta = Tensor::from_vec(vec![2.0, -0.5, 0.0], &[3]).unwrap();
    assert_eq!(gradient(&L2 { alpha: 0.5 }, theta), [1.0, -0.25, 0.0]);
}

/// With threshold 0.5 · 0.5: towards 0 by it, and exactly 0 within it.
#[test]
fn the_proximal_step_of_l1_is_the_soft_threshold() {
    let graph = Graph::dynamic();
    let theta = [2.0, -0.5, 0.25, -0.25, 0.2, 0.0, -0.0, f64::NAN, f64::INFINITY, -1e-300];
    let vars = graph.constant(Tensor::from_slice(&theta, &[2, 5]).unwrap());
    let rate = graph.constant(Tensor::scalar(0.5));
    let penalty = L1Proximal { alpha: 0.5 };
    assert!(penalty.is_proximal() && !L1 { alpha: 0.5 }.is_proximal());
    let new = penalty.proximal(vars, rate).value().unwrap();
    assert_eq!(new.shape()[..], [2, 5]);
    let new = new.to_f64();
    assert_eq!(new[..7], [1.75, -0.25, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert!(new[7].is_nan() && new[8] == f64::INFINITY && new[9] == 0.0);
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in [
        "l1:alpha=-1",
        "l1_proximal:alpha=-1",
        "l2:alpha=-0.1",
        "elastic_net:l1_ratio=1.5",
        "elastic_net:alpha=-1",
    ] {
        assert!(Entry::<dyn Penalty>::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_penalty_is_smooth_if_its_gradient_does_not_jump_at_0() {
    let none = ["l1:0", "l1_proximal:0", "elastic_net:l1_ratio=0"].map(|text| Entry::parse(text).unwrap());
    let examples = PENALTIES.iter().flat_map(|registration| registration.examples());
    for penalty in examples.chain(none) {
        let [left, right] = [-1e-9, 1e-9].map(|theta| gradient(&*penalty, Tensor::scalar(theta))[0]);
        assert_eq!(penalty.is_smooth(), (right - left).abs() < 1e-7, "{penalty}");
    }
}
