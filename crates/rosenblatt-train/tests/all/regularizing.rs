//! Penalties and constraints in training runs: sparsity, largest norms.

use rosenblatt_data::DataOptions;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::{Adam, Sgd};
use rosenblatt_nn::penalties::L1Proximal;
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{assert_close, fixture};
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Model, RunOptions, Trainer};
use serde_json::Value;

use crate::common::{Job, alone, dynamic};

fn numbers(json: &Value) -> Vec<f64> {
    serde_json::from_value(json.clone()).unwrap()
}

/// Weights and bias after so many full-batch steps on `|y − X w − b|² / (2 n)` with the penalty.
fn lasso(rows: &Value, optimize: impl Into<rosenblatt_nn::optimize::Optimize>, options: &RunOptions) -> [Vec<f64>; 2] {
    let shape: Vec<usize> = serde_json::from_value(rows["shape"].clone()).unwrap();
    let x = Tensor::from_vec(numbers(&rows["x"]), &shape).unwrap();
    let y = Tensor::from_vec(numbers(&rows["y"]), &[shape[0], 1]).unwrap();
    let mut trainer = Trainer::new(optimize, 0, |m, [x, y]| {
        let error = x.matmul(m.weight("w", &[1, 6]).matrix_transpose()) + m.bias("b", &[1], 6) - y;
        (error * error).mean_all() * 0.5
    })
    .options(options);
    for _ in 0..2000 {
        trainer.step([&x, &y]).unwrap();
    }
    let params = trainer.params().unwrap();
    ["w", "b"].map(|name| params[name].to_f64())
}

/// Proximal gradient descent ends at scikit-learn's minimum, with the same weights exactly 0.
#[test]
fn full_batch_steps_of_sgd_end_at_the_lasso_of_scikit_learn() {
    let fixture = fixture("lasso.json");
    for case in fixture["cases"].as_array().unwrap() {
        let penalty = L1Proximal {
            alpha: case["alpha"].as_f64().unwrap(),
        };
        let optimize = || Sgd::default().lr(0.25).penalty_on("w", penalty.clone());
        let [w, b] = lasso(&fixture["rows"], optimize(), &alone());
        let expected = numbers(&case["weights"]);
        println!("{case}: {w:?} {b:?}");
        assert_close(&w, &expected, 1e-8);
        assert_close(&b, [case["bias"].as_f64().unwrap()], 1e-8);
        for (w, expected) in w.iter().zip(&expected) {
            assert_eq!(*w == 0.0, *expected == 0.0, "{w} {expected}");
        }
        assert_eq!(lasso(&fixture["rows"], optimize(), &dynamic()), [w, b]);
    }
}

/// Adam has no input called `lr` of its own. The group's factor belongs to the rate: with 0 there is no threshold.
#[test]
fn adam_makes_weights_zero_too() {
    let fixture = fixture("lasso.json");
    let optimize = || Adam::default().lr(0.02).penalty_on("w", L1Proximal { alpha: 0.5 });
    let [w, _] = lasso(&fixture["rows"], optimize(), &alone());
    assert!(w.contains(&0.0) && w.iter().any(|w| w.abs() > 0.5), "{w:?}");
    let [w, _] = lasso(&fixture["rows"], optimize().group("w", 0.0), &alone());
    assert!(w.iter().all(|&w| w != 0.0));
}

fn trained(settings: &[(&str, f64)]) -> Model {
    let overrides = Overrides::default()
        .set("hidden", [8])
        .set("norm", "layer")
        .set("optimizer", "sgd")
        .set("learning_rate", 0.1)
        .set("batch_size", 200)
        .set("epochs", 300);
    let overrides = settings
        .iter()
        .fold(overrides, |overrides, &(key, value)| overrides.set(key, value));
    let job = Job::on(Preset::Plain, &DataOptions::new("iris"), &overrides);
    let model = job.train(&alone()).unwrap().model;
    assert!(job.train(&dynamic()).unwrap().model.to_bytes().unwrap() == model.to_bytes().unwrap());
    assert!(Model::from_bytes(&model.to_bytes().unwrap()).is_ok());
    model
}

fn values(model: &Model, name: &str) -> Vec<f64> {
    model.params()[name].to_f64()
}

#[test]
fn the_setting_l1_makes_weights_zero_and_nothing_else() {
    let zeros = |values: Vec<f64>| values.iter().filter(|&&value| value == 0.0).count();
    let [sparse, dense] = [trained(&[("train.l1", 0.03)]), trained(&[("train.l1", 0.0)])];
    for name in ["layers.0.weight", "layers.3.weight"] {
        assert!(zeros(values(&sparse, name)) > 3, "{name}: {:?}", values(&sparse, name));
        assert_eq!(zeros(values(&dense, name)), 0);
    }
    // Biases and the scale of the layer normalization have no penalty.
    assert!(values(&sparse, "layers.1.weight").iter().all(|scale| *scale > 0.5));
    assert_eq!(zeros(values(&sparse, "layers.0.bias")), 0);
}

#[test]
fn the_setting_max_norm_bounds_the_weights_of_each_unit() {
    let norms = |model: &Model, name: &str, inputs: usize| -> Vec<f64> {
        let rows = values(model, name);
        rows.chunks(inputs)
            .map(|row| row.iter().map(|w| w * w).sum::<f64>().sqrt())
            .collect()
    };
    let [bounded, free] = [trained(&[("train.max_norm", 0.5)]), trained(&[])];
    for (name, inputs) in [("layers.0.weight", 4), ("layers.3.weight", 8)] {
        assert!(norms(&bounded, name, inputs).iter().all(|norm| *norm <= 0.5 + 1e-6));
        assert!(norms(&free, name, inputs).iter().any(|norm| *norm > 0.6));
    }
    // The scale of the layer normalization is no row of weights: it has the norm √8.
    assert!(norms(&bounded, "layers.1.weight", 8)[0] > 2.0);
}

#[test]
fn settings_out_of_range_are_refused() {
    for (key, value, message) in [
        (
            "train.l1",
            "-0.1",
            "train.l1: expected a number of at least 0, got `-0.1`",
        ),
        (
            "train.max_norm",
            "0",
            "train.max_norm: expected a number above 0, got `0`",
        ),
    ] {
        let error = rosenblatt_train::Spec::default()
            .with(&format!("{key}={value}"))
            .and_then(|spec| spec.check());
        assert_eq!(error.unwrap_err().to_string(), message);
    }
}
