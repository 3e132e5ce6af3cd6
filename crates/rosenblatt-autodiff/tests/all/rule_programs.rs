//! Random programs with rules: the same bits with and without loops, compiled and dynamic.

use rosenblatt_autodiff::plan::{Options, Plan, RunStatus, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Rule, Var};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::seeded_cases;

use crate::rules::{HEAVY, bits, start};

/// A random program over four variables of one shape: ops, rules with any inputs, and next values that are results of rules
/// or anything else.
fn random_program<'g>(seed: u64, variables: [Var<'g>; 4], rate: Var<'g>) -> (Vec<Var<'g>>, Vec<Var<'g>>) {
    let mut stream = Rng::new(seed).stream();
    let mut below = |n: usize| stream.below(n as u64) as usize;
    let (graph, dtype) = (rate.graph(), rate.dtype());
    let square = start(dtype, &[COLS, COLS])[0].clone();
    let square = || graph.constant(square.clone());
    let (mut pool, mut next) = (variables.to_vec(), variables.to_vec());
    for _ in 0..4 + below(10) {
        let [a, b] = [0, 1].map(|_| pool[below(pool.len())]);
        match below(10) {
            0 => pool.push(a.sin()),
            1 => pool.push((a * b).tanh()),
            2 => pool.push(a - b),
            3 => pool.push(a.check_finite("somewhere")),
            4 => pool.push(a * b.mean_all()),
            5 => pool.push(a.matmul(square()).tanh()),
            6 => pool.push(square().matmul(a.matrix_transpose()).matrix_transpose().tanh()),
            7 => {
                let at = below(4);
                next[at] = variables[at].moving_average(0.9, a);
                pool.push(next[at]);
            }
            _ => {
                let first = below(4);
                let places = [0, 1, 2].map(|i| (first + i) % 4);
                let g = if below(4) == 0 { a.mean(&[0], true) } else { a };
                let by = [rate, rate * 0.5, b.mean_all(), b][below(4)];
                let results = HEAVY.apply(places.map(|at| variables[at]), [g, by]);
                places.iter().zip(results).for_each(|(&at, result)| next[at] = result);
                pool.extend(results);
            }
        }
    }
    if below(3) == 0 {
        next[below(4)] = pool[below(pool.len())];
    }
    let outputs = (0..below(3))
        .map(|_| pool[below(pool.len())])
        .chain([rate * 2.0])
        .collect();
    (outputs, next)
}

const ROWS: usize = 5;
const COLS: usize = 37;

#[test]
fn random_programs_with_rules_have_the_same_bits_with_and_without_loops() {
    let (names, sizes) = (["a", "b", "c", "d"], [ROWS, COLS]);
    let mut loops = 0;
    for seed in seeded_cases(2000) {
        let dtype = [DType::F32, DType::F64][seed as usize % 2];
        let begin = [start(dtype, &sizes), start(dtype, &sizes)].concat();
        let rate = Tensor::scalar_of(dtype, 0.1);
        let graph = Graph::dynamic();
        let variables = [0, 1, 2, 3].map(|i| graph.constant(begin[i].clone()));
        let (outputs, next) = random_program(seed, variables, graph.constant(rate.clone()));
        let want: Vec<Tensor> = outputs.iter().chain(&next).map(|x| x.value().unwrap()).collect();
        for off in [
            None,
            Some("one_loop_update"),
            Some("dead_code"),
            Some("common_subexpressions"),
        ] {
            let graph = Graph::new(Execution::Static);
            let variables = names.map(|name| graph.variable(name, dtype, Shape::new(&sizes).unwrap()));
            let input = graph.input("rate", dtype, Shape::SCALAR);
            let (outputs, next) = random_program(seed, variables, input);
            let signature = Signature {
                inputs: vec![input],
                outputs,
                updates: variables.into_iter().zip(next).collect(),
                check: None,
            };
            let mut store = Variables::new(Engine::single());
            let options = Options {
                without: off.into_iter().map(str::to_owned).collect(),
            };
            let plan = Plan::compile(&signature, &mut store, &options).unwrap();
            names
                .iter()
                .zip(&begin)
                .for_each(|(name, value)| store.write(name, value).unwrap());
            assert_eq!(plan.run(&mut store, &[&rate]).unwrap(), RunStatus::Done);
            let outputs = (0..signature.outputs.len()).map(|i| plan.output(&store, i).unwrap());
            let got: Vec<Tensor> = outputs.chain(names.map(|name| store.read(name).unwrap())).collect();
            assert!(bits(&got) == bits(&want), "seed {seed}, {dtype}, without {off:?}");
            match off {
                None => loops += plan.loops().sum::<usize>() as isize,
                Some("one_loop_update") => loops -= plan.loops().sum::<usize>() as isize,
                Some(_) => {}
            }
        }
    }
    println!("loops saved: {}", -loops);
    assert!(loops < 0);
}
