//! Laws that hold for every composition. A new function is tested as soon as it is listed in `FUNCTIONS`.

use crate::common;

use common::{fixtures, normal};
use rosenblatt_autodiff::functions::{FUNCTIONS, Function};
use rosenblatt_autodiff::{Graph, Oracle, forward, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_testkit::{assert_close, rust_files, seeded_cases};

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

fn as_defined(function: &Function) -> usize {
    let definition = function.definition;
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
    let cases: usize = FUNCTIONS.iter().map(as_defined).sum();
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
