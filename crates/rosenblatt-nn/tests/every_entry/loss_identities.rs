//! Identities between losses, and their numbers at the ends of the range.

use rosenblatt_autodiff::{Graph, Var, reverse};
use rosenblatt_nn::losses::{
    BceWithLogits, BinaryFocal, CrammerSinger, CrossEntropy, Focal, Gamma, HalfSquaredError, Hinge, LOSSES, Mae, Mse,
    MultiClassHinge, Perceptron, Poisson, Quantile,
};
use rosenblatt_nn::{Loss, TargetKind};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{Tolerance, assert_close};

use crate::common::random;

/// Losses of the rows, and the gradient of their sum.
fn measure(loss: &dyn Loss, prediction: &Tensor, targets: &Tensor) -> [Vec<f64>; 2] {
    let graph = Graph::dynamic();
    let x = graph.constant(prediction.clone());
    let rows = loss.per_example(x, graph.constant(targets.clone()));
    let gradient = reverse::gradients(rows.sum_all(), &[x])[0];
    [rows, gradient].map(|var: Var<'_>| var.value().unwrap().to_f64())
}

fn classes(classes: &[i64]) -> Tensor {
    Tensor::from_slice(classes, &[classes.len()]).unwrap()
}

fn scaled(name: &str, shape: &[usize], scale: f64) -> Tensor {
    let numbers = random(name, shape).to_f64();
    Tensor::from_vec(numbers.into_iter().map(|x| x * scale).collect(), shape).unwrap()
}

/// The differences `second − first` of rows of two.
fn differences(two: &Tensor) -> Tensor {
    let numbers: Vec<f64> = two.to_f64().chunks(2).map(|row| row[1] - row[0]).collect();
    Tensor::from_slice(&numbers, &[numbers.len(), 1]).unwrap()
}

#[test]
fn binary_cross_entropy_is_the_logistic_loss_of_the_margin() {
    let x = scaled("x", &[8, 1], 30.0);
    let targets = classes(&[0, 1, 1, 0, 1, 0, 0, 1]);
    let [rows, gradient] = measure(&BceWithLogits::default(), &x, &targets);
    let sides = [-1.0, 1.0, 1.0, -1.0, 1.0, -1.0, -1.0, 1.0];
    let margins: Vec<f64> = x.to_f64().iter().zip(sides).map(|(x, t)| t * x).collect();
    // In the two forms that do not overflow.
    let logistic = |m: &f64| libm::log1p(libm::exp(-m.abs())) + (-m).max(0.0);
    assert_close(rows, margins.iter().map(logistic).collect::<Vec<_>>(), 1e-14);
    let slope = |(m, t): (&f64, f64)| -t / (1.0 + libm::exp(*m));
    assert_close(
        gradient,
        margins.iter().zip(sides).map(slope).collect::<Vec<_>>(),
        1e-14,
    );
}

#[test]
fn the_gradient_of_cross_entropy_is_the_probability_less_the_target() {
    let logits = scaled("x", &[6, 4], 5.0);
    let targets = [0i64, 3, 1, 1, 2, 0];
    let [_, gradient] = measure(&CrossEntropy::default(), &logits, &classes(&targets));
    let mut expected = Vec::new();
    for (row, target) in logits.to_f64().chunks(4).zip(targets) {
        let sum: f64 = row.iter().map(|x| libm::exp(*x)).sum();
        expected.extend((0..4).map(|j| libm::exp(row[j]) / sum - f64::from(u8::from(j as i64 == target))));
    }
    assert_close(gradient, expected, 1e-14);
}

/// Expected: `ln(1 + e^(−d))` and what the logits differ by, rounded once.
#[test]
fn losses_of_huge_logits_are_within_two_ulps() {
    for (size, d) in [(1e4f32, 0.5f32), (-1e4, 0.5), (1e4, 1.0), (1e4, 8.0), (0.0, 2e4)] {
        let row = [size - d, size];
        let logits = Tensor::from_slice(&row, &[1, 2]).unwrap();
        let gap = f64::from(row[1]) - f64::from(row[0]);
        for (class, own) in [(1, 0.0), (0, gap)] {
            let [rows, _] = measure(&CrossEntropy::default(), &logits, &classes(&[class]));
            let expected = (own + libm::log1p(libm::exp(-gap))) as f32;
            let ulps = (rows[0] as f32).to_bits().abs_diff(expected.to_bits());
            assert!(ulps <= 2, "{row:?} {class}: {} {expected}", rows[0]);
        }
    }
    let single = Tensor::from_slice(&[1e4f32, -1e4], &[2, 1]).unwrap();
    let [rows, _] = measure(&BceWithLogits::default(), &single, &classes(&[0, 1]));
    assert_eq!(rows, [1e4, 1e4]);
}

#[test]
fn a_hinge_of_two_classes_is_the_binary_one_of_their_difference() {
    let (two, targets) = (scaled("x", &[9, 2], 2.0), classes(&[0, 1, 1, 0, 1, 0, 0, 1, 1]));
    let [binary, _] = measure(&Hinge {}, &differences(&two), &targets);
    assert!(binary.contains(&0.0) && binary.iter().any(|&loss| loss > 0.0));
    for loss in [&MultiClassHinge {} as &dyn Loss, &CrammerSinger {}] {
        assert_close(measure(loss, &two, &targets)[0].clone(), binary.clone(), 1e-15);
    }
}

#[test]
fn the_largest_violation_is_at_most_their_sum() {
    let (scores, targets) = (scaled("x", &[9, 5], 1.0), classes(&[0, 1, 4, 0, 3, 2, 0, 1, 4]));
    let [largest, _] = measure(&CrammerSinger {}, &scores, &targets);
    let [sum, _] = measure(&MultiClassHinge {}, &scores, &targets);
    assert!(largest.iter().zip(&sum).all(|(largest, sum)| largest <= sum));
    assert!(largest.iter().zip(&sum).any(|(largest, sum)| largest < sum));
}

#[test]
fn label_smoothing_is_cross_entropy_of_a_mixture() {
    let logits = scaled("x", &[4, 3], 3.0);
    let targets = [2i64, 0, 1, 1];
    let smoothed = CrossEntropy {
        label_smoothing: 0.3,
        ..CrossEntropy::default()
    };
    let mixed = |target: i64| (0..3).map(move |j| 0.1 + if j == target { 0.7 } else { 0.0 });
    let mixed = Tensor::from_vec(targets.into_iter().flat_map(mixed).collect::<Vec<f64>>(), &[4, 3]).unwrap();
    let [rows, gradient] = measure(&smoothed, &logits, &classes(&targets));
    let expected = measure(&CrossEntropy::default(), &logits, &mixed);
    assert_close(rows, expected[0].clone(), 1e-14);
    assert_close(gradient, expected[1].clone(), 1e-14);
}

#[test]
fn focal_losses_without_focus_are_cross_entropies() {
    let (logits, targets) = (scaled("x", &[6, 2], 40.0), classes(&[0, 1, 1, 0, 1, 0]));
    let expected = measure(&CrossEntropy::default(), &logits, &targets);
    assert_eq!(measure(&Focal { gamma: 0.0 }, &logits, &targets), expected);
    let (single, plain) = (differences(&logits), BceWithLogits::default());
    let unfocused = BinaryFocal {
        alpha: None,
        gamma: 0.0,
    };
    assert_eq!(
        measure(&unfocused, &single, &targets),
        measure(&plain, &single, &targets)
    );
}

#[test]
fn two_outputs_and_one_have_the_same_focal_loss() {
    let (two, targets) = (scaled("x", &[6, 2], 3.0), classes(&[0, 1, 1, 0, 1, 0]));
    let [rows, _] = measure(&Focal::default(), &two, &targets);
    let [single, _] = measure(&BinaryFocal::default(), &differences(&two), &targets);
    assert_close(single, rows, Tolerance::relative(1e-13));
}

/// Expected: `γ` and the loss of the wrong class have one factor each of the small probability `e^(−x)`.
#[test]
fn a_focal_loss_that_is_nearly_0_keeps_its_digits() {
    for x in [20.0, 100.0] {
        let two = Tensor::from_slice(&[0.0, x], &[1, 2]).unwrap();
        for gamma in [0.5, 2.0] {
            let expected = libm::exp(-x * (gamma + 1.0));
            let single = Tensor::from_slice(&[x], &[1, 1]).unwrap();
            let binary = BinaryFocal { alpha: None, gamma };
            let near = Tolerance::relative(1e-7);
            assert_close(measure(&binary, &single, &classes(&[1]))[0].clone(), [expected], near);
            if x < 30.0 {
                let [rows, _] = measure(&Focal { gamma }, &two, &classes(&[1]));
                assert_close(rows, [expected], near);
            }
        }
    }
}

#[test]
fn losses_of_numbers_that_are_others_scaled() {
    let (x, y) = (random("x", &[5, 3]), random("y", &[5, 3]));
    let scaled = |by: f64, of: &dyn Loss| measure(of, &x, &y)[0].iter().map(|loss| by * loss).collect::<Vec<_>>();
    assert_close(
        measure(&HalfSquaredError {}, &x, &y)[0].clone(),
        scaled(1.5, &Mse {}),
        1e-15,
    );
    assert_close(
        measure(&Quantile::default(), &x, &y)[0].clone(),
        scaled(0.5, &Mae {}),
        1e-15,
    );
}

#[test]
fn likelihoods_with_a_log_link() {
    let x = random("x", &[4, 1]);
    let y = Tensor::from_slice(&[0.5, 2.0, 7.0, 0.25], &[4]).unwrap();
    let means: Vec<f64> = x.to_f64().into_iter().map(libm::exp).collect();
    let pairs = || means.iter().zip(y.to_f64());
    // The gradient of Poisson's is the error.
    let [_, gradient] = measure(&Poisson::default(), &x, &y);
    assert_close(gradient, pairs().map(|(mean, y)| mean - y).collect::<Vec<_>>(), 1e-14);
    // Gamma's is that of the ratio: another unit changes nothing.
    let [rows, gradient] = measure(&Gamma {}, &x, &y);
    assert_close(
        gradient,
        pairs().map(|(mean, y)| 2.0 * (1.0 - y / mean)).collect::<Vec<_>>(),
        1e-14,
    );
    let shifted = Tensor::from_vec(x.to_f64().iter().map(|x| x + 1000f64.ln()).collect(), &[4, 1]).unwrap();
    let thousand = Tensor::from_vec(y.to_f64().iter().map(|y| y * 1000.0).collect(), &[4]).unwrap();
    assert_close(measure(&Gamma {}, &shifted, &thousand)[0].clone(), rows, 1e-12);
}

#[test]
fn targets_outside_the_range_are_refused() {
    for (loss, least, refused) in [
        (&Poisson::default() as &dyn Loss, 0.0, -0.5),
        (&Gamma {}, 1e-300, 0.0),
        (&Mse {}, f64::MIN, f64::NAN),
    ] {
        assert!(loss.check_target(least).is_ok(), "{}", loss.name());
        assert_eq!(
            loss.check_target(refused).is_err(),
            loss.name() != "mse",
            "{}",
            loss.name()
        );
    }
}

#[test]
fn a_row_of_one_step_of_the_perceptron_loss_is_rosenblatts_rule() {
    let targets = classes(&[0, 1, 0, 1]);
    let scores = Tensor::from_slice(&[2.0, 2.0, -2.0, -2.0], &[4, 1]).unwrap();
    let [rows, gradient] = measure(&Perceptron {}, &scores, &targets);
    assert_eq!(rows, [2.0, 0.0, 0.0, 2.0]);
    assert_eq!(gradient, [1.0, 0.0, 0.0, -1.0]);
    // A score of 0 is the first class: a row of the second is misclassified, though it has no loss.
    let zeros = Tensor::from_slice(&[0.0; 4], &[4, 1]).unwrap();
    let [rows, gradient] = measure(&Perceptron {}, &zeros, &targets);
    assert_eq!(rows, [0.0; 4]);
    assert_eq!(gradient, [0.0, -1.0, 0.0, -1.0]);
}

#[test]
fn margins_have_no_probabilities_as_targets() {
    for loss in [
        &Hinge {} as &dyn Loss,
        &Perceptron {},
        &MultiClassHinge {},
        &CrammerSinger {},
    ] {
        let width = loss.outputs(TargetKind::Classes(2)).unwrap();
        let graph = Graph::dynamic();
        let x = graph.constant(random("x", &[4, width]));
        let y = graph.constant(random("y", &[4, width]));
        let error = loss.per_example(x, y).value().unwrap_err();
        assert!(error.to_string().contains("integer class"), "{error}");
    }
}

/// Invariant: no subnormal numbers, whatever the size of what a network puts out.
#[test]
fn no_loss_or_gradient_is_subnormal() {
    let sizes = [
        0.0f32, 1e-3, 1.0, 20.0, 29.0, 34.0, 45.0, 60.0, 68.0, 70.0, 80.0, 87.0, 88.0, 100.0, 1e4,
    ];
    let numbers: Vec<f32> = sizes.iter().flat_map(|&x| [x, -x]).collect();
    let mut wrong = Vec::new();
    let subnormal = |x: &f64| x.abs() > 0.0 && x.abs() < f64::from(f32::MIN_POSITIVE);
    for loss in LOSSES.iter().flat_map(|registration| registration.examples()) {
        // Of a count of 0 the loss is the power itself.
        let least = if loss.check_target(0.0).is_ok() { 0f32 } else { 0.5 };
        let (targets, width) = match loss.outputs(TargetKind::Classes(2)) {
            Some(width) => (
                classes(&(0..numbers.len() as i64).map(|i| i / 2 % 2).collect::<Vec<_>>()),
                width,
            ),
            None => (
                Tensor::from_vec(vec![least; numbers.len()], &[numbers.len()]).unwrap(),
                1,
            ),
        };
        let rows = numbers
            .iter()
            .flat_map(|&x| if width == 1 { vec![x] } else { vec![0.0, x] });
        let x = Tensor::from_vec(rows.collect::<Vec<f32>>(), &[numbers.len(), width]).unwrap();
        for found in measure(&*loss, &x, &targets) {
            if found.iter().any(subnormal) {
                wrong.push(format!("{loss}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
