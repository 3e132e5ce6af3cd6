//! What a training run has given.

use std::path::Path;

use rosenblatt_data::Dataset;
use rosenblatt_tensor::Result;
use rosenblatt_train::{RunOptions, Trained};
use serde_json::{Map, Value, json};

use crate::flags::Job;
use crate::ui::{Report, count, figures, number, quoted};

/// The result of `train`, for its report.
pub(crate) struct Summary<'a> {
    pub(crate) source: &'a str,
    pub(crate) job: &'a Job,
    pub(crate) trained: &'a Trained,
    pub(crate) options: &'a RunOptions,
    pub(crate) output: &'a Path,
    pub(crate) plot: Option<&'a Path>,
}

impl Summary<'_> {
    /// The final figures of a part: of the parameters that were kept.
    fn part(&self, name: &str) -> Option<&std::collections::BTreeMap<String, f64>> {
        self.trained.model.about.metrics.get(name)
    }

    /// `test: accuracy 0.9710, loss 0.0832 (69 rows)`; without rows that were held out, those of the last epoch.
    fn judgement(&self) -> String {
        let data = &self.job.data;
        let mut text = String::new();
        for (name, title, rows) in [("test", "test", &data.test), ("valid", "validation", &data.valid)] {
            if let (Some(metrics), Some(rows)) = (self.part(name), rows) {
                let metrics = metrics.iter().map(|(name, value)| format!("{name} {}", number(*value)));
                let metrics = metrics.collect::<Vec<_>>().join(", ");
                text += &format!("{title}: {metrics} ({})\n", count(rows.rows(), "row"));
            }
        }
        match self.trained.epochs.last() {
            Some(last) if text.is_empty() => {
                format!(
                    "training: {} (no rows were held out: add --test-fraction 0.2)\n",
                    figures(&last.train)
                )
            }
            _ => text,
        }
    }

    /// The next command to try: on the set's test rows, or on the file.
    fn next(&self) -> String {
        let model = quoted(&self.output.display().to_string());
        let data = if self.source == "-" {
            "NEW.csv".to_owned()
        } else {
            quoted(self.source)
        };
        format!("next: rosenblatt predict {model} {data}\n")
    }
}

impl Report for Summary<'_> {
    fn text(&self) -> String {
        let Self { trained, output, .. } = self;
        let (best, epochs) = (trained.model.about.epoch, trained.epochs.len());
        let of = if best == epochs {
            count(epochs, "epoch")
        } else {
            format!("epoch {best} of {epochs}")
        };
        let mut text = self.judgement();
        let about = format!(
            "{of}, {}, {:.2} s",
            count(trained.parameters, "parameter"),
            trained.seconds
        );
        text += &format!("model: {} ({about})\n", output.display());
        if let Some(path) = self.plot {
            text += &format!("plot: {}\n", path.display());
        }
        text + &self.next()
    }

    fn json(&self) -> Result<Value> {
        let Self {
            job, trained, options, ..
        } = self;
        let (about, data) = (&trained.model.about, &job.data);
        let rows = |part: &Option<Dataset>| part.as_ref().map(Dataset::rows);
        let choice = |choice: &rosenblatt_train::presets::Choice| json!({ "key": choice.key, "value": choice.value, "reason": choice.reason });
        let mut document = json!({
            "task": if about.schema.task.classes().is_some() { "classification" } else { "regression" },
            "target": about.schema.target.name,
            "data": self.source,
            "rows": data.train.rows(),
            "valid_rows": rows(&data.valid),
            "test_rows": rows(&data.test),
            "features": about.input.shape.iter().product::<usize>(),
            "parameters": trained.parameters,
            "seed": about.seed,
            "threads": options.threads,
            "isa": options.isa.name(),
            "execution": options.execution.to_string(),
            "epochs": trained.epochs,
            "steps": trained.steps,
            "best_epoch": about.epoch,
            "seconds": trained.seconds,
            "model": self.output.display().to_string(),
            "choices": job.choices.iter().map(choice).collect::<Vec<_>>(),
            "spec": about.spec.to_json()?,
        });
        let parts = ["test", "valid"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), json!(self.part(name)?))));
        let plot = self
            .plot
            .map(|path| ("plot".to_owned(), json!(path.display().to_string())));
        if let Some(document) = document.as_object_mut() {
            document.extend(parts.chain(plot).collect::<Map<_, _>>());
            document.retain(|_, value| !value.is_null());
        }
        Ok(document)
    }
}
