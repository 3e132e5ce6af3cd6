//! The learning-rate range test.

use rosenblatt_nn::layers::{Linear, Sequential};
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::metrics::Accuracy;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_nn::schedules::Cosine;
use rosenblatt_tensor::{DType, ErrorKind, Tensor};
use rosenblatt_testkit::{assert_close, fixture};
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::{Compile as _, Data, Fit, LearningRates, Model, RateRange, RunOptions, Validation};

use crate::common::{alone, dynamic};
use crate::trainer::doubles;

#[test]
fn curves_are_read_as_numpy_reads_them() {
    for case in fixture("rates.json")["cases"].as_array().unwrap() {
        let numbers = |name: &str| serde_json::from_value::<Vec<f64>>(case[name].clone()).unwrap();
        let place = |name: &str| case[name].as_u64().map(|place| numbers("rates")[place as usize]);
        let mut found = LearningRates::new(RateRange {
            min: case["min"].as_f64().unwrap(),
            max: case["max"].as_f64().unwrap(),
            steps: case["steps"].as_u64().unwrap() as usize,
        });
        let mut steps = numbers("rates").into_iter().zip(numbers("losses"));
        while let Some((rate, loss)) = steps.next()
            && found.add(rate, loss)
        {}
        let smoothed: Vec<f64> = found.points().iter().map(|point| point.smoothed).collect();
        assert_close(smoothed, numbers("smoothed"), 1e-13);
        assert_eq!(found.minimum(), place("lowest"));
        assert_eq!(found.minimum_over_10(), place("lowest").map(|rate| rate / 10.0));
        assert_eq!(
            (found.steepest(), found.suggested()),
            (place("steepest"), place("steepest"))
        );
        assert_eq!(found.diverged(), place("diverged"));
    }
}

/// A linear regression in f64 by gradient descent, whose largest stable learning rate is known.
fn line() -> Model {
    let layers = Sequential::new().then(Linear::new(1));
    let optimize = Sgd::default().lr(123.0).schedule(Cosine::default()).ema(0.9);
    let no_metrics: [Accuracy; 0] = [];
    let model = layers.compile(Mse {}, optimize, no_metrics).unwrap();
    model.with_dtype(DType::F64).unwrap()
}

fn rows() -> Data {
    Data::from((&doubles(1, &[40, 3]), &doubles(2, &[40, 1])))
}

const RANGE: RateRange = RateRange {
    min: 1e-4,
    max: 100.0,
    steps: 60,
};

fn fit(run: RunOptions) -> Fit {
    Fit {
        batch_size: 16,
        seed: 3,
        run,
        ..Fit::default()
    }
}

#[test]
fn losses_are_those_of_the_run_by_hand_and_the_model_stays_as_it_is() {
    let mut model = line();
    let start = Fit {
        epochs: 1,
        ..fit(alone())
    };
    model.fit(rows(), &start).unwrap();
    let before = model.to_bytes().unwrap();
    // One batch of all rows: each step is one of gradient descent on the mean of (x·w + b − y)².
    let whole = Fit {
        batch_size: 40,
        ..fit(alone())
    };
    let found = model.find_learning_rate(rows(), &whole, &RANGE).unwrap();
    assert!(model.to_bytes().unwrap() == before);
    let (x, y) = (doubles(1, &[40, 3]).to_f64(), doubles(2, &[40, 1]).to_f64());
    let mut theta: Vec<f64> = ["layers.0.weight", "layers.0.bias"]
        .iter()
        .flat_map(|name| model.params()[*name].to_f64())
        .collect();
    for (step, point) in found.points().iter().enumerate() {
        let rate = 1e-4 * 1e6f64.powf(step as f64 / 59.0);
        assert!((point.rate / rate - 1.0).abs() < 1e-13);
        let (mut loss, mut gradient) = (0.0, [0.0; 4]);
        for (x, y) in x.chunks_exact(3).zip(&y) {
            let inputs = [x[0], x[1], x[2], 1.0];
            let error = inputs.iter().zip(&theta).map(|(x, w)| x * w).sum::<f64>() - y;
            loss += error * error / 40.0;
            gradient
                .iter_mut()
                .zip(inputs)
                .for_each(|(g, x)| *g += 2.0 * error * x / 40.0);
        }
        assert!(
            (point.loss / loss - 1.0).abs() < 1e-9,
            "step {step}: {} {loss}",
            point.loss
        );
        theta.iter_mut().zip(gradient).for_each(|(w, g)| *w -= rate * g);
    }
    // Gradient descent on a mean of squares of inputs in [−1, 1] and a bias is unstable from about 1 on.
    let diverged = found.diverged().unwrap();
    assert!((0.5..50.0).contains(&diverged), "{diverged}");
    assert!(found.suggested().unwrap() < diverged);
}

#[test]
fn the_same_bits_whatever_runs_it() {
    let points = |fit: &Fit| {
        let found = line().find_learning_rate(rows(), fit, &RANGE).unwrap();
        found
            .points()
            .iter()
            .map(|point| point.smoothed.to_bits())
            .collect::<Vec<_>>()
    };
    let expected = points(&fit(alone()));
    assert_eq!(points(&fit(dynamic())), expected);
    let threads = RunOptions { threads: 3, ..alone() };
    assert_eq!(points(&fit(threads)), expected);
    // What is left out of the test changes nothing.
    let more = Fit {
        swa: Some(0.5),
        validation: Validation::Data(rows()),
        early_stopping: Some(EarlyStopping::after(1)),
        test: Some(rows()),
        ..fit(alone())
    };
    assert_eq!(points(&more), expected);
    let accumulated = Fit {
        accumulate_steps: 2,
        ..fit(alone())
    };
    assert_ne!(points(&accumulated), expected);
}

#[test]
fn a_range_without_a_rise_and_data_that_are_not_finite_are_errors() {
    let refused = |range: RateRange| {
        line()
            .find_learning_rate(rows(), &fit(alone()), &range)
            .unwrap_err()
            .to_string()
    };
    for (range, message) in [
        (
            RateRange { min: 0.0, ..RANGE },
            "min_lr: expected a number of at least 1.175e-38, got `0`",
        ),
        (
            RateRange { min: f64::NAN, ..RANGE },
            "min_lr: expected a number of at least 1.175e-38, got `NaN`",
        ),
        (
            RateRange { max: 1e-4, ..RANGE },
            "max_lr: expected a finite number above the first learning rate, 0.0001, got `0.0001`",
        ),
        (
            RateRange {
                max: f64::INFINITY,
                ..RANGE
            },
            "max_lr: expected a finite number above the first learning rate, 0.0001, got `inf`",
        ),
        (
            RateRange { steps: 9, ..RANGE },
            "steps: expected a whole number of at least 10, got `9`",
        ),
    ] {
        assert_eq!(refused(range), message);
    }
    let huge = Tensor::from_vec(vec![1e300; 40], &[40, 1]).unwrap();
    let error = line().find_learning_rate((&doubles(1, &[40, 3]), &huge), &fit(alone()), &RANGE);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFinite);
}
