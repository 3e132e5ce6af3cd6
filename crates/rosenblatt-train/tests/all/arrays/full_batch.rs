//! L-BFGS on all rows against SciPy and scikit-learn (`fixtures/make_full_batch.py`), and what does not change its bits.

use rosenblatt_nn::activations::TANH;
use rosenblatt_nn::layers::{BatchNorm, Linear, Sequential};
use rosenblatt_nn::losses::CrossEntropy;
use rosenblatt_nn::metrics::Accuracy;
use rosenblatt_nn::optimize::{Optimize, OptimizeExt as _};
use rosenblatt_nn::optimizers::Lbfgs;
use rosenblatt_nn::penalties::L2;
use rosenblatt_nn::solvers::Ended;
use rosenblatt_tensor::{DType, Result, Tensor};
use rosenblatt_testkit::{assert_close, fixture};
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::{
    BatchSource, ClassWeights, Compile as _, Data, Execution, Fit, History, Model, Params, Reduction, RunOptions,
    Validation,
};
use serde_json::Value;

use crate::common::{alone, dynamic};

fn numbers(json: &Value) -> Vec<f64> {
    serde_json::from_value(json.clone()).unwrap()
}

/// Iris, `times` over: the same mean loss, and from seven times on more than a block of rows.
fn iris(times: usize, weights: &Value) -> Data {
    let fixture = fixture("full_batch.json");
    let (tenths, center, spread) = (
        numbers(&fixture["tenths"]),
        numbers(&fixture["center"]),
        numbers(&fixture["spread"]),
    );
    let scaled = |(i, tenths): (usize, &f64)| (tenths - center[i % 4]) / spread[i % 4];
    let x: Vec<f64> = tenths.iter().enumerate().map(scaled).collect();
    let species: Vec<i64> = serde_json::from_value(fixture["species"].clone()).unwrap();
    let rows = species.len() * times;
    let x = Tensor::from_vec(x.repeat(times), &[rows, 4]).unwrap();
    let y = Tensor::from_vec(species.repeat(times), &[rows]).unwrap();
    match weights {
        Value::Null => Data::from((&x, &y)),
        weights => Data::from((
            &x,
            &y,
            &Tensor::from_vec(numbers(weights).repeat(times), &[rows]).unwrap(),
        )),
    }
}

fn network(hidden: &[usize]) -> Sequential {
    let hidden = hidden.iter();
    let layers = hidden.fold(Sequential::new(), |layers, &width| {
        layers.then(Linear::new(width)).then(TANH)
    });
    layers.then(Linear::new(3))
}

/// The weights that the fixture begins with.
fn start(params: &Params) -> Params {
    let mut number = 0;
    let mut of = |(name, old): (&String, &Tensor)| {
        let count = old.elements();
        let weight = name.ends_with("weight");
        let value = |i| {
            if weight {
                (((7 * (number + i)) % 11) as f64 - 5.0) / 20.0
            } else {
                0.0
            }
        };
        let values = Tensor::from_vec((0..count).map(value).collect::<Vec<f64>>(), old.shape()).unwrap();
        number += if weight { count } else { 0 };
        let graph = rosenblatt_autodiff::Graph::dynamic();
        (name.clone(), graph.constant(values).cast(old.dtype()).value().unwrap())
    };
    params.iter().map(&mut of).collect()
}

/// A model at the start of the fixture.
fn model(layers: Sequential, optimize: impl Into<Optimize>, dtype: DType) -> Model {
    let model = layers
        .compile(CrossEntropy::default(), optimize, [Accuracy {}])
        .unwrap();
    let mut model = model.with_dtype(dtype).unwrap();
    model.fit(iris(1, &Value::Null), &fit(1)).unwrap();
    let start = start(model.params());
    model.set_params(&start).unwrap();
    model
}

fn fit(epochs: usize) -> Fit {
    Fit {
        run: alone(),
        ..Fit::epochs(epochs)
    }
}

fn precise() -> Lbfgs {
    Lbfgs {
        tolerance_grad: 1e-9,
        ..Lbfgs::default()
    }
}

fn evaluations(history: &History, close: f64) -> u64 {
    let reached = history.epochs.iter().position(|record| record.train.loss() <= close);
    let done = &history.epochs[..=reached.unwrap()];
    done.iter().map(|record| record.evaluations.unwrap()).sum()
}

#[test]
fn networks_reach_the_minima_of_scipy_and_scikit_learn_with_as_few_evaluations() {
    let fixture = fixture("full_batch.json");
    let alpha = fixture["lambda"].as_f64().unwrap();
    for case in fixture["cases"].as_array().unwrap() {
        let hidden: Vec<usize> = serde_json::from_value(case["hidden"].clone()).unwrap();
        let number = |key: &str| case[key].as_f64();
        // The second time in blocks.
        for times in [1, 8] {
            let optimize = Lbfgs::default().penalty(L2 { alpha });
            let mut model = model(network(&hidden), optimize, DType::F64);
            let history = model.fit(iris(times, &case["weights"]), &fit(1000)).unwrap();
            let solved = history.solved.unwrap();
            assert_eq!(solved.ended, Some(Ended::Gradient), "{hidden:?} {times}");
            let all: u64 = history.epochs.iter().map(|record| record.evaluations.unwrap()).sum();
            assert_eq!(solved.evaluations, all);
            let minimum = number("minimum").unwrap();
            let loss = *history.curve("loss").last().unwrap();
            assert!(
                (loss - minimum).abs() <= 1e-8,
                "{hidden:?} {times}: {loss}, SciPy {minimum}"
            );
            // scikit-learn ends where the loss falls by less than 2e-9 of its value.
            let sklearn = number("sklearn").unwrap_or(minimum);
            assert!((loss - sklearn).abs() <= 1e-6, "{loss}, scikit-learn {sklearn}");
            let (own, scipy) = (evaluations(&history, minimum + 1e-8), number("evaluations").unwrap());
            println!("{hidden:?} {times}: {own} evaluations, SciPy {scipy}");
            assert!(own as f64 <= 1.2 * scipy, "{hidden:?} {times}: {own}, SciPy {scipy}");
        }
    }
}

/// The penalty of a sum of losses counts once, however many blocks there are.
#[test]
fn a_sum_has_its_minimum_where_the_mean_has_it_with_a_smaller_penalty() {
    for times in [1, 8] {
        let rows = (150 * times) as f64;
        let fitted = |reduction, alpha| {
            let mut model = model(network(&[]), precise().penalty(L2 { alpha }), DType::F64);
            let fit = Fit { reduction, ..fit(1000) };
            let history = model.fit(iris(times, &Value::Null), &fit).unwrap();
            (model.params().clone(), history)
        };
        let (mean, _) = fitted(Reduction::Mean, 0.02);
        let (sum, history) = fitted(Reduction::Sum, 0.02 * rows);
        for (name, value) in &mean {
            assert_close(sum[name].to_f64(), value.to_f64(), 1e-7);
        }
        // What is reported is the mean without the penalty.
        let weight = mean["layers.0.weight"].to_f64();
        let penalty = 0.01 * weight.iter().map(|w| w * w).sum::<f64>();
        let (mean, with) = (
            history.epochs.last().unwrap().train.loss(),
            fitted(Reduction::Mean, 0.02).1,
        );
        assert_close(mean + penalty, with.epochs.last().unwrap().train.loss(), 1e-7);
    }
}

#[test]
fn class_weights_are_weights_of_rows() {
    let weights = [1.0, 0.5, 4.0];
    let of_rows: Vec<f64> = (0..150).map(|i| weights[i / 50]).collect();
    let fitted = |data: Data, class_weight| {
        let mut model = model(network(&[]), precise().penalty(L2 { alpha: 0.01 }), DType::F64);
        let fit = Fit {
            class_weight,
            ..fit(1000)
        };
        model.fit(data, &fit).unwrap();
        model.params().clone()
    };
    let by_class = fitted(iris(1, &Value::Null), Some(ClassWeights::Each(weights.to_vec())));
    let by_row = fitted(iris(1, &of_rows.into()), None);
    for (name, value) in &by_row {
        assert_close(by_class[name].to_f64(), value.to_f64(), 1e-7);
    }
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
fn threads_execution_and_where_rows_are_change_no_bit() {
    for dtype in [DType::F32, DType::F64] {
        let weights: Value = (0..150).map(|i| f64::from(1 << (i % 3))).collect::<Vec<_>>().into();
        let data = iris(8, &weights);
        let fitted = |run: RunOptions, source: &dyn BatchSource| {
            let mut model = model(network(&[5]), Lbfgs::default().penalty(L2 { alpha: 0.01 }), dtype);
            let fit = Fit { run, ..fit(15) };
            let history = model.fit_source(source, &fit, &mut []).unwrap();
            let params = model
                .params()
                .iter()
                .map(|(name, value)| (name.clone(), value.to_f64()));
            (params.collect::<Vec<_>>(), history.solved, history.curve("loss"))
        };
        let one = fitted(alone(), &data);
        assert_eq!(one.1.unwrap().ended, Some(Ended::Iterations));
        for threads in [2, 3] {
            assert!(
                fitted(RunOptions { threads, ..alone() }, &data) == one,
                "{threads} threads"
            );
        }
        let execution = Execution::Dynamic;
        assert!(fitted(RunOptions { execution, ..dynamic() }, &data) == one, "dynamic");
        assert!(fitted(alone(), &Read(data.clone())) == one, "rows that are read");
    }
}

#[test]
fn in_f32_it_ends_where_rounding_errors_are_larger_than_what_there_is_to_gain() {
    let mut model = model(network(&[]), Lbfgs::default().penalty(L2 { alpha: 0.01 }), DType::F32);
    let history = model.fit(iris(1, &Value::Null), &fit(500)).unwrap();
    let minimum = fixture("full_batch.json")["cases"][0]["minimum"].as_f64().unwrap();
    assert_close(*history.curve("loss").last().unwrap(), minimum, 1e-6);
    let ended = history.solved.unwrap().ended;
    assert!(matches!(ended, Some(Ended::NoProgress | Ended::Gradient)), "{ended:?}");
    assert!(history.epochs.len() < 100, "{}", history.epochs.len());
    // From a minimum there is nowhere to go.
    let before = model.params().clone();
    let again = model.fit(iris(1, &Value::Null), &fit(500)).unwrap();
    assert_eq!(again.epochs.len(), 1);
    for (name, value) in &before {
        assert_eq!(model.params()[name].to_f64(), value.to_f64());
    }
}

#[test]
fn frozen_parameters_stay_and_early_stopping_ends_a_run() {
    let mut model = model(network(&[]), Lbfgs::default().freeze("bias"), DType::F64);
    let mut patient = EarlyStopping::after(1);
    patient.min_delta = 0.05;
    let stopping = Fit {
        validation: Validation::from(iris(1, &Value::Null)),
        early_stopping: Some(patient),
        ..fit(1000)
    };
    let history = model.fit(iris(1, &Value::Null), &stopping).unwrap();
    assert_eq!(model.params()["layers.0.bias"].to_f64(), [0.0; 3]);
    assert_ne!(model.params()["layers.0.weight"].to_f64()[0], -0.25);
    assert_eq!(history.solved.unwrap().ended, None);
    assert_eq!(history.best_epoch, history.epochs.len() - 1);
    // The loss is that after the iteration: that of the validation rows, which are the same.
    assert_close(history.curve("loss"), history.curve("valid.loss"), 1e-12);
}

#[test]
fn batch_normalization_has_the_statistics_of_all_rows_after_each_iteration() {
    let layers = Sequential::new()
        .then(Linear::new(5))
        .then(BatchNorm::default())
        .then(TANH)
        .then(Linear::new(3));
    let mut model = model(layers, Lbfgs::default(), DType::F64);
    let data = iris(1, &Value::Null);
    let same = Fit {
        validation: Validation::from(data.clone()),
        ..fit(20)
    };
    let history = model.fit(data.clone(), &same).unwrap();
    assert!(history.curve("loss").is_sorted_by(|before, after| after <= before));
    // Variances are divided by 149 in evaluation and by 150 in training.
    assert_close(history.curve("loss"), history.curve("valid.loss"), 5e-3);
    let kept = model.params().clone();
    model.recompute_batch_norm(data).unwrap();
    for name in ["layers.1.running_mean", "layers.1.running_var"] {
        assert_eq!(model.params()[name].to_f64(), kept[name].to_f64());
    }
}
