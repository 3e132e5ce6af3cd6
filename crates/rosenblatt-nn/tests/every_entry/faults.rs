//! Every entry with a broken derivative: the laws catch each of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_nn::layers::LAYERS;
use rosenblatt_nn::losses::LOSSES;
use rosenblatt_nn::optimizers::OPTIMIZERS;
use rosenblatt_nn::penalties::PENALTIES;
use rosenblatt_tensor::Tensor;

use crate::common::{check_gradients, random};
use crate::{every_layer, every_loss, every_optimizer};

/// What the derivative is multiplied by.
const FAULTS: [f64; 3] = [0.0, 2.0, -1.0];

/// `x` with a derivative that is wrong.
fn broken(x: Var<'_>, factor: f64) -> Var<'_> {
    let value = x.stop_gradient();
    value + (x - value) * factor
}

/// Whether the law of gradients catches every fault of a function.
fn are_caught(at: &[Tensor], f: impl for<'g> Fn(&'g Graph, &[Var<'g>]) -> Var<'g>) -> bool {
    let is_caught = |factor: f64| {
        let check = || {
            check_gradients(at, |graph, x| {
                let x: Vec<_> = x.iter().map(|&x| broken(x, factor)).collect();
                f(graph, &x)
            });
        };
        catch_unwind(AssertUnwindSafe(check)).is_err()
    };
    FAULTS.into_iter().all(is_caught)
}

#[test]
fn a_broken_derivative_of_any_loss_is_caught() {
    every_loss::each(|loss, target_kind, outputs| {
        let caught = are_caught(&[random("x", &[4, outputs])], |graph, x| {
            let targets = graph.constant(every_loss::targets_of(loss, target_kind, 4));
            loss.per_example(x[0], targets).sum_all()
        });
        // One class leaves nothing to learn.
        let is_constant = target_kind == rosenblatt_nn::TargetKind::Classes(1);
        assert!(caught || is_constant, "{target_kind:?}");
    });
    println!("cases: faults of losses {}", LOSSES.len());
}

#[test]
fn a_broken_derivative_of_any_layer_is_caught() {
    for registration in LAYERS.iter() {
        // The derivative of one is 0, and the operand of the other has none.
        if ["embedding", "sign"].contains(&registration.name) {
            continue;
        }
        for layer in registration.examples() {
            let x = random("x", every_layer::rows_for(&layer));
            let (specs, at) = every_layer::operands(&layer, x);
            let caught = are_caught(&at, |graph, x| {
                let y = every_layer::forward(graph, &*layer, x, &specs, None).unwrap();
                (y * graph.constant(random("dy", &y.shape()))).sum_all()
            });
            assert!(caught, "{layer}");
        }
    }
    println!("cases: faults of layers {}", LAYERS.len() - 2);
}

#[test]
fn a_broken_derivative_of_any_penalty_is_caught() {
    for penalty in PENALTIES.iter().flat_map(|registration| registration.examples()) {
        let caught = are_caught(&[random("theta", &[3, 5])], |_, theta| penalty.value(theta[0]));
        assert!(caught, "{penalty}");
    }
    println!("cases: faults of penalties {}", PENALTIES.len());
}

/// The size of a gradient does not matter to some rules, its sign to all.
#[test]
fn an_optimizer_with_a_wrong_gradient_does_not_find_the_minimum() {
    // A solver has no step for a wrong gradient: its tests are in `solvers.rs`.
    let steps = || {
        OPTIMIZERS
            .iter()
            .filter(|registration| registration.examples()[0].solver().is_none())
    };
    for optimizer in steps().flat_map(|registration| registration.examples()) {
        // Decay finds this minimum without a gradient.
        let optimizer = optimizer.with("weight_decay", 0.0).unwrap_or(optimizer);
        for factor in [0.0, -1.0] {
            let found = every_optimizer::end_in_a_bowl(&optimizer, &[1, 2], factor);
            assert!(!every_optimizer::is_minimum(&found), "{optimizer} {factor}: {found:?}");
        }
    }
    println!("cases: faults of optimizers {}", steps().count());
}
