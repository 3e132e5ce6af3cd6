//! Clipping, penalties, constraints, moving averages, and what the step sets itself.

use rosenblatt_autodiff::{Execution, Graph, Type, Var, reverse};
use rosenblatt_nn::constraints::{MaxNorm, NonNegative};
use rosenblatt_nn::optimizers::{Adam, Sgd};
use rosenblatt_nn::penalties::{ElasticNet, L1, L2};
use rosenblatt_nn::schedules::WarmUp;
use rosenblatt_nn::{Optimize, OptimizeExt, OptimizerStep, TensorSpec};
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::{assert_close, fixture};

use super::super::every_optimizer::rules;
use super::{DTYPES, Problem, STEPS, apart, last, network, slope};

#[test]
fn every_optimizer_takes_the_same_steps_compiled_and_dynamic_with_everything_asked_for() {
    for optimizer in rules() {
        let optimize = optimizer
            .lr(0.05)
            .schedule(WarmUp::default())
            .clip_value(0.4)
            .clip_parameter_norm(0.45)
            .clip_norm(0.5)
            .group("enc", 0.3)
            .decay("bias", 0.0)
            .penalty(ElasticNet::default())
            .penalty_on("enc.bias", L1 { alpha: 0.1 })
            .constraint(MaxNorm { max: 0.8 })
            .constraint_on("enc.bias", NonNegative {});
        // A rule that averages itself is refused with another average.
        let optimize = match optimize.optimizer.evaluated_state() {
            None => optimize.ema(0.9),
            Some(_) => optimize,
        };
        for dtype in DTYPES {
            network().run(optimize.clone(), dtype, STEPS).unwrap();
            network().run(optimize.clone().freeze("enc"), dtype, STEPS).unwrap();
        }
    }
}

#[test]
fn without_settings_the_graph_has_no_node_but_gradients_checks_and_rule() {
    for optimizer in rules() {
        let (problem, dtype) = (network(), DType::F32);
        let graph = |build: &dyn for<'g> Fn(&'g Graph)| {
            let graph = Graph::new(Execution::Static);
            build(&graph);
            graph.len()
        };
        fn variable<'g>(graph: &'g Graph, spec: &TensorSpec) -> Var<'g> {
            graph.variable(spec.name.clone(), spec.dtype, spec.shape)
        }
        let by_updates = graph(&|graph| {
            let scalar = |name| graph.input(name, dtype, Shape::SCALAR);
            let optimize = Optimize::new(optimizer.clone());
            problem
                .build(&optimize, dtype, |spec| variable(graph, spec), scalar)
                .unwrap();
        });
        let by_hand = graph(&|graph| {
            let specs = problem.tensors(dtype);
            let thetas: Vec<_> = specs.iter().map(|spec| variable(graph, spec)).collect();
            let step = OptimizerStep::new(&*optimizer, |name| graph.input(name, dtype, Shape::SCALAR));
            let gradients = reverse::gradients((problem.loss)(&thetas), &thetas);
            for ((theta, g), spec) in thetas.iter().zip(gradients).zip(specs) {
                let state = optimizer.state(Type::new(dtype, theta.shape())).into_iter();
                let old: Vec<_> = state
                    .map(|state| graph.variable(format!("{}.{}", spec.name, state.name), dtype, state.shape))
                    .collect();
                let _ = optimizer.update(&step, g.check_finite(spec.name), *theta, &old);
            }
        });
        assert_eq!(by_updates, by_hand, "{optimizer}");
    }
}

#[test]
fn l1_adds_its_sign_to_the_gradient() {
    let problem = slope(vec![0.5, -0.5, 0.0], &[3]);
    let after = last(
        problem
            .run(Sgd::default().lr(0.25).penalty(L1 { alpha: 2.0 }), DType::F64, 1)
            .unwrap(),
    );
    // θ − 0.25 · (slope + 2 sign θ)
    assert_eq!(after["a.weight"].to_f64(), [0.5 - 0.75, -0.5, -0.75]);
}

#[test]
fn l2_is_the_weight_decay_of_sgd() {
    let decay = |weight_decay| Sgd {
        momentum: 0.9,
        weight_decay,
        ..Sgd::default()
    };
    let penalty = network()
        .run(decay(0.0).penalty_on("*", L2 { alpha: 0.1 }), DType::F64, STEPS)
        .unwrap();
    let decay = network().run(decay(0.1), DType::F64, STEPS).unwrap();
    for (penalty, decay) in penalty.iter().zip(&decay) {
        penalty
            .iter()
            .for_each(|(name, value)| assert_close(value.to_f64(), decay[name].to_f64(), 1e-14));
    }
}

#[test]
fn the_loss_that_is_reported_contains_the_penalties() {
    let problem = slope(vec![3.0, -1.0], &[2]);
    let graph = Graph::dynamic();
    let optimize = Sgd::default().penalty(L1 { alpha: 0.5 });
    let bind = |_: &TensorSpec| graph.constant(problem.parameters[0].1.clone());
    let built = problem
        .build(&optimize, DType::F64, bind, |_| graph.constant(Tensor::scalar(0.1)))
        .unwrap();
    assert_eq!(built.loss.value().unwrap().item().unwrap(), 3.0 - 2.0 + 0.5 * 4.0);
}

#[test]
fn max_norm_holds_after_every_step_and_is_the_projection_by_hand() {
    let values = vec![0.1, 0.2, 0.3, -0.4];
    let optimize = Sgd::default().lr(0.125).constraint(MaxNorm { max: 1.0 });
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-15)] {
        let mut theta = values.clone();
        let mut held = 0;
        for after in slope(values.clone(), &[2, 2]).run(optimize.clone(), dtype, 20).unwrap() {
            theta
                .iter_mut()
                .zip([1.0, 2.0, 3.0, 4.0])
                .for_each(|(theta, g)| *theta -= 0.125 * g);
            for row in theta.chunks_mut(2) {
                let norm = row[0].hypot(row[1]);
                held += usize::from(norm > 1.0);
                row.iter_mut().for_each(|theta| *theta *= (1.0 / norm).min(1.0));
            }
            assert_close(after["a.weight"].to_f64(), &theta, tolerance);
        }
        assert!((20..40).contains(&held), "both kinds of rows are met: {held}");
    }
}

#[test]
fn a_moving_average_is_the_one_by_hand_and_begins_as_a_copy() {
    let (decay, optimize) = (0.9, Adam::default().lr(0.05).ema(0.9));
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-15)] {
        let initial = network().initial(&optimize, dtype).unwrap();
        let mut average: Vec<f64> = initial["enc.weight"].to_f64();
        assert_eq!(initial["ema.enc.weight"].to_f64(), average);
        for after in network().run(optimize.clone(), dtype, 10).unwrap() {
            let theta = after["enc.weight"].to_f64();
            average
                .iter_mut()
                .zip(theta)
                .for_each(|(e, theta)| *e = decay * *e + (1.0 - decay) * theta);
            assert_close(after["ema.enc.weight"].to_f64(), &average, tolerance);
        }
    }
}

#[test]
fn the_moving_average_of_what_does_not_change_is_exact() {
    // With weights 0.9999 and 0.0001 rounded to f32 the average would move away from 0.7 by 3·10⁻⁴ of it.
    let problem = Problem {
        loss: |parameters| (parameters[0] * 0.0).sum_all(),
        ..slope(vec![0.7, -0.3], &[2])
    };
    let after = last(problem.run(Sgd::default().ema(0.9999), DType::F32, 100).unwrap());
    assert_eq!(after["ema.a.weight"].to_f64(), after["a.weight"].to_f64());
}

#[test]
fn clipping_bounds_the_norm_of_all_gradients_in_both_types() {
    let problem = slope(vec![0.0; 4], &[2, 2]);
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-15)] {
        let after = last(problem.run(Sgd::default().lr(1.0).clip_norm(0.5), dtype, 1).unwrap());
        let factor = 0.5 / (30f64.sqrt() + 1e-6);
        assert_close(
            after["a.weight"].to_f64(),
            [1.0, 2.0, 3.0, 4.0].map(|g| -g * factor),
            tolerance,
        );
    }
}

#[test]
fn elements_are_limited_first_then_each_gradient_then_all_together() {
    // Rows of the fixture beside each other; the gradient of Σ θ g is g.
    let fixture = fixture("clipping.json");
    let of = |name: &str| serde_json::from_value::<Vec<Vec<f64>>>(fixture[name].clone()).unwrap();
    let zeros = |size| Tensor::zeros(DType::F64, Shape::new(&[size]).unwrap());
    let problem = Problem {
        parameters: [("a.bias", 3), ("b.bias", 2), ("c.bias", 1), ("d.bias", 1)]
            .map(|(name, size)| (name, zeros(size)))
            .into(),
        loss: |parameters| {
            let rows: [&[f64]; 4] = [&[3.0, -4.0, 0.125], &[-0.3, 0.4], &[1e-3], &[7e30]];
            fn term<'g>(theta: Var<'g>, row: &[f64]) -> Var<'g> {
                let g = theta.graph().constant(Tensor::from_slice(row, &[row.len()]).unwrap());
                (theta * g.cast(theta.dtype())).sum_all()
            }
            let terms = parameters.iter().zip(rows).map(|(&theta, row)| term(theta, row));
            terms.reduce(|sum, next| sum + next).unwrap()
        },
        set: |_| Vec::new(),
    };
    let optimize = Sgd::default()
        .lr(1.0)
        .clip_norm(0.9)
        .clip_parameter_norm(1.2)
        .clip_value(1.0);
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-15)] {
        let after = last(problem.run(optimize.clone(), dtype, 1).unwrap());
        for ((name, _), expected) in problem.parameters.iter().zip(of("all_in_order")) {
            let minus: Vec<f64> = expected.iter().map(|g| -g).collect();
            assert_close(after[*name].to_f64(), minus, tolerance);
        }
    }
}

#[test]
fn a_parameter_that_the_step_sets_has_no_gradient_and_no_state_and_is_averaged() {
    let problem = Problem {
        set: |parameters| vec![("b.bias".to_owned(), parameters[1] + 1.0)],
        ..apart()
    };
    let optimize = Adam::default()
        .lr(0.05)
        .constraint_on("*", MaxNorm { max: 0.1 })
        .ema(0.5);
    for dtype in DTYPES {
        let before = problem.initial(&optimize, dtype).unwrap();
        let after = last(problem.run(optimize.clone(), dtype, 1).unwrap());
        let (old, new) = (before["b.bias"].to_f64(), after["b.bias"].to_f64());
        assert_close(&new, old.iter().map(|old| old + 1.0).collect::<Vec<_>>(), 1e-7);
        let half: Vec<f64> = old.iter().zip(&new).map(|(old, new)| (old + new) / 2.0).collect();
        assert_close(after["ema.b.bias"].to_f64(), half, 1e-6);
        assert!(
            after.keys().all(|name| !name.starts_with("optimizer.b.")),
            "{:?}",
            after.keys()
        );
        assert_ne!(after["a.weight"].to_f64(), before["a.weight"].to_f64());
    }
}

#[test]
fn the_same_tensor_used_twice_has_the_sum_of_both_gradients() {
    let tied = Problem {
        loss: |parameters| (parameters[0] * parameters[0] * 0.5).sum_all() + parameters[0].sum_all(),
        ..slope(vec![2.0, -4.0], &[2])
    };
    let after = last(tied.run(Sgd::default().lr(0.5), DType::F64, 1).unwrap());
    assert_eq!(after["a.weight"].to_f64(), [0.5, -2.5]);
}
