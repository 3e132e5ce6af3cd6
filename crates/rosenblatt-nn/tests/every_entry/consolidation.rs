//! Elastic weight consolidation: values by hand, and mistakes.

use rosenblatt_autodiff::Var;
use rosenblatt_nn::Scope;
use rosenblatt_nn::consolidation::{Consolidation, diagonal_fisher};
use rosenblatt_nn::layers::Linear;
use rosenblatt_nn::transform::{self, Params};
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::assert_close;

fn params(tensors: &[(&str, &[f64], &[usize])]) -> Params {
    let named = |(name, values, shape): &(&str, &[f64], &[usize])| {
        ((*name).to_owned(), Tensor::from_slice(values, shape).unwrap())
    };
    tensors.iter().map(named).collect()
}

fn line<'g>(m: &Scope<'g>, x: Var<'g>) -> Var<'g> {
    m.apply("net", &Linear::new(1), x).sum_all()
}

const NOW: [(&str, &[f64], &[usize]); 2] = [("net.bias", &[0.5], &[1]), ("net.weight", &[1.0, -2.0], &[1, 2])];

#[test]
fn the_penalty_is_the_weighted_square_of_what_moved() {
    let before = params(&[("net.bias", &[-0.5], &[1]), ("net.weight", &[4.0, -2.0], &[1, 2])]);
    let importance = params(&[("net.bias", &[3.0], &[1]), ("net.weight", &[0.5, 7.0], &[1, 2])]);
    let keep = Consolidation::new(0.25, &before, &importance).unwrap();
    let x = Tensor::from_slice(&[2.0, 1.0], &[1, 2]).unwrap();
    let loss = transform::function(|m, [x]| line(m, x) + keep.penalty(m));
    let (value, gradient) = transform::value_and_grad_params(loss, &params(&NOW), [&x]).unwrap();
    // 2 − 2 + 0.5, and 0.25 · (3 · 1² + 0.5 · 3²)
    assert_close(value.item().unwrap(), 0.5 + 0.25 * 7.5, 1e-15);
    assert_close(gradient["net.bias"].to_f64(), [1.0 + 0.5 * 3.0], 1e-15);
    assert_close(gradient["net.weight"].to_f64(), [2.0 - 0.5 * 0.5 * 3.0, 1.0], 1e-15);
    // Only parameters that have an importance are held.
    let some = params(&[("net.bias", &[3.0], &[1])]);
    let keep = Consolidation::new(0.25, &before, &some).unwrap();
    let loss = transform::function(|m, [x]| line(m, x) + keep.penalty(m));
    let gradient = transform::grad_params(loss, &params(&NOW), [&x]).unwrap();
    assert_eq!(gradient["net.weight"].to_f64(), [2.0, 1.0]);
}

#[test]
fn importances_are_means_of_squares() {
    let rows = params(&[("a", &[1.0, 2.0, -3.0, 0.0], &[2, 2]), ("b", &[2.0, 4.0], &[2])]);
    let importance = diagonal_fisher(&rows).unwrap();
    assert_eq!(importance["a"].to_f64(), [5.0, 2.0]);
    assert_eq!(
        (importance["b"].to_f64(), importance["b"].shape().len()),
        (vec![10.0], 0)
    );
    for rows in [params(&[("a", &[], &[0, 2])]), params(&[("a", &[1.0], &[])])] {
        assert_eq!(diagonal_fisher(&rows).unwrap_err().kind(), ErrorKind::Shape);
    }
}

#[test]
fn mistakes_name_the_parameter() {
    let now = params(&NOW);
    for (strength, importance, message) in [
        (-1.0, params(&[]), "expected `strength` to be at least 0, got -1"),
        (f64::NAN, params(&[]), "expected `strength` to be at least 0, got NaN"),
        (
            1.0,
            params(&[("net.weigh", &[1.0], &[1])]),
            "there is no parameter `net.weigh`",
        ),
        (
            1.0,
            params(&[("net.bias", &[1.0], &[1, 1])]),
            "net.bias: expected importances [1], got [1, 1]",
        ),
        (
            1.0,
            params(&[("net.bias", &[-2.0], &[1])]),
            "net.bias: expected importances of at least 0, got -2",
        ),
        (
            1.0,
            params(&[("net.bias", &[f64::NAN], &[1])]),
            "net.bias: expected importances of at least 0, got NaN",
        ),
    ] {
        let error = Consolidation::new(strength, &now, &importance).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let keep = Consolidation::new(1.0, &now, &params(&[("net.bias", &[1.0], &[1])])).unwrap();
    let x = Tensor::from_slice(&[2.0, 1.0], &[1, 2]).unwrap();
    let early = transform::function(|m, [x]| keep.penalty(m) + line(m, x));
    let error = transform::grad_params(early, &now, [&x]).unwrap_err();
    assert!(
        error.to_string().contains("no parameter `net.bias` was asked for"),
        "{error}"
    );
    let wide = transform::function(|m, [x]| m.apply("net", &Linear::new(2), x).sum_all() + keep.penalty(m));
    let two = params(&[("net.bias", &[0.5, 0.5], &[2]), ("net.weight", &[1.0; 4], &[2, 2])]);
    let error = transform::grad_params(wide, &two, [&x]).unwrap_err();
    assert!(
        error.to_string().contains("expected `net.bias` [1], got [2]"),
        "{error}"
    );
}
