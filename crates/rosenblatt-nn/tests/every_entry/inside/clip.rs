//! Gradient clipping.

#[path = "../../../src/optimize/clip.rs"]
mod code;

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{assert_close, fixture};

use code::{by_norm, by_parameter_norm, by_value};

type Way = for<'g> fn(&[Var<'g>], f64) -> Vec<Var<'g>>;

fn clip(way: Way, gradients: [&[f32]; 2], most: f64) -> [Vec<f32>; 2] {
    let graph = Graph::dynamic();
    let leaves = gradients.map(|g| graph.constant(Tensor::from_slice(g, &[g.len()]).unwrap()));
    let clipped = way(&leaves, most);
    [0, 1].map(|i| clipped[i].value().unwrap().to_vec::<f32>().unwrap())
}

#[test]
fn all_gradients_shrink_alike_to_the_norm() {
    for size in [1e-3, 1.0, 1e30] {
        let [a, b] = clip(by_norm, [&[3.0 * size, 0.0], &[-4.0 * size]], 5e-4);
        for (got, want) in [(a[0], 3e-4f32), (a[1], 0.0), (b[0], -4e-4)] {
            // The 10⁻⁶ added to the norm is a share of 2·10⁻⁴ at the smallest size.
            assert!((got - want).abs() <= 2.1e-4 * want.abs(), "{size:e}: {got} {want}");
        }
    }
    assert_eq!(clip(by_norm, [&[0.0], &[]], 1.0), [vec![0.0], vec![]]);
}

#[test]
fn short_gradients_keep_every_bit() {
    let gradients: [&[f32]; 2] = [&[0.1, -0.3, 0.0], &[1e-30]];
    for way in [by_norm, by_parameter_norm, by_value] {
        assert_eq!(clip(way, gradients, 1.0), gradients.map(<[f32]>::to_vec));
    }
}

#[test]
fn gradients_are_clipped_as_pytorch_does() {
    let fixture = fixture("clipping.json");
    let numbers = |name: &str| serde_json::from_value::<Vec<Vec<f64>>>(fixture[name].clone()).unwrap();
    let limit = fixture["limit"].as_f64().unwrap();
    let ways: [(&str, Way); 3] = [
        ("value", by_value),
        ("parameter_norm", by_parameter_norm),
        ("norm", by_norm),
    ];
    for (name, way) in ways {
        let graph = Graph::dynamic();
        let gradients = numbers("gradients").into_iter();
        let gradients: Vec<_> = gradients
            .map(|g| graph.constant(Tensor::from_slice(&g, &[g.len()]).unwrap()))
            .collect();
        for (got, expected) in way(&gradients, limit).iter().zip(numbers(name)) {
            assert_close(got.value().unwrap().to_f64(), expected, 1e-15);
        }
    }
}

#[test]
fn each_gradient_shrinks_to_the_norm_on_its_own() {
    for size in [1.0, 1e30] {
        let [a, b] = clip(by_parameter_norm, [&[3.0 * size, -4.0 * size], &[1e-3]], 0.5);
        assert_close(a, [0.3, -0.4], 2e-6);
        assert_eq!(b, [1e-3]);
    }
}

#[test]
fn each_element_is_limited_on_its_own() {
    let gradients: [&[f32]; 2] = [&[1e30, -0.2, -3.0], &[0.25]];
    assert_eq!(clip(by_value, gradients, 0.25), [vec![0.25, -0.2, -0.25], vec![0.25]]);
}
