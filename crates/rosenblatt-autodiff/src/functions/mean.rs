//! Mean over axes.

use super::Function;
use crate::loops::axes_of;
use crate::{Oracle, Var};

/// The registry entry.
pub const FUNCTION: Function = Function {
    name: "mean",
    apply: |x| x.mean_all(),
    oracle: Oracle::PyTorch,
    definition: |x| x.iter().sum::<f64>() / x.len() as f64,
};

impl<'g> Var<'g> {
    /// Mean over `axes` (`-1` is the last one); with `keep` they stay with size 1.
    ///
    /// # Numerics
    /// The sum, divided by the count: NaN for nothing, as in PyTorch.
    #[must_use]
    #[track_caller]
    pub fn mean(self, axes: &[isize], keep: bool) -> Self {
        match axes_of(self, axes) {
            Ok(indices) => {
                let count: usize = indices.iter().map(|&axis| self.shape()[axis]).product();
                self.sum(axes, keep) / count as f64
            }
            Err(error) => self.fail(error.within(FUNCTION.name)),
        }
    }

    /// Mean of all elements.
    #[must_use]
    #[track_caller]
    pub fn mean_all(self) -> Self {
        self.sum_all() / self.shape().elements() as f64
    }
}
