//! Rules that overwrite several arrays: one loop where that is legal, ordinary nodes where it is not, the same bits always.

use rosenblatt_autodiff::plan::{Options, Plan, RunStatus, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Real, Rule, Var, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Isa, Shape, Tensor};
use rosenblatt_testkit::assert_close;

use crate::common::fixtures;

/// `m ← β m + g`, `θ ← θ − rate · m`, and what was taken away: results of which one reads another.
#[derive(Clone, Debug)]
pub struct Heavy {
    beta: f64,
}

impl Rule<3, 2> for Heavy {
    const LABEL: &'static str = "heavy";

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, _]: [T; 3], [g, rate]: [T; 2]) -> [T; 3] {
        let m = m * m.full_like(self.beta) + g;
        let step = rate * m;
        [theta - step, m, step.abs()]
    }
}

type Built<'g> = (Vec<Var<'g>>, [Var<'g>; 3]);

/// A plan over three variables `theta`, `m`, `last` of one shape and one input `rate`.
struct Case {
    name: &'static str,
    shape: &'static [usize],
    /// Outputs and the next values of the variables.
    build: for<'g> fn([Var<'g>; 3], Var<'g>) -> Built<'g>,
    /// How many loops there are less than without the rewrite.
    saved: usize,
}

pub const HEAVY: Heavy = Heavy { beta: 0.9 };

/// A gradient that is not one of the variables.
fn slope(theta: Var<'_>) -> Var<'_> {
    theta.sin()
}

/// The rule alone has five loops; one replaces them.
const CASES: &[Case] = &[
    Case {
        name: "a rule alone",
        shape: &[3, 40],
        build: |[theta, m, last], rate| (vec![rate], HEAVY.apply([theta, m, last], [slope(theta), rate])),
        saved: 4,
    },
    Case {
        name: "one element",
        shape: &[1],
        build: |[theta, m, last], rate| (vec![rate], HEAVY.apply([theta, m, last], [slope(theta), rate])),
        saved: 4,
    },
    Case {
        name: "many tiles",
        shape: &[70, 130],
        build: |[theta, m, last], rate| (vec![rate], HEAVY.apply([theta, m, last], [slope(theta), rate])),
        saved: 4,
    },
    Case {
        name: "a row for all rows, and a number for each element",
        shape: &[5, 7],
        build: |[theta, m, last], rate| {
            let row = slope(theta).sum(&[0], true);
            (vec![rate], HEAVY.apply([theta, m, last], [row, theta.cos() * rate]))
        },
        saved: 4,
    },
    Case {
        name: "results that are read afterwards",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            let [theta, m, last] = HEAVY.apply([theta, m, last], [slope(theta), rate]);
            (vec![theta * m + last, (m * m).sum_all()], [theta, m, last])
        },
        saved: 4,
    },
    Case {
        name: "a next value that is checked",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            let [theta, m, last] = HEAVY.apply([theta, m, last], [slope(theta), rate]);
            (vec![rate], [theta.check_finite("theta"), m, last])
        },
        saved: 4,
    },
    Case {
        name: "an inner value that does not depend on results is computed once more",
        shape: &[3, 40],
        build: |[theta, m, last], rate| (vec![m * 0.9], HEAVY.apply([theta, m, last], [slope(theta), rate])),
        saved: 3,
    },
    Case {
        name: "an inner value that depends on results",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            let next = HEAVY.apply([theta, m, last], [slope(theta), rate]);
            (vec![rate * next[1]], next)
        },
        saved: 0,
    },
    Case {
        name: "a gradient that is the parameter",
        shape: &[3, 40],
        build: |[theta, m, last], rate| (vec![rate], HEAVY.apply([theta, m, last], [theta, rate])),
        saved: 0,
    },
    Case {
        name: "a gradient that is the parameter, checked",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            (
                vec![rate],
                HEAVY.apply([theta, m, last], [theta.check_finite("theta"), rate]),
            )
        },
        saved: 0,
    },
    Case {
        name: "an old value that is read with the new one",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            let next = HEAVY.apply([theta, m, last], [slope(theta), rate]);
            (vec![next[0] - theta], next)
        },
        saved: 0,
    },
    Case {
        name: "a result that is not a next value",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            let [new, m, size] = HEAVY.apply([theta, m, last], [slope(theta), rate]);
            (vec![size], [new, m, last])
        },
        saved: 0,
    },
    Case {
        name: "next values exchanged",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            let [new, velocity, size] = HEAVY.apply([theta, m, last], [slope(theta), rate]);
            (vec![rate], [velocity, new, size])
        },
        saved: 0,
    },
    Case {
        name: "the same twice",
        shape: &[3, 40],
        build: |[theta, m, last], rate| {
            let g = slope(theta);
            HEAVY.apply([theta, m, last], [g, rate]);
            (vec![rate], HEAVY.apply([theta, m, last], [g, rate]))
        },
        saved: 4,
    },
];

/// Three random tensors.
pub fn start(dtype: DType, sizes: &[usize]) -> Vec<Tensor> {
    let mut stream = Rng::new(3).stream();
    let mut random = || {
        let numbers = (0..sizes.iter().product())
            .map(|_| 4.0 * stream.next_f64() - 2.0)
            .collect();
        let tensor = Tensor::from_vec::<f64>(numbers, sizes).unwrap();
        Graph::dynamic().constant(tensor).cast(dtype).value().unwrap()
    };
    vec![random(), random(), random()]
}

pub fn bits(tensors: &[Tensor]) -> Vec<u64> {
    tensors.iter().flat_map(Tensor::to_f64).map(f64::to_bits).collect()
}

const STEPS: usize = 3;

/// Outputs and variables after some steps, and the loops of the plan.
fn run(case: &Case, dtype: DType, threads: usize, isa: Isa, without: &[&str]) -> (Vec<u64>, usize) {
    let graph = Graph::new(Execution::Static);
    let names = ["theta", "m", "last"];
    let variables = names.map(|name| graph.variable(name, dtype, Shape::new(case.shape).unwrap()));
    let rate = graph.input("rate", dtype, Shape::SCALAR);
    let (outputs, next) = (case.build)(variables, rate);
    let signature = Signature {
        inputs: vec![rate],
        outputs,
        updates: variables.into_iter().zip(next).collect(),
        check: None,
    };
    let mut store = Variables::new(Engine::new(isa, threads).unwrap());
    let options = Options {
        without: without.iter().map(ToString::to_string).collect(),
    };
    let plan = Plan::compile(&signature, &mut store, &options).unwrap();
    for (name, value) in names.iter().zip(start(dtype, case.shape)) {
        store.write(name, &value).unwrap();
    }
    let rate = Tensor::scalar_of(dtype, 0.1);
    for _ in 0..STEPS {
        assert_eq!(plan.run(&mut store, &[&rate]).unwrap(), RunStatus::Done);
    }
    let outputs = (0..signature.outputs.len()).map(|i| plan.output(&store, i).unwrap());
    let all: Vec<Tensor> = outputs.chain(names.map(|name| store.read(name).unwrap())).collect();
    (bits(&all), plan.loops().sum())
}

fn run_dynamic(case: &Case, dtype: DType) -> Vec<u64> {
    let mut values = start(dtype, case.shape);
    let mut outputs = Vec::new();
    for _ in 0..STEPS {
        let graph = Graph::dynamic();
        let variables = [0, 1, 2].map(|i| graph.constant(values[i].clone()));
        let (out, next) = (case.build)(variables, graph.constant(Tensor::scalar_of(dtype, 0.1)));
        outputs = out.into_iter().map(|x| x.value().unwrap()).collect();
        values = next.map(|x| x.value().unwrap()).to_vec();
    }
    bits(&[outputs, values].concat())
}

#[test]
fn a_rule_is_one_loop_where_that_is_legal_and_has_the_same_bits_everywhere() {
    for case in CASES {
        for dtype in [DType::F32, DType::F64] {
            let want = run_dynamic(case, dtype);
            assert!(want.iter().all(|&x| f64::from_bits(x).is_finite()), "{}", case.name);
            let (_, without) = run(case, dtype, 1, Isa::detect(), &["one_loop_update"]);
            for isa in Isa::supported() {
                for threads in 1..=3 {
                    let (got, loops) = run(case, dtype, threads, isa, &[]);
                    assert!(got == want, "{}, {dtype}, {isa}, {threads} threads", case.name);
                    assert_eq!(loops + case.saved, without, "{}, {dtype}", case.name);
                }
            }
            for off in [
                "one_loop_update",
                "common_subexpressions",
                "elementwise_fusion",
                "in_place",
                "arena",
            ] {
                let (got, _) = run(case, dtype, 2, Isa::detect(), &[off]);
                assert!(got == want, "{}, {dtype}, without {off}", case.name);
            }
        }
    }
}

/// Two rules in one chain, one of which reads what the other leaves: a parameter and its average.
#[test]
fn two_rules_may_share_a_chain() {
    let count = |without: &[&str]| {
        let graph = Graph::new(Execution::Static);
        let names = ["theta", "m", "last", "average"];
        let variables = names.map(|name| graph.variable(name, DType::F32, Shape::new(&[20, 30]).unwrap()));
        let [theta, m, last, average] = variables;
        let rate = graph.input("rate", DType::F32, Shape::SCALAR);
        let [new, m, last] = HEAVY.apply([theta, m, last], [slope(theta), rate]);
        let next = [new, m, last, average.moving_average(0.99, new)];
        let signature = Signature {
            inputs: vec![rate],
            updates: variables.into_iter().zip(next).collect(),
            ..Signature::default()
        };
        let mut store = Variables::new(Engine::single());
        let options = Options {
            without: without.iter().map(ToString::to_string).collect(),
        };
        let plan = Plan::compile(&signature, &mut store, &options).unwrap();
        store.write("theta", &start(DType::F32, &[20, 30])[0]).unwrap();
        for _ in 0..STEPS {
            plan.run(&mut store, &[&Tensor::scalar(0.1f32)]).unwrap();
        }
        let label = plan.tasks().next().unwrap().0.to_owned();
        assert_eq!(label, "sin + heavy + moving_average [20, 30] → m");
        let all = names.map(|name| store.read(name).unwrap());
        (bits(&all), plan.loops().collect::<Vec<_>>())
    };
    let (one_loop, loops) = count(&[]);
    let (many, loops_without) = count(&["one_loop_update"]);
    assert_eq!((loops, loops_without), (vec![3], vec![1 + 5 + 4]));
    assert!(one_loop == many);
}

/// On a graph a rule is a composition: derivatives go through it.
#[test]
fn a_rule_has_derivatives() {
    let graph = Graph::dynamic();
    let [theta, m, last, g, rate] = [1.0, 2.0, 0.0, 3.0, 0.1].map(|x| graph.constant(x.into()));
    let [new, ..] = HEAVY.apply([theta, m, last], [g, rate]);
    // θ − rate (β m + g)
    let gradients = reverse::gradients(new, &[theta, m, g, rate]);
    let expected = [1.0, -0.1 * 0.9, -0.1, -(0.9 * 2.0 + 3.0)];
    for (gradient, expected) in gradients.iter().zip(expected) {
        assert_close(gradient.value().unwrap().to_f64(), [expected], 1e-15);
    }
}

#[test]
fn parts_of_rules_are_those_of_pytorch() {
    for name in ["moving_average", "moving_average_of_squares", "div_sqrt"] {
        fixtures::check(name);
    }
}

/// A square that would be subnormal is 0, on numbers and on a graph, and so is no other.
#[test]
fn tiny_squares_are_flushed_alike_everywhere() {
    let numbers = [0.0, 1e-30, -8.8e-16, -8.9e-16, 1e-10, 3.0, f64::NAN, f64::INFINITY];
    let graph = Graph::dynamic();
    let single = numbers.map(|x| x as f32);
    let on_graph = graph
        .constant(Tensor::from_slice(&single, &[single.len()]).unwrap())
        .flushed_square();
    let expected: Vec<u64> = single.iter().map(|x| f64::from(x.flushed_square()).to_bits()).collect();
    assert_eq!(bits(&[on_graph.value().unwrap()]), expected);
    assert_eq!(
        single.map(|x| x.flushed_square() == 0.0),
        [true, true, true, false, false, false, false, false]
    );
}

/// Mistakes name the place where the rule was applied, not the rule.
#[test]
fn mistakes_name_the_caller() {
    let graph = Graph::new(Execution::Static);
    let vector = |name, n| graph.variable(name, DType::F32, Shape::new(&[n]).unwrap());
    let (theta, m, last, rate) = (vector("theta", 3), vector("m", 4), vector("last", 3), vector("rate", 1));
    HEAVY.apply([theta, m, last], [theta, rate]);
    let (file, line) = (file!(), line!() - 1);
    let error = graph.take_error().unwrap().to_string();
    assert!(error.contains(&format!("{file}:{line}")), "{error}");
}
