//! Activations and their first derivatives against mpmath: `fixtures/activations.json`.

use super::activation_units::max_ulps as max_ulps_in_f32;
use rosenblatt_autodiff::pointwise::{ACTIVATIONS, Activation};
use rosenblatt_autodiff::{Graph, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{fixture, ulp, ulp_error};

/// `[x, y, r, dy, dr]`: the true value is `y + r · ulp(y)`, the true derivative `dy + dr · ulp(dy)`.
type Row = [f64; 5];

/// How many ULP a value may be off in f64: a rounding error of an exponent is multiplied by that exponent, and in the
/// negative tail it is x²/2 and more.
fn max_ulps(activation: &Activation, x: f64) -> f64 {
    match activation.name() {
        "gelu" | "gelu_tanh" if x < -1.0 => 2.0 * x * x,
        // The rounding error of β x is multiplied by it; that of 1.702 x is up to 1 ULP, as that of tanh.
        "gelu_logistic" | "swish" if x.abs() > 0.5 => 2.0 + 2.0 * x.abs(),
        "elu" | "selu" => 4.0,
        _ => 2.0,
    }
}

/// How far a derivative may be off, in f64 and f32: relative to it, and by the last subnormal number of the type. The
/// derivatives of sigmoid and tanh, `y (1 − y)` and `1 − y²`, cancel where the function is near 1: their error is absolute.
fn slope_bounds(activation: &Activation, dy: f64) -> [f64; 2] {
    match activation.name() {
        "sigmoid" | "tanh" => [2e-15, 1e-7],
        // Products of rounded factors.
        "elu" | "hard_swish" | "selu" | "softsign" => [2e-13 * dy.abs() + 5e-324, 3e-7 * dy.abs() + 1.5e-45],
        _ => [2e-13 * dy.abs() + 5e-324, 1e-7 * dy.abs() + 1.5e-45],
    }
}

/// The values and their derivatives.
fn computed(activation: &Activation, x: Tensor) -> [Vec<f64>; 2] {
    let graph = Graph::dynamic();
    let x = graph.constant(x);
    let y = activation.apply(x);
    let dy = reverse::gradients(y.sum_all(), &[x])[0];
    [y, dy].map(|values| values.value().unwrap().to_f64())
}

fn check(activation: &Activation, rows: &[Row]) {
    let double: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    let single: Vec<f32> = double.iter().map(|&x| x as f32).collect();
    let [double, single] = [
        Tensor::from_vec(double, &[rows.len()]),
        Tensor::from_vec(single, &[rows.len()]),
    ]
    .map(|x| computed(activation, x.unwrap()));
    let mut largest = [0.0_f64; 4];
    // Settings are rounded to f32 first, by half an ULP.
    let single_bound = max_ulps_in_f32(activation) + 0.5 * activation.settings().count() as f64;
    for (i, &[x, y, r, dy, dr]) in rows.iter().enumerate() {
        let slope_bounds = slope_bounds(activation, dy);
        let errors = [
            ((double[0][i] - y) / ulp(y) - r).abs() / max_ulps(activation, x),
            ulp_error(single[0][i] as f32, y) / single_bound.max(f64::MIN_POSITIVE),
            (double[1][i] - dy - dr * ulp(dy)).abs() / slope_bounds[0],
            (single[1][i] - dy).abs() / slope_bounds[1],
        ];
        println!("{activation:?} at {x}: {errors:?} of the bounds");
        assert!(errors.iter().all(|&error| error <= 1.0), "{activation:?} at {x}");
        largest = std::array::from_fn(|i| largest[i].max(errors[i]));
    }
    println!("cases: activation-mpmath {}, {activation:?}: {largest:?}", rows.len());
}

#[test]
fn values_and_derivatives_are_those_of_mpmath() {
    let all = fixture("activations.json");
    for activation in ACTIVATIONS.iter().flat_map(Activation::instances) {
        let name = activation.to_string();
        let rows: Vec<Row> = serde_json::from_value(all[&*name].clone())
            .unwrap_or_else(|error| panic!("fixtures/activations.json, `{name}`: {error}"));
        assert!(rows.len() >= 25, "{name}");
        check(&activation, &rows);
    }
}
