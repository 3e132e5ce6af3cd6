//! Whole training runs.

mod common;

use common::{Job, alone, dynamic};
use rosenblatt_autodiff::plan::Plan;
use rosenblatt_data::DataOptions;
use rosenblatt_tensor::{ErrorKind, Isa};
use rosenblatt_train::presets::{Preset, Wishes};
use rosenblatt_train::{Prediction, Predictor, RunOptions, Score};

#[test]
fn penguins_are_told_apart_with_nothing_but_a_name() {
    let job = Job::new(Preset::Auto, "penguins", &Wishes::default());
    let trained = job.train(&RunOptions::default()).unwrap();
    let accuracy = trained.model.about.metrics["test"]["accuracy"];
    assert!(accuracy >= 0.95, "{accuracy}");
    let test = job.data.test.as_ref().unwrap();
    let again = Predictor::new(&trained.model, &alone())
        .unwrap()
        .evaluate(test)
        .unwrap();
    assert_eq!(again["accuracy"], accuracy);
    assert!((again["log_loss"] - trained.model.about.metrics["test"]["loss"]).abs() < 1e-6);
}

#[test]
fn a_regression_beats_the_mean() {
    let job = Job::new(
        Preset::Auto,
        "diabetes",
        &Wishes {
            epochs: Some(30),
            ..Wishes::default()
        },
    );
    assert!(job.spec.model.scale_target);
    let trained = job.train(&alone()).unwrap();
    let spread = job.data.preprocessing.target.as_ref().unwrap().std;
    let rmse = trained.model.about.metrics["test"]["rmse"];
    assert!(rmse < 0.85 * spread, "{rmse} of {spread}");

    let test = job.data.test.as_ref().unwrap();
    let mut predictor = Predictor::new(&trained.model, &alone()).unwrap();
    let again = predictor.evaluate(test).unwrap()["rmse"];
    assert!((again - rmse).abs() < 1e-4 * rmse, "{again} {rmse}");
    let Prediction::Numbers(numbers) = predictor.predict(test).unwrap() else {
        panic!("expected numbers")
    };
    let targets = test.targets().unwrap().to_vec::<f32>().unwrap();
    let squares = numbers
        .iter()
        .zip(&targets)
        .map(|(p, t)| f64::from(p - t).powi(2))
        .sum::<f64>();
    assert!(((squares / targets.len() as f64).sqrt() - again).abs() < 1e-3);
}

#[test]
fn the_file_is_the_same_whatever_runs_it() {
    let job = Job::with_everything();
    let reference = job.train(&alone()).unwrap();
    let bytes = reference.model.to_bytes().unwrap();
    let plans = Plan::compiled();
    for threads in [1, 2, 3] {
        let options = RunOptions { threads, ..dynamic() };
        assert!(
            job.train(&options).unwrap().model.to_bytes().unwrap() == bytes,
            "dynamic, {threads} threads"
        );
    }
    assert_eq!(Plan::compiled(), plans, "a dynamic run compiles no plan");
    for threads in [2, 3] {
        let options = RunOptions { threads, ..alone() };
        assert!(
            job.train(&options).unwrap().model.to_bytes().unwrap() == bytes,
            "static, {threads} threads"
        );
    }
    for isa in Isa::supported() {
        let options = RunOptions { isa, ..alone() };
        assert!(job.train(&options).unwrap().model.to_bytes().unwrap() == bytes, "{isa}");
    }
    let other = Job::on(
        Preset::Plain,
        &job.spec.data,
        &Wishes {
            seed: Some(1),
            ..Wishes::default()
        },
    );
    assert!(
        other.train(&alone()).unwrap().model.to_bytes().unwrap() != bytes,
        "another seed"
    );
}

#[test]
fn plain_uses_every_training_row_and_the_short_batch() {
    let job = Job::new(
        Preset::Plain,
        "iris",
        &Wishes {
            epochs: Some(2),
            ..Wishes::default()
        },
    );
    assert_eq!(job.data.train.rows(), 120);
    assert!(job.data.valid.is_none());
    let trained = job.train(&alone()).unwrap();
    assert_eq!(trained.steps, 2 * 4); // 32 + 32 + 32 + 24 rows
    assert_eq!(trained.epochs.len(), 2);
    let Score::Accuracy(accuracy) = trained.epochs[1].train.score else {
        panic!("expected an accuracy")
    };
    assert_eq!((accuracy * 120.0).fract(), 0.0);
    assert!(trained.epochs[1].valid.is_none() && trained.epochs[1].test.is_some());
}

#[test]
fn early_stopping_keeps_the_best_epoch() {
    let wishes = Wishes {
        hidden: Some(vec![64, 64]),
        optimizer: Some("adam".parse().unwrap()),
        learning_rate: Some(0.05),
        epochs: Some(60),
        early_stopping: Some(4),
        ..Wishes::default()
    };
    let job = Job::on(
        Preset::Plain,
        &DataOptions::new("penguins").valid_fraction(0.3),
        &wishes,
    );
    let trained = job.train(&alone()).unwrap();
    let losses: Vec<f64> = trained.epochs.iter().map(|epoch| epoch.valid.unwrap().loss).collect();
    let best = (0..losses.len())
        .min_by(|&a, &b| losses[a].total_cmp(&losses[b]))
        .unwrap();
    assert!(losses.len() < 60, "it did not stop");
    assert_eq!(losses.len(), best + 1 + 4);
    assert_eq!(trained.model.about.epoch, best + 1);
    assert_eq!(trained.model.about.metrics["valid"]["loss"], losses[best]);
}

#[test]
fn early_stopping_without_validation_rows_is_refused() {
    let job = Job::new(
        Preset::Plain,
        "iris",
        &Wishes {
            early_stopping: Some(4),
            ..Wishes::default()
        },
    );
    let error = job.train(&alone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.hint_text().unwrap().contains("valid_fraction"));
}

#[test]
fn a_loss_for_another_task_is_refused() {
    let job = Job::new(
        Preset::Plain,
        "iris",
        &Wishes {
            loss: Some("mse".parse().unwrap()),
            ..Wishes::default()
        },
    );
    let error = job.train(&alone()).unwrap_err();
    assert_eq!(error.to_string(), "train.loss: the loss `mse` is not for classes");
}
