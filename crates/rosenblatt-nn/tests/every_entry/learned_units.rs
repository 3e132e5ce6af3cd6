//! Errors in f32 of activations with a learned parameter, in units in the last place: over a sample of all numbers, or all of
//! them with `ROSENBLATT_SOAK=1`, against f64 by the crate `libm`. Activations without one: `activation_units` of
//! `rosenblatt-autodiff`.

use std::collections::BTreeMap;

use rosenblatt_autodiff::Graph;
use rosenblatt_nn::layers::{Prelu, Swish};
use rosenblatt_nn::{Layer, Mode, Scope, scope};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{soak, ulp_error};

/// The values of a layer with one feature and this parameter.
fn values(layer: &dyn Layer, parameter: (&str, f32), x: &[f32]) -> Vec<f32> {
    let learned = Tensor::from_slice(&[parameter.1], &[1]).unwrap();
    let tensors = BTreeMap::from([(format!("layer.{}", parameter.0), learned)]);
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::from_slice(x, &[x.len(), 1]).unwrap());
    let scope = Scope::new(&graph, x.dtype(), Mode::Eval, scope::leaves(&graph, &tensors));
    let y = scope.apply("layer", layer, x);
    scope.finish().unwrap();
    y.value().unwrap().to_vec().unwrap()
}

/// Every finite number or a sample of them, some at a time.
fn batches() -> impl Iterator<Item = Vec<f32>> {
    let step = if soak() { 1 } else { 8191 };
    (0..=u32::MAX).step_by(step << 14).map(move |from| {
        let to = from.saturating_add((step << 14) as u32 - 1);
        let all = (from..=to).step_by(step).map(f32::from_bits);
        all.filter(|x| x.is_finite()).collect()
    })
}

fn is_accurate(layer: &dyn Layer, name: &str, parameters: [f32; 2], truth: impl Fn(f64, f64) -> f64) {
    for parameter in parameters {
        let (mut worst, mut cases) = ((0.0, 0.0), 0);
        for points in batches() {
            cases += points.len();
            for (&x, y) in points.iter().zip(values(layer, (name, parameter), &points)) {
                let error = ulp_error(y, truth(f64::from(x), f64::from(parameter)));
                worst = if error > worst.0 { (error, x) } else { worst };
            }
        }
        println!("{name} {parameter}: at most {:.3} ULP, at {:e}", worst.0, worst.1);
        assert!(worst.0 <= 1.0, "{name} {parameter}: {} ULP at {}", worst.0, worst.1);
        println!("cases: learned-activation-f32 {cases}");
    }
}

#[test]
fn prelu_is_within_one_ulp_in_f32() {
    let truth = |x: f64, slope: f64| if x > 0.0 { x } else { slope * x };
    // PyTorch's initial value, which is the paper's.
    assert_eq!(Prelu::default().init, 0.25);
    is_accurate(&Prelu::default(), "weight", [0.25, -0.7], truth);
}

#[test]
fn learned_swish_is_within_one_ulp_in_f32() {
    let layer = Swish {
        learned: true,
        ..Swish::default()
    };
    // Where e^(−β x) overflows there is no such value.
    let truth = |x: f64, beta: f64| match beta * x < -700.0 {
        true => 0.0,
        false => x / (1.0 + libm::exp(-beta * x)),
    };
    is_accurate(&layer, "beta", [layer.beta as f32, -0.7], truth);
}
