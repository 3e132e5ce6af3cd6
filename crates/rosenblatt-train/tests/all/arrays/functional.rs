//! Several inputs and outputs.

use rosenblatt_nn::Entry;
use rosenblatt_nn::Metric;
use rosenblatt_nn::activations::TANH;
use rosenblatt_nn::layers::{Functional, Linear, Softmax};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::metrics::{Accuracy, Rmse};
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_tensor::Tensor;
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::{Compile as _, Data, Fit, Model, Validation};

use super::{bits, close, fit};
use crate::trainer::{classes, numbers};

/// Two inputs and two outputs; the inputs have names that a step uses for others.
fn model(weights: [f64; 2]) -> Model {
    let network = Functional::with_outputs(|[a, b]| {
        let (a, b) = (a.named("weights"), b.named("lr"));
        let h = a.then(Linear::new(4)).concat(b.then(Linear::new(3))).then(TANH);
        let h = h + h.then(Linear::new(7)).named("again");
        [
            h.then(Linear::new(3)).then(Softmax {}).named("class"),
            h.then(Linear::new(1)).named("size"),
        ]
    });
    let metrics: [Entry<dyn Metric>; 2] = [Accuracy {}.into(), Rmse {}.into()];
    let losses = [
        (CrossEntropy::default().into(), weights[0]),
        (Mse {}.into(), weights[1]),
    ];
    network
        .compile_outputs(losses, Adam::default().lr(0.02), metrics)
        .unwrap()
}

fn data() -> Data {
    let (a, b) = (numbers(1, &[40, 5]), numbers(2, &[40, 2]));
    Data::from(([&a, &b], [&classes(3, 3, &[40]), &numbers(4, &[40])]))
}

#[test]
fn the_loss_is_the_weighted_sum_over_outputs() {
    let data = data();
    let mut model = model([2.0, 0.25]);
    let with_validation = Fit {
        validation: Validation::Data(data.clone()),
        ..fit()
    };
    let history = model.fit(&data, &with_validation).unwrap();
    let [a, b] = data.inputs() else { panic!() };
    let outputs = model.predict_all([a, b]).unwrap();
    let [p, size] = [outputs[0].to_f64(), outputs[1].to_f64()];
    let (y, z) = (data.targets()[0].to_vec::<i64>().unwrap(), data.targets()[1].to_f64());
    let cross_entropy = y
        .iter()
        .enumerate()
        .map(|(i, &class)| -p[3 * i + class as usize].ln())
        .sum::<f64>()
        / 40.0;
    let mse = size.iter().zip(&z).map(|(p, y)| (p - y).powi(2)).sum::<f64>() / 40.0;
    let metrics = model.evaluate(&data).unwrap();
    close(&[metrics["loss"]], &[2.0 * cross_entropy + 0.25 * mse], 1e-6);
    close(&[metrics["size.rmse"]], &[mse.sqrt()], 1e-6);
    let best = |row: &[f64]| (0..3).max_by(|&i, &j| row[i].total_cmp(&row[j])).unwrap() as i64;
    let right = p.chunks_exact(3).zip(&y).filter(|(row, y)| best(row) == **y).count();
    assert_eq!(metrics["class.accuracy"], right as f64 / 40.0);
    for (name, value) in metrics.iter() {
        close(&[history.curve(&format!("valid.{name}"))[3]], &[value], 1e-6);
    }
    assert!(history.curve("loss")[3] < history.curve("loss")[0]);
}

#[test]
fn a_loss_of_weight_0_trains_nothing() {
    let head = |model: &Model| {
        bits(
            &model
                .params()
                .clone()
                .into_iter()
                .filter(|(name, _)| name.starts_with("linear_3"))
                .collect(),
        )
    };
    let data = data();
    let [mut with, mut without] = [model([1.0, 1.0]), model([1.0, 0.0])];
    let epoch = Fit { epochs: 1, ..fit() };
    for model in [&mut with, &mut without] {
        model.fit(&data, &epoch).unwrap();
    }
    let names: Vec<&String> = with.params().keys().collect();
    assert!(names.iter().any(|name| name.starts_with("size.")), "{names:?}");
    let size = |model: &Model| model.params()["size.weight"].to_vec::<f32>().unwrap();
    let start = size(&without);
    without.fit(&data, &epoch).unwrap();
    assert_eq!(size(&without), start);
    assert_ne!(size(&with), start);
    assert_eq!(head(&with).len(), head(&without).len());
}

#[test]
fn early_stopping_watches_a_metric_of_one_output() {
    let data = data();
    let stopping = Fit {
        epochs: 300,
        validation: Validation::Fraction(0.5),
        early_stopping: Some(EarlyStopping::after(2).on("valid.class.accuracy")),
        ..fit()
    };
    let mut model = model([1.0, 1.0]);
    let history = model.fit(&data, &stopping).unwrap();
    let curve = history.curve("valid.class.accuracy");
    assert!(curve.len() < 300);
    assert_eq!(curve[history.best_epoch - 1], curve.iter().copied().fold(0.0, f64::max));
}

#[test]
fn nodes_are_seen_by_name() {
    let data = data();
    let mut model = model([1.0, 1.0]);
    model.fit(&data, &fit()).unwrap();
    let [a, b] = data.inputs() else { panic!() };
    let again = model.output_of([a, b], "again").unwrap();
    assert_eq!(again.shape()[..], [40, 7]);
    let class = model.output_of([a, b], "class").unwrap();
    let predicted: Vec<Tensor> = model.predict_all([a, b]).unwrap();
    close(&class.to_f64(), &predicted[0].to_f64(), 1e-6);
}
