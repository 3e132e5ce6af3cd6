//! Laws that hold for every activation, a test for each. A new activation is tested as soon as it is listed.

use crate::common;

use common::fixtures;
use rosenblatt_autodiff::pointwise::{self, ACTIVATIONS, Activation, Dual};
use rosenblatt_autodiff::{Graph, Real, Var, for_each_activation, forward, reverse};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::{assert_close, rust_files};

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
    has_settings_as_declared(activation);
    for activation in activation.instances() {
        println!("{activation}");
        derivatives_are_differences(&activation);
        derivatives_of_higher_order_agree(&activation);
        has_its_limits(&activation);
    }
    println!("cases: activation-pytorch {}", fixtures::check(activation.name()));
}

fn has_settings_as_declared(activation: &Activation) {
    assert_eq!(
        activation.instances()[0],
        *activation,
        "the first instance has the defaults"
    );
    let mut names: Vec<&str> = activation.settings().map(|(setting, _)| setting.name).collect();
    assert!(names.is_sorted() && (names.is_empty() || !activation.about().is_empty()));
    names.dedup();
    assert_eq!(names.len(), activation.settings().count());
    for (setting, value) in activation.settings() {
        assert_eq!(setting.default, value);
        setting.check(value).unwrap();
        assert!(
            setting.about.ends_with('.') && !setting.about.contains('\n'),
            "{}",
            setting.about
        );
        let error = activation.with(setting.name, f64::NAN).unwrap_err();
        assert!(error.to_string().contains(setting.name), "{error}");
    }
    let error = activation.with("no such setting", 1.0).unwrap_err();
    assert_eq!(error.to_string(), "unknown setting `no such setting`");
}

/// At ±∞ the value that numbers far away come to, and the derivative too, in both types: no NaN where there is a limit.
fn has_its_limits(activation: &Activation) {
    for (end, far) in [(f64::INFINITY, 1e30), (f64::NEG_INFINITY, -1e30)] {
        for dtype in [DType::F32, DType::F64] {
            let [limit, there] = [far, end].map(|x| {
                let graph = Graph::dynamic();
                let x = graph.constant(Tensor::scalar(x)).cast(dtype);
                let y = activation.apply(x);
                [y, reverse::gradients(y, &[x])[0]].map(|y| values(y)[0])
            });
            println!("at {end}: {there:?}, at {far}: {limit:?}");
            if limit[0].abs() > 1e20 {
                assert_eq!(there[0], limit[0].signum() * f64::INFINITY);
            } else {
                assert_close(there[0], limit[0], 1e-15);
            }
            // `x/2` is a product, whose derivative has the term `∞ · 0`.
            if limit[1].abs() < 1e20 && activation.to_string() != "swish:0" {
                assert_close(there[1], limit[1], 1e-15);
            }
        }
    }
    assert!(activation.number(f64::NAN).is_nan(), "NaN stays NaN");
}

#[test]
fn every_file_is_listed() {
    let names: Vec<&str> = ACTIVATIONS.iter().map(Activation::name).collect();
    assert!(names.is_sorted(), "keep the activations in alphabetical order");
    let mut files = rust_files("src/pointwise");
    files.retain(|file| !["activation", "derivative", "dual", "setting"].contains(&file.as_str()));
    files.sort();
    assert_eq!(names, files, "an activation for each file of src/pointwise");
    println!("cases: entries of the registry activation {}", names.len());
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

#[test]
fn aliases_are_no_names_and_lead_to_one() {
    let aliases: Vec<&str> = ACTIVATIONS.iter().flat_map(|one| one.aliases()).copied().collect();
    assert_eq!(aliases, ["quick_gelu", "logistic"]);
    for alias in aliases {
        assert!(ACTIVATIONS.iter().all(|one| one.name() != alias), "{alias}");
        assert_eq!(
            ACTIVATIONS.iter().filter(|one| one.aliases().contains(&alias)).count(),
            1
        );
        assert!(Activation::named(alias).is_some_and(|found| found.aliases().contains(&alias)));
    }
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
        let [before, left, here, right, after] =
            [-2.0, -1.0, 0.0, 1.0, 2.0].map(|steps| activation.number(x + steps * step));
        // Where two formulas meet, the differences to both sides differ.
        let gap = (right - here - (here - left)).abs() / (2.0 * step);
        if gap > 0.05 {
            continue; // a kink
        }
        // And where two second derivatives meet, the central difference is off by a quarter of their difference.
        let bend = ((after - 2.0 * right + here) - (here - 2.0 * left + before)).abs() / (2.0 * step);
        let numeric = (right - left) / (2.0 * step);
        println!("at {x}");
        assert!(!slope.is_nan(), "the derivative at {x} is NaN");
        if numeric.is_finite() {
            assert_close(slope, numeric, 1e-6 * x.abs().max(1.0) + gap + bend);
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

/// Those whose derivative takes few loops without an op of its own.
const BY_RULE: [&str; 12] = [
    "elu",
    "hard_logistic",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "relu",
    "selu",
    "sigmoid",
    "sign",
    "softsign",
    "tanh",
];

/// The derivative is one loop in a plan, as the function itself is.
#[test]
fn a_derivative_is_one_op() {
    for activation in ACTIVATIONS.iter().filter(|one| !BY_RULE.contains(&one.name())) {
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
