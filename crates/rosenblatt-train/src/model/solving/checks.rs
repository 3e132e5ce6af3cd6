//! What cannot be trained by a solver.

use rosenblatt_nn::scope::Found;
use rosenblatt_tensor::{Error, Result};

use super::resume::SOLVER;
use crate::model::Fit;
use crate::model::fitter::BLOCK;
use crate::model::network_step::NetworkStep;
use crate::spec::{ALL_ROWS, NO_NOISE, RANDOM};

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] for settings about batches, and for averages over the noise of batches.
pub(super) fn of_fit(solver: &str, fit: &Fit) -> Result<()> {
    let usual = Fit::default();
    let checks = [
        ("batch_size", fit.batch_size == usual.batch_size, ALL_ROWS),
        (
            "accumulate_steps",
            fit.accumulate_steps == usual.accumulate_steps,
            ALL_ROWS,
        ),
        ("augment", fit.augment.is_empty(), RANDOM),
        ("mixup", fit.mixup.is_none(), RANDOM),
        ("swa", fit.swa.is_none(), NO_NOISE),
    ];
    match checks.into_iter().find(|(_, holds, _)| !holds) {
        None => Ok(()),
        Some((key, _, reason)) => {
            let error = Error::config(format!("`{solver}` {reason}")).within(key);
            Err(error.hint("leave it out, or choose another optimizer"))
        }
    }
}

/// Whether a network can be trained on so many rows by a solver: its loss has to be the same function of the weights in every
/// evaluation. Returns whether it has statistics of batch normalization.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] for random layers, and for layers that look at a batch as a whole.
pub(super) fn of_network(step: &NetworkStep, rows: usize) -> Result<bool> {
    let solver = step.optimize.optimizer.name();
    let refused = |path: &str, reason: &str, remedy: &str| {
        let error = Error::config(format!("`{solver}` {reason}")).within(path);
        Err(error.hint(format!("{remedy}, or choose another optimizer")))
    };
    step.on_training_graph(rows.min(BLOCK), |found: Found<'_>| {
        if let Some(path) = found.draws.first() {
            let reason = "needs the same loss for the same weights, and this layer draws random numbers";
            return refused(path, reason, "leave it out");
        }
        let statistics = |name: &str| {
            let mut paths = found.statistics.iter().map(|(path, _)| path);
            paths.any(|path| {
                name.strip_prefix(path.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
            })
        };
        if let Some((name, _)) = found.updates.iter().find(|(name, _)| !statistics(name)) {
            return refused(
                name,
                "evaluates the loss several times in an iteration, and this would change each time",
                "leave it out",
            );
        }
        if let Some((path, _)) = found.statistics.first().filter(|_| rows > BLOCK) {
            let reason =
                format!("takes {rows} rows in blocks of {BLOCK}, and batch normalization would depend on the block");
            return refused(path, &reason, "use `layer_norm`");
        }
        if let Some((spec, _)) = found.tensors.iter().find(|(spec, _)| spec.name.starts_with(SOLVER)) {
            return refused(
                &spec.name,
                &format!("keeps tensors whose names begin with `{SOLVER}`"),
                "rename it",
            );
        }
        Ok(!found.statistics.is_empty())
    })?
}
