//! What ops without a fixture compute, said again in plain words.

use rosenblatt_autodiff::pointwise::Activation;
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::assert_close;

use super::Sample;

/// Compares one result of an op with its definition.
pub type Definition = fn(&Sample, &Tensor);

/// The definition of an op that names [`rosenblatt_autodiff::Oracle::Exhaustive`].
pub fn definition(name: &str) -> Option<Definition> {
    Some(match name {
        "lt" => |s, y| comparison(s, y, |a, b| a < b),
        "le" => |s, y| comparison(s, y, |a, b| a <= b),
        "gt" => |s, y| comparison(s, y, |a, b| a > b),
        "ge" => |s, y| comparison(s, y, |a, b| a >= b),
        "ne" => |s, y| comparison(s, y, |a, b| a != b),
        "eq" => |s, y| comparison(s, y, |a, b| a == b),
        "argmax" => argmax,
        "argmax_windows" => argmax_windows,
        "cast" => cast,
        "flush" => flush,
        "count_correct" => correct,
        "one_hot" => one_hot,
        "random" => random,
        "scan" => scan,
        "derivative" => derivative,
        "stop_gradient" | "check_finite" => |s, y| assert_eq!(y.to_f64(), s.leaves[0].to_f64()),
        _ => return None,
    })
}

/// The difference of the function's values on both sides.
fn derivative(sample: &Sample, y: &Tensor) {
    let attributes = sample.op.attributes();
    let named = Activation::named(attributes.text("of").unwrap()).unwrap();
    let activation = named.settings().fold(named, |activation, (setting, _)| {
        let value = attributes.float(setting.name).unwrap();
        activation.with(setting.name, value).unwrap()
    });
    let [x, dx] = [0, 1].map(|i| {
        let leaf = &sample.leaves[sample.wiring[i]];
        leaf.broadcast_to(y.shape()).unwrap().to_f64()
    });
    let numeric = x.iter().zip(dx).map(|(x, dx)| {
        let rise = activation.number(x + 1e-6) - activation.number(x - 1e-6);
        rise / 2e-6 * dx
    });
    assert_close(y.to_f64(), numeric.collect::<Vec<_>>(), 1e-8);
}

/// `h ← tanh(h w + x + Σ x)` for each step, the recurrence of the examples.
#[expect(clippy::disallowed_methods, reason = "a definition that only tests compute")]
fn scan(sample: &Sample, y: &Tensor) {
    let [mut h, x, w] = [0, 1, 2].map(|i| sample.leaves[sample.wiring[i]].to_f64());
    let steps = sample.leaves[sample.wiring[1]].shape()[0];
    for x in x.chunks(x.len().div_ceil(steps.max(1)).max(1)) {
        let sum: f64 = x.iter().sum();
        for (i, h) in h.iter_mut().enumerate() {
            *h = (*h * w[i] + x[i % x.len()] + sum).tanh();
        }
    }
    assert_close(y.to_f64(), h, 1e-14);
}

fn comparison(sample: &Sample, y: &Tensor, holds: fn(f64, f64) -> bool) {
    assert_eq!(y.dtype(), DType::Bool);
    let operand = |i: usize| {
        sample.leaves[sample.wiring[i]]
            .broadcast_to(y.shape())
            .unwrap()
            .to_f64()
    };
    let expected: Vec<f64> = operand(0)
        .iter()
        .zip(operand(1))
        .map(|(&a, b)| f64::from(holds(a, b)))
        .collect();
    assert_eq!(y.to_f64(), expected);
}

fn correct(sample: &Sample, y: &Tensor) {
    let target = sample.leaves[1].to_vec::<i64>().unwrap();
    let first_largest = |row: &[f64]| (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b]));
    let n = sample.leaves[0].shape()[1];
    let rows = sample.leaves[0].to_f64();
    let right = rows
        .chunks(n)
        .zip(target)
        .filter(|(row, target)| first_largest(row) == Some(*target as usize));
    assert_eq!(y.item().unwrap(), right.count() as f64);
}

fn argmax(sample: &Sample, y: &Tensor) {
    let (x, axis) = (&sample.leaves[0], sample.op.attributes().size("axis").unwrap());
    let last: Vec<usize> = (0..x.shape().rank()).filter(|&a| a != axis).chain([axis]).collect();
    let numbers = x.permute(&last).unwrap().to_f64();
    assert_eq!(y.dtype(), DType::I64);
    for (row, place) in numbers.chunks(x.shape()[axis]).zip(y.to_vec::<i64>().unwrap()) {
        let first = row
            .iter()
            .position(|x| x.is_nan())
            .unwrap_or_else(|| row.iter().position(|x| row.iter().all(|other| x >= other)).unwrap());
        assert_eq!(place as usize, first, "{row:?}");
    }
}

/// Of the places of a window, the first one with a number that is at least any other's.
fn argmax_windows(sample: &Sample, y: &Tensor) {
    let attributes = sample.op.attributes();
    let [down, across, dilation] = ["down", "across", "dilation"].map(|name| attributes.sizes(name).unwrap());
    let shape = sample.leaves[0].shape();
    let (x, y) = (sample.leaves[0].to_f64(), y.to_vec::<i64>().unwrap());
    let mut y = y.into_iter();
    for image in 0..shape[0] {
        for (rows, cols) in down
            .chunks(2)
            .flat_map(|rows| across.chunks(2).map(move |cols| (rows, cols)))
        {
            let all = (0..shape[1] * shape[2]).filter(|&place| {
                let (row, col) = (place / shape[2], place % shape[2]);
                let in_window = |at: usize, ends: &[usize], step: usize| {
                    at >= ends[0] && at < ends[1] && (at - ends[0]).is_multiple_of(step)
                };
                in_window(row, rows, dilation[0]) && in_window(col, cols, dilation[1])
            });
            let number = |place: usize| x[image * shape[1] * shape[2] + place];
            let first = all
                .clone()
                .find(|&place| all.clone().all(|other| number(other) <= number(place)));
            assert_eq!(y.next(), first.map(|place| place as i64), "{sample}");
        }
    }
    assert_eq!(y.next(), None);
}

fn cast(sample: &Sample, y: &Tensor) {
    for (x, y_i) in sample.leaves[0].to_f64().into_iter().zip(y.to_f64()) {
        let expected = match y.dtype() {
            DType::F32 => f64::from(x as f32),
            DType::F64 => x,
            DType::I64 => x.trunc(),
            DType::U8 => x.trunc().clamp(0.0, 255.0),
            _ => f64::from(x != 0.0),
        };
        assert_eq!(y_i, expected, "{x} as {}", y.dtype());
    }
}

fn flush(sample: &Sample, y: &Tensor) {
    let flushed = |x: f64| if x.abs() < 2_f64.powi(-900) { 0.0 } else { x };
    assert_eq!(
        y.to_f64(),
        sample.leaves[0].to_f64().into_iter().map(flushed).collect::<Vec<_>>()
    );
}

fn one_hot(sample: &Sample, y: &Tensor) {
    let (index, classes) = (
        sample.leaves[0].to_vec::<i64>().unwrap(),
        sample.op.attributes().size("classes").unwrap(),
    );
    let expected: Vec<f64> = index
        .iter()
        .flat_map(|&i| (0..classes).map(move |class| f64::from(class == i as usize)))
        .collect();
    assert_eq!(y.shape()[..], [index.len(), classes]);
    assert_eq!(y.to_f64(), expected);
}

/// Element by element, each drawn alone under its own number.
fn random(sample: &Sample, y: &Tensor) {
    let (attributes, counter) = (sample.op.attributes(), sample.leaves[0].to_vec::<i64>().unwrap());
    let distribution = attributes.text("distribution").unwrap();
    let rng = Rng::new(counter[0] as u64).purpose("example").at(counter[1] as u64);
    for (i, y) in (0..).zip(y.to_f64().into_iter().map(|number| (number, y.dtype()))) {
        let (mut single, mut double, mut truth) = ([0.0_f32], [0.0_f64], [false]);
        match y.1 {
            DType::Bool => rng.fill_bernoulli(0.3, [false, true], i, &mut truth),
            DType::F32 if distribution == "bernoulli" => rng.fill_bernoulli(0.3, [0.0, 1.0], i, &mut single),
            DType::F32 if distribution == "uniform" => rng.fill_uniform(i, &mut single),
            DType::F32 => rng.fill_normal(i, &mut single),
            _ if distribution == "bernoulli" => rng.fill_bernoulli(0.3, [0.0, 1.0], i, &mut double),
            _ if distribution == "uniform" => rng.fill_uniform(i, &mut double),
            _ => rng.fill_normal(i, &mut double),
        }
        assert_eq!(
            y.0,
            double[0] + f64::from(single[0]) + f64::from(truth[0]),
            "number {i}"
        );
    }
}
