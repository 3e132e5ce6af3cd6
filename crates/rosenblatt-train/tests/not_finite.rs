//! Runs that leave the numbers.

mod common;

use common::{Job, alone, dynamic};
use rosenblatt_tensor::{Error, ErrorKind};
use rosenblatt_train::presets::{Norm, Preset, Wishes};
use rosenblatt_train::{CheckpointOptions, Every, Model, RunOptions};

fn diverging(learning_rate: f64) -> Job {
    let wishes = Wishes {
        hidden: Some(vec![32]),
        optimizer: Some("sgd".parse().unwrap()),
        learning_rate: Some(learning_rate),
        ..Wishes::default()
    };
    Job::new(Preset::Plain, "diabetes", &wishes)
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
    let beside = CheckpointOptions::beside(&folder.path().join("model"));
    let checkpoint = CheckpointOptions {
        every: Every::Steps(1),
        ..beside
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
        .collect();
    assert!(!saved.is_empty());
    for file in saved {
        let model = Model::load(file).unwrap();
        assert!(
            model
                .tensors
                .values()
                .all(|tensor| tensor.to_f64().iter().all(|x| x.is_finite()))
        );
    }
}

/// Squares overflow in f32, and what is divided by their root is 0: loss and gradients do not show it.
#[test]
fn a_buffer_that_is_not_finite_stops_the_run_and_is_named() {
    let wishes = Wishes {
        hidden: Some(vec![4]),
        norm: Some(Norm::Batch),
        init: Some("constant:1e30".parse().unwrap()),
        ..Wishes::default()
    };
    let job = Job::new(Preset::Plain, "iris", &wishes);
    let [one, other] = [alone(), dynamic()].map(|options| job.train(&options).unwrap_err());
    assert_eq!(one, other, "both ways to run say the same");
    assert_eq!(one.kind(), ErrorKind::NotFinite);
    let text = one.to_string();
    assert!(text.contains("step 1: `layers.1.running_var` is not finite"), "{text}");
}
