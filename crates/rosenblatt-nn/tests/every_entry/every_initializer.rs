//! Laws of initializers.

use rosenblatt_nn::init::{self, FanInUniform, INITIALIZERS, Normal, Zeros};
use rosenblatt_nn::{Entry, Init, Initializer, Role, TensorSpec};
use rosenblatt_tensor::{DType, ErrorKind, Shape, Tensor};

use crate::common::registry_laws;

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Initializer>("src/init", &["activation", "fan", "gain"]);
}

pub fn weight(name: &str, fan_out: usize, fan_in: usize, dtype: DType) -> TensorSpec {
    let shape = Shape::new(&[fan_out, fan_in]).unwrap();
    TensorSpec {
        name: name.into(),
        shape,
        dtype,
        role: Role::Parameter(Init::Weight { fan_in, fan_out }),
    }
}

pub fn bias(name: &str, elements: usize, fan_in: usize) -> TensorSpec {
    let shape = Shape::new(&[elements]).unwrap();
    TensorSpec {
        name: name.into(),
        shape,
        dtype: DType::F64,
        role: Role::Parameter(Init::Bias { fan_in }),
    }
}

pub fn value(spec: &TensorSpec, seed: u64, rule: &dyn Initializer) -> Tensor {
    init::first_value(spec, seed, rule, rule).unwrap()
}

/// Mean and standard deviation.
pub fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// How values spread.
enum Spread {
    /// All alike.
    Not,
    /// Normal with this variance.
    Normal(f64),
    /// Uniform with this variance, so up to √3 standard deviations from the mean.
    Uniform(f64),
    /// Normal with this variance before it is cut at two standard deviations.
    Truncated(f64),
}

/// Name, mean and spread for fan-in 400 and fan-out 100, as the papers state them.
const WANTED: [(&str, f64, Spread); 18] = [
    ("constant:0.5", 0.5, Spread::Not),
    ("fan_in_uniform", 0.0, Spread::Uniform(1.0 / (3.0 * 400.0))),
    ("glorot_normal", 0.0, Spread::Normal(2.0 / 500.0)),
    ("glorot_normal:gain=1.5", 0.0, Spread::Normal(2.25 * 2.0 / 500.0)),
    ("glorot_uniform", 0.0, Spread::Uniform(2.0 / 500.0)),
    ("he_normal", 0.0, Spread::Normal(2.0 / 400.0)),
    ("he_normal:mode=fan_out", 0.0, Spread::Normal(2.0 / 100.0)),
    ("he_normal:gain=1.5", 0.0, Spread::Normal(2.25 / 400.0)),
    // The gain of this test is 3.
    ("he_uniform:gain=auto,mode=fan_out", 0.0, Spread::Uniform(9.0 / 100.0)),
    ("he_uniform", 0.0, Spread::Uniform(2.0 / 400.0)),
    ("lecun_normal", 0.0, Spread::Normal(1.0 / 400.0)),
    ("lecun_uniform", 0.0, Spread::Uniform(1.0 / 400.0)),
    ("normal:0.01", 0.0, Spread::Normal(0.01 * 0.01)),
    // Rows of norm 1: nearly normal, and exactly that mean square.
    ("orthogonal", 0.0, Spread::Normal(1.0 / 400.0)),
    ("orthogonal:auto", 0.0, Spread::Normal(9.0 / 400.0)),
    ("truncated_normal:0.5", 0.0, Spread::Truncated(0.25)),
    ("uniform:low=1,high=3", 2.0, Spread::Uniform(2.0 * 2.0 / 12.0)),
    ("zeros", 0.0, Spread::Not),
];

impl Spread {
    /// Standard deviation, and the largest distance from the mean if there is one.
    fn size(&self) -> (f64, Option<f64>) {
        match self {
            Self::Not => (0.0, Some(0.0)),
            Self::Normal(variance) => (variance.sqrt(), None),
            Self::Uniform(variance) => (variance.sqrt(), Some((3.0 * variance).sqrt())),
            // Var = 1 − 4 φ(2) / (Φ(2) − Φ(−2)): 0.773741 of the variance before (Johnson, Kotz, Balakrishnan, section 10.1).
            Self::Truncated(variance) => ((0.773_741_303_549_923_2 * variance).sqrt(), Some(2.0 * variance.sqrt())),
        }
    }

    /// The share of numbers whose distance from the mean is at most `x`, a negative number for those below it.
    fn below(&self, x: f64) -> f64 {
        let normal = |x: f64| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
        match self {
            Self::Not => f64::from(x >= 0.0),
            Self::Normal(variance) => normal(x / variance.sqrt()),
            Self::Uniform(variance) => 0.5 + x / (2.0 * (3.0 * variance).sqrt()),
            Self::Truncated(variance) => (normal(x / variance.sqrt()) - normal(-2.0)) / (normal(2.0) - normal(-2.0)),
        }
    }
}

/// The largest distance of the shares of values from those wanted (Kolmogorov, Smirnov).
fn largest_distance(values: &[f64], mean: f64, spread: &Spread) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = |(i, x): (usize, &f64)| {
        let share = spread.below(x - mean);
        (share - i as f64 / n).max((i + 1) as f64 / n - share)
    };
    sorted.iter().enumerate().map(distance).fold(0.0, f64::max)
}

#[test]
fn moments_bounds_and_distributions_are_those_of_the_papers() {
    let spec = weight("w", 100, 400, DType::F64);
    let n = spec.shape.elements() as f64;
    let mut missing: Vec<&str> = INITIALIZERS.iter().map(|registration| registration.name).collect();
    for (text, mean, spread) in WANTED {
        println!("{text}");
        let rule = Entry::<dyn Initializer>::parse(text).unwrap();
        assert_eq!(Entry::<dyn Initializer>::parse(&rule.to_string()).unwrap(), rule);
        missing.retain(|name| *name != rule.name());
        let values = init::first_value_with_gain(&spec, 3, 3.0, &*rule, &*rule)
            .unwrap()
            .to_f64();
        let (got_mean, got_std) = moments(&values);
        let most = values.iter().fold(0.0, |most: f64, v| most.max((v - mean).abs()));
        let (std, bound) = spread.size();
        assert!((got_mean - mean).abs() <= 5.0 * std / n.sqrt(), "mean {got_mean}");
        // The standard error of a standard deviation is below σ/√n.
        assert!(
            (got_std - std).abs() <= 5.0 * std / n.sqrt(),
            "standard deviation {got_std}"
        );
        match bound {
            Some(bound) => assert!(
                (0.999 * bound..=bound * (1.0 + 1e-15)).contains(&most),
                "{most}, not {bound}"
            ),
            // Of 40,000 normal numbers the largest is about 4.2 standard deviations away.
            None => assert!((3.5 * std..6.0 * std).contains(&most), "{most} is not normal"),
        }
        // One sample in a thousand is further away.
        let distance = largest_distance(&values, mean, &spread);
        assert!(std == 0.0 || distance < 1.95 / n.sqrt(), "distance {distance}");
    }
    assert!(missing.is_empty(), "no moments for {missing:?}");
}

/// A rule of its own says 2 and 1 instead of √2² and 1²: weights of models that are there keep every bit.
#[test]
fn a_rule_without_a_gain_does_not_depend_on_what_follows() {
    let spec = weight("w", 3, 4, DType::F64);
    for rule in INITIALIZERS.iter().flat_map(|registration| registration.examples()) {
        let of = |gain| {
            init::first_value_with_gain(&spec, 1, gain, &*rule, &*rule)
                .unwrap()
                .to_f64()
        };
        assert_eq!(of(1.0) != of(2.0), rule.needs_gain(), "{rule}");
    }
}

#[test]
fn values_depend_on_seed_and_name_alone() {
    for rule in INITIALIZERS.iter().flat_map(|registration| registration.examples()) {
        println!("{rule}");
        let numbers = |name: &str, seed| value(&weight(name, 3, 4, DType::F64), seed, &*rule).to_f64();
        assert_eq!(numbers("layers.0.weight", 1), numbers("layers.0.weight", 1));
        let random = moments(&numbers("layers.0.weight", 1)).1 > 0.0;
        assert_eq!(numbers("layers.0.weight", 1) != numbers("layers.2.weight", 1), random);
        assert_eq!(numbers("layers.0.weight", 1) != numbers("layers.0.weight", 2), random);
    }
}

#[test]
fn f32_values_are_f64_values_rounded() {
    for rule in INITIALIZERS.iter().flat_map(|registration| registration.examples()) {
        let wide = value(&weight("w", 5, 7, DType::F64), 9, &*rule).to_f64();
        let narrow = value(&weight("w", 5, 7, DType::F32), 9, &*rule)
            .to_vec::<f32>()
            .unwrap();
        assert_eq!(narrow, wide.iter().map(|&v| v as f32).collect::<Vec<_>>(), "{rule}");
    }
}

#[test]
fn nothing_that_comes_in_gives_finite_biases() {
    for rule in INITIALIZERS.iter().flat_map(|registration| registration.examples()) {
        assert_eq!(value(&weight("w", 5, 0, DType::F32), 0, &*rule).elements(), 0);
        assert!(
            value(&bias("b", 5, 0), 0, &*rule)
                .to_f64()
                .iter()
                .all(|v| v.is_finite()),
            "{rule}"
        );
    }
}

#[test]
fn weights_biases_and_buffers_have_their_own_rules() {
    let first = |spec: &TensorSpec| {
        init::first_value(spec, 0, &FanInUniform {}, &Zeros {})
            .unwrap()
            .to_f64()
    };
    assert!(first(&weight("w", 4, 4, DType::F64)).iter().all(|&v| v != 0.0));
    assert_eq!(first(&bias("b", 4, 4)), [0.0; 4]);
    let buffer = TensorSpec {
        role: Role::Buffer { start: 1.5 },
        ..bias("b", 2, 4)
    };
    assert_eq!(first(&buffer), [1.5; 2]);
    let biases = value(&bias("b", 1000, 16), 0, &FanInUniform {}).to_f64();
    let most = biases.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
    assert!((0.24..=0.25).contains(&most), "{most}, not 1/√16");
}

#[test]
fn values_that_do_not_fit_are_refused() {
    for text in [
        "normal:-1",
        "normal:nan",
        "constant:nan",
        "uniform:low=2,high=1",
        "constant",
        "truncated_normal:-1",
        "he_normal:gain=0",
        "he_normal:gain=-1",
        "he_normal:gain=relu",
        "he_normal:mode=fan_both",
        "orthogonal:nan",
        "glorot_uniform:mode=fan_in",
    ] {
        assert!(Entry::<dyn Initializer>::parse(text).is_err(), "{text}");
    }
    let huge = Normal { std: 1e300 };
    let error = init::first_value(&weight("w", 5, 7, DType::F32), 0, &huge, &huge).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
