//! Laws that hold for every composition. A new function is tested as soon as it is listed in `FUNCTIONS`.

mod common;

use common::{fixtures, normal};
use rosenblatt_autodiff::functions::{Definition, FUNCTIONS, Function, activation, activations};
use rosenblatt_autodiff::{Graph, Oracle, forward, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::{assert_close, rust_files, seeded_cases, ulp_error};

#[test]
fn every_file_is_registered() {
    let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
    for file in rust_files("src/functions") {
        assert!(
            names.contains(&file.as_str()),
            "src/functions/{file}.rs is not in FUNCTIONS"
        );
    }
    assert_eq!(
        names.len(),
        rust_files("src/functions").len(),
        "FUNCTIONS lists what has no file"
    );
    assert!(names.is_sorted(), "keep FUNCTIONS in alphabetical order");
}

#[test]
fn activations_are_found_by_name() {
    let names: Vec<&str> = activations().iter().map(|&(name, _)| name).collect();
    assert!(
        names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]),
        "{names:?}"
    );
    assert!(
        ["gelu", "relu", "silu", "tanh"]
            .iter()
            .all(|name| activation(name).is_some())
    );
    assert!(
        ["mean", "norm", "no such thing"]
            .iter()
            .all(|name| activation(name).is_none())
    );
    for (name, apply) in activations() {
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::from_vec(vec![-1.0_f32, 0.0, 2.0], &[3, 1]).unwrap());
        let y = apply(x);
        assert_eq!((y.ty(), y.value().is_ok()), (x.ty(), true), "{name}");
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

fn of_number(function: &Function, definition: fn(f64) -> f64) -> usize {
    let points: Vec<f64> = grid().into_iter().filter(|&x| definition(x).is_finite()).collect();
    let graph = Graph::dynamic();
    let x = graph.constant(column(&points));
    let y = (function.apply)(x);
    let values: Vec<f64> = points.iter().map(|&x| definition(x)).collect();
    assert_close(y.value().unwrap().to_f64(), &values[..], 1e-12);

    let gradient = reverse::gradients(y.sum_all(), &[x])[0].value().unwrap().to_f64();
    let ones = graph.constant(column(&vec![1.0; points.len()]));
    assert_close(
        forward::jvp(&[y], &[x], &[ones])[0].value().unwrap().to_f64(),
        &gradient[..],
        1e-12,
    );
    for (&x, &slope) in points.iter().zip(&gradient) {
        let step = 1e-5 * x.abs().max(1.0);
        let numeric = (definition(x + step) - definition(x - step)) / (2.0 * step);
        println!("at {x}");
        assert!(!slope.is_nan(), "the derivative at {x} is NaN");
        if numeric.is_finite() {
            assert_close(slope, numeric, 1e-6 * x.abs().max(1.0));
        }
    }
    points.len()
}

fn of_all(function: &Function, definition: fn(&[f64]) -> f64) -> usize {
    let mut cases = 0;
    for seed in seeded_cases(common::SEEDS) {
        for len in [1, 2, 17, 300] {
            let mut rng = Rng::new(seed).purpose(function.name).at(len).stream();
            let tensor = normal(&mut rng, &[len as usize]);
            let numbers = tensor.to_f64();
            let graph = Graph::dynamic();
            let x = graph.constant(tensor);
            let y = (function.apply)(x);
            assert_close(y.value().unwrap().item().unwrap(), definition(&numbers), 1e-12);
            let gradient = reverse::gradients(y, &[x])[0].value().unwrap().to_f64();
            for (i, &slope) in gradient.iter().enumerate() {
                let moved = |step: f64| {
                    let mut numbers = numbers.clone();
                    numbers[i] += step;
                    definition(&numbers)
                };
                assert_close(slope, (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-7);
            }
            cases += 1;
        }
    }
    cases
}

#[test]
fn values_and_gradients_are_as_defined() {
    let mut cases = 0;
    for function in FUNCTIONS {
        println!("{}", function.name);
        cases += match function.definition {
            Definition::OfNumber(definition) => of_number(function, definition),
            Definition::OfAll(definition) => of_all(function, definition),
        };
    }
    println!("cases: function-definition {cases}");
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    let compared = FUNCTIONS.iter().filter(|function| function.oracle == Oracle::PyTorch);
    println!(
        "cases: function-pytorch {}",
        compared.map(|function| fixtures::check(function.name)).sum::<usize>()
    );
}

/// H u by reverse over reverse and by forward over reverse, away from kinks.
#[test]
fn second_order_agrees() {
    for (seed, function) in (0..).zip(FUNCTIONS) {
        let mut rng = Rng::new(seed).purpose("second").stream();
        let graph = Graph::dynamic();
        let [x, u] = [(); 2].map(|()| graph.constant(normal(&mut rng, &[3, 17])));
        let gradient = reverse::gradients((function.apply)(x).sum_all(), &[x])[0];
        let reverse = reverse::gradients(gradient.dot(u), &[x])[0].value().unwrap().to_f64();
        let forward = forward::jvp(&[gradient], &[x], &[u])[0].value().unwrap().to_f64();
        println!("{}", function.name);
        assert_close(reverse, forward, 1e-11);
    }
}

/// f32 over all its numbers, subnormal ones too: every 8,191st bit pattern.
#[test]
fn f32_is_close_to_f64() {
    let all = (0..=u32::MAX)
        .step_by(8191)
        .map(f32::from_bits)
        .filter(|x| x.is_finite());
    let points: Vec<f32> = all.collect();
    for (name, units) in [("gelu", 1.0), ("gelu_tanh", 1.0), ("silu", 1.0), ("softplus", 2.0)] {
        let apply = activation(name).unwrap();
        let mut worst = (0.0, 0.0);
        for points in points.chunks(1 << 16) {
            let graph = Graph::dynamic();
            let x = graph.constant(Tensor::from_slice(points, &[points.len()]).unwrap());
            let y = apply(x).value().unwrap().to_vec::<f32>().unwrap();
            let exact = apply(x.cast(DType::F64)).value().unwrap().to_f64();
            for ((&x, exact), y) in points.iter().zip(exact).zip(y) {
                worst = if ulp_error(y, exact) > worst.0 {
                    (ulp_error(y, exact), x)
                } else {
                    worst
                };
            }
        }
        println!("{name}: at most {} units in the last place, at {}", worst.0, worst.1);
        assert!(worst.0 <= units);
    }
    println!("cases: function-f32 {}", points.len() * 4);
}

/// Derivatives of a smooth function at the place where its branches meet.
#[test]
fn softplus_is_smooth_at_zero() {
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::scalar(0.0));
    let first = reverse::gradients(activation("softplus").unwrap()(x), &[x])[0];
    let second = reverse::gradients(first, &[x])[0];
    let third = reverse::gradients(second, &[x])[0];
    let values = [first, second, third].map(|y| y.value().unwrap().item().unwrap());
    assert_close(values, [0.5, 0.25, 0.0], 1e-15);
}
