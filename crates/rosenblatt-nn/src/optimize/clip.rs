//! Gradient clipping.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::DType;

/// Gradients scaled so that their norm, all of them together, is at most `max_norm`.
///
/// `g ← g · min(1, max_norm / (‖g‖ + 10⁻⁶))`
///
/// # Numerics
/// All gradients have the same type. The norm is computed in f64, so f32 gradients of any finite size are scaled correctly.
/// A factor of 1 changes no bit.
///
/// # Reference
/// Pascanu, Mikolov, Bengio: On the Difficulty of Training Recurrent Neural Networks. ICML 2013, Algorithm 1.
pub(super) fn clipped<'g>(gradients: &[Var<'g>], max_norm: f64) -> Vec<Var<'g>> {
    let squares = gradients.iter().map(|g| {
        let g = g.cast(DType::F64);
        (g * g).sum_all()
    });
    let Some((total, first)) = squares.reduce(|sum, next| sum + next).zip(gradients.first()) else {
        return Vec::new();
    };
    let factor = (max_norm / (total.sqrt() + 1e-6))
        .minimum(total.full_like(1.0))
        .cast(first.dtype());
    gradients.iter().map(|&g| g * factor).collect()
}

#[cfg(test)]
mod tests {
    use rosenblatt_autodiff::Graph;
    use rosenblatt_tensor::Tensor;

    use super::*;

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
                // The 10⁻⁶ beside the norm is a share of 2·10⁻⁴ at the smallest size.
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
}
