//! Mean and variance of the numbers a normalizing layer looks at.

use rosenblatt_autodiff::Var;

/// Numbers as they lie around their mean over some axes.
pub(super) struct Moments<'g> {
    /// `x − mean`
    pub(super) centered: Var<'g>,
    /// The summed axes stay, with size 1.
    pub(super) mean: Var<'g>,
    /// `Σ (x − mean)² / n`, the summed axes as in the mean.
    pub(super) variance: Var<'g>,
}

impl<'g> Moments<'g> {
    /// The moments over `axes`, each of which has at least one element.
    ///
    /// # Numerics
    /// Two passes, after the first of the numbers was taken from all of them. That number is at most `√n` standard
    /// deviations from the mean, so the differences are as good as the numbers themselves however large the mean is, and
    /// sums of f32 are enough: a mean of a million standard deviations costs no digit. Equal numbers are centered to
    /// exactly 0.
    pub(super) fn over(x: Var<'g>, axes: &[isize]) -> Self {
        // Moving all numbers by the same changes neither what is centered nor the variance: for derivatives a constant.
        let first = axes.iter().fold(x, |x, &axis| x.slice(axis, 0, 1)).stop_gradient();
        let shifted = x - first;
        let offset = shifted.mean(axes, true);
        let centered = shifted - offset;
        Self {
            centered,
            mean: first + offset,
            variance: (centered * centered).mean(axes, true),
        }
    }
}

/// `1 / √(variance + ε)`
pub(super) fn inverse_deviation(variance: Var<'_>, eps: f64) -> Var<'_> {
    1.0 / (variance + eps).sqrt()
}
