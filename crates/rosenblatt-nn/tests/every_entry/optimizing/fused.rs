//! The step of every optimizer is one loop over a parameter and its state, with the bits of its operations one by one.

use rosenblatt_autodiff::plan::{Options, Plan};
use rosenblatt_autodiff::{Engine, Real, Rule, Type, Var};
use rosenblatt_nn::optimizers::{Scalars, StateSpec};
use rosenblatt_nn::{Config, Entry, Optimize, OptimizeExt, Optimizer, OptimizerStep};
use rosenblatt_tensor::{DType, Isa, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::every_optimizer::rules;
use super::{DTYPES, Problem, bits, last};
use crate::common::random;

/// An optimizer that nothing else knows of: `θ ← θ − α m / (1 + |m|)`, `m ← βm + (1−β)g`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Bounded {}

impl Config for Bounded {
    const NAME: &'static str = "bounded";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Optimizer for Bounded {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        vec![StateSpec::like("m", parameter)]
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
        step.apply(self, theta, state, [g, step.lr()])
    }
}

impl Rule<2, 2> for Bounded {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let m = m.moving_average(0.9, g);
        [theta - lr * (m / (m.full_like(1.0) + m.abs())), m]
    }
}

/// Its parameters.
const NAMES: [&str; 4] = ["a.bias", "a.weight", "b.bias", "b.weight"];

/// Two layers, large enough for threads; the plan keeps the weights packed.
fn wide() -> Problem {
    Problem {
        parameters: vec![
            ("a.weight", random("a.weight", &[128, 96])),
            ("a.bias", random("a.bias", &[128])),
            ("b.weight", random("b.weight", &[33, 128])),
            ("b.bias", random("b.bias", &[33])),
        ],
        loss: |parameters| {
            let &[w, b, v, c] = parameters else { unreachable!() };
            let constant = |name, shape: &[usize]| w.graph().constant(random(name, shape)).cast(w.dtype());
            let h = (constant("x", &[64, 96]).matmul(w.matrix_transpose()) + b).relu();
            let e = h.matmul(v.matrix_transpose()) + c - constant("y", &[64, 33]);
            (e * e).mean_all()
        },
        set: |_| Vec::new(),
    }
}

/// Every optimizer with each of its examples, and one that is only here.
fn optimizers() -> Vec<Entry<dyn Optimizer>> {
    rules().chain([Bounded {}.into()]).collect()
}

/// Rules for whole matrices: Muon's for others is one loop.
fn is_one_loop(optimizer: &Entry<dyn Optimizer>, parameter: &str) -> bool {
    match optimizer.name() {
        "adafactor" => false,
        "muon" => !parameter.ends_with("weight"),
        _ => true,
    }
}

fn without(rewrite: &str) -> Options {
    Options {
        without: vec![rewrite.to_owned()],
    }
}

/// For each task that updates a parameter: which one, and its loops over tiles of it.
fn loops(plan: &Plan) -> Vec<(String, usize)> {
    let tasks = plan.tasks().map(|(label, _)| label).zip(plan.loops());
    let mut loops: Vec<(String, usize)> = tasks
        .filter_map(|(label, loops)| Some((label.split_once(" → ")?.1.to_owned(), loops)))
        .collect();
    loops.sort();
    loops
}

#[test]
fn a_step_is_one_loop_over_each_parameter_with_the_same_bits() -> Result<()> {
    let (problem, names) = (wide(), NAMES);
    for optimizer in optimizers() {
        println!("{optimizer}");
        let optimize: Optimize = optimizer.clone().into();
        for dtype in DTYPES {
            let dynamic = last(problem.dynamic(&optimize, dtype, 3)?);
            let compiled = |threads, options: &Options| -> Result<Plan> {
                let engine = Engine::new(Isa::detect(), threads)?;
                let (states, plan) = problem.compiled(&optimize, dtype, 3, engine, options)?;
                assert_eq!(plan.threads(), threads);
                assert!(
                    bits(&last(states)) == bits(&dynamic),
                    "{optimizer}, {dtype}, {threads}, {options:?}"
                );
                Ok(plan)
            };
            for threads in 1..=3 {
                let plan = compiled(threads, &Options::default())?;
                let loops = loops(&plan);
                for name in names.into_iter().filter(|name| is_one_loop(&optimizer, name)) {
                    let of_parameter: Vec<_> = loops.iter().filter(|(known, _)| known == name).collect();
                    assert_eq!(of_parameter, [&(name.to_owned(), 1)], "{optimizer}: {loops:?}");
                }
            }
            let plan = compiled(2, &without("one_loop_update"))?;
            let several = |(name, loops): &(String, usize)| *loops > 1 || !names.contains(&&**name);
            assert!(loops(&plan).iter().all(several), "{optimizer}");
            compiled(2, &without("packed_weights"))?;
            compiled(2, &without("update_in_epilogue"))?;
        }
    }
    Ok(())
}

/// What is asked for besides the rule costs its own loops and no more.
#[test]
fn groups_clipping_and_averages_leave_the_rule_one_loop() -> Result<()> {
    let problem = wide();
    for optimizer in optimizers() {
        if !is_one_loop(&optimizer, "weight") {
            continue;
        }
        let count = |optimize: Optimize| -> Result<Vec<usize>> {
            let dynamic = last(problem.dynamic(&optimize, DType::F32, 3)?);
            let (states, plan) = problem.compiled(&optimize, DType::F32, 3, Engine::single(), &Options::default())?;
            assert!(bits(&last(states)) == bits(&dynamic), "{optimizer}");
            let of_parameters = loops(&plan).into_iter().filter(|(name, _)| NAMES.contains(&&**name));
            Ok(of_parameters.map(|(_, loops)| loops).collect())
        };
        println!("{optimizer}");
        assert_eq!(
            count(optimizer.clone().group("a.", 0.5).decay("a.", 0.5))?,
            [1; 4],
            "{optimizer}"
        );
        // The gradient times a factor; an average of the new value.
        assert_eq!(count(optimizer.clone().clip_norm(0.1))?, [2; 4], "{optimizer}");
        if optimizer.evaluated_state().is_none() {
            assert_eq!(count(optimizer.clone().ema(0.9))?, [2; 4], "{optimizer}");
        }
    }
    Ok(())
}
