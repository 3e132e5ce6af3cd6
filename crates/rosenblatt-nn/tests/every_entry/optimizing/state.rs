//! State of other shapes and initial values than its parameter.

use rosenblatt_autodiff::plan::Options;
use rosenblatt_autodiff::{Engine, Type, Var};
use rosenblatt_nn::constraints::MaxNorm;
use rosenblatt_nn::optimize::evaluated;
use rosenblatt_nn::optimizers::{Scalars, ScheduleFreeSgd, StateSpec};
use rosenblatt_nn::schedules::WarmUp;
use rosenblatt_nn::{Config, OptimizeExt, Optimizer, OptimizerStep};
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::assert_close;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::every_optimizer::rules;
use super::{DTYPES, Problem, bits, last, network, slope};

/// As Adafactor: the second moment of a matrix is the product of a row and a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Factored {}

impl Config for Factored {
    const NAME: &'static str = "factored";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Optimizer for Factored {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let spec = |name, size| StateSpec::like(name, parameter).shaped(Shape::new(&[size]).unwrap());
        vec![spec("rows", parameter.shape[0]), spec("columns", parameter.shape[1])]
    }

    fn inputs(&self, _: u64, lr: f64) -> Scalars {
        Scalars::new([("lr", lr)])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let &[rows, columns] = state else { unreachable!() };
        let rows = rows.moving_average(0.9, (g * g).mean(&[1], false));
        let columns = columns.moving_average(0.9, (g * g).mean(&[0], false));
        let v = rows.reshape(&[theta.shape()[0], 1]) * columns / rows.mean_all();
        (theta - step.lr() * g / v.sqrt(), vec![rows, columns])
    }
}

/// As Rprop: each number has a step size of its own, 0.1 at first, that grows while the sign of its gradient stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Sizes {}

impl Config for Sizes {
    const NAME: &'static str = "sizes";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Optimizer for Sizes {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let size = StateSpec::like("size", parameter).starting_at(0.1);
        vec![size, StateSpec::like("before", parameter)]
    }

    fn inputs(&self, _: u64, _: f64) -> Scalars {
        Scalars::new([])
    }

    fn update<'g>(
        &self,
        _: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        state: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let &[size, before] = state else { unreachable!() };
        let zero = g.full_like(0.0);
        let size = (g * before)
            .lt(zero)
            .select(size * 0.5, (g * before).gt(zero).select(size * 1.2, size));
        let sign = g.gt(zero).select(g.full_like(1.0), g.full_like(-1.0));
        (theta - sign * size, vec![size, g])
    }
}

#[test]
fn state_of_another_shape_than_the_parameter() {
    // The gradient [1 2 3]·[1 2 3]ᵀ has squares that are a product of a row and a column, so the factors are exact:
    // v = 0.1 g², and every step is lr / √0.1 · sign g.
    let problem = Problem {
        parameters: vec![("a.weight", Tensor::from_vec(vec![0.0; 6], &[2, 3]).unwrap())],
        loss: |parameters| {
            let theta = parameters[0];
            let slope = Tensor::from_vec(vec![1.0, -2.0, 3.0, 2.0, -4.0, 6.0], &[2, 3]).unwrap();
            (theta * theta.graph().constant(slope).cast(theta.dtype())).sum_all()
        },
        set: |_| Vec::new(),
    };
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-14)] {
        let after = problem.run(Factored {}.lr(0.5), dtype, 3).unwrap();
        let step = 0.5 / 0.1f64.sqrt();
        let expected = [-1.0, 1.0, -1.0].repeat(2).into_iter().map(|sign| sign * step);
        assert_close(after[0]["a.weight"].to_f64(), expected.collect::<Vec<_>>(), tolerance);
        assert_eq!(*after[0]["optimizer.a.weight.rows"].shape(), [2]);
        assert_close(
            after[0]["optimizer.a.weight.columns"].to_f64(),
            [0.25, 1.0, 2.25],
            tolerance,
        );
    }
}

#[test]
fn state_that_does_not_begin_at_0() {
    let problem = Problem {
        loss: |parameters| (parameters[0] * parameters[0]).sum_all(),
        ..slope(vec![0.15, 1.0], &[2])
    };
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-14)] {
        let initial = problem.initial(&Sizes {}.into(), dtype).unwrap();
        assert_close(initial["optimizer.a.weight.size"].to_f64(), [0.1, 0.1], 1e-8);
        let after = problem.run(Sizes {}, dtype, 3).unwrap();
        let expected = [[0.05, 0.9], [-0.07, 0.78], [-0.01, 0.636]];
        for (after, expected) in after.iter().zip(expected) {
            assert_close(after["a.weight"].to_f64(), expected, tolerance);
        }
    }
}

#[test]
fn every_optimizer_goes_on_from_what_is_kept_at_any_step_with_the_same_bits() {
    const STEPS: u64 = 4;
    for optimizer in rules() {
        let (problem, options) = (network(), Options::default());
        let optimize = optimizer.clone().schedule(WarmUp::default());
        let (whole, _) = problem
            .compiled(&optimize, DType::F32, STEPS, Engine::single(), &options)
            .unwrap();
        for done in 1..STEPS {
            let at = (&whole[done as usize - 1], done..STEPS);
            let (rest, _) = problem.resumed(&optimize, at, Engine::single(), &options).unwrap();
            assert_eq!(rest.len() as u64, STEPS - done);
            assert!(
                rest.iter().map(bits).eq(whole[done as usize..].iter().map(bits)),
                "{optimizer} after {done} steps"
            );
        }
    }
}

#[test]
fn what_a_network_is_evaluated_with_begins_as_a_copy_and_satisfies_constraints() {
    let optimize = ScheduleFreeSgd::default().lr(0.1).constraint(MaxNorm { max: 0.5 });
    let problem = slope(vec![0.1, 0.2, 0.3, -0.4], &[2, 2]);
    for dtype in DTYPES {
        let initial = problem.initial(&optimize, dtype).unwrap();
        for state in ["x", "z"] {
            let state = &initial[&format!("optimizer.a.weight.{state}")];
            assert_eq!(state.to_f64(), initial["a.weight"].to_f64());
        }
        let after = last(problem.run(optimize.clone(), dtype, 20).unwrap());
        let found = evaluated(&optimize, &problem.tensors(dtype), &[]).unwrap();
        assert_eq!(found, [("a.weight".to_owned(), "optimizer.a.weight.x".to_owned())]);
        for name in ["a.weight", "optimizer.a.weight.x"] {
            let squares: f64 = after[name].to_f64()[..2].iter().map(|x| x * x).sum();
            assert_close(squares.sqrt(), 0.5, 1e-6);
        }
    }
}

#[test]
fn a_rule_that_averages_is_refused_with_another_average() {
    for optimizer in rules() {
        let averages = optimizer.evaluated_state().is_some();
        let checked = optimizer.clone().ema(0.9).check();
        assert_eq!(checked.is_err(), averages, "{optimizer}");
        let known = ["averaged_sgd", "schedule_free_adamw", "schedule_free_sgd"];
        assert_eq!(averages, known.contains(&optimizer.name()), "{optimizer}");
    }
}
