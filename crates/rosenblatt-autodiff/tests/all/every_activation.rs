//! Laws that hold for every activation, a test for each. A new activation is tested as soon as it is listed.

use crate::common;

use common::fixtures;
use rosenblatt_autodiff::pointwise::{self, ACTIVATIONS, Activation, Dual};
use rosenblatt_autodiff::{Graph, Real, Var, for_each_activation, forward, reverse};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::{assert_close, rust_files, ulp_error};

macro_rules! tests {
    ($($constant:ident = $type:ident, $name:ident;)*) => {$(
        #[test]
        fn $name() {
            obeys_all_laws(&pointwise::$constant);
        }
    )*};
}
for_each_activation!(tests);

fn obeys_all_laws(activation: &Activation) {
    derivatives_are_differences(activation);
    derivatives_of_higher_order_agree(activation);
    f32_is_close_to_f64(activation);
    println!("cases: activation-pytorch {}", fixtures::check(activation.name()));
}

#[test]
fn every_file_is_listed() {
    let names: Vec<&str> = ACTIVATIONS.iter().map(Activation::name).collect();
    assert!(names.is_sorted(), "keep the activations in alphabetical order");
    let mut files = rust_files("src/pointwise");
    files.retain(|file| !["derivative", "dual"].contains(&file.as_str()));
    files.sort();
    assert_eq!(names, files, "an activation for each file of src/pointwise");
}

#[test]
fn activations_are_found_by_name() {
    for activation in ACTIVATIONS {
        assert_eq!(
            Activation::named(activation.name()).map(|found| found.name()),
            Some(activation.name())
        );
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::from_vec(vec![-1.0_f32, 0.0, 2.0], &[3, 1]).unwrap());
        let y = activation.apply(x);
        assert_eq!((y.ty(), y.value().is_ok()), (x.ty(), true), "{activation:?}");
    }
    assert!(
        ["mean", "exp", "no such thing"]
            .iter()
            .all(|name| Activation::named(name).is_none())
    );
}

/// A dense grid that meets no kink at a round number, and numbers far away.
fn grid() -> Vec<f64> {
    let near = (-640..640).map(|i| (f64::from(i) + 0.37) / 16.0);
    let far = [1e-300, 1e-8, 50.3, 90.7, 699.1, 1e5, 1e19]
        .into_iter()
        .flat_map(|x| [x, -x]);
    near.chain(far).collect()
}

fn column(x: &[f64]) -> Tensor {
    Tensor::from_slice(x, &[x.len()]).unwrap()
}

fn values(x: Var<'_>) -> Vec<f64> {
    x.value().unwrap().to_f64()
}

fn derivatives_are_differences(activation: &Activation) {
    let points: Vec<f64> = grid()
        .into_iter()
        .filter(|&x| activation.number(x).is_finite())
        .collect();
    let graph = Graph::dynamic();
    let x = graph.constant(column(&points));
    let y = activation.apply(x);
    let numbers: Vec<f64> = points.iter().map(|&x| activation.number(x)).collect();
    assert_close(values(y), &numbers[..], 1e-12);

    let gradient = values(reverse::gradients(y.sum_all(), &[x])[0]);
    let ones = graph.constant(column(&vec![1.0; points.len()]));
    assert_close(values(forward::jvp(&[y], &[x], &[ones])[0]), &gradient[..], 1e-12);
    for (&x, &slope) in points.iter().zip(&gradient) {
        let step = 1e-5 * x.abs().max(1.0);
        let [left, here, right] = [x - step, x, x + step].map(|x| activation.number(x));
        // Where two formulas meet, the differences to both sides differ.
        let gap = (right - here - (here - left)).abs() / (2.0 * step);
        if gap > 0.05 {
            continue; // a kink
        }
        let numeric = (right - left) / (2.0 * step);
        println!("at {x}");
        assert!(!slope.is_nan(), "the derivative at {x} is NaN");
        if numeric.is_finite() {
            assert_close(slope, numeric, 1e-6 * x.abs().max(1.0) + gap);
        }
    }
    println!("cases: activation-difference {}", points.len());
}

/// The second and third derivative, by reverse and forward mode and as differences of the one before, away from kinks.
fn derivatives_of_higher_order_agree(activation: &Activation) {
    const STEP: f64 = 1e-6;
    let points: Vec<f64> = (-40..40).map(|i| (f64::from(i) + 0.37) / 8.0).collect();
    let derivatives = |shift: f64| {
        let moved: Vec<f64> = points.iter().map(|x| x + shift).collect();
        let graph = Graph::dynamic();
        let x = graph.constant(column(&moved));
        let ones = graph.constant(column(&vec![1.0; points.len()]));
        let mut orders = vec![activation.apply(x)];
        for order in 1..=3 {
            let before = orders[order - 1];
            let next = reverse::gradients(before.sum_all(), &[x])[0];
            assert_close(values(forward::jvp(&[before], &[x], &[ones])[0]), values(next), 1e-11);
            orders.push(next);
        }
        orders.into_iter().map(values).collect::<Vec<_>>()
    };
    let [here, left, right] = [0.0, -STEP, STEP].map(derivatives);
    for order in 1..=3 {
        let pairs = right[order - 1].iter().zip(&left[order - 1]);
        let numeric: Vec<f64> = pairs.map(|(right, left)| (right - left) / (2.0 * STEP)).collect();
        assert_close(&here[order][..], &numeric[..], 1e-8);
    }
}

/// Over all numbers of f32, subnormal ones too: every 8,191st bit pattern.
fn f32_is_close_to_f64(activation: &Activation) {
    let all = (0..=u32::MAX).step_by(8191).map(f32::from_bits);
    let points: Vec<f32> = all.filter(|x| x.is_finite()).collect();
    let mut worst = (0.0, 0.0);
    for points in points.chunks(1 << 16) {
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::from_slice(points, &[points.len()]).unwrap());
        let y = activation.apply(x).value().unwrap().to_vec::<f32>().unwrap();
        let exact = values(activation.apply(x.cast(DType::F64)));
        for ((&x, exact), y) in points.iter().zip(exact).zip(y) {
            let error = ulp_error(y, exact);
            worst = if error > worst.0 { (error, x) } else { worst };
        }
    }
    println!(
        "{activation:?}: at most {} units in the last place, at {}",
        worst.0, worst.1
    );
    let max_ulps = match activation.name() {
        "tanh" => 1.5,
        "softplus" => 2.0,
        "sigmoid" => 2.5,
        _ => 1.0,
    };
    assert!(worst.0 <= max_ulps, "{activation:?}: {} ULP at {}", worst.0, worst.1);
    println!("cases: activation-f32 {}", points.len());
}

/// Derivatives of a smooth function at the place where its branches meet.
#[test]
fn softplus_is_smooth_at_zero() {
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::scalar(0.0));
    let first = reverse::gradients(pointwise::SOFTPLUS.apply(x), &[x])[0];
    let second = reverse::gradients(first, &[x])[0];
    let third = reverse::gradients(second, &[x])[0];
    let values = [first, second, third].map(|y| y.value().unwrap().item().unwrap());
    assert_close(values, [0.5, 0.25, 0.0], 1e-15);
}

/// The derivative is one loop in a plan, as the function itself is.
#[test]
fn a_derivative_is_one_op() {
    for activation in ACTIVATIONS
        .iter()
        .filter(|one| !["leaky_relu", "relu", "sigmoid", "tanh"].contains(&one.name()))
    {
        let graph = Graph::dynamic();
        let x = graph.constant(column(&[1.0, 2.0]));
        let (y, before) = (activation.apply(x), graph.len());
        let dy = graph.constant(column(&[1.0, 1.0]));
        let _ = reverse::vjp(y, dy, &[x]);
        assert_eq!(
            graph.len() - before,
            2,
            "{activation:?}: its derivative, and the constant"
        );
    }
}

#[test]
fn dual_numbers_have_powers_of_any_base() {
    let power = |base: f64, exponent: f64| {
        let y = Dual::new(base, 1.0).pow(Dual::constant(exponent));
        (y.value, y.derivative)
    };
    assert_eq!(power(-2.0, 3.0), (-8.0, 12.0));
    assert_eq!(power(-2.0, 0.0), (1.0, 0.0));
    assert_eq!(power(0.0, 2.0), (0.0, 0.0));
    assert_eq!(power(3.0, 2.0), (9.0, 6.0));
}
