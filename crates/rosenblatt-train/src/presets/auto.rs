//! One recipe for all: two hidden layers, AdamW, a cosine, about 3,000 steps, stopped early.

use rosenblatt_data::{DataOptions, Prepared};
use rosenblatt_nn::Entry;
use rosenblatt_nn::optimizers::AdamW;
use rosenblatt_nn::schedules::{Cosine, Steps};
use rosenblatt_tensor::{DType, Result};

use super::{Draft, Wishes, plain, widths};
use crate::spec::EarlyStopping;

/// Share of the training rows that are set apart for validation.
const VALID: f64 = 0.2;
/// Steps that were enough for the tables this was tried on.
const STEPS: usize = 3000;
/// From this many training rows on, batches are larger.
const MANY_ROWS: usize = 10_000;

/// Validation rows, unless the user has some.
pub(super) fn data(options: &DataOptions) -> DataOptions {
    let mut options = options.clone();
    if options.valid.is_none() && options.valid_fraction.is_none() {
        options.valid_fraction = Some(VALID);
    }
    options
}

pub(super) fn draft(wishes: &Wishes, data: &Prepared) -> Result<Draft> {
    let mut draft = plain::draft()?;
    network(&mut draft, data)?;
    optimizer(&mut draft);
    length(&mut draft, wishes, data);
    Ok(draft)
}

fn network(draft: &mut Draft, data: &Prepared) -> Result<()> {
    let images = data.train.features().dtype() == DType::U8;
    let (hidden, activation, what) = match images {
        true => (vec![256], "relu", "images: one wide layer sees all pixels"),
        false => (
            vec![64, 64],
            "gelu",
            "a table: two layers are enough for its interactions",
        ),
    };
    draft.choose("hidden", widths(&hidden), what);
    draft.choose(
        "activation",
        activation,
        if images {
            "fast, and as good on pixels"
        } else {
            "smooth, good on tables"
        },
    );
    (draft.hidden, draft.activation) = (hidden, Entry::named(activation)?);
    if data.schema.task.classes().is_none() {
        draft.model.scale_target = true;
        draft.choose(
            "scale_target",
            "true",
            "a regression: steps of one size suit targets of any size",
        );
    }
    Ok(())
}

fn optimizer(draft: &mut Draft) {
    draft.train.optimizer = AdamW::default().into();
    draft.train.learning_rate = 1e-3;
    draft.train.schedule = Cosine {
        warmup: Steps(0.05),
        r#final: 0.0,
    }
    .into();
    draft.choose(
        "optimizer",
        "adamw",
        "adapts the step to each weight; a decay of 0.01 keeps weights small",
    );
    draft.choose("lr", "0.001", "safe for AdamW on standardised inputs");
    draft.choose("schedule", "cosine:warmup=0.05", "begins gently and ends at rest");
}

fn length(draft: &mut Draft, wishes: &Wishes, data: &Prepared) {
    let rows = data.train.rows();
    let batch_size = if rows >= MANY_ROWS { 256 } else { 32 };
    draft.choose("batch-size", batch_size, format!("{rows} training rows"));
    draft.train.batch_size = batch_size;
    let batch_size = wishes.batch_size.unwrap_or(batch_size).max(1);
    let epochs = (STEPS / rows.div_ceil(batch_size).max(1)).clamp(10, 200);
    draft.choose(
        "epochs",
        epochs,
        format!("about {STEPS} steps, but between 10 and 200 epochs"),
    );
    draft.train.epochs = epochs;
    if data.valid.is_some() {
        let patience = (epochs / 5).max(10);
        draft.train.early_stopping = Some(EarlyStopping { patience });
        draft.choose(
            "early-stopping",
            patience,
            "no more when the validation loss has not fallen for a fifth of the run",
        );
    }
}
