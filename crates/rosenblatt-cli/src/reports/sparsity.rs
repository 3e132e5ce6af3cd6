//! How many weights are exactly 0, for `inspect`.

use rosenblatt_tensor::Tensor;

/// How many numbers of the weight matrix among a layer's tensors are exactly 0, and of how many; nothing if it has none.
pub(super) fn zeros(tensors: &[(String, &Tensor)]) -> Option<(usize, usize)> {
    let (_, weights) = tensors
        .iter()
        .find(|(name, tensor)| name == "weight" && tensor.shape().rank() > 1)?;
    let zeros = weights.to_f64().into_iter().filter(|&value| value == 0.0).count();
    Some((zeros, weights.elements()))
}

/// `sparsity: 37 of 120 weights are 0 (30.8 %): layers.0 31 of 96, layers.2 6 of 24`; nothing if none is.
pub(super) fn text(layers: &[(String, (usize, usize))]) -> String {
    let zeros: usize = layers.iter().map(|(_, (zeros, _))| zeros).sum();
    let all: usize = layers.iter().map(|(_, (_, all))| all).sum();
    if zeros == 0 {
        return String::new();
    }
    let each: Vec<_> = layers
        .iter()
        .map(|(name, (zeros, all))| format!("{name} {zeros} of {all}"))
        .collect();
    let share = 100.0 * zeros as f64 / all as f64;
    format!(
        "sparsity: {zeros} of {all} weights are 0 ({share:.1} %): {}\n",
        each.join(", ")
    )
}
