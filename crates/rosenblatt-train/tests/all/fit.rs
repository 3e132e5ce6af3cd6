//! Whole training runs.

use crate::common;

use common::{Job, alone};
use rosenblatt_data::{DataOptions, Dataset};
use rosenblatt_tensor::ErrorKind;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{PlanFigures, Prediction, Predictor, RunOptions};

#[test]
fn penguins_are_told_apart_with_nothing_but_a_name() {
    let job = Job::new(Preset::Auto, "penguins", &Overrides::default());
    let trained = job.train(&RunOptions::default()).unwrap();
    let accuracy = trained.model.metadata().metrics["test"]["accuracy"];
    assert!(accuracy >= 0.95, "{accuracy}");
    let test = job.data.test.as_ref().unwrap();
    let again = Predictor::new(&trained.model, &alone())
        .unwrap()
        .evaluate(test)
        .unwrap();
    assert_eq!(again["accuracy"], accuracy);
    assert!((again["log_loss"] - trained.model.metadata().metrics["test"]["loss"]).abs() < 1e-6);
}

#[test]
fn a_regression_beats_the_mean() {
    let job = Job::new(Preset::Auto, "diabetes", &Overrides::default().set("epochs", 30));
    assert!(job.spec.model.scale_target);
    let trained = job.train(&alone()).unwrap();
    let spread = job.data.preprocessing.target.as_ref().unwrap().std;
    let rmse = trained.model.metadata().metrics["test"]["rmse"];
    assert!(rmse < 0.85 * spread, "{rmse} of {spread}");

    let test = job.data.test.as_ref().unwrap();
    let mut predictor = Predictor::new(&trained.model, &alone()).unwrap();
    let again = predictor.evaluate(test).unwrap()["rmse"];
    assert!((again - rmse).abs() < 1e-4 * rmse, "{again} {rmse}");
    let Prediction::Numbers(numbers) = predictor.predict(test).unwrap() else {
        panic!("expected numbers")
    };
    let targets = test.targets().unwrap().to_vec::<f64>().unwrap();
    let squares = numbers.iter().zip(&targets).map(|(p, t)| (p - t).powi(2)).sum::<f64>();
    assert!(((squares / targets.len() as f64).sqrt() - again).abs() < 1e-3);
}

/// Only where the rows are differs: the model file does not say it either.
#[test]
fn rows_on_disk_train_to_the_same_file() {
    let files = [None, Some("16M")].map(|memory| {
        let data = DataOptions {
            memory: memory.map(str::to_owned),
            ..DataOptions::new("penguins").valid_fraction(0.2)
        };
        let job = Job::on(Preset::Plain, &data, &Overrides::default().set("epochs", 3));
        job.train(&RunOptions::default()).unwrap().model.to_bytes().unwrap()
    });
    assert!(files[0] == files[1]);
}

#[test]
fn plain_uses_every_training_row_and_the_short_batch() {
    let job = Job::new(Preset::Plain, "iris", &Overrides::default().set("epochs", 2));
    assert_eq!(job.data.train.len(), 120);
    assert!(job.data.valid.is_none());
    let trained = job.train(&alone()).unwrap();
    assert_eq!(trained.history.steps, 2 * 4); // 32 + 32 + 32 + 24 rows
    assert_eq!(trained.history.epochs.len(), 2);
    let accuracy = trained.history.epochs[1].train["accuracy"];
    assert_eq!((accuracy * 120.0).fract(), 0.0);
    assert!(trained.history.epochs[1].valid.is_none() && trained.history.epochs[1].test.is_some());
}

#[test]
fn early_stopping_keeps_the_best_epoch() {
    let overrides = Overrides::default()
        .set("hidden", [64, 64])
        .set("optimizer", "adam")
        .set("learning_rate", 0.05)
        .set("epochs", 60)
        .set("early_stopping", 4);
    let mut job = Job::on(
        Preset::Plain,
        &DataOptions::new("penguins").valid_fraction(0.3),
        &overrides,
    );
    job.spec.train.calibrate = false;
    let trained = job.train(&alone()).unwrap();
    let losses: Vec<f64> = trained
        .history
        .epochs
        .iter()
        .map(|epoch| epoch.valid.as_ref().unwrap().loss())
        .collect();
    let best = (0..losses.len())
        .min_by(|&a, &b| losses[a].total_cmp(&losses[b]))
        .unwrap();
    assert!(losses.len() < 60, "it did not stop");
    assert_eq!(losses.len(), best + 1 + 4);
    assert_eq!(trained.model.metadata().epoch, best + 1);
    assert_eq!(trained.model.metadata().metrics["valid"]["loss"], losses[best]);
}

#[test]
fn early_stopping_without_validation_rows_is_refused() {
    let job = Job::new(Preset::Plain, "iris", &Overrides::default().set("early_stopping", 4));
    let error = job.train(&alone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.hint_text().unwrap().contains("valid_fraction"));
}

#[test]
fn a_loss_for_another_task_is_refused() {
    let job = Job::new(Preset::Plain, "iris", &Overrides::default().set("loss", "mse"));
    let error = job.train(&alone()).unwrap_err();
    assert_eq!(error.to_string(), "train.loss: the loss `mse` is for regression only");
}

#[test]
fn a_row_is_predicted_alike_alone_and_in_company() {
    let job = Job::new(
        Preset::Plain,
        "digits",
        &Overrides::default().set("hidden", [32]).set("epochs", 1),
    );
    let model = job.train(&alone()).unwrap().model;
    let (train, task) = (&job.data.train, job.data.schema.task.clone());
    let mut reference = Predictor::new(&model, &alone()).unwrap();
    let all = probabilities(&mut reference, train);
    let ways = [alone(), RunOptions { threads: 2, ..alone() }, common::dynamic()];
    for options in ways {
        let mut predictor = Predictor::new(&model, &options).unwrap();
        for (start, size) in [(0, 1), (700, 1), (3, 2), (250, 17), (100, 256), (41, 300), (0, 0)] {
            let features = train.features().slice(0, start, start + size).unwrap();
            let some = probabilities(&mut predictor, &Dataset::new(features, None, task.clone()).unwrap());
            assert!(
                same_bits(&some, &all[start * 10..(start + size) * 10]),
                "{options:?}, rows {start}..{}",
                start + size
            );
        }
    }
}

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn probabilities(predictor: &mut Predictor, rows: &Dataset) -> Vec<f32> {
    let Prediction::Classes {
        classes, probabilities, ..
    } = predictor.predict(rows).unwrap()
    else {
        panic!("expected classes")
    };
    assert_eq!(classes.len() * 10, probabilities.len());
    let sums = probabilities.chunks(10).map(|row| row.iter().sum::<f32>());
    assert!(sums.into_iter().all(|sum| (sum - 1.0).abs() < 1e-5));
    probabilities
}

#[test]
fn rows_of_another_width_are_refused() {
    let job = Job::new(Preset::Plain, "iris", &Overrides::default().set("epochs", 1));
    let mut predictor = Predictor::new(&job.train(&alone()).unwrap().model, &alone()).unwrap();
    let narrow = job.data.train.features().slice(1, 0, 3).unwrap();
    let error = predictor
        .predict(&Dataset::new(narrow, None, job.data.schema.task.clone()).unwrap())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
}

#[test]
fn a_plan_is_smaller_than_its_graph() {
    let job = Job::with_everything();
    let model = job.train(&alone()).unwrap().model;
    let figures = PlanFigures::of(&model, &alone()).unwrap();
    assert_eq!((figures.rows, figures.threads, figures.barriers), (20, 1, 0));
    assert!(
        figures.tasks < figures.graph_nodes && figures.steps.len() == figures.tasks,
        "{figures:?}"
    );
}

#[test]
fn sizes_beyond_all_memory_are_refused() {
    for width in [1 << 40, usize::MAX] {
        let job = Job::new(Preset::Plain, "iris", &Overrides::default().set("hidden", [width]));
        let error = job.train(&alone()).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Shape),
            "{error:?}"
        );
    }
    let overrides = Overrides::default().set("batch_size", usize::MAX).set("epochs", 2);
    assert_eq!(
        Job::new(Preset::Plain, "iris", &overrides)
            .train(&alone())
            .unwrap()
            .history
            .steps,
        2
    );
}
