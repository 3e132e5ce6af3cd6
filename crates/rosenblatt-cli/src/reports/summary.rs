//! What a training run has given.

use std::io::{self, Write};
use std::path::Path;

use rosenblatt_data::{DataRef, Dataset, resolve};
use rosenblatt_nn::solvers::Ended;
use rosenblatt_report::{Command, Evaluation};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::{
    Calibration, FitResult, History, Metrics, PocketResult, Record, RunOptions, Separability, Spec, Warning,
};
use serde::ser::{self, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value, json};

use crate::flags::Job;
use crate::reports::baseline;
use crate::ui::{Report, count, metrics, number, quoted_file, shown};
use crate::warnings;

/// The result of `train`, for its report.
pub(crate) struct Summary<'a> {
    pub(crate) source: &'a str,
    pub(crate) job: &'a Job,
    pub(crate) trained: &'a FitResult,
    /// On the test rows, or else on the validation rows, if there are some.
    pub(crate) evaluation: Option<&'a Evaluation>,
    /// What the pocket has kept, if there was one.
    pub(crate) pocket: Option<PocketResult>,
    /// Whether the training rows are linearly separable, if that was asked.
    pub(crate) separability: Option<&'a Separability>,
    pub(crate) options: &'a RunOptions,
    pub(crate) output: &'a Path,
    pub(crate) warnings: &'a [Warning],
    pub(crate) plot: Option<&'a Path>,
    pub(crate) report: Option<&'a Path>,
}

/// What a model is to be used on: what it was trained on says little, but the test rows of a named set were held out.
fn other_data(source: &str) -> &'static str {
    match resolve(source) {
        Ok(DataRef::Set(set)) => set.name,
        Ok(DataRef::Folder(_)) => "NEW_FOLDER",
        _ => "NEW.csv",
    }
}

/// Commands for a model, for a page about it.
pub(crate) fn commands(source: &str, output: &Path) -> Vec<Command> {
    let model = quoted_file(&output.display().to_string());
    let data = other_data(source);
    let command = |purpose: &str, line: String| Command {
        purpose: purpose.to_owned(),
        line,
    };
    vec![
        command(
            "Predict new rows: a file with the same columns in any order, the target column is optional.",
            format!("rosenblatt predict {model} {data} -o PREDICTIONS.csv"),
        ),
        command(
            "Evaluate the model on new rows with known targets.",
            format!("rosenblatt evaluate {model} {data}"),
        ),
        command("Inspect the model.", format!("rosenblatt inspect {model}")),
    ]
}

impl Summary<'_> {
    /// The final figures of a part: of the parameters that were kept.
    fn part(&self, name: &str) -> Option<&Metrics> {
        self.trained.model.metadata().metrics.get(name)
    }

    /// `test: accuracy 0.9710, loss 0.0832 (69 rows)`; without rows that were held out, those of the last epoch.
    fn judgment(&self) -> String {
        let data = &self.job.data;
        let mut text = String::new();
        for (name, title, rows) in [("test", "test", &data.test), ("valid", "validation", &data.valid)] {
            if let (Some(metrics), Some(rows)) = (self.part(name), rows) {
                let metrics = metrics.iter().map(|(name, value)| format!("{name} {}", number(value)));
                let metrics = metrics.collect::<Vec<_>>().join(", ");
                text += &format!("{title}: {metrics} ({})\n", count(rows.len(), "row"));
            }
        }
        match self.trained.history.epochs.last() {
            Some(last) if text.is_empty() => {
                format!(
                    "training: {} (no rows were held out: add --test-fraction 0.2)\n",
                    metrics(&last.train)
                )
            }
            _ => text,
        }
    }

    /// `baseline: always `rose`, the most frequent class of the training rows (accuracy 0.4348)`
    fn baseline(&self) -> String {
        let line = |evaluation: &Evaluation| {
            let metric = evaluation.primary();
            format!(
                "{} ({} {})\n",
                baseline(evaluation),
                metric.name,
                number(metric.baseline)
            )
        };
        self.evaluation.map_or(String::new(), line)
    }

    /// `calibrated: temperature 1.082 (log loss of the validation rows 0.4512, 0.4530 before)`
    fn calibration(&self) -> String {
        let line = |found: &Calibration| {
            format!(
                "calibrated: temperature {:.3} (log loss of the validation rows {}, {} before)\n",
                found.temperature,
                number(found.after),
                number(found.before)
            )
        };
        self.trained.calibration.as_ref().map_or(String::new(), line)
    }

    /// `separated after 12 updates in 5 passes over the training rows`, and whether they are separable.
    fn separation(&self) -> String {
        let decided = self.separability.map(|found| format!("linearly separable: {found}\n"));
        let Some(pocket) = self.pocket else {
            return decided.unwrap_or_default();
        };
        let (name, met) = match is_perceptron(&self.job.spec) {
            true => ("perceptron", count(pocket.mistakes as usize, "update")),
            false => ("pocket", count(pocket.mistakes as usize, "mistake")),
        };
        let passes = format!("{} over the training rows", passes(pocket.epochs));
        let hint = match (is_perceptron(&self.job.spec), &decided) {
            (true, None) => "\n  more passes: --epochs; whether any would be enough: --prove",
            _ => "",
        };
        let text = match pocket.separated {
            true => format!("{name}: separated after {met} in {passes}\n"),
            false => format!(
                "{name}: not separated in {met} ({passes}); the best weights misclassify {} of {}{hint}\n",
                pocket.misclassified,
                count(self.job.data.train.len(), "training row"),
            ),
        };
        text + &decided.unwrap_or_default()
    }

    /// How a solver has ended, and how often it has evaluated the loss.
    fn solver(&self) -> String {
        let Some(solved) = self.trained.history.solved else {
            return String::new();
        };
        let name = self.job.spec.train.optimizer.name();
        let evaluations = format!("{} of the loss", count(solved.evaluations as usize, "evaluation"));
        match solved.ended {
            Some(Ended::Gradient) => format!("{name}: converged after {evaluations}\n"),
            Some(Ended::NoProgress) => {
                format!("{name}: ended after {evaluations}: the line search found no lower loss\n")
            }
            Some(Ended::Iterations) => {
                format!("{name}: not converged after {evaluations}\n  more iterations: --epochs\n")
            }
            None => format!("{name}: {evaluations}\n"),
        }
    }

    /// The next commands to try: on the test rows of a named set, or on other data.
    fn next(&self) -> String {
        let model = quoted_file(&self.output.display().to_string());
        let data = other_data(self.source);
        format!("next: rosenblatt evaluate {model} {data}\n      rosenblatt predict {model} {data}\n")
    }
}

/// Whether each misclassified row is one update by the perceptron's rule, and nothing else changes weights.
fn is_perceptron(spec: &Spec) -> bool {
    let train = &spec.train;
    let is_loss = train.loss.as_ref().is_some_and(|loss| loss.name() == "perceptron");
    let fields = train.optimizer.fields();
    let unset = |key: &str| fields.get(key).is_none_or(|value| value.as_f64() == Some(0.0));
    let rule = ["sgd", "averaged_sgd"].contains(&train.optimizer.name()) && unset("momentum") && unset("weight_decay");
    let penalized = train.l1 > 0.0 || train.l2 > 0.0 || train.max_norm.is_some();
    let single = train.batch_size == 1 && train.accumulate_steps == 1;
    single && spec.model.layers.is_empty() && is_loss && rule && !penalized
}

fn passes(epochs: usize) -> String {
    match epochs {
        1 => "1 pass".to_owned(),
        n => format!("{n} passes"),
    }
}

/// A document whose `epochs` are the records of all epochs, which need not be in memory at once.
struct WithEpochs<'a>(&'a Value, &'a History);

impl Serialize for WithEpochs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let fields = self.0.as_object().into_iter().flatten();
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in fields {
            match &**key {
                "epochs" => map.serialize_entry(key, &Epochs(self.1))?,
                _ => map.serialize_entry(key, value)?,
            }
        }
        map.end()
    }
}

struct Epochs<'a>(&'a History);

impl Serialize for Epochs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut each = |record: &Record| {
            list.serialize_element(record)
                .map_err(|error| Error::internal(error.to_string()))
        };
        self.0.for_each_epoch(&mut each).map_err(ser::Error::custom)?;
        list.end()
    }
}

impl Report for Summary<'_> {
    fn text(&self) -> String {
        let Self { trained, output, .. } = self;
        let last = trained.history.epochs.last().map_or(0, |record| record.epoch);
        let (best, epochs) = (trained.model.metadata().epoch, last);
        let of = if best == epochs {
            count(epochs, "epoch")
        } else {
            format!("epoch {best} of {epochs}")
        };
        let mut text = self.judgment() + &self.baseline() + &self.calibration() + &self.separation() + &self.solver();
        let about = format!(
            "{of}, {}, {:.2} s",
            count(trained.parameters, "parameter"),
            trained.seconds
        );
        text += &format!("model: {} ({about})\n", shown(output));
        if let Some(path) = self.plot {
            text += &format!("plot: {}\n", shown(path));
        }
        if let Some(path) = self.report {
            text += &format!("report: {}\n", shown(path));
        }
        text + &self.next()
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let document = self.json().map_err(io::Error::other)?;
        let all = WithEpochs(&document, &self.trained.history);
        serde_json::to_writer_pretty(out, &all).map_err(io::Error::from)
    }

    fn json(&self) -> Result<Value> {
        let Self {
            job, trained, options, ..
        } = self;
        let (about, data) = (trained.model.table()?, &job.data);
        let metadata = trained.model.metadata();
        let rows = |part: &Option<Dataset>| part.as_ref().map(Dataset::len);
        let choice = |choice: &rosenblatt_train::presets::Choice| json!({ "key": choice.key, "value": choice.value, "reason": choice.reason });
        let mut document = json!({
            "task": if about.schema.task.classes().is_some() { "classification" } else { "regression" },
            "target": about.schema.target.name,
            "data": self.source,
            "rows": data.train.len(),
            "valid_rows": rows(&data.valid),
            "test_rows": rows(&data.test),
            "features": about.input.shape.iter().product::<usize>(),
            "parameters": trained.parameters,
            "seed": metadata.seed,
            "threads": options.threads,
            "isa": options.isa.name(),
            "execution": options.execution.to_string(),
            "epochs": null,
            "history_every": trained.history.every,
            "steps": trained.history.steps,
            "best_epoch": metadata.epoch,
            "seconds": trained.seconds,
            "calibration": trained.calibration,
            "pocket": self.pocket,
            "solver": trained.history.solved,
            "separability": self.separability,
            "baseline": self.evaluation.map(|found| json!({ "answer": found.baseline, "metrics": found.of_baseline() })),
            "model": self.output.display().to_string(),
            "warnings": warnings::json(self.warnings)?,
            "choices": job.choices.iter().map(choice).collect::<Vec<_>>(),
            "settings": job.settings,
            "spec": about.spec.to_json()?,
        });
        let parts = ["test", "valid"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), json!(self.part(name)?))));
        let files = [("plot", self.plot), ("report", self.report)]
            .into_iter()
            .filter_map(|(name, path)| Some((name.to_owned(), json!(path?.display().to_string()))));
        if let Some(document) = document.as_object_mut() {
            document.extend(parts.chain(files).collect::<Map<_, _>>());
            document.retain(|key, value| key == "epochs" || !value.is_null());
        }
        Ok(document)
    }
}
