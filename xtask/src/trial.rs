//! One model trained on some rows and tried on others.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::program::{Program, remove};
use crate::shell::{self, Outcome};

/// Rows to learn from and rows to be evaluated by, as the texts of CSV files.
pub struct Rows {
    /// The column to predict.
    pub target: String,
    /// To learn from.
    pub train: String,
    /// To be evaluated by.
    pub held_out: String,
}

/// What came out.
pub struct Trial {
    /// What `train` printed.
    pub trained: Value,
    /// The metrics that `evaluate` printed.
    metrics: Value,
    /// Of the whole command `train`.
    pub seconds: f64,
}

impl Trial {
    /// Runs `train` with some more arguments, then `evaluate`; `folder` is for files of this trial.
    ///
    /// # Errors
    /// If one of them fails.
    pub fn run(program: &Program, folder: &Path, rows: &Rows, arguments: &str) -> Outcome<Self> {
        let [train, held_out] = ["train.csv", "held_out.csv"].map(|name| folder.join(name));
        fs::write(&train, &rows.train)?;
        fs::write(&held_out, &rows.held_out)?;
        let model = folder.join("model.safetensors");
        remove(&model)?;
        let start = Instant::now();
        let arguments = format!("{} --target {} {arguments}", train.display(), rows.target);
        let trained = program.train(&arguments, &model)?;
        let seconds = start.elapsed().as_secs_f64();
        let mut command = program.command("evaluate --quiet --format json");
        let printed: Value = serde_json::from_str(&shell::capture(command.arg(model).arg(held_out))?)?;
        Ok(Self {
            trained,
            metrics: printed["metrics"].clone(),
            seconds,
        })
    }

    /// One of the metrics.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn metric(&self, name: &str) -> Outcome<f64> {
        Ok(self.metrics[name].as_f64().ok_or(format!("evaluate: no `{name}`"))?)
    }

    /// What the preset chose under a key, if it did.
    pub fn chosen(&self, key: &str) -> Option<f64> {
        let choices = self.trained["choices"].as_array()?;
        let choice = choices.iter().find(|choice| choice["key"] == key)?;
        choice["value"].as_str()?.parse().ok()
    }
}

/// The arithmetic mean.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
