//! Mixup against PyTorch, and what it is for: which losses, weights, batches and features.

use rosenblatt_nn::layers::{CategoricalEmbedding, Embedding, Flatten, Linear, Rescale, Sequential};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::metrics::Accuracy;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_nn::{Entry, Loss};
use rosenblatt_tensor::{DType, ErrorKind, Result, Tensor};
use rosenblatt_testkit::{assert_close, fixture};
use rosenblatt_train::{BatchSource, Compile as _, Data, Fit, Model, Validation};
use serde_json::Value;

use super::{bits, classes, fit};
use crate::common::dynamic;
use crate::trainer::doubles;

fn tensor(json: &Value) -> Tensor {
    let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).unwrap();
    if json["dtype"] == "i64" {
        return Tensor::from_vec::<i64>(serde_json::from_value(json["data"].clone()).unwrap(), &shape).unwrap();
    }
    Tensor::from_vec::<f64>(serde_json::from_value(json["data"].clone()).unwrap(), &shape).unwrap()
}

/// A linear model of zeros in f64.
fn linear(outputs: usize, loss: impl Into<Entry<dyn Loss>>, metrics: &[Accuracy]) -> Model {
    let layers = Sequential::new().then(Linear::new(outputs));
    let model = layers.compile(loss, Sgd::default().lr(0.5), metrics.to_vec()).unwrap();
    let zeros = || Entry::named("zeros").unwrap();
    model.init(zeros(), zeros()).with_dtype(DType::F64).unwrap()
}

/// Rows that are read as they are needed.
struct Read(Data);

impl BatchSource for Read {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn rows(&self, rows: &[u64]) -> Result<Data> {
        self.0.select(rows)
    }
}

#[test]
fn training_with_mixup_is_what_pytorch_does() {
    let fixture = fixture("mixup.json");
    for name in ["classes", "ignored_steps", "numbers", "soft"] {
        let case = &fixture[name];
        let data = Data::from((&tensor(&case["x"]), &tensor(&case["targets"]))).weighted(tensor(&case["weights"]));
        let ignoring = CrossEntropy {
            ignore_index: Some(2),
            ..CrossEntropy::default()
        };
        let model = || match name {
            "numbers" => linear(2, Mse {}, &[]),
            "ignored_steps" => linear(3, ignoring.clone(), &[Accuracy {}]),
            _ => linear(3, CrossEntropy::default(), &[Accuracy {}]),
        };
        let fit = Fit {
            epochs: 2,
            batch_size: 4,
            shuffle: false,
            accumulate_steps: case["accumulate"].as_u64().unwrap() as usize,
            mixup: Some(0.4),
            seed: 3,
            ..fit()
        };
        let mut trained = model();
        let history = trained.fit(&data, &fit).unwrap();
        let curve = |name: &str| serde_json::from_value::<Vec<f64>>(case[name].clone()).unwrap();
        assert_close(history.curve("loss"), curve("loss"), 1e-12);
        if !case["accuracy"].is_null() {
            assert_close(history.curve("accuracy"), curve("accuracy"), 1e-12);
        }
        for key in ["weight", "bias"] {
            let got = trained.params()[&format!("layers.0.{key}")].to_f64();
            assert_close(got, tensor(&case[key]).to_f64(), 1e-12);
        }
        // The same bits as the graph is built, and on rows that are read.
        let (mut as_built, mut read) = (model(), model());
        let run = dynamic();
        as_built.fit(&data, &Fit { run, ..fit.clone() }).unwrap();
        assert!(bits(as_built.params()) == bits(trained.params()), "{name}");
        read.fit_source(&Read(data), &fit, &mut []).unwrap();
        assert_close(
            read.params()["layers.0.weight"].to_f64(),
            tensor(&case["weight"]).to_f64(),
            1e-12,
        );
    }
}

#[test]
fn a_batch_of_one_row_is_not_mixed() {
    let (x, y) = (doubles(1, &[7, 3]), doubles(2, &[7, 1]));
    let of = |mixup| {
        let mut model = linear(1, Mse {}, &[]);
        let fit = Fit {
            batch_size: 1,
            mixup,
            ..fit()
        };
        model.fit((&x, &y), &fit).unwrap();
        model.params()["layers.0.weight"].to_f64()
    };
    assert_close(of(Some(0.5)), of(None), 1e-13);
}

#[test]
fn held_out_rows_are_not_mixed_and_the_seed_decides() {
    let (x, y) = classes();
    let of = |mixup, seed| {
        let mut model = super::classifier(super::hidden().then(Linear::new(3)));
        let fit = Fit {
            mixup,
            seed,
            validation: Validation::from((&x, &y)),
            ..fit()
        };
        let history = model.fit((&x, &y), &fit).unwrap();
        let valid = history.epochs.last().unwrap().valid.clone().unwrap();
        assert_eq!(valid.loss(), model.evaluate((&x, &y)).unwrap().loss());
        bits(model.params())
    };
    assert!(of(Some(0.2), 1) == of(Some(0.2), 1));
    assert!(of(Some(0.2), 1) != of(Some(0.3), 1));
    assert!(of(Some(0.2), 1) != of(None, 1));
}

#[test]
fn bytes_are_mixed_as_numbers() {
    let x = Tensor::from_vec((0..48u8).collect(), &[12, 2, 2]).unwrap();
    let y = Tensor::from_vec((0..12).map(|row| row % 3).collect::<Vec<i64>>(), &[12]).unwrap();
    let as_floats = Tensor::from_vec(x.to_f64().iter().map(|&x| x as f32).collect(), &[12, 2, 2]).unwrap();
    let of = |x: &Tensor| {
        let scale = Rescale {
            factor: 1.0 / 255.0,
            offset: 0.0,
        };
        let layers = Sequential::new().then(Flatten {}).then(scale).then(Linear::new(3));
        let mut model = super::classifier(layers);
        let fit = Fit {
            mixup: Some(1.0),
            ..fit()
        };
        model.fit((x, &y), &fit).unwrap();
        bits(model.params())
    };
    assert!(of(&x) == of(&as_floats));
}

#[test]
fn codes_and_settings_out_of_range_are_refused() {
    let y = Tensor::from_vec(vec![0i64, 1, 0, 1], &[4]).unwrap();
    let codes = Tensor::from_vec(vec![0i64, 1, 2, 1], &[4, 1]).unwrap();
    let floats = Tensor::from_vec(vec![0f32, 1.0, 2.0, 1.0], &[4, 1]).unwrap();
    let embedding = Embedding {
        num_embeddings: 3,
        dim: 2,
    };
    let categorical = CategoricalEmbedding {
        values: vec![3],
        dim: 2,
    };
    let looks_up = [
        (Sequential::new().then(embedding).then(Flatten {}), &codes),
        (Sequential::new().then(categorical), &floats),
    ];
    for (layers, x) in looks_up {
        let mut model = super::classifier(layers.then(Linear::new(2)));
        let fit = Fit {
            mixup: Some(0.2),
            ..fit()
        };
        let error = model.fit((x, &y), &fit).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert_eq!(
            text,
            "mixup: mixup is for numbers, and `layers.0` looks up codes, which have no mean"
        );
    }
    for alpha in [0.0, -0.2, f64::NAN, f64::INFINITY] {
        let mut model = super::classifier(Sequential::new().then(Linear::new(2)));
        let fit = Fit {
            mixup: Some(alpha),
            ..fit()
        };
        let error = model.fit((&floats, &y), &fit).unwrap_err().to_string();
        assert!(error.contains("expected a number above 0"), "{error}");
    }
}
