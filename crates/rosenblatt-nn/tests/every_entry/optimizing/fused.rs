//! The step of every optimizer is one loop over a parameter and its state, with the bits of its operations one by one.

use rosenblatt_autodiff::plan::{Options, Plan};
use rosenblatt_autodiff::{Engine, Real, Rule, Type, Var};
use rosenblatt_nn::optimizers::{OPTIMIZERS, Scalars, StateSpec};
use rosenblatt_nn::{Config, Entry, Optimize, OptimizeExt, Optimizer, OptimizerStep};
use rosenblatt_tensor::{DType, Isa, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DTYPES, Problem, bits, last};
use crate::common::random;

/// An optimizer that nothing else knows of: `θ ← θ − α sign(β₁m + (1−β₁)g)`, `m ← β₂m + (1−β₂)g`.
///
/// Chen et al.: Symbolic Discovery of Optimization Algorithms. NeurIPS 2023, Algorithm 2 without decay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Lion {}

impl Config for Lion {
    const NAME: &'static str = "lion";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Optimizer for Lion {
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

impl Rule<2, 2> for Lion {
    const LABEL: &'static str = Self::NAME;

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m]: [T; 2], [g, lr]: [T; 2]) -> [T; 2] {
        let (zero, mean) = (g.full_like(0.0), m.moving_average(0.9, g));
        let step = T::select(mean.gt(zero), lr, T::select(mean.lt(zero), -lr, zero));
        [theta - step, m.moving_average(0.99, g)]
    }
}

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
    let registered = OPTIMIZERS.iter().flat_map(|registration| registration.examples());
    registered.chain([Lion {}.into()]).collect()
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
    let problem = wide();
    let names = ["a.bias", "a.weight", "b.bias", "b.weight"];
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
                assert_eq!(loops(&plan), names.map(|name| (name.to_owned(), 1)), "{optimizer}");
            }
            let plan = compiled(2, &without("one_loop_update"))?;
            assert!(loops(&plan).iter().all(|(_, loops)| *loops > 1), "{optimizer}");
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
        let count = |optimize: Optimize| -> Result<Vec<usize>> {
            let dynamic = last(problem.dynamic(&optimize, DType::F32, 3)?);
            let (states, plan) = problem.compiled(&optimize, DType::F32, 3, Engine::single(), &Options::default())?;
            assert!(bits(&last(states)) == bits(&dynamic), "{optimizer}");
            Ok(loops(&plan).into_iter().map(|(_, loops)| loops).collect())
        };
        println!("{optimizer}");
        assert_eq!(
            count(optimizer.clone().group("a.", 0.5).decay("a.", 0.5))?,
            [1; 4],
            "{optimizer}"
        );
        // The gradient times a factor; an average of the new value.
        assert_eq!(count(optimizer.clone().clip_norm(0.1))?, [2; 4], "{optimizer}");
        assert_eq!(count(optimizer.clone().ema(0.9))?, [2; 4], "{optimizer}");
    }
    Ok(())
}
