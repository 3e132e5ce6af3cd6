//! Columns with many categories, in training runs.

use crate::common;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use common::{Job, alone, dynamic};
use rosenblatt_data::{DataOptions, Purpose, apply};
use rosenblatt_tensor::{ErrorKind, Isa, Result};
use rosenblatt_testkit::ModelParts;
use rosenblatt_train::callbacks::Callback;
use rosenblatt_train::check::check;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Cancel, CheckpointOptions, Every, Model, Prediction, Predictor, Run, RunOptions, fit};

/// Each of 200 cities has a level of its own; a number comes on top. Six rows a city, and one city with one row.
fn table(folder: &Path) -> String {
    let row = |i: usize| {
        let (city, x) = (i * 37 % 200, (i * 61 % 97) as f64 / 97.0);
        let level = (city * 53 % 200) as f64 / 20.0;
        format!("{x:.4},city{city},{}\n", level + x)
    };
    let rows: String = (0..1200).map(row).collect();
    let path = folder.join("cities.csv");
    fs::write(&path, format!("x,city,price\n{rows}0.5,hamlet,3.25\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn job(folder: &Path, epochs: usize) -> Job {
    let overrides = Overrides::default()
        .set("hidden", [16])
        .set("learning_rate", 0.01)
        .set("epochs", epochs)
        .set("batch_size", 40);
    let mut options = DataOptions::new(table(folder)).target("price");
    options
        .columns
        .insert("city".to_owned(), rosenblatt_data::ColumnKind::Categorical);
    Job::on(Preset::Plain, &options, &overrides)
}

#[test]
fn the_network_looks_cities_up() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), 30);
    let trained = job.train(&alone()).unwrap();
    let model = &trained.model;
    assert_eq!(*model.params()["embedding.0.weight"].shape(), [201, 8]);
    assert_eq!(
        *model.params()["layers.0.weight"].shape(),
        [16, 1 + 8],
        "its layers are numbered as written"
    );
    assert_eq!(trained.parameters, 201 * 8 + 16 * 9 + 16 + 16 + 1);
    assert_eq!(model.parameter_names().unwrap()[0], "embedding.0.weight");
    let rmse = |model: &Model| {
        Predictor::new(model, &alone())
            .unwrap()
            .evaluate(&job.data.train)
            .unwrap()["rmse"]
    };
    assert!(rmse(model) < 0.5, "{} of a target with a deviation of 2.9", rmse(model));
}

#[test]
fn the_file_is_the_same_whatever_runs_it() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), 3);
    let bytes = job.train(&alone()).unwrap().model.to_bytes().unwrap();
    let mut ways = vec![
        dynamic(),
        RunOptions {
            threads: 2,
            ..dynamic()
        },
    ];
    ways.extend([2, 3, 4].map(|threads| RunOptions { threads, ..alone() }));
    ways.extend(Isa::supported().map(|isa| RunOptions { isa, ..alone() }));
    for options in ways {
        assert!(
            job.train(&options).unwrap().model.to_bytes().unwrap() == bytes,
            "{options:?}"
        );
    }
}

/// Raises the flag after a step.
struct StopAfter(u64, Cancel);

impl Callback for StopAfter {
    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        if run.step() == self.0 {
            self.1.cancel();
        }
        Ok(ControlFlow::Continue(()))
    }
}

#[test]
fn resuming_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), 2);
    let reference = job.train(&alone()).unwrap();
    for step in [1, 7, reference.history.steps / 2, reference.history.steps - 1] {
        let checkpoint = CheckpointOptions {
            every: Every::Steps(1_000_000),
            ..CheckpointOptions::next_to(&folder.path().join("model"))
        };
        let options = RunOptions {
            checkpoint: Some(checkpoint),
            ..alone()
        };
        let mut stop = StopAfter(step, options.cancel.clone());
        let error = fit(&job.spec, &job.data, &options, &mut [&mut stop]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        let options = RunOptions {
            resume: true,
            cancel: Cancel::default(),
            threads: 2,
            ..options
        };
        let resumed = job.train(&options).unwrap();
        assert!(
            resumed.model.to_bytes().unwrap() == reference.model.to_bytes().unwrap(),
            "after step {step}"
        );
        resumed.save(folder.path().join("model")).unwrap();
    }
}

fn predict(model: &Model, folder: &Path, rows: &str) -> (Vec<f64>, Vec<String>) {
    let path = folder.join("new.csv");
    fs::write(&path, format!("city,x\n{rows}")).unwrap();
    let about = model.table().unwrap();
    let applied = apply(
        &about.schema,
        &about.preprocessing,
        path.to_str().unwrap(),
        Purpose::Predict,
    )
    .unwrap();
    match Predictor::new(model, &alone())
        .unwrap()
        .predict(&applied.dataset)
        .unwrap()
    {
        Prediction::Numbers(numbers) => (numbers, applied.warnings.iter().map(ToString::to_string).collect()),
        Prediction::Classes { .. } | Prediction::Scores { .. } => unreachable!("numbers were asked for"),
    }
}

#[test]
fn unknown_missing_and_rare_cities_are_one_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let model = job(folder.path(), 3).train(&alone()).unwrap().model;
    let (numbers, warnings) = predict(&model, folder.path(), "atlantis,0.5\n,0.5\nhamlet,0.5\ncity7,0.5\n");
    assert_eq!(numbers[..2], [numbers[2]; 2]);
    assert_ne!(numbers[3], numbers[2]);
    assert_eq!(
        warnings,
        [
            "`city`: 1 cell with a category not seen in training, such as `atlantis`",
            "1 cell of a category too rare in training to be distinguished: `city` 1",
            "1 missing value: `city` 1; imputed: categories as unknown",
        ]
    );
    let (alone, _) = predict(&model, folder.path(), "city7,0.5\n");
    assert_eq!(alone[0].to_bits(), numbers[3].to_bits(), "the same bits alone");
}

#[test]
fn a_model_whose_codes_do_not_fit_its_tensors_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let model = job(folder.path(), 1).train(&alone()).unwrap().model;
    let mut parts = ModelParts::of(&model.to_bytes().unwrap());
    let preprocessing = &mut parts.document["sections"]["table"]["preprocessing"];
    *preprocessing = serde_json::from_str(&preprocessing.to_string().replacen("\"city7\",", "", 1)).unwrap();
    let error = Model::from_bytes(&parts.to_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(
        error
            .to_string()
            .contains("`embedding.0.weight` is f32 [201, 8], but the network needs f32 [200, 8]")
    );
}

#[test]
fn the_number_of_learned_numbers_is_a_setting() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = job(folder.path(), 1);
    job.spec = job.spec.with("model.embedding_dim=3").unwrap();
    let model = job.train(&alone()).unwrap().model;
    assert_eq!(*model.params()["embedding.0.weight"].shape(), [201, 3]);
    let error = job.spec.with("model.embedding_dim=0").unwrap_err();
    assert_eq!(
        error.to_string(),
        "model.embedding_dim: expected a whole number of at least 1, got `0`"
    );
}

#[test]
fn a_check_of_the_gradients_finds_nothing_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), 1);
    let checked = check(&job.spec, &job.data, &alone(), 50).unwrap();
    assert!(checked.faults.is_empty() && checked.same_bits, "{:?}", checked.faults);
    assert_eq!(checked.tensors[0].name, "embedding.0.weight");
}
