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
pub(super) fn by_norm<'g>(gradients: &[Var<'g>], max_norm: f64) -> Vec<Var<'g>> {
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

/// Gradients scaled so that the norm of each of them is at most `max_norm`: [`by_norm`] of one at a time.
pub(super) fn by_parameter_norm<'g>(gradients: &[Var<'g>], max_norm: f64) -> Vec<Var<'g>> {
    gradients.iter().flat_map(|&g| by_norm(&[g], max_norm)).collect()
}

/// Gradients whose elements are limited to `−max ..= max`, each on its own.
pub(super) fn by_value<'g>(gradients: &[Var<'g>], max: f64) -> Vec<Var<'g>> {
    gradients.iter().map(|g| g.clamp(-max, max)).collect()
}
