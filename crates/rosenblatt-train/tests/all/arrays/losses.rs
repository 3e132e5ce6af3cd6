//! Losses in a fit: classes that are ignored, reductions, scores, log links, penalties.

use rosenblatt_nn::layers::{Exp, Linear, Sequential};
use rosenblatt_nn::losses::{CrossEntropy, Hinge, Mse, MultiClassHinge, Poisson};
use rosenblatt_nn::metrics::{Accuracy, Rmse, RocAuc};
use rosenblatt_nn::optimize::{Optimize, OptimizeExt as _};
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_nn::penalties::L2;
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_train::{ClassWeights, Compile as _, Data, Fit, Model, Reduction, Validation};

use super::{bits, classes, classifier, close, fit, hidden};
use crate::trainer::{classes as random_classes, doubles, numbers};

/// A classifier that ignores a class.
fn ignoring(class: i64) -> Model {
    let loss = CrossEntropy {
        ignore_index: Some(class),
        ..CrossEntropy::default()
    };
    let optimize = rosenblatt_nn::optimizers::Adam::default().lr(0.02);
    let layers = hidden().then(Linear::new(3));
    layers.compile(loss, optimize, [Accuracy {}]).unwrap()
}

/// Every third row has the class −100; the weights are 0 there.
fn with_gaps() -> (Tensor, Tensor, Tensor, Tensor) {
    let (x, y) = classes();
    let known = y.to_vec::<i64>().unwrap();
    let gaps = known
        .iter()
        .enumerate()
        .map(|(i, &class)| if i % 3 == 1 { -100 } else { class });
    let weights: Vec<f32> = (0..50).map(|i| 0.5 + (i % 4) as f32).collect();
    let masked = weights
        .iter()
        .enumerate()
        .map(|(i, &w)| if i % 3 == 1 { 0.0 } else { w });
    let gaps = Tensor::from_vec(gaps.collect::<Vec<_>>(), &[50]).unwrap();
    let masked = Tensor::from_vec(masked.collect::<Vec<_>>(), &[50]).unwrap();
    (x, gaps, Tensor::from_vec(weights, &[50]).unwrap(), masked)
}

/// Known otherwise: rows with weight 0 count neither in the loss nor in what it is divided by. Batches of 16, 16, 16 and 2 rows.
#[test]
fn an_ignored_class_is_a_weight_of_0() {
    let (x, gaps, weights, masked) = with_gaps();
    let filled = gaps
        .to_vec::<i64>()
        .unwrap()
        .iter()
        .map(|&class| class.max(0))
        .collect();
    let filled = Tensor::from_vec(filled, &[50]).unwrap();
    let valid = |data: Data| Fit {
        validation: Validation::Data(data),
        class_weight: Some(ClassWeights::Each(vec![0.5, 2.0, 1.0])),
        ..fit()
    };
    let ignored = Data::from((&x, &gaps)).weighted(weights);
    let zero = Data::from((&x, &filled)).weighted(masked);
    let (mut ours, mut expected) = (ignoring(-100), classifier(hidden().then(Linear::new(3))));
    let history = ours.fit(&ignored, &valid(ignored.clone())).unwrap();
    let wanted = expected.fit(&zero, &valid(zero.clone())).unwrap();
    let all = |model: &Model| model.params().values().flat_map(Tensor::to_f64).collect::<Vec<_>>();
    close(&all(&ours), &all(&expected), 1e-5);
    for curve in ["loss", "accuracy", "valid.loss", "valid.accuracy"] {
        close(&history.curve(curve), &wanted.curve(curve), 1e-5);
    }
    let [got, want] = [ours.evaluate(&ignored).unwrap(), expected.evaluate(&zero).unwrap()];
    close(&[got["loss"], got["accuracy"]], &[want["loss"], want["accuracy"]], 1e-5);
}

#[test]
fn without_weights_rows_of_an_ignored_class_are_left_out() {
    let (x, gaps, ..) = with_gaps();
    let all = Data::from((&x, &gaps));
    let rows: Vec<u64> = (0..50).filter(|row| row % 3 != 1).collect();
    let known = all.select(&rows).unwrap();
    let whole = Fit {
        batch_size: 50,
        class_weight: Some(ClassWeights::Balanced),
        ..fit()
    };
    let fitted = |data: &Data| {
        let mut model = ignoring(-100);
        let history = model.fit(data, &whole).unwrap();
        (
            model.evaluate(data).unwrap(),
            history.curve("loss"),
            history.curve("accuracy"),
        )
    };
    let (got, want) = (fitted(&all), fitted(&known));
    close(&got.1, &want.1, 1e-5);
    close(&got.2, &want.2, 1e-6);
    close(
        &[got.0["loss"], got.0["accuracy"]],
        &[want.0["loss"], want.0["accuracy"]],
        1e-5,
    );
    // A class that exists can be ignored, and is not right where it is predicted.
    let model = |class| {
        let mut model = ignoring(class);
        model.fit(&known, &fit()).unwrap();
        model.evaluate(&known).unwrap()["accuracy"]
    };
    assert!(model(1).is_finite() && model(1) <= 1.0);
}

/// By hand, from the logits.
#[test]
fn ignored_time_steps_count_in_no_metric() {
    let (x, known) = (numbers(3, &[6, 4, 2]), random_classes(4, 3, &[6, 4]));
    let targets: Vec<i64> = (known.to_vec::<i64>().unwrap().iter().enumerate())
        .map(|(i, &class)| if i % 5 == 0 || i < 4 { -100 } else { class })
        .collect();
    let y = Tensor::from_slice(&targets, &[6, 4]).unwrap();
    let loss = CrossEntropy {
        ignore_index: Some(-100),
        ..CrossEntropy::default()
    };
    let layers = Sequential::new().then(Linear::new(3));
    let mut model = layers.compile(loss, Sgd::default().lr(0.5), [Accuracy {}]).unwrap();
    let history = model.fit((&x, &y), &Fit { batch_size: 4, ..fit() }).unwrap();
    assert!(history.curve("loss").is_sorted_by(|a, b| a > b));
    let metrics = model.evaluate_batched((&x, &y), 5).unwrap();
    let logits = model.predict(&x).unwrap().to_f64();
    let (mut losses, mut right, mut count) = (0.0, 0.0, 0.0);
    for (row, &class) in logits.chunks_exact(3).zip(&targets).filter(|(_, class)| **class >= 0) {
        let sum: f64 = row.iter().map(|x| x.exp()).sum();
        losses += sum.ln() - row[class as usize];
        let best = (0..3).fold(0, |best, i| if row[i] > row[best] { i } else { best });
        right += f64::from(u8::from(best == class as usize));
        count += 1.0;
    }
    close(
        &[metrics["loss"], metrics["accuracy"]],
        &[losses / count, right / count],
        1e-6,
    );
}

/// A linear regression in f64 with this optimizer.
fn line(optimize: Optimize) -> Model {
    let layers = Sequential::new().then(Linear::new(1));
    let model = layers.compile(Mse {}, optimize, [Rmse {}]).unwrap();
    model.with_dtype(DType::F64).unwrap()
}

/// Of batches of 5 rows the sum with a rate of 0.02 takes the steps of the mean with a rate of 0.1.
#[test]
fn a_sum_is_a_mean_with_a_larger_rate() {
    let (x, y) = (doubles(1, &[10, 2]), doubles(2, &[10]));
    let fitted = |rate, reduction, data: &Data| {
        let mut model = line(Sgd::default().lr(rate));
        let fit = Fit {
            batch_size: 5,
            reduction,
            ..fit()
        };
        let history = model.fit(data, &fit).unwrap();
        let all: Vec<f64> = model.params().values().flat_map(Tensor::to_f64).collect();
        (all, history.curve("loss"))
    };
    let plain = Data::from((&x, &y));
    let (mean, losses) = fitted(0.1, Reduction::Mean, &plain);
    let (sum, same) = fitted(0.02, Reduction::Sum, &plain);
    close(&sum, &mean, 1e-12);
    close(&same, &losses, 1e-12);
    // The unit of weights is a factor of the sum, and of no mean.
    let weighted = |unit: f32| plain.clone().weighted(Tensor::from_vec(vec![unit; 10], &[10]).unwrap());
    close(&fitted(0.1, Reduction::Mean, &weighted(3.0)).0, &mean, 1e-12);
    let (tripled, losses) = fitted(0.02, Reduction::Sum, &weighted(3.0));
    close(&fitted(0.06, Reduction::Sum, &plain).0, &tripled, 1e-12);
    close(&fitted(0.3, Reduction::Mean, &plain).1, &losses, 1e-12);
}

/// Two batches of 5 rows whose gradients are accumulated are one of 10, with either reduction and a penalty.
#[test]
fn accumulated_sums_are_the_sum_of_all_rows() {
    let (x, y) = (doubles(1, &[10, 2]), doubles(2, &[10]));
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let fitted = |batch_size, accumulate_steps| {
            let mut model = line(Sgd::default().lr(0.02).penalty(L2 { alpha: 0.5 }));
            let fit = Fit {
                batch_size,
                accumulate_steps,
                reduction,
                ..fit()
            };
            model.fit((&x, &y), &fit).unwrap();
            model.params().values().flat_map(Tensor::to_f64).collect::<Vec<_>>()
        };
        close(&fitted(5, 2), &fitted(10, 1), 1e-12);
    }
}

/// By hand: `mean + ½ λ ‖W‖²`, whose gradient is that of the mean and `λ W`, of weights and not of biases.
#[test]
fn structural_risk_is_what_is_minimized_and_reported() {
    let (x, y) = (doubles(1, &[10, 2]), doubles(2, &[10]));
    let (rate, alpha) = (0.1, 0.5);
    let step = |optimize: Optimize| {
        let mut model = line(optimize);
        let once = Fit {
            epochs: 1,
            batch_size: 10,
            ..fit()
        };
        let history = model.fit((&x, &y), &once).unwrap();
        let [bias, weight] = ["bias", "weight"].map(|name| model.params()[&format!("layers.0.{name}")].to_f64());
        (history.curve("loss")[0], bias, weight)
    };
    let plain = step(Sgd::default().lr(rate));
    let risk = step(Sgd::default().lr(rate).penalty(L2 { alpha }));
    assert_eq!(plain.1, risk.1);
    let moved = plain.2.iter().zip(&risk.2).map(|(plain, risk)| plain - risk);
    // The weights before the step.
    let weights: Vec<f64> = moved.map(|moved| moved / (rate * alpha)).collect();
    assert!(weights.iter().all(|w| w.abs() > 1e-3));
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    close(&[risk.0], &[plain.0 + 0.5 * alpha * squares], 1e-12);
    // The weights that were found are those of another run: a step of rate 0 leaves them.
    let start = step(Sgd::default().lr(1e-300));
    close(&start.2, &weights, 1e-12);
}

#[test]
fn a_log_link_may_end_the_network() {
    let x = numbers(1, &[20, 3]);
    let counts = (0..20)
        .map(|i| f32::from(u8::from(i % 3 == 0)) * (i % 7) as f32)
        .collect();
    let y = Tensor::from_vec(counts, &[20]).unwrap();
    let fitted = |layers: Sequential| {
        let optimize = Sgd::default().lr(0.05);
        let mut model = layers.compile(Poisson::default(), optimize, [Rmse {}]).unwrap();
        model.fit((&x, &y), &fit()).unwrap();
        model
    };
    let plain = fitted(hidden().then(Linear::new(1)));
    let linked = fitted(hidden().then(Linear::new(1)).then(Exp {}));
    assert_eq!(bits(plain.params()), bits(linked.params()));
    let [logarithms, means] = [&plain, &linked].map(|model| model.predict(&x).unwrap().to_f64());
    close(&means, &logarithms.iter().map(|x| x.exp()).collect::<Vec<_>>(), 1e-6);
    let metrics = plain.evaluate((&x, &y)).unwrap();
    assert_eq!(metrics, linked.evaluate((&x, &y)).unwrap());
    let squares: f64 = means
        .iter()
        .zip(y.to_f64())
        .map(|(mean, y)| (mean - y) * (mean - y))
        .sum();
    close(&[metrics["rmse"]], &[(squares / 20.0).sqrt()], 1e-6);
}

#[test]
fn scores_are_compared_and_are_no_probabilities() {
    let (x, y) = (numbers(2, &[30, 3]), random_classes(3, 2, &[30]));
    let layers = || hidden().then(Linear::new(1));
    let optimize = Sgd::default().lr(0.05);
    let mut model = layers().compile(Hinge {}, optimize, [Accuracy {}]).unwrap();
    model.fit((&x, &y), &fit()).unwrap();
    let scores = model.predict(&x).unwrap().to_f64();
    let right = scores
        .iter()
        .zip(y.to_f64())
        .filter(|(score, y)| (**score > 0.0) == (*y == 1.0));
    assert_eq!(
        model.evaluate((&x, &y)).unwrap()["accuracy"],
        right.count() as f64 / 30.0
    );
    // The order of scores of two classes is all that the area under the curve needs; not so of three.
    let mut ranked = layers().compile(Hinge {}, Sgd::default(), [RocAuc {}]).unwrap();
    ranked.fit((&x, &y), &fit()).unwrap();
    assert!(ranked.evaluate((&x, &y)).unwrap()["roc_auc"].is_finite());
    let three = hidden().then(Linear::new(3));
    let mut three = three.compile(MultiClassHinge {}, Sgd::default(), [RocAuc {}]).unwrap();
    let (x, y) = classes();
    let error = three.fit((&x, &y), &fit()).unwrap_err();
    assert!(error.to_string().contains("`roc_auc` fits no output"), "{error}");
}
