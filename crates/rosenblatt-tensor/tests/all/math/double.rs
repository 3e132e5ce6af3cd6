//! f64 functions against mpmath: `fixtures/math.json`, written by `fixtures/make_math.py`.

use rosenblatt_testkit::{fixture, ulp};

use rosenblatt_tensor::math::Float;

/// The rows of numbers under `name`.
fn rows(name: &str) -> Vec<Vec<f64>> {
    serde_json::from_value(fixture("math.json")[name].take()).expect("rows of numbers")
}

/// Checks `f` on all rows, each `[arguments…, y, r]` with the true value `y + r · ulp(y)`.
fn check(name: &str, bound: f64, f: impl Fn(&[f64]) -> f64) {
    let rows = rows(name);
    assert!(rows.len() >= 200, "{name}: only {} points", rows.len());
    let mut worst = (0.0, Vec::new());
    for row in rows {
        let [x @ .., y, rest] = &row[..] else {
            panic!("a short row")
        };
        let error = ((f(x) - y) / ulp(*y) - rest).abs();
        assert!(!error.is_nan(), "{name}{x:?} is not a number");
        if error > worst.0 {
            worst = (error, x.to_vec());
        }
    }
    println!("{name}: {:.3} ULP at {:?}", worst.0, worst.1);
    assert!(worst.0 <= bound, "{name}: {:.3} ULP at {:?}", worst.0, worst.1);
}

#[test]
fn exp() {
    check("exp", 1.0, |x| Float::exp(x[0]));
}

#[test]
fn ln() {
    check("ln", 1.0, |x| Float::ln(x[0]));
}

#[test]
fn ln_1p() {
    check("ln_1p", 1.0, |x| Float::ln_1p(x[0]));
}

#[test]
fn tanh() {
    check("tanh", 2.0, |x| Float::tanh(x[0]));
}

#[test]
fn sigmoid() {
    check("sigmoid", 1.5, |x| Float::sigmoid(x[0]));
}

#[test]
fn erf() {
    check("erf", 2.0, |x| Float::erf(x[0]));
}

#[test]
fn erfc() {
    check("erfc", 4.0, |x| Float::erfc(x[0]));
}

#[test]
fn sin() {
    check("sin", 1.0, |x| Float::sin(x[0]));
}

#[test]
fn cos() {
    check("cos", 1.0, |x| Float::cos(x[0]));
}

#[test]
fn pow() {
    check("pow", 2.0, |x| Float::pow(x[0], x[1]));
}
