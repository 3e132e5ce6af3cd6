//! scikit-learn's reduction on a plateau.

use rosenblatt_tensor::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;
use crate::entry::expect;
use crate::entry::range::{at_least_0, open_share};
use crate::{Config, Schedule};

/// A fifth of the learning rate whenever the loss has not improved by `tol` for `patience` epochs in a row, by
/// scikit-learn's name.
///
/// An observed loss `m` improves on the smallest one `b` if `m ≤ b − tol`; NaN improves on nothing. After `patience`
/// observations in a row that do not, the factor is multiplied by `factor`, and counting begins again. What is observed is
/// the training loss of each epoch, or the validation loss if there are validation rows. See `plateau` for a relative
/// threshold.
///
/// # Differences
/// scikit-learn's `n_iter_no_change` is `patience − 1`: its code reduces after more than that many epochs, while its
/// documentation says two epochs, the default here. It ends the run instead of reducing a learning rate that is at most
/// 10⁻⁶; here early stopping ends a run.
///
/// # Numerics
/// As for `plateau`: one call takes a time proportional to the number of observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adaptive {
    /// What the learning rate is multiplied by, in `(0, 1)`.
    pub factor: f64,
    /// Epochs in a row without improvement after which it is, at least 1.
    pub patience: usize,
    /// By how much the loss must fall to count as improved, at least 0.
    pub tol: f64,
}

impl Default for Adaptive {
    /// A fifth, after two epochs that do not improve by 10⁻⁴.
    fn default() -> Self {
        Self {
            factor: 0.2,
            patience: 2,
            tol: 1e-4,
        }
    }
}

impl Config for Adaptive {
    const NAME: &'static str = "adaptive";

    fn check(&self) -> Result<()> {
        open_share("factor", self.factor)?;
        expect(self.patience >= 1, "patience", "to be at least 1", self.patience)?;
        at_least_0("tol", self.tol)
    }

    fn examples() -> Vec<Self> {
        let other = Self {
            factor: 0.5,
            patience: 1,
            tol: 0.0,
        };
        vec![Self::default(), other]
    }
}

impl Schedule for Adaptive {
    fn factor(&self, at: &At<'_>) -> f64 {
        let (mut factor, mut best, mut bad) = (1.0, f64::INFINITY, 0);
        for &loss in at.observed {
            bad = if loss <= best - self.tol { 0 } else { bad + 1 };
            if loss < best {
                best = loss;
            }
            if bad >= self.patience {
                (factor, bad) = (factor * self.factor, 0);
            }
        }
        factor
    }

    fn observes(&self) -> bool {
        true
    }
}
