//! Losses of tables: what is predicted in which unit, with which metrics.

use crate::common;

use common::{Job, alone};
use rosenblatt_testkit::assert_close;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Prediction, Predictor};

fn job(set: &str, loss: &str) -> Job {
    let overrides = Overrides::default()
        .set("hidden", [8])
        .set("loss", loss)
        .set("learning_rate", 0.01)
        .set("epochs", 20);
    Job::new(Preset::Auto, set, &overrides)
}

#[test]
fn margins_give_scores() {
    for (set, loss, classes) in [("breast_cancer", "hinge", 2), ("penguins", "crammer_singer", 3)] {
        let job = job(set, loss);
        let model = job.train(&alone()).unwrap().model;
        let mut predictor = Predictor::new(&model, &alone()).unwrap();
        let test = job.data.test.as_ref().unwrap();
        let metrics = predictor.evaluate(test).unwrap();
        assert!(metrics["accuracy"] > 0.9, "{loss}: {metrics:?}");
        assert_eq!(metrics.get("log_loss").or(metrics.get("brier")), None);
        assert_eq!(metrics.get("roc_auc").is_some(), classes == 2);
        let Prediction::Scores {
            names,
            classes: predicted,
            scores,
        } = predictor.predict(test).unwrap()
        else {
            panic!("{loss}: expected scores")
        };
        assert_eq!((names.len(), scores.len()), (classes, classes * test.len()));
        for (row, class) in scores.chunks_exact(classes).zip(predicted) {
            assert!(row.iter().all(|&score| score <= row[class]));
        }
        let features = test.features().slice(0, 0, 1).unwrap().to_vec::<f32>().unwrap();
        let mut one = vec![0f32; classes];
        model.session().unwrap().predict_into(&features, &mut one).unwrap();
        assert_eq!(one, scores[..classes]);
    }
}

/// The network begins at the mean of the targets, and what it predicts is in their unit.
#[test]
fn a_log_link_predicts_in_the_unit_of_the_target() {
    for loss in ["poisson", "gamma"] {
        let job = job("diabetes", loss);
        assert!(!job.spec.model.scale_target);
        let result = job.train(&alone()).unwrap();
        let test = job.data.test.as_ref().unwrap();
        let mut predictor = Predictor::new(&result.model, &alone()).unwrap();
        let metrics = predictor.evaluate(test).unwrap();
        // A guess of the mean has 74.
        assert!(metrics["rmse"] < 66.0, "{loss}: {metrics:?}");
        assert_close(metrics["rmse"], result.model.metadata().metrics["test"]["rmse"], 1e-4);
        let Prediction::Numbers(numbers) = predictor.predict(test).unwrap() else {
            panic!("{loss}: expected numbers")
        };
        assert!(numbers.iter().all(|&number| number > 0.0));
        let features = test.features().slice(0, 0, 1).unwrap().to_vec::<f32>().unwrap();
        let mut one = [0f32];
        result
            .model
            .session()
            .unwrap()
            .predict_into(&features, &mut one)
            .unwrap();
        assert_eq!(f64::from(one[0]), numbers[0]);
    }
}

/// With `q = 0.9`, about nine of ten training targets are below their predictions.
#[test]
fn a_quantile_is_predicted_in_the_unit_of_the_target() {
    let job = job("diabetes", "quantile:0.9");
    let model = job.train(&alone()).unwrap().model;
    let rows = &job.data.train;
    let predicted = Predictor::new(&model, &alone()).unwrap().predict(rows).unwrap();
    let Prediction::Numbers(numbers) = predicted else {
        panic!("expected numbers")
    };
    let targets = rows.targets().unwrap().to_f64();
    let below = targets.iter().zip(&numbers).filter(|(target, number)| target < number);
    let share = below.count() as f64 / targets.len() as f64;
    assert!((0.82..0.97).contains(&share), "{share}");
}

#[test]
fn the_penalty_of_a_spec_is_in_the_reported_loss() {
    let of = |l2: f64| {
        let overrides = Overrides::default()
            .set("loss", "half_squared_error")
            .set("optimizer", "sgd")
            .set("learning_rate", 0.1)
            .set("batch_size", 1000)
            .set("scale_target", true)
            .set("l2", l2)
            .set("epochs", 1);
        let result = Job::new(Preset::Plain, "diabetes", &overrides).train(&alone()).unwrap();
        let weights = result.model.params()["layers.0.weight"].to_f64();
        (result.history.curve("loss")[0], weights)
    };
    let (plain, risk) = (of(0.0), of(2.0));
    let before = plain
        .1
        .iter()
        .zip(&risk.1)
        .map(|(plain, risk)| (plain - risk) / (0.1 * 2.0));
    let squares: f64 = before.map(|w| w * w).sum();
    assert!(squares > 0.01);
    assert_close(risk.0, plain.0 + squares, 1e-5);
}
