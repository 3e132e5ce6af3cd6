//! What presets choose for an optimizer that is a solver: nothing about batches and steps.

use super::{Choice, Overrides, Preset};
use crate::settings::Descriptor;
use crate::spec::{EarlyStopping, NOT_OF_SOLVERS, TrainSpec};

/// Iterations; scikit-learn's number.
const EPOCHS: usize = 200;

/// Takes back what was chosen for steps on batches.
pub(super) fn adapt(train: &mut TrainSpec, preset: Preset, overrides: &Overrides, choices: &mut Vec<Choice>) {
    if train.optimizer.solver().is_none() {
        return;
    }
    *train = train.clone().without_steps();
    choices.retain(|choice| NOT_OF_SOLVERS.iter().all(|(key, _)| choice.setting != *key));
    let decided = |key| Descriptor::find(key).is_some_and(|setting| overrides.decides(setting));
    if preset == Preset::Plain || decided("train.epochs") {
        return;
    }
    train.epochs = EPOCHS;
    let reason = "iterations over all training rows, if it does not converge earlier";
    choose(choices, "train.epochs", EPOCHS, reason.to_owned());
    if train.early_stopping.is_some() && !decided("train.early_stopping") {
        let (patience, reason) = super::auto::patience(EPOCHS);
        train.early_stopping = Some(EarlyStopping {
            patience,
            ..EarlyStopping::default()
        });
        choose(choices, "train.patience", patience, reason);
    }
}

/// Notes a choice in place of an earlier one.
fn choose(choices: &mut Vec<Choice>, key: &str, value: usize, reason: String) {
    let Some(new) = Choice::of(key, value, reason) else {
        return;
    };
    match choices.iter_mut().find(|choice| choice.key == new.key) {
        Some(choice) => *choice = new,
        None => choices.push(new),
    }
}
