//! Define-by-run: control flow that depends on values, and no plan behind it.

use rosenblatt_autodiff::plan::Plan;
use rosenblatt_autodiff::{Graph, Var, forward, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_tensor::rng::Rng;

/// Halves `x` until its norm is at most 1, then sums the cubes: how often depends on the value.
fn halved_until_small(mut x: Var<'_>) -> (Var<'_>, u32) {
    let mut times = 0;
    while x.norm().value().unwrap().item().unwrap() > 1.0 {
        x = x * 0.5;
        times += 1;
    }
    ((x * x * x).sum(&[0], false), times)
}

/// `f = Σ (x/2ᵗ)³`, so `∂f/∂x = 3x²/8ᵗ`: by hand, for whatever `t` the loop came to.
#[test]
fn a_loop_that_depends_on_values_has_the_right_gradient_and_compiles_no_plan() {
    let before = Plan::compiled();
    let mut seen = std::collections::BTreeSet::new();
    let mut cases = 0;
    for seed in 0..200 {
        let mut stream = Rng::new(seed).stream();
        let scale = 10f64.powf(4.0 * stream.next_f64() - 2.0);
        let values: Vec<f64> = (0..5).map(|_| scale * stream.normal()).collect();
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::from_vec(values.clone(), &[5]).unwrap());
        let (f, times) = halved_until_small(x);
        seen.insert(times);
        let gradient = reverse::gradients(f, &[x])[0].value().unwrap().to_f64();
        let direction = graph.constant(Tensor::from_vec(vec![1.0, -2.0, 0.5, 0.0, 3.0], &[5]).unwrap());
        let along = forward::jvp(&[f], &[x], &[direction])[0]
            .value()
            .unwrap()
            .item()
            .unwrap();
        let by_hand: Vec<f64> = values.iter().map(|x| 3.0 * x * x / 8f64.powi(times as i32)).collect();
        rosenblatt_testkit::assert_close(&gradient, &by_hand, 1e-12);
        let want = by_hand[0] - 2.0 * by_hand[1] + 0.5 * by_hand[2] + 3.0 * by_hand[4];
        rosenblatt_testkit::assert_close(along, want, 1e-12);
        cases += 1;
    }
    assert!(
        seen.len() > 4 && seen.contains(&0),
        "the loop ran {seen:?} times: too much alike to tell anything"
    );
    assert_eq!(Plan::compiled(), before, "a dynamic graph compiled a plan");
    println!("cases: dynamic {cases}");
}

/// Without a plan nothing knows a node before it is made, so a mistake must surface where a value is asked for.
#[test]
fn the_first_mistake_is_kept_with_its_place() {
    let graph = Graph::dynamic();
    let a = graph.constant(Tensor::from_vec(vec![1.0f64; 6], &[2, 3]).unwrap());
    let b = graph.constant(Tensor::from_vec(vec![1.0f64; 4], &[4]).unwrap());
    let c = (a + b).exp() * 2.0;
    let error = c.value().unwrap_err();
    assert!(error.to_string().contains("dynamic.rs:"), "{error}");
    assert!(error.to_string().contains("[2, 3] and [4] do not broadcast"), "{error}");
}
