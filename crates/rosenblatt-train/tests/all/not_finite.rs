//! Runs that leave the numbers.

use crate::common;

use common::{Job, alone, dynamic};
use rosenblatt_data::{DataOptions, Dataset};
use rosenblatt_tensor::{Error, ErrorKind, Tensor};
use rosenblatt_train::presets::{Norm, Overrides, Preset};
use rosenblatt_train::{CheckpointOptions, Every, Model, RunOptions};

fn diverging(learning_rate: f64) -> Job {
    let overrides = Overrides::default()
        .set("hidden", [32])
        .set("optimizer", "sgd")
        .set("learning_rate", learning_rate);
    Job::new(Preset::Plain, "diabetes", &overrides)
}

fn check(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::NotFinite, "{error:?}");
    let text = error.to_string();
    assert!(text.contains("step ") && text.contains("layers."), "{text}");
    assert!(error.hint_text().unwrap().contains("learning rate"), "{error:?}");
}

#[test]
fn a_diverging_run_stops_and_says_where() {
    for learning_rate in [1e2, 1e6, 1e12, 1e30] {
        let job = diverging(learning_rate);
        let [one, other] = [alone(), dynamic()].map(|options| job.train(&options).unwrap_err());
        check(&one);
        assert_eq!(one, other, "both ways to run say the same");
    }
}

#[test]
fn what_was_saved_before_is_finite() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = CheckpointOptions::next_to(&folder.path().join("model"));
    let checkpoint = CheckpointOptions {
        every: Every::Steps(1),
        ..checkpoint
    };
    let place = checkpoint.folder.clone();
    check(
        &diverging(1e6)
            .train(&RunOptions {
                checkpoint: Some(checkpoint),
                ..alone()
            })
            .unwrap_err(),
    );
    let saved: Vec<_> = std::fs::read_dir(place)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("epochs.jsonl"))
        .collect();
    assert!(!saved.is_empty());
    for file in saved {
        let model = Model::load(file).unwrap();
        assert!(
            model
                .params()
                .values()
                .all(|tensor| tensor.to_f64().iter().all(|x| x.is_finite()))
        );
    }
}

/// Squares overflow in f32, and what is divided by their root is 0: loss and gradients do not show it.
#[test]
fn a_buffer_that_is_not_finite_stops_the_run_and_is_named() {
    let overrides = Overrides::default()
        .set("hidden", [4])
        .set("norm", Norm::Batch)
        .set("init", "constant:1e30");
    let job = Job::new(Preset::Plain, "iris", &overrides);
    let [one, other] = [alone(), dynamic()].map(|options| job.train(&options).unwrap_err());
    assert_eq!(one, other, "both ways to run say the same");
    assert_eq!(one.kind(), ErrorKind::NotFinite);
    let text = one.to_string();
    assert!(text.contains("step 1: `layers.1.running_var` is not finite"), "{text}");
}

/// What dropout leaves is ten times as large, and overflows; a prediction would not.
#[test]
fn a_layer_is_looked_at_as_in_training() {
    let overrides = Overrides::default()
        .set("hidden", [4])
        .set("dropout", 0.9)
        .set("init", "constant:1");
    let mut job = Job::new(Preset::Plain, "iris", &overrides);
    let train = &job.data.train;
    let large = vec![1e37f32; train.len() * 4];
    let features = Tensor::from_vec(large, &[train.len(), 4]).unwrap();
    let targets = train.targets().cloned();
    job.data.train = Dataset::new(features, targets, job.data.schema.task.clone()).unwrap();
    let text = job.train(&alone()).unwrap_err().to_string();
    assert!(
        text.contains("the output of `layers.2` is the first that is not"),
        "{text}"
    );
}

#[test]
fn an_embedding_that_left_the_numbers_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    let lines = (0..600).map(|row| format!("c{},{}.5\n", row % 200, 1000 * (row % 7)));
    std::fs::write(&path, format!("code,y\n{}", lines.collect::<String>())).unwrap();
    let mut options = DataOptions::new(path.to_str().unwrap());
    options.target = Some("y".to_owned());
    let overrides = Overrides::default()
        .set("optimizer", "sgd")
        .set("learning_rate", 3e38)
        .set("batch_size", 600);
    let job = Job::on(Preset::Plain, &options, &overrides);
    let text = job.train(&alone()).unwrap_err().to_string();
    assert!(
        text.contains("the output of `embedding` is the first that is not"),
        "{text}"
    );
}
