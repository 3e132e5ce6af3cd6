//! Networks that normalize, in training runs.

use crate::common;

use common::{Job, alone, dynamic};
use rosenblatt_data::DataOptions;
use rosenblatt_tensor::ErrorKind;
use rosenblatt_train::check::check;
use rosenblatt_train::presets::{Norm, Overrides, Preset};
use rosenblatt_train::{Predictor, RunOptions};

/// 90 rows of iris.
fn job(norm: Norm, batch_size: usize) -> Job {
    let overrides = Overrides::default()
        .set("hidden", [8])
        .set("norm", norm)
        .set("epochs", 3)
        .set("batch_size", batch_size);
    Job::on(
        Preset::Plain,
        &DataOptions::new("iris").valid_fraction(0.25),
        &overrides,
    )
}

#[test]
fn layers_stand_before_the_activation() {
    let names = |norm| -> Vec<String> {
        let layers = job(norm, 32).spec.model.layers;
        layers.iter().map(|layer| layer.name().to_owned()).collect()
    };
    assert_eq!(names(Norm::Layer), ["linear", "layer_norm", "relu"]);
    assert_eq!(names(Norm::Batch), ["linear", "batch_norm", "relu"]);
}

#[test]
fn the_model_holds_the_running_statistics() {
    let model = job(Norm::Batch, 32).train(&alone()).unwrap().model;
    let names: Vec<&str> = model.params().keys().map(String::as_str).collect();
    let expected = [
        "layers.0.weight",
        "layers.1.bias",
        "layers.1.running_mean",
        "layers.1.running_var",
        "layers.1.weight",
        "layers.3.bias",
        "layers.3.weight",
    ];
    assert_eq!(names, expected, "no bias where batch normalization would take it away");
    let mean = model.params()["layers.1.running_mean"].to_f64();
    assert!(
        mean.iter().all(|mean| *mean != 0.0),
        "they were never updated: {mean:?}"
    );
    let learned = model.parameter_names().unwrap();
    assert_eq!(learned.len(), expected.len() - 2);
    assert!(learned.iter().all(|name| !name.contains("running")));
}

/// 89 rows and one more.
#[test]
fn a_last_batch_of_one_row_is_learned_from() {
    for norm in [Norm::Layer, Norm::Batch] {
        let job = job(norm, 89);
        let bytes = job.train(&alone()).unwrap().model.to_bytes().unwrap();
        for options in [dynamic(), RunOptions { threads: 3, ..alone() }] {
            assert!(job.train(&options).unwrap().model.to_bytes().unwrap() == bytes);
        }
    }
}

#[test]
fn batches_of_one_row_alone_are_refused_where_nothing_could_be_learned() {
    assert!(job(Norm::Layer, 1).train(&alone()).is_ok());
    let error = job(Norm::Batch, 1).train(&alone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "train.batch_size: a layer that normalizes over the rows of a step needs at least 2 of them, got 1"
    );
    assert!(error.hint_text().unwrap().contains("layer_norm"));
}

#[test]
fn a_prediction_does_not_look_at_other_rows() {
    for norm in [Norm::Layer, Norm::Batch] {
        let job = job(norm, 32);
        let model = job.train(&alone()).unwrap().model;
        let rows = &job.data.train;
        let mut predictor = Predictor::new(&model, &alone()).unwrap();
        let together = predictor.evaluate(rows).unwrap();
        let mut alone = Predictor::new(&model, &dynamic()).unwrap();
        assert_eq!(alone.evaluate(rows).unwrap(), together);
        let all = probabilities(&mut predictor, rows, 0, rows.len());
        let each = (0..rows.len()).flat_map(|row| probabilities(&mut predictor, rows, row, row + 1));
        assert_eq!(each.collect::<Vec<_>>(), all);
    }
}

fn probabilities(predictor: &mut Predictor, data: &rosenblatt_data::Dataset, from: usize, to: usize) -> Vec<f32> {
    let features = data.features().slice(0, from, to).unwrap();
    let part = rosenblatt_data::Dataset::new(features, None, data.task().clone()).unwrap();
    match predictor.predict(&part).unwrap() {
        rosenblatt_train::Prediction::Classes { probabilities, .. } => probabilities,
        _ => unreachable!("probabilities were asked for"),
    }
}

/// Of the whole loss, in f64, compiled and dynamic.
#[test]
fn a_check_of_the_gradients_finds_nothing_wrong() {
    for norm in [Norm::Layer, Norm::Batch] {
        let job = job(norm, 32);
        let checked = check(&job.spec, &job.data, &alone(), 20).unwrap();
        assert!(checked.faults.is_empty() && checked.same_bits, "{:?}", checked.faults);
        let names: Vec<&str> = checked.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        assert!(
            names.contains(&"layers.1.weight") && names.contains(&"layers.1.bias"),
            "{names:?}"
        );
    }
}
