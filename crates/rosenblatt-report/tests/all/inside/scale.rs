//! The ticks of an axis.

#[path = "../../../src/charts/scale.rs"]
mod code;

use code::{MAX_LOG_TICKS, Scale, exponent};

fn labels(scale: &Scale) -> Vec<String> {
    scale.ticks().into_iter().map(|(_, label)| label).collect()
}

#[test]
fn ticks_are_round_numbers_and_hold_all_values() {
    let of = |values: &[f64]| labels(&Scale::linear(values.iter().copied()));
    assert_eq!(of(&[0.13, 0.87]), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(of(&[0.4, 1.0]), ["0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(of(&[28_921.0, 29_553.9]), ["28800", "29000", "29200", "29400", "29600"]);
    assert_eq!(of(&[0.0, 1.2e12]), ["0e0", "5e11", "1e12", "1.5e12"]);
    assert_eq!(of(&[1e-9, 2.4e-9]), ["1e-9", "1.5e-9", "2e-9", "2.5e-9"]);
    assert_eq!(of(&[0.5]), ["0.4", "0.6"]);
    assert_eq!(of(&[]).len(), 6);
}

#[test]
fn losses_that_span_more_than_a_decade_have_a_logarithmic_axis() {
    let of = |values: &[f64]| labels(&Scale::of_losses(values.iter().copied()));
    assert_eq!(of(&[0.4, 1.0]), ["0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(of(&[0.03, 1.09]), ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]);
    assert_eq!(of(&[0.007, 2.3]), ["0.01", "0.1", "1"]);
    assert_eq!(of(&[3e-5, 0.8]), ["1e-4", "0.001", "0.01", "0.1", "1"]);
    assert_eq!(of(&[1e-20, 1.0])[..2], ["1e-20", "1e-16"]);
    assert!(!Scale::of_losses([0.0, 5.0].into_iter()).is_log(), "0 has no logarithm");
    assert!(!Scale::of_losses([-1.0, 5.0].into_iter()).is_log());
    let scale = Scale::of_losses([0.01, 1.0].into_iter());
    for (value, expected) in [(0.01, 0.0), (0.1, 0.5), (1.0, 1.0)] {
        assert!((scale.position(value) - expected).abs() < 1e-12, "{value}");
    }
    for low in [1e-300, 3.3e-7, 0.99, 7e12] {
        for factor in [10.1, 99.0, 1e4, 1e17] {
            let scale = Scale::of_losses([low, low * factor].into_iter());
            let positions = [low, low * factor].map(|value| scale.position(value));
            assert!(
                positions.iter().all(|at| (-1e-9..=1.0 + 1e-9).contains(at)),
                "{low} {factor}"
            );
            assert!((2..=MAX_LOG_TICKS + 2).contains(&scale.ticks().len()), "{low} {factor}");
        }
    }
}

/// A logarithm is 3 for the number just below 1000, too.
#[test]
fn powers_of_ten_differ_from_their_neighbors() {
    for n in -300..300 {
        let power: f64 = format!("1e{n}").parse().unwrap();
        let found = [power.next_down(), power, power.next_up(), 9.5 * power].map(exponent);
        assert_eq!(found, [n - 1, n, n, n], "{power}");
    }
    assert_eq!([f64::INFINITY, f64::NAN, 0.0].map(exponent), [0, 0, 0]);
}

#[test]
fn epochs_begin_with_the_first() {
    let of = |epochs| labels(&Scale::of_epochs(epochs));
    assert_eq!(of(1), ["1", "2"]);
    assert_eq!(of(5), ["1", "2", "3", "4", "5"]);
    assert_eq!(of(64), ["1", "20", "40", "60"]);
    assert_eq!(of(0), of(1));
}

#[test]
fn ends_are_at_0_and_1() {
    let scale = Scale::linear([0.0, 10.0].into_iter());
    assert_eq!([0.0, 5.0, 10.0].map(|value| scale.position(value)), [0.0, 0.5, 1.0]);
}
