//! Networks that normalize, in training runs.

use crate::common;

use common::{Job, alone, dynamic};
use rosenblatt_data::DataOptions;
use rosenblatt_nn::activations::TANH;
use rosenblatt_nn::layers::{BatchNorm, Flatten, Linear, Sequential};
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::metrics::Rmse;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::assert_close;
use rosenblatt_train::check::check;
use rosenblatt_train::presets::{Norm, Overrides, Preset};
use rosenblatt_train::{BatchNormStatistics, BatchSource, Compile as _, Data, Fit, Predictor, RunOptions};

use crate::arrays::bits;
use crate::trainer::numbers;

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
    assert_eq!(names(Norm::Rms), ["linear", "rms_norm", "relu"]);
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
        "train.batch_size: layers.1: batch_norm: in a batch [1, 8] there is at most one number for each feature, and so no variance"
    );
    assert!(error.hint_text().unwrap().contains("layer_norm"));
}

#[test]
fn a_prediction_does_not_look_at_other_rows() {
    for norm in [Norm::Layer, Norm::Batch, Norm::Rms] {
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

/// Images of one channel: numbers beside each other, so that a batch of one image has a variance.
#[test]
fn a_batch_of_one_image_is_learned_from() {
    let x = numbers(1, &[6, 2, 3, 2]);
    let y = numbers(2, &[6, 1]);
    let layers = Sequential::new()
        .then(BatchNorm::default())
        .then(Flatten {})
        .then(Linear::new(1));
    let mut model = layers.compile(Mse {}, Sgd::default(), [Rmse {}]).unwrap();
    model.fit((&x, &y), &Fit::epochs(2).batch_size(1)).unwrap();
    let mean = model.params()["layers.0.running_mean"].to_f64();
    assert!(mean.iter().all(|mean| *mean != 0.0));
}

/// Mean and variance of each column, by definition.
fn by_definition(x: &Tensor) -> [Vec<f64>; 2] {
    let columns = x.shape()[1];
    let rows: Vec<f64> = x.to_f64();
    let n = x.shape()[0] as f64;
    let column = |j: usize| rows.iter().skip(j).step_by(columns);
    let mean: Vec<f64> = (0..columns).map(|j| column(j).sum::<f64>() / n).collect();
    let variance = (0..columns).map(|j| column(j).map(|x| (x - mean[j]).powi(2)).sum::<f64>() / (n - 1.0));
    [mean.clone(), variance.collect()]
}

/// Each layer sees what the ones before give with their exact statistics, and early stopping has gone back to its best epoch.
#[test]
fn exact_statistics_are_those_of_all_training_rows() {
    let mut job = Job::with_everything();
    job.spec.train.calibrate = false;
    let running = job.train(&alone()).unwrap().model;
    job.spec.train.batch_norm_statistics = BatchNormStatistics::Exact;
    let trained = job.train(&alone()).unwrap();
    let model = trained.model;
    assert!(trained.history.best_epoch < 25, "it stopped early");
    let rows = job.data.train.features();
    for (layer, given) in [("layers.1", "layers.0"), ("layers.5", "layers.4")] {
        let [mean, variance] = by_definition(&model.output_of(rows, given).unwrap());
        for (name, expected) in [("running_mean", mean), ("running_var", variance)] {
            let name = format!("{layer}.{name}");
            assert_close(model.params()[&name].to_f64(), &expected, 1e-7);
            assert_ne!(model.params()[&name].to_f64(), running.params()[&name].to_f64());
        }
    }
    // All else is as without them, and the same function does it afterwards.
    let mut afterwards = running.clone();
    afterwards.recompute_batch_norm(&job.data.train).unwrap();
    assert_eq!(bits(afterwards.params()), bits(model.params()));
    for name in running.parameter_names().unwrap() {
        assert_eq!(model.params()[&name].to_f64(), running.params()[&name].to_f64());
    }
    let bytes = model.to_bytes().unwrap();
    for options in [dynamic(), RunOptions { threads: 3, ..alone() }] {
        assert!(job.train(&options).unwrap().model.to_bytes().unwrap() == bytes);
    }
}

/// The metrics of the model file are those of the statistics that it holds.
#[test]
fn metrics_are_those_of_the_exact_statistics() {
    let mut job = Job::with_everything();
    job.spec.train.batch_norm_statistics = BatchNormStatistics::Exact;
    let model = job.train(&alone()).unwrap().model;
    let valid = job.data.valid.as_ref().unwrap();
    let evaluated = Predictor::new(&model, &alone()).unwrap().evaluate(valid).unwrap();
    let stored = &model.metadata().metrics["valid"];
    assert_eq!(stored.get("accuracy"), evaluated.get("accuracy"));
}

/// Rows that are read as they are needed.
struct Read(Data);

impl BatchSource for Read {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn rows(&self, rows: &[u64]) -> rosenblatt_tensor::Result<Data> {
        self.0.select(rows)
    }
}

/// A layer that is applied twice has the statistics of both; 5 numbers for each channel of 300 rows.
#[test]
fn exact_statistics_of_images_and_shared_layers() {
    let data = Data::from((&numbers(1, &[300, 2, 5]), &numbers(2, &[300, 1])));
    let norm = BatchNorm {
        affine: false,
        ..BatchNorm::default()
    };
    let layers = || {
        Sequential::new()
            .then(norm.clone())
            .then(TANH)
            .then(norm.clone())
            .then(Flatten {})
            .then(Linear::new(1))
    };
    let fit = Fit {
        batch_norm_statistics: BatchNormStatistics::Exact,
        run: alone(),
        ..Fit::epochs(1)
    };
    let model = |source: &dyn BatchSource| {
        let mut model = layers().compile(Mse {}, Sgd::default(), [Rmse {}]).unwrap();
        model.fit_source(source, &fit, &mut []).unwrap();
        model
    };
    let lent = model(&data);
    assert_eq!(bits(lent.params()), bits(model(&Read(data.clone())).params()));
    let channels = |x: &Tensor| {
        let x = x.to_f64();
        let of = |c: usize| x.chunks(5).skip(c).step_by(2).flatten().copied();
        let pairs = of(0).zip(of(1)).flat_map(|(a, b)| [a, b]).collect();
        by_definition(&Tensor::from_vec(pairs, &[1500, 2]).unwrap())
    };
    for (layer, given) in [
        ("layers.0", data.inputs()[0].clone()),
        ("layers.2", lent.output_of(&data.inputs()[0], "layers.1").unwrap()),
    ] {
        let [mean, variance] = channels(&given);
        assert_close(lent.params()[&format!("{layer}.running_mean")].to_f64(), &mean, 1e-6);
        assert_close(lent.params()[&format!("{layer}.running_var")].to_f64(), &variance, 1e-6);
    }
}

#[test]
fn exact_statistics_need_two_numbers() {
    let data = Data::from((&numbers(1, &[8, 3]), &numbers(2, &[8, 1])));
    let mut model = Sequential::new()
        .then(BatchNorm::default())
        .then(Linear::new(1))
        .compile(Mse {}, Sgd::default(), [Rmse {}])
        .unwrap();
    let error = model.recompute_batch_norm(data.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "not fitted");
    model.fit(data.clone(), &Fit::epochs(1)).unwrap();
    let before = bits(model.params());
    let error = model.recompute_batch_norm(data.slice(0, 1).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "layers.0: fewer than two numbers for each feature have no variance"
    );
    assert_eq!(bits(model.params()), before);
}
