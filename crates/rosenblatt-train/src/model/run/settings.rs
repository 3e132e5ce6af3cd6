//! The settings of a fit that its checkpoints are held against.

use serde_json::{Value, json};

use crate::model::{BatchNormStatistics, Fit, Model, Reduction};

/// What decides the bits of a fit on arrays; a table's spec says it already.
pub(super) fn settings(model: &Model, fit: &Fit, classes: Option<&[f64]>) -> Option<Value> {
    let stopping = fit.early_stopping.as_ref();
    let stopping = stopping.map(|stopping| json!([stopping.metric, stopping.patience, stopping.min_delta]));
    model.table().is_err().then(|| {
        let mut settings = json!({
            "epochs": fit.epochs,
            "batch_size": fit.batch_size,
            "seed": fit.seed,
            "class_weight": classes,
            "early_stopping": stopping,
        });
        // Not in checkpoints of before there were these settings.
        if !fit.shuffle {
            settings["shuffle"] = json!(false);
        }
        if fit.accumulate_steps > 1 {
            settings["accumulate_steps"] = json!(fit.accumulate_steps);
        }
        if fit.pocket {
            settings["pocket"] = json!(true);
        }
        if let Some(swa) = fit.swa {
            settings["swa"] = json!(swa);
        }
        if fit.batch_norm_statistics != BatchNormStatistics::default() {
            settings["batch_norm_statistics"] = json!(fit.batch_norm_statistics);
        }
        if !fit.augment.is_empty() {
            let entries = fit.augment.iter().map(|entry| json!([entry.name(), entry.fields()]));
            settings["augment"] = entries.collect();
        }
        if let Some(alpha) = fit.mixup {
            settings["mixup"] = json!(alpha);
        }
        if fit.reduction != Reduction::Mean {
            settings["reduction"] = json!(fit.reduction);
        }
        settings
    })
}
