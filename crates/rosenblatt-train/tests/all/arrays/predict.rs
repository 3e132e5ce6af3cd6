//! Predictions, hidden values and files of a fitted model.

use std::thread;

use rosenblatt_nn::activations::RELU;
use rosenblatt_nn::layers::{BatchNorm, Dropout, Linear, Sequential, Softmax};
use rosenblatt_tensor::{DType, ErrorKind, Tensor};
use rosenblatt_train::Model;

use super::{bits, classes, classifier, close, fit, hidden, regression};
use crate::trainer::numbers;

fn fitted() -> Model {
    let (x, y) = classes();
    let layers = Sequential::new()
        .then(Linear::new(5))
        .then(RELU)
        .then(BatchNorm::default())
        .then(Dropout::default())
        .then(Linear::new(3))
        .then(Softmax {});
    let mut model = classifier(layers);
    model.fit((&x, &y), &fit()).unwrap();
    model
}

fn values(x: &Tensor) -> Vec<f32> {
    x.to_vec::<f32>().unwrap()
}

#[test]
fn a_row_is_predicted_alike_in_any_batch_and_from_any_thread() {
    let (model, x) = (fitted(), numbers(7, &[300, 4]));
    let expected = values(&model.predict(&x).unwrap());
    for rows in [1, 2, 17, 255, 257] {
        let part = model.predict(&x.slice(0, 300 - rows, 300).unwrap()).unwrap();
        assert_eq!(values(&part), expected[(300 - rows) * 3..]);
    }
    let (model, x, expected) = (&model, &x, &expected);
    thread::scope(|scope| {
        for i in 0..8 {
            scope.spawn(move || {
                for row in (i * 37..300).step_by(41) {
                    let one = model.predict(&x.slice(0, row, row + 1).unwrap()).unwrap();
                    assert_eq!(values(&one), expected[row * 3..row * 3 + 3]);
                }
            });
        }
    });
    // Clones share what is compiled until one of them is trained further.
    let mut other = model.clone();
    let (train_x, train_y) = classes();
    other.fit((&train_x, &train_y), &fit()).unwrap();
    assert_ne!(values(&other.predict(x).unwrap()), *expected);
    assert_eq!(values(&model.predict(x).unwrap()), *expected);
}

#[test]
fn no_rows_give_no_predictions() {
    let prediction = fitted().predict(&numbers(1, &[0, 4])).unwrap();
    assert_eq!((&prediction.shape()[..], prediction.dtype()), (&[0, 3][..], DType::F32));
}

#[test]
fn hidden_values_are_those_of_the_layers() {
    let (model, x) = (fitted(), numbers(3, &[6, 4]));
    let hidden = |name: &str| model.output_of(&x, name).unwrap().to_f64();
    let [w, b] = ["layers.0.weight", "layers.0.bias"].map(|name| model.params()[name].to_f64());
    let x64 = x.to_f64();
    let linear: Vec<f64> = (0..30)
        .map(|at| b[at % 5] + (0..4).map(|k| x64[at / 5 * 4 + k] * w[at % 5 * 4 + k]).sum::<f64>())
        .collect();
    close(&hidden("layers.0"), &linear, 1e-6);
    let relu: Vec<f64> = linear.iter().map(|x| x.max(0.0)).collect();
    close(&hidden("layers.1"), &relu, 1e-6);
    assert_eq!(hidden("layers.2"), hidden("layers.3"), "dropout in prediction");
    close(&hidden("layers.5"), &model.predict(&x).unwrap().to_f64(), 1e-6);
    let error = model.output_of(&x, "layers.6").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.hint_text().unwrap().contains("layers."), "{error:?}");
}

#[test]
fn a_file_gives_the_same_model() {
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = (numbers(1, &[20, 3]), numbers(2, &[20]));
    let mut double = regression(1).with_dtype(DType::F64).unwrap();
    double.fit((&x, &y), &fit()).unwrap();
    let mut smaller = classifier(hidden().then(Linear::new(3)));
    let (class_x, class_y) = classes();
    smaller.fit((&class_x, &class_y), &fit()).unwrap();
    for (name, model, x) in [
        ("f64", double, x),
        ("logits", smaller, class_x.clone()),
        ("all", fitted(), class_x),
    ] {
        let path = folder.path().join(name);
        model.save(&path).unwrap();
        let read = Model::load(&path).unwrap();
        assert!(read.to_bytes().unwrap() == std::fs::read(&path).unwrap(), "{name}");
        assert_eq!(bits(read.params()), bits(model.params()));
        assert_eq!(read.network(), model.network());
        assert_eq!(read.metadata(), model.metadata());
        let [a, b] = [&read, &model].map(|model| model.predict(&x).unwrap());
        assert_eq!((a.to_f64(), a.dtype()), (b.to_f64(), b.dtype()));
    }
}

#[test]
fn a_model_that_was_read_is_trained_further_and_evaluated() {
    let (x, y) = classes();
    let mut model = fitted();
    let mut read = Model::from_bytes(&model.to_bytes().unwrap()).unwrap();
    assert_eq!(read.evaluate((&x, &y)).unwrap(), model.evaluate((&x, &y)).unwrap());
    for model in [&mut read, &mut model] {
        model.fit((&x, &y), &fit()).unwrap();
    }
    assert!(read.to_bytes().unwrap() == model.to_bytes().unwrap());
}
