//! Two classes under one output: predictions and figures look as those of two outputs.

use crate::common;

use common::{Job, alone, dynamic};
use rosenblatt_data::Prepared;
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::assert_close;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Model, Prediction, Predictor, RunOptions};

fn job(set: &str, loss: &str) -> Job {
    let overrides = Overrides::default()
        .set("hidden", [8])
        .set("loss", loss)
        .set("optimizer", "adam")
        .set("learning_rate", 0.01)
        .set("epochs", 10);
    Job::new(Preset::Plain, set, &overrides)
}

#[test]
fn two_classes_are_told_apart_by_one_output() {
    let job = job("breast_cancer", "bce_with_logits");
    let trained = job.train(&alone()).unwrap();
    assert_eq!(*trained.model.params()["layers.2.weight"].shape(), [1, 8]);
    let figures = &trained.model.metadata().metrics["test"];
    assert!(figures["accuracy"] > 0.9, "{figures:?}");
    let mut predictor = Predictor::new(&trained.model, &alone()).unwrap();
    let test = job.data.test.as_ref().unwrap();
    let again = predictor.evaluate(test).unwrap();
    assert_eq!(again["accuracy"], figures["accuracy"]);
    assert_close(again["log_loss"], figures["loss"], 1e-6);
    for metric in ["balanced_accuracy", "brier", "f1", "roc_auc"] {
        assert!(again[metric].is_finite(), "{metric}");
    }
}

/// The same network with two outputs, of which the first is 0.
fn with_two_outputs(model: &Model, data: &Prepared) -> Model {
    let table = model.table().unwrap();
    let mut spec = table.spec.clone();
    spec.train.loss = None;
    let mut two = Model::untrained(&spec, data).unwrap();
    let mut params = model.params().clone();
    for (name, shape) in [("layers.2.weight", vec![2, 8]), ("layers.2.bias", vec![2])] {
        let of_second = model.params()[name].to_vec::<f32>().unwrap();
        let values = [vec![0.0; of_second.len()], of_second].concat();
        params.insert(name.to_owned(), Tensor::from_vec(values, &shape).unwrap());
    }
    two.set_params(&params).unwrap();
    two
}

#[test]
fn it_is_the_second_of_two_whose_first_is_0() {
    let job = job("breast_cancer", "bce_with_logits");
    let model = job.train(&alone()).unwrap().model;
    let predict = |model: &Model, options: &RunOptions| {
        let mut predictor = Predictor::new(model, options).unwrap();
        let metrics = predictor.evaluate(&job.data.train).unwrap();
        (predictor.predict(&job.data.train).unwrap(), metrics)
    };
    let (one, metrics) = predict(&model, &alone());
    let Prediction::Classes {
        names, probabilities, ..
    } = &one
    else {
        panic!("expected classes")
    };
    assert_eq!((names.len(), probabilities.len()), (2, 2 * job.data.train.len()));
    assert_eq!(
        predict(&with_two_outputs(&model, &job.data), &alone()),
        (one.clone(), metrics.clone())
    );
    for options in [dynamic(), RunOptions { threads: 3, ..alone() }] {
        assert_eq!(predict(&model, &options), (one.clone(), metrics.clone()));
    }
}

#[test]
fn whatever_runs_it_the_file_is_the_same() {
    let mut job = job("breast_cancer", "bce_with_logits:pos_weight=3,label_smoothing=0.1");
    job.spec.train.epochs = 2;
    job.spec.train.class_weight = Some("balanced".parse().unwrap());
    let bytes = |options: &RunOptions| job.train(options).unwrap().model.to_bytes().unwrap();
    let reference = bytes(&alone());
    for options in [
        dynamic(),
        RunOptions { threads: 2, ..alone() },
        RunOptions { threads: 4, ..alone() },
    ] {
        assert!(bytes(&options) == reference, "{options:?}");
    }
}

#[test]
fn other_tasks_are_refused() {
    for (set, words) in [
        ("iris", "is for two classes, and there are 3"),
        ("diabetes", "is for classification only"),
    ] {
        let error = job(set, "bce_with_logits").train(&alone()).unwrap_err().to_string();
        assert!(
            error.starts_with("train.loss: the loss `bce_with_logits`") && error.contains(words),
            "{error}"
        );
    }
}
