//! Gradient clipping.

#[path = "../../../src/optimize/clip.rs"]
mod code;

use rosenblatt_autodiff::Graph;
use rosenblatt_tensor::Tensor;

use code::clipped;

fn clip(gradients: [&[f32]; 2], most: f64) -> [Vec<f32>; 2] {
    let graph = Graph::dynamic();
    let leaves = gradients.map(|g| graph.constant(Tensor::from_slice(g, &[g.len()]).unwrap()));
    let clipped = clipped(&leaves, most);
    [0, 1].map(|i| clipped[i].value().unwrap().to_vec::<f32>().unwrap())
}

#[test]
fn all_gradients_shrink_alike_to_the_norm() {
    for size in [1e-3, 1.0, 1e30] {
        let [a, b] = clip([&[3.0 * size, 0.0], &[-4.0 * size]], 5e-4);
        for (got, want) in [(a[0], 3e-4f32), (a[1], 0.0), (b[0], -4e-4)] {
            // The 10⁻⁶ added to the norm is a share of 2·10⁻⁴ at the smallest size.
            assert!((got - want).abs() <= 2.1e-4 * want.abs(), "{size:e}: {got} {want}");
        }
    }
    assert_eq!(clip([&[0.0], &[]], 1.0), [vec![0.0], vec![]]);
}

#[test]
fn short_gradients_keep_every_bit() {
    let gradients: [&[f32]; 2] = [&[0.1, -0.3, 0.0], &[1e-30]];
    assert_eq!(clip(gradients, 1.0), gradients.map(<[f32]>::to_vec));
}
