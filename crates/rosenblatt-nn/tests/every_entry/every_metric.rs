//! Laws of metrics.

use rosenblatt_nn::metrics::{
    self, Accuracy, BalancedAccuracy, Better, Brier, Calibration, Confusion, F1, LogLoss, METRICS, R2, Rmse, RocAuc,
    Running,
};
use rosenblatt_nn::{Entry, Metric, TargetKind};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_testkit::{Tolerance, assert_close, fixture};
use serde_json::Value;

use crate::common::{registry_laws, tensor};

const GOALS: [TargetKind; 3] = [TargetKind::Classes(3), TargetKind::Values(1), TargetKind::Values(2)];

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Metric>("src/metrics", &["calibration", "confusion", "running", "tally"]);
}

#[test]
fn every_metric_is_for_some_goal_and_the_usual_one_fits() {
    for metric in METRICS.iter().flat_map(|registration| registration.examples()) {
        assert!(GOALS.iter().any(|&target_kind| metric.fits(target_kind)), "{metric}");
    }
    for target_kind in GOALS {
        assert!(metrics::usual(target_kind).fits(target_kind));
        assert!(metrics::fitting(target_kind).all(|metric| metric.fits(target_kind)));
        assert!(metrics::fitting(target_kind).any(|metric| metric == metrics::usual(target_kind)));
    }
}

#[test]
fn the_bits_do_not_depend_on_how_rows_are_cut() {
    let rows = 2500;
    let mut predictions = vec![0f32; rows * 3];
    Rng::new(4).fill_normal(0, &mut predictions);
    let classes: Vec<i64> = (0..rows as i64).map(|i| i % 3).collect();
    let numbers: Vec<f32> = predictions.iter().rev().copied().collect();
    for metric in METRICS.iter().flat_map(|registration| registration.examples()) {
        let with_cuts_of = |size: usize| {
            let mut running = Running::new(&*metric, 3);
            for start in (0..rows).step_by(size) {
                let end = (start + size).min(rows);
                let part = &predictions[3 * start..3 * end];
                if metric.fits(TargetKind::Classes(3)) {
                    running.add(part, &classes[start..end]).unwrap();
                } else {
                    running.add(part, &numbers[3 * start..3 * end]).unwrap();
                }
            }
            assert_eq!(running.rows(), rows as u64);
            running.value().to_bits()
        };
        for size in [1, 7, 16, 1000, 1024, 1500] {
            assert_eq!(with_cuts_of(size), with_cuts_of(rows), "{metric} cut into {size}");
        }
    }
}

#[test]
fn wrong_counts_are_errors_and_nothing_is_nan() {
    for metric in METRICS.iter().flat_map(|registration| registration.examples()) {
        let mut running = Running::new(&*metric, 2);
        assert!(running.value().is_nan());
        assert!(running.add(&[0.0f32; 4], &[0i64; 3][..]).is_err());
        assert!(running.add(&[0.0f32; 3], &[0i64; 1][..]).is_err());
        assert!(running.add(&[0.0f32; 4], &[0f32; 2][..]).is_err());
        assert!(running.add(&[0.0f32; 0], &[0i64; 0][..]).is_ok());
        assert_eq!(running.rows(), 0);
    }
    assert_eq!(
        [Accuracy {}.better(), LogLoss {}.better(), Rmse {}.better()],
        [Better::Higher, Better::Lower, Better::Lower]
    );
}

fn value(metric: &dyn Metric, predictions: &[f64], classes: &[i64]) -> f64 {
    let mut running = Running::new(metric, predictions.len() / classes.len());
    running.add(predictions, classes).unwrap();
    running.value()
}

#[test]
fn accuracy_counts_the_first_of_equal_outputs_and_no_nan() {
    let nan = f64::NAN;
    for (row, class, right) in [
        ([0.1, 0.7, 0.2], 1, 1.0),
        ([0.5, 0.5, 0.2], 0, 1.0),
        ([0.5, 0.5, 0.2], 1, 0.0),
        ([nan, 0.5, 0.2], 1, 0.0),
        ([0.1, 0.5, nan], 1, 0.0),
        ([nan, 0.5, 0.2], 0, 0.0),
        ([0.1, f64::INFINITY, 0.2], 1, 1.0),
        ([0.1, 0.2, 0.3], 3, 0.0),
        ([0.1, 0.2, 0.3], -1, 0.0),
    ] {
        assert_eq!(value(&Accuracy {}, &row, &[class]), right, "{row:?} {class}");
    }
}

#[test]
fn log_loss_is_exact_at_the_ends() {
    assert_close(value(&LogLoss {}, &[5.0, 5.0, 5.0, 5.0], &[2]), 4f64.ln(), 1e-15);
    // Far from the others only one term counts, and the rest must not be lost beside it.
    assert_close(
        value(&LogLoss {}, &[0.0, 40.0], &[1]),
        (-40f64).exp(),
        1e-15 * (-40f64).exp(),
    );
    assert_eq!(value(&LogLoss {}, &[1e4, 0.0], &[1]), 1e4);
    assert_eq!(value(&LogLoss {}, &[0.0, f64::NEG_INFINITY], &[1]), f64::INFINITY);
    assert_eq!(value(&LogLoss {}, &[0.0, f64::NEG_INFINITY], &[0]), 0.0);
    assert!(value(&LogLoss {}, &[0.0, f64::NAN], &[0]).is_nan());
    assert!(value(&LogLoss {}, &[0.0, 1.0], &[2]).is_nan());
}

#[test]
fn rmse_has_the_unit_of_the_target() {
    let mut running = Running::new(&Rmse {}, 1);
    running.add(&[3.0f32, 0.0], &[0.0f32, 4.0][..]).unwrap();
    assert_close(running.value(), 12.5f64.sqrt(), 1e-15);
    running.clear();
    running.add(&[1.0], &[1.0f64][..]).unwrap();
    assert_eq!(running.value(), 0.0);
}

#[test]
fn values_are_those_of_scikit_learn() {
    let fixture = fixture("metrics.json");
    let cases: &Vec<Value> = fixture["cases"].as_array().unwrap();
    let mut missing: Vec<&str> = METRICS.iter().map(|registration| registration.name).collect();
    for case in cases {
        let (prediction, targets) = (tensor(&case["prediction"]), tensor(&case["targets"]));
        let weights: Vec<f32> = tensor(&case["weights"])
            .to_f64()
            .iter()
            .map(|&weight| weight as f32)
            .collect();
        let values = |key: &str| case[key].as_object().unwrap().clone().into_iter();
        let plain = values("values").map(|(name, expected)| (name, expected, None));
        let weighted = values("weighted").map(|(name, expected)| (name, expected, Some(&weights[..])));
        for (name, expected, weights) in plain.chain(weighted) {
            println!("{name} of {:?}, weighted: {}", prediction.shape(), weights.is_some());
            missing.retain(|known| *known != name);
            let metric = Entry::<dyn Metric>::named(&name).unwrap();
            let mut running = Running::new(&*metric, prediction.shape()[1]);
            let added = match targets.as_slice::<i64>() {
                Ok(classes) => running.add_weighted(&prediction.to_f64(), classes, weights),
                Err(_) => running.add_weighted(&prediction.to_f64(), &targets.to_f64()[..], weights),
            };
            added.unwrap();
            // NaN is a text in fixtures.
            let expected = expected.as_f64().unwrap_or(f64::NAN);
            assert_close(running.value(), expected, Tolerance::relative(1e-13).nan_equal());
        }
    }
    assert!(
        missing.is_empty(),
        "no case in the fixture (see the card in CONTRIBUTING.md): {missing:?}"
    );
}

#[test]
fn whole_weights_are_copies_of_rows_and_0_is_none() {
    let mut predictions = vec![0f32; 60];
    Rng::new(9).fill_normal(0, &mut predictions);
    let numbers: Vec<f32> = predictions.iter().rev().copied().collect();
    let weights: Vec<f32> = (0..20).map(|row| (row % 4) as f32).collect();
    let copies: Vec<usize> = (0..20).flat_map(|row| vec![row; row % 4]).collect();
    let copied = |of: &[f32]| -> Vec<f32> {
        copies
            .iter()
            .flat_map(|&row| of[3 * row..3 * row + 3].to_vec())
            .collect()
    };
    for metric in METRICS.iter().flat_map(|registration| registration.examples()) {
        let (mut a, mut b) = (Running::new(&*metric, 3), Running::new(&*metric, 3));
        if metric.fits(TargetKind::Classes(3)) {
            let classes =
                |rows: &[usize]| -> Vec<i64> { rows.iter().map(|&row| ((row * 5 + row / 4) % 3) as i64).collect() };
            let all: Vec<usize> = (0..20).collect();
            a.add_weighted(&predictions, &classes(&all)[..], Some(&weights))
                .unwrap();
            b.add(&copied(&predictions), &classes(&copies)[..]).unwrap();
        } else {
            a.add_weighted(&predictions, &numbers[..], Some(&weights)).unwrap();
            b.add(&copied(&predictions), &copied(&numbers)[..]).unwrap();
        }
        assert_close(a.value(), b.value(), 1e-13);
        assert_eq!(a.rows(), 15, "rows of weight 0 are passed over");
        assert!(a.add_weighted(&[0f32; 3], &[0i64][..], Some(&[1.0, 2.0])).is_err());
    }
}

#[test]
fn what_is_not_a_class_makes_no_value() {
    let metrics: [&dyn Metric; 4] = [&BalancedAccuracy {}, &Brier {}, &F1 {}, &RocAuc {}];
    for metric in metrics {
        for stranger in [-1, 2, i64::MAX] {
            let value = value(metric, &[0.0, 1.0, 1.0, 0.0, 0.5, 0.5], &[0, 1, stranger]);
            assert!(value.is_nan(), "{} of {stranger}", metric.name());
        }
    }
}

#[test]
fn a_row_of_nan_is_called_nothing() {
    let (nan, classes) = (f64::NAN, [0, 1, 1]);
    let rows = [1.0, 0.0, 0.0, 1.0, nan, 1.0];
    assert_eq!(value(&BalancedAccuracy {}, &rows, &classes), 0.75);
    assert_close(value(&F1 {}, &rows, &classes), f64::midpoint(1.0, 2.0 / 3.0), 1e-15);
    assert!(value(&Brier {}, &rows, &classes).is_nan());
    assert!(value(&RocAuc {}, &rows, &classes).is_nan());
}

#[test]
fn the_area_is_the_share_of_pairs_in_order() {
    let area = |scores: &[f64], classes: &[i64]| {
        let logits: Vec<f64> = scores.iter().flat_map(|&score| [0.0, score]).collect();
        value(&RocAuc {}, &logits, classes)
    };
    assert_eq!(area(&[1.0, 2.0, 3.0, 4.0], &[0, 0, 1, 1]), 1.0);
    assert_eq!(area(&[4.0, 3.0, 2.0, 1.0], &[0, 0, 1, 1]), 0.0);
    assert_eq!(area(&[5.0; 4], &[0, 1, 0, 1]), 0.5);
    assert_eq!(area(&[-0.0, 0.0], &[0, 1]), 0.5);
    assert_eq!(area(&[1.0, 3.0, 2.0, 2.0], &[0, 0, 1, 1]), 0.5);
    // Probabilities of both would be 1.
    assert_eq!(area(&[50.0, 60.0], &[0, 1]), 1.0);
    assert_eq!(area(&[f64::NEG_INFINITY, f64::INFINITY], &[0, 1]), 1.0);
    assert!(area(&[1.0, 2.0], &[1, 1]).is_nan());
    assert!(area(&[1.0, 2.0], &[0, 0]).is_nan());
    // Of more than two classes, with logits whose probabilities are all 0 or 1.
    let rows = [900.0, 0.0, 0.0, 800.0, 0.0, 100.0, 0.0, 700.0, 0.0, 0.0, 0.0, 900.0];
    assert_eq!(value(&RocAuc {}, &rows, &[0, 0, 1, 2]), 1.0);
}

#[test]
fn brier_keeps_small_errors_and_stands_huge_logits() {
    let small = (-40f64).exp() * (-40f64).exp();
    assert_close(value(&Brier {}, &[0.0, 40.0], &[1]), small, Tolerance::relative(1e-14));
    assert_eq!(value(&Brier {}, &[1e4, 0.0], &[1]), 1.0);
    assert_eq!(value(&Brier {}, &[1e4, 0.0, 0.0], &[1]), 2.0);
    assert_eq!(value(&Brier {}, &[3.0], &[0]), 0.0);
}

#[test]
fn r2_is_1_of_perfect_rows_0_of_their_mean_and_nothing_of_equal_targets() {
    let of = |predictions: &[f64], targets: &[f64]| {
        let mut running = Running::new(&R2 {}, 1);
        running.add(predictions, targets).unwrap();
        running.value()
    };
    let targets = [1e9 + 1.0, 1e9 + 2.0, 1e9 + 6.0];
    assert_eq!(of(&targets, &targets), 1.0);
    assert_close(of(&[1e9 + 3.0; 3], &targets), 0.0, 1e-15);
    assert!(of(&[1.0, 2.0], &[3.0, 3.0]).is_nan());
    assert!(of(&[1.0], &[1.0]).is_nan());
}

/// For each row the class and the class it is taken for; and the probability of the latter.
fn taken(logits: &[f64], classes: &[i64], outputs: usize) -> Vec<(usize, usize, f64)> {
    let row = |(row, &class): (&[f64], &i64)| {
        let best = (0..outputs).fold(0, |best, i| if row[i] > row[best] { i } else { best });
        let total: f64 = row.iter().map(|logit| (logit - row[best]).exp()).sum();
        (class as usize, best, 1.0 / total)
    };
    logits.chunks_exact(outputs).zip(classes).map(row).collect()
}

#[test]
fn confusion_and_figures_of_classes_are_those_of_scikit_learn() {
    let fixture = fixture("metrics.json");
    let numbers = |value: &Value| -> Vec<f64> {
        let values = value.as_array().unwrap().iter();
        values.map(|number| number.as_f64().unwrap()).collect()
    };
    let mut cases = 0;
    for case in fixture["cases"].as_array().unwrap() {
        let Some(confusion) = case.get("confusion") else {
            continue;
        };
        let (logits, targets) = (tensor(&case["prediction"]), tensor(&case["targets"]));
        let outputs = logits.shape()[1];
        let rows = taken(&logits.to_f64(), targets.as_slice::<i64>().unwrap(), outputs);
        let got = Confusion::of(outputs, rows.iter().map(|&(of, called, _)| (of, called))).unwrap();
        for (of, expected) in confusion.as_array().unwrap().iter().enumerate() {
            let row: Vec<f64> = (0..outputs).map(|called| got.count(of, called) as f64).collect();
            assert_eq!(row, numbers(expected), "class {of}");
        }
        for class in 0..outputs {
            let counts = got.class(class);
            let figures = [
                counts.precision(),
                counts.recall(),
                counts.f1(),
                Some(counts.actual as f64),
            ];
            for (figure, name) in figures.into_iter().zip(["precision", "recall", "f1", "rows"]) {
                let expected = numbers(&case["of_classes"][name])[class];
                assert_close(figure.unwrap_or(0.0), expected, 1e-15);
            }
        }

        let calibration = Calibration::of(10, rows.iter().map(|&(of, called, p)| (p, of == called)));
        let filled = calibration.bins.iter().filter(|bin| bin.rows > 0);
        let filled: Vec<_> = filled.map(|bin| [bin.confidence, bin.accuracy]).collect();
        let expected = [
            numbers(&case["calibration"]["confidence"]),
            numbers(&case["calibration"]["right"]),
        ];
        assert_eq!(filled.len(), expected[0].len());
        for (i, bin) in filled.iter().enumerate() {
            assert_close(bin[0], expected[0][i], 1e-14);
            assert_close(bin[1], expected[1][i], 1e-14);
        }
        assert_close(
            calibration.error(),
            case["calibration"]["error"].as_f64().unwrap(),
            1e-14,
        );
        cases += 1;
    }
    assert!(cases >= 6, "{cases} cases");
}

#[test]
fn mistakes_come_by_number_then_by_class() {
    let rows = [(2, 0), (0, 1), (1, 1), (0, 1), (1, 0), (2, 2)];
    let confusion = Confusion::of(3, rows).unwrap();
    assert_eq!(confusion.most_confused(9), [(0, 1, 2), (1, 0, 1), (2, 0, 1)]);
    assert_eq!(confusion.most_confused(1), [(0, 1, 2)]);
    assert_eq!((confusion.correct(), confusion.classes()), (2, 3));
    assert_eq!((confusion.count(3, 0), confusion.class(7).actual), (0, 0));
    assert!(Confusion::of(3, [(0, 3)]).is_err() && Confusion::of(3, [(3, 0)]).is_err());
    let nothing = Confusion::of(0, []).unwrap();
    assert_eq!((nothing.correct(), nothing.most_confused(3).len()), (0, 0));
    // No room is taken for pairs that do not occur.
    let many = Confusion::of(1_000_000, [(999_999, 3)]).unwrap();
    assert_eq!((many.count(999_999, 3), many.class(3).predicted), (1, 1));
    let never = Confusion::of(2, [(0, 0)]).unwrap().class(1);
    assert_eq!((never.precision(), never.recall(), never.f1()), (None, None, None));
}

#[test]
fn confidences_at_the_edges_and_beyond() {
    let calibration = Calibration::of(4, [(0.0, true), (0.25, true), (0.26, false), (1.0, true)]);
    assert_eq!(
        calibration.bins.iter().map(|bin| bin.rows).collect::<Vec<_>>(),
        [2, 1, 0, 1]
    );
    for stranger in [f64::NAN, 1.5, -0.1] {
        let calibration = Calibration::of(4, [(0.5, true), (stranger, true)]);
        assert_eq!(calibration.invalid, 1);
        assert!(calibration.error().is_nan());
    }
    assert!(Calibration::of(4, []).error().is_nan() && Calibration::of(0, []).error().is_nan());
    let sure = Calibration::of(10, [(1.0, true); 3]);
    assert_eq!((sure.error(), sure.bins[9].rows), (0.0, 3));
}
