//! Targets of every kind, under networks with and without the link of their loss.

use rosenblatt_nn::layers::{Linear, Sequential, Softmax};
use rosenblatt_nn::losses::{BceWithLogits, CrossEntropy, Mse};
use rosenblatt_nn::metrics::{Accuracy, Rmse};
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_train::{Compile as _, Fit, Model, Validation};

use super::{bits, classes, classifier, close, fit, hidden, regression};
use crate::trainer::{classes as random_classes, doubles, numbers};

fn fitted(mut model: Model, x: &Tensor, y: &Tensor) -> Model {
    model.fit((x, y), &fit()).unwrap();
    model
}

#[test]
fn a_final_softmax_changes_predictions_and_no_bit_of_training() {
    let (x, y) = classes();
    let logits = fitted(classifier(hidden().then(Linear::new(3))), &x, &y);
    let probabilities = fitted(classifier(hidden().then(Linear::new(3)).then(Softmax {})), &x, &y);
    assert_eq!(bits(logits.params()), bits(probabilities.params()));
    let [raw, p] = [&logits, &probabilities].map(|model| model.predict(&x).unwrap().to_f64());
    for (raw, p) in raw.chunks_exact(3).zip(p.chunks_exact(3)) {
        close(&[p.iter().sum()], &[1.0], 1e-6);
        let sum: f64 = raw.iter().map(|x| x.exp()).sum();
        close(p, &[0, 1, 2].map(|i| raw[i].exp() / sum), 1e-6);
    }
    let metrics = probabilities.evaluate((&x, &y)).unwrap();
    assert_eq!(metrics, logits.evaluate((&x, &y)).unwrap());
    assert!(metrics["accuracy"] > 0.5);
}

#[test]
fn a_final_sigmoid_belongs_to_its_loss_too() {
    let (x, y) = (numbers(2, &[30, 3]), random_classes(3, 2, &[30]));
    let model = |layers: Sequential| {
        let model = layers.compile(BceWithLogits::default(), Adam::default().lr(0.02), [Accuracy {}]);
        fitted(model.unwrap(), &x, &y)
    };
    let logit = model(hidden().then(Linear::new(1)));
    let probability = model(
        hidden()
            .then(Linear::new(1))
            .then(Entry::<dyn Layer>::named("sigmoid").unwrap()),
    );
    assert_eq!(bits(logit.params()), bits(probability.params()));
    let [raw, p] = [&logit, &probability].map(|model| model.predict(&x).unwrap().to_f64());
    let sigmoid: Vec<f64> = raw.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
    close(&p, &sigmoid, 1e-6);
    let right = p
        .iter()
        .zip(y.to_f64())
        .filter(|(p, y)| f64::from(u8::from(**p > 0.5)) == *y)
        .count();
    assert_eq!(probability.evaluate((&x, &y)).unwrap()["accuracy"], right as f64 / 30.0);
}

#[test]
fn classes_are_indices_of_any_type_or_one_hot() {
    let (x, y) = classes();
    let indices = y.to_vec::<i64>().unwrap();
    let bytes = Tensor::from_vec(indices.iter().map(|&class| class as u8).collect(), &[50]).unwrap();
    let one_hot = (0..150)
        .map(|i| f32::from(u8::from(indices[i / 3] == (i % 3) as i64)))
        .collect();
    let one_hot = Tensor::from_vec(one_hot, &[50, 3]).unwrap();
    let run = |y: &Tensor| {
        let mut model = classifier(hidden().then(Linear::new(3)));
        let fit = Fit {
            validation: Validation::from((&x, y)),
            ..fit()
        };
        let history = model.fit((&x, y), &fit).unwrap();
        let curves = ["loss", "accuracy", "valid.loss", "valid.accuracy"].map(|name| history.curve(name));
        (bits(model.params()), curves, model.evaluate((&x, y)).unwrap())
    };
    let (params, curves, metrics) = run(&y);
    assert!(run(&bytes) == (params, curves.clone(), metrics.clone()));
    let (_, of_one_hot, metrics_of_one_hot) = run(&one_hot);
    for (curve, expected) in of_one_hot.iter().zip(&curves) {
        close(curve, expected, 1e-5);
    }
    assert_eq!(metrics_of_one_hot["accuracy"], metrics["accuracy"]);
    close(&[metrics_of_one_hot["loss"]], &[metrics["loss"]], 1e-5);
    assert_eq!(metrics["accuracy"], curves[3][3], "evaluation in the run and after it");
}

#[test]
fn numbers_are_of_one_column_or_several() {
    let (x, y) = (numbers(1, &[40, 3]), numbers(2, &[40, 1]));
    let column = fitted(regression(1), &x, &y);
    let flat = y.reshape(&[40]).unwrap();
    assert_eq!(bits(fitted(regression(1), &x, &flat).params()), bits(column.params()));
    assert_eq!(column.predict(&x).unwrap().shape()[..], [40, 1]);
    for y in [y, flat, numbers(3, &[40, 2])] {
        let outputs = if y.shape()[..] == [40, 2] { 2 } else { 1 };
        let mut model = regression(outputs);
        let with_validation = Fit {
            validation: Validation::from((&x, &y)),
            ..fit()
        };
        let history = model.fit((&x, &y), &with_validation).unwrap();
        let [p, y64] = [model.predict(&x).unwrap().to_f64(), y.to_f64()];
        let mse = p.iter().zip(&y64).map(|(p, y)| (p - y).powi(2)).sum::<f64>() / p.len() as f64;
        let metrics = model.evaluate((&x, &y)).unwrap();
        close(&[metrics["loss"], metrics["rmse"]], &[mse, mse.sqrt()], 1e-6);
        close(
            &[history.curve("valid.loss")[3], history.curve("valid.rmse")[3]],
            &[mse, mse.sqrt()],
            1e-6,
        );
    }
}

#[test]
fn double_precision_from_the_first_number_to_the_last() {
    let (x, y) = (doubles(1, &[40, 3]), doubles(2, &[40, 2]));
    let model = regression(2).with_dtype(DType::F64).unwrap();
    let model = fitted(model, &x, &y);
    assert!(model.params().values().all(|x| x.dtype() == DType::F64));
    let prediction = model.predict(&x).unwrap();
    assert_eq!(prediction.dtype(), DType::F64);
    let errors = prediction
        .to_f64()
        .into_iter()
        .zip(y.to_f64())
        .map(|(p, y)| (p - y) * (p - y));
    let mse = errors.sum::<f64>() / 80.0;
    let metrics = model.evaluate((&x, &y)).unwrap();
    close(&[metrics["loss"], metrics["rmse"]], &[mse, mse.sqrt()], 1e-14);
    // Arrays of the other type are rounded once.
    let (x32, y32) = (numbers(1, &[40, 3]), numbers(2, &[40, 2]));
    let other = fitted(regression(2).with_dtype(DType::F64).unwrap(), &x32, &y32);
    assert_eq!(bits(other.params()), bits(model.params()));
    let single = fitted(regression(2), &x, &y);
    assert_eq!(bits(single.params()), bits(fitted(regression(2), &x32, &y32).params()));
    assert_eq!(single.predict(&x).unwrap().dtype(), DType::F32);
}

#[test]
fn sequences_count_by_their_steps() {
    let (x, y) = (numbers(1, &[20, 5, 3]), random_classes(2, 3, &[20, 5]));
    let mut model = classifier(hidden().then(Linear::new(3)));
    let with_validation = Fit {
        validation: Validation::from((&x, &y)),
        ..fit()
    };
    let history = model.fit((&x, &y), &with_validation).unwrap();
    let flat = (x.reshape(&[100, 3]).unwrap(), y.reshape(&[100]).unwrap());
    let mut of_steps = classifier(hidden().then(Linear::new(3)));
    of_steps.fit((&flat.0, &flat.1), &fit()).unwrap();
    of_steps.set_params(model.params()).unwrap();
    let expected = of_steps.evaluate((&flat.0, &flat.1)).unwrap();
    let metrics = model.evaluate((&x, &y)).unwrap();
    close(
        &[metrics["loss"], metrics["accuracy"]],
        &[expected["loss"], expected["accuracy"]],
        1e-6,
    );
    close(
        &[history.curve("valid.loss")[3], history.curve("valid.accuracy")[3]],
        &[expected["loss"], expected["accuracy"]],
        1e-6,
    );
    assert!(
        history
            .curve("accuracy")
            .iter()
            .all(|accuracy| (0.0..=1.0).contains(accuracy))
    );
    // Weights of rows count for each of their steps.
    let weights = Tensor::from_vec((0..20).map(|i| f32::from(u8::from(i < 10))).collect(), &[20]).unwrap();
    let half = model.evaluate((&x, &y, &weights)).unwrap();
    let first = model
        .evaluate((&x.slice(0, 0, 10).unwrap(), &y.slice(0, 0, 10).unwrap()))
        .unwrap();
    close(
        &[half["loss"], half["accuracy"]],
        &[first["loss"], first["accuracy"]],
        1e-6,
    );
}

#[test]
fn numbers_of_sequences() {
    let (x, y) = (numbers(1, &[12, 4, 3]), numbers(2, &[12, 4, 2]));
    let layers = hidden().then(Linear::new(2));
    let mut model = layers.compile(Mse {}, Adam::default().lr(0.01), [Rmse {}]).unwrap();
    let history = model
        .fit(
            (&x, &y),
            &Fit {
                batch_size: 12,
                ..fit()
            },
        )
        .unwrap();
    let (loss, rmse) = (history.curve("loss"), history.curve("rmse"));
    close(&rmse, &loss.iter().map(|loss| loss.sqrt()).collect::<Vec<_>>(), 1e-5);
    let errors = model
        .predict(&x)
        .unwrap()
        .to_f64()
        .into_iter()
        .zip(y.to_f64())
        .map(|(p, y)| (p - y) * (p - y));
    let mse = errors.sum::<f64>() / 96.0;
    let metrics = model.evaluate((&x, &y)).unwrap();
    close(&[metrics["loss"], metrics["rmse"]], &[mse, mse.sqrt()], 1e-6);
    let smoothed = CrossEntropy {
        label_smoothing: 0.1,
        ..CrossEntropy::default()
    };
    let layers = hidden().then(Linear::new(3));
    let mut model = layers.compile(smoothed, Adam::default(), [Accuracy {}]).unwrap();
    model.fit((&x, &random_classes(3, 3, &[12, 4])), &fit()).unwrap();
}
