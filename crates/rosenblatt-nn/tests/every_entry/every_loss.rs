//! Laws of losses.

use rosenblatt_autodiff::{Graph, reverse};
use rosenblatt_nn::losses::{self, BceWithLogits, CrossEntropy, Huber, LOSSES, Mse};
use rosenblatt_nn::{Entry, Loss, TargetKind};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::{Tolerance, assert_close, fixture};
use serde_json::Value;

use crate::common::{check_gradients, random, registry_laws, tensor};

const TARGET_KINDS: [TargetKind; 5] = [
    TargetKind::Classes(2),
    TargetKind::Classes(5),
    TargetKind::Classes(1),
    TargetKind::Values(1),
    TargetKind::Values(3),
];

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Loss>("src/losses", &["classes", "labels", "numbers"]);
}

#[test]
fn every_loss_is_for_some_goal_and_the_usual_one_fits() {
    for loss in LOSSES.iter().flat_map(|registration| registration.examples()) {
        assert!(
            TARGET_KINDS
                .iter()
                .any(|&target_kind| loss.outputs(target_kind).is_some()),
            "{loss}"
        );
    }
    for target_kind in TARGET_KINDS {
        assert!(
            losses::usual(target_kind).outputs(target_kind).is_some(),
            "{target_kind:?}"
        );
    }
}

/// Targets of a kind that the loss accepts.
pub fn targets_of(loss: &dyn Loss, target_kind: TargetKind, rows: usize) -> Tensor {
    let targets = targets(target_kind, rows);
    if !targets.dtype().is_float() || targets.to_f64().iter().all(|&y| loss.check_target(y).is_ok()) {
        return targets;
    }
    Tensor::from_vec(
        targets.to_f64().iter().map(|y| y.abs() + 0.1).collect(),
        targets.shape(),
    )
    .unwrap()
}

fn targets(target_kind: TargetKind, rows: usize) -> Tensor {
    match target_kind {
        TargetKind::Classes(n) => Tensor::from_vec((0..rows).map(|i| (i * 7 % n) as i64).collect(), &[rows]).unwrap(),
        TargetKind::Values(1) => random("targets", &[rows]),
        TargetKind::Values(n) => random("targets", &[rows, n]),
    }
}

/// Every loss with every kind of target it is for, and how many numbers it wants for a row.
pub fn each(check: impl Fn(&dyn Loss, TargetKind, usize)) {
    for loss in LOSSES.iter().flat_map(|registration| registration.examples()) {
        for target_kind in TARGET_KINDS {
            if let Some(outputs) = loss.outputs(target_kind) {
                println!("{loss} {target_kind:?}");
                check(&*loss, target_kind, outputs);
            }
        }
    }
}

#[test]
fn gradients_match_central_differences() {
    each(|loss, target_kind, outputs| {
        for rows in [0, 1, 4] {
            check_gradients(&[random("x", &[rows, outputs])], |graph, x| {
                let (targets, divisor) = (
                    graph.constant(targets_of(loss, target_kind, rows)),
                    graph.constant(Tensor::scalar(3.0)),
                );
                loss.mean(x[0], targets, divisor)
            });
        }
    });
}

#[test]
fn the_loss_is_the_sum_of_its_rows_by_the_divisor() {
    each(|loss, target_kind, outputs| {
        let graph = Graph::dynamic();
        let (x, y) = (
            graph.constant(random("x", &[4, outputs])),
            graph.constant(targets_of(loss, target_kind, 4)),
        );
        let rows = loss.per_example(x, y).value().unwrap();
        assert_eq!(rows.shape(), &[4]);
        let sum: f64 = rows.to_f64().iter().sum();
        let mean = loss.mean(x, y, graph.constant(Tensor::scalar(8.0))).value().unwrap();
        assert_close(mean.item().unwrap(), sum / 8.0, 1e-15);
        let weights = [0.0, 1.0, 2.0, 0.5];
        let weighted: f64 = rows
            .to_f64()
            .iter()
            .zip(weights)
            .map(|(row, weight)| row * weight)
            .sum();
        let weights = graph.constant(Tensor::from_slice(&weights, &[4]).unwrap());
        let mean = loss
            .weighted_mean(x, y, weights, graph.constant(Tensor::scalar(3.5)))
            .value()
            .unwrap();
        assert_close(mean.item().unwrap(), weighted / 3.5, 1e-15);
    });
}

#[test]
fn a_batch_in_parts_has_the_same_gradients() {
    each(|loss, target_kind, outputs| {
        let (x, y) = (random("x", &[6, outputs]), targets_of(loss, target_kind, 6));
        let gradient = |from: usize, to: usize| {
            let graph = Graph::dynamic();
            let x = graph.constant(x.slice(0, from, to).unwrap());
            let y = graph.constant(y.slice(0, from, to).unwrap());
            let mean = loss.mean(x, y, graph.constant(Tensor::scalar(6.0)));
            reverse::gradients(mean, &[x])[0].value().unwrap().to_f64()
        };
        assert_eq!(gradient(0, 6), [gradient(0, 2), gradient(2, 6)].concat());
    });
}

/// Probabilities of 0 and 1 say which class it is: the loss of these is that of the class, if a loss takes both.
#[test]
fn certain_probabilities_are_classes() {
    let mut takes_both = Vec::new();
    let examples = LOSSES.iter().flat_map(|registration| registration.examples());
    let smoothed = |loss: &Entry<dyn Loss>| loss.with("label_smoothing", 0.2).ok();
    for loss in examples.flat_map(|loss| [smoothed(&loss), Some(loss)]).flatten() {
        for kind in TARGET_KINDS {
            let (TargetKind::Classes(classes), Some(outputs), None) = (kind, loss.outputs(kind), loss.ignore_index())
            else {
                continue;
            };
            println!("{loss} {kind:?}");
            let graph = Graph::dynamic();
            let (x, class) = (
                graph.constant(random("x", &[4, outputs])),
                graph.constant(targets(kind, 4)),
            );
            let certain = match outputs == classes {
                true => class.one_hot(classes, DType::F64),
                false => class.cast(DType::F64),
            };
            let of = |targets| {
                let rows = loss.per_example(x, targets);
                [rows, reverse::gradients(rows.sum_all(), &[x])[0]].map(|values| values.value().map(|y| y.to_f64()))
            };
            if let ([Ok(rows), Ok(gradient)], [Ok(expected), Ok(expected_gradient)]) = (of(certain), of(class)) {
                assert_close(rows, expected, 1e-14);
                assert_close(gradient, expected_gradient, 1e-14);
                takes_both.push(loss.name().to_owned());
            }
        }
    }
    for name in ["bce_with_logits", "cross_entropy", "focal"] {
        assert!(takes_both.iter().any(|known| known == name), "{name}: {takes_both:?}");
    }
}

#[test]
fn wrong_shapes_are_errors() {
    each(|loss, target_kind, outputs| {
        let graph = Graph::dynamic();
        let (x, y) = (
            graph.constant(random("x", &[4, outputs])),
            graph.constant(targets_of(loss, target_kind, 5)),
        );
        assert!(loss.mean(x, y, graph.constant(Tensor::scalar(1.0))).value().is_err());
    });
}

#[test]
fn cross_entropy_of_equal_logits_is_the_logarithm_of_the_number_of_classes() {
    for (classes, logit) in [(2, 0.0), (10, -1e4), (1000, 1e4)] {
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::from_vec(vec![logit; classes], &[1, classes]).unwrap());
        let y = graph.constant(targets(TargetKind::Classes(classes), 1));
        assert_close(
            CrossEntropy::default().per_example(x, y).value().unwrap().to_f64(),
            [(classes as f64).ln()],
            1e-12,
        );
    }
}

#[test]
fn squared_errors_are_averaged_over_the_numbers_of_a_row() {
    let graph = Graph::dynamic();
    let leaf = |values: &[f64], shape: &[usize]| graph.constant(Tensor::from_slice(values, shape).unwrap());
    let rows = Mse {}.per_example(
        leaf(&[1.0, 2.0, 0.0, 0.0], &[2, 2]),
        leaf(&[0.0, 0.0, 3.0, -1.0], &[2, 2]),
    );
    assert_eq!(rows.value().unwrap().to_f64(), [2.5, 5.0]);
    let rows = Mse {}.per_example(leaf(&[1.0, 2.0], &[2, 1]), leaf(&[4.0, 0.5], &[2]));
    assert_eq!(rows.value().unwrap().to_f64(), [9.0, 2.25]);
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    let fixture = fixture("losses.json");
    let cases: &Vec<Value> = fixture["cases"].as_array().unwrap();
    let mut missing: Vec<&str> = LOSSES.iter().map(|registration| registration.name).collect();
    for case in cases {
        let loss = Entry::<dyn Loss>::from_json(&case["loss"]).unwrap();
        println!("{loss}");
        missing.retain(|name| *name != loss.name());
        let graph = Graph::dynamic();
        let (x, y) = (
            graph.constant(tensor(&case["prediction"])),
            graph.constant(tensor(&case["targets"])),
        );
        let rows = loss.per_example(x, y);
        assert_close(rows.value().unwrap().to_f64(), tensor(&case["rows"]).to_f64(), 1e-14);
        let gradients = reverse::gradients(rows.sum_all(), &[x]);
        let expected = tensor(&case["gradient"]).to_f64();
        assert_close(gradients[0].value().unwrap().to_f64(), expected, 1e-14);
        if let Some(mean) = case["mean"].as_f64() {
            let classes = tensor(&case["targets"]).to_vec::<i64>().unwrap();
            let counted = classes
                .iter()
                .filter(|&&class| loss.ignore_index() != Some(class))
                .count();
            let divisor = graph.constant(Tensor::scalar(counted as f64));
            assert_close(loss.mean(x, y, divisor).value().unwrap().item().unwrap(), mean, 1e-14);
            // Class weights are weights of rows, and the sum of those that count is the divisor.
            let of_class = |class: &i64| {
                if loss.ignore_index() == Some(*class) {
                    0.0
                } else {
                    0.5 + *class as f64
                }
            };
            let weights: Vec<f64> = classes.iter().map(of_class).collect();
            let divisor = graph.constant(Tensor::scalar(weights.iter().sum::<f64>()));
            let weights = graph.constant(Tensor::from_vec(weights, &y.shape()).unwrap());
            let weighted = loss.weighted_mean(x, y, weights, divisor).value().unwrap();
            if let Some(expected) = case["weighted_mean"].as_f64() {
                assert_close(weighted.item().unwrap(), expected, 1e-14);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no case in the fixture (see the card in CONTRIBUTING.md): {missing:?}"
    );
}

fn smoothing(label_smoothing: f64) -> CrossEntropy {
    CrossEntropy {
        label_smoothing,
        ..CrossEntropy::default()
    }
}

#[test]
fn without_smoothing_nothing_is_added_to_the_graph() {
    let nodes = |loss: &dyn Loss| {
        let graph = Graph::dynamic();
        let (x, y) = (
            graph.constant(random("x", &[4, 3])),
            graph.constant(targets(TargetKind::Classes(3), 4)),
        );
        let rows = loss.per_example(x, y).value().unwrap().to_f64();
        let plain = x.softmax_cross_entropy(y).value().unwrap().to_f64();
        (graph.len(), rows == plain)
    };
    // Two leaves, the loss, and what it is compared with.
    assert_eq!(nodes(&CrossEntropy::default()), (4, true));
    let (smoothed, same) = nodes(&smoothing(1e-3));
    assert!(smoothed > 4 && !same);
}

#[test]
fn a_huge_error_is_not_squared_by_huber() {
    let graph = Graph::dynamic();
    let leaf = |values: &[f64], shape: &[usize]| graph.constant(Tensor::from_slice(values, shape).unwrap());
    let huber = Huber { delta: 2.0 };
    let rows = huber.per_example(
        leaf(&[1e200, -1e200, f64::INFINITY, f64::NAN, 2.0], &[5, 1]),
        leaf(&[0.0; 5], &[5]),
    );
    let rows = rows.value().unwrap().to_f64();
    assert_eq!(rows[..3], [2e200, 2e200, f64::INFINITY]);
    assert!(rows[3].is_nan());
    assert_eq!(rows[4], 2.0);
}

/// Expected: the series of `ln(1 + e⁻ˣ)` at large `x`, of which one term is left.
#[test]
fn a_row_that_is_nearly_certain_keeps_its_digits() {
    for x in [20f64, 40.0, 300.0] {
        let graph = Graph::dynamic();
        let logits = graph.constant(Tensor::from_slice(&[x, -x], &[2, 1]).unwrap());
        let y = graph.constant(Tensor::from_slice(&[1i64, 0], &[2]).unwrap());
        let rows = BceWithLogits::default().per_example(logits, y);
        let expected = (-x).exp() * (1.0 - (-x).exp() / 2.0);
        assert_close(
            rows.value().unwrap().to_f64(),
            [expected; 2],
            Tolerance::relative(1e-15),
        );
    }
}

#[test]
fn no_power_of_a_certain_row_is_subnormal() {
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::from_slice(&[90f32, 1e4, f32::INFINITY, -1e4, f32::NAN], &[5, 1]).unwrap());
    let y = graph.constant(Tensor::from_slice(&[1i64; 5], &[5]).unwrap());
    let rows = BceWithLogits::default().per_example(x, y);
    let gradient = reverse::gradients(rows.sum_all(), &[x])[0].value().unwrap();
    let (rows, gradient) = (
        rows.value().unwrap().to_vec::<f32>().unwrap(),
        gradient.to_vec::<f32>().unwrap(),
    );
    let floor = (-69f32).exp();
    assert_close(
        rows[..4].to_vec(),
        [floor, floor, floor, 1e4],
        Tolerance::relative(1e-6),
    );
    assert_eq!(gradient[..4], [0.0, 0.0, 0.0, -1.0]);
    assert!(rows[4].is_nan() && gradient[4].is_nan());
}

#[test]
fn one_output_is_the_difference_of_two() {
    let graph = Graph::dynamic();
    let two = random("x", &[6, 2]);
    let values = two.to_f64();
    let differences: Vec<f64> = values.chunks(2).map(|row| row[1] - row[0]).collect();
    let one = graph.constant(Tensor::from_slice(&differences, &[6, 1]).unwrap());
    let (two, y) = (graph.constant(two), graph.constant(targets(TargetKind::Classes(2), 6)));
    for label_smoothing in [0.0, 0.3] {
        let both = smoothing(label_smoothing).per_example(two, y).value().unwrap();
        let single = BceWithLogits {
            label_smoothing,
            ..BceWithLogits::default()
        };
        assert_close(
            single.per_example(one, y).value().unwrap().to_f64(),
            both.to_f64(),
            1e-14,
        );
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in [
        "bce_with_logits:label_smoothing=1",
        "bce_with_logits:pos_weight=0",
        "bce_with_logits:pos_weight=-1",
        "bce_with_logits:pos_weight=1e999",
        "binary_focal:alpha=0",
        "binary_focal:alpha=1",
        "binary_focal:gamma=-1",
        "cross_entropy:ignore_index=0.5",
        "cross_entropy:label_smoothing=1",
        "cross_entropy:label_smoothing=-0.1",
        "focal:-0.1",
        "focal:1e999",
        "quantile:0",
        "quantile:1",
        "huber:0",
        "huber:-1",
        "huber:delta=1e999",
    ] {
        assert!(Entry::<dyn Loss>::parse(text).is_err(), "{text}");
    }
}
