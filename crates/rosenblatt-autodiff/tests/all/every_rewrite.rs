//! The plan against the dynamic run: the same bits, whatever rewrites, threads and instruction sets are used.

use rosenblatt_autodiff::plan::choices::CHOICES;
use rosenblatt_autodiff::plan::rewrites::REWRITES;
use rosenblatt_autodiff::plan::{Options, Plan, RunStatus, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Real, Rule, Var, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Isa, Shape, Tensor};
use rosenblatt_testkit::rust_files;

/// A network to train for some steps: widths, rows of each batch.
struct Case {
    widths: Vec<usize>,
    batches: Vec<usize>,
    adam: bool,
    clip: bool,
}

/// `m ← 0.9 m + 0.1 g`, `v ← 0.999 v + 0.001 g²`, `θ ← θ − decay θ − rate · m / (√v + 10⁻⁸)`
#[derive(Clone, Debug)]
struct Adam {
    decay: f64,
}

impl Rule<3, 2> for Adam {
    const LABEL: &'static str = "adam";

    #[inline(always)]
    fn step<T: Real>(&self, [theta, m, v]: [T; 3], [g, rate]: [T; 2]) -> [T; 3] {
        let m = m.moving_average(0.9, g);
        let v = v.moving_average(0.999, g.flushed_square());
        let base = if self.decay == 0.0 {
            theta
        } else {
            theta - theta.full_like(self.decay) * theta
        };
        [base - rate * (m / (v.sqrt() + v.full_like(1e-8))), m, v]
    }
}

fn shape(sizes: &[usize]) -> Shape {
    Shape::new(sizes).unwrap()
}

fn random(seed: u64, sizes: &[usize], scale: f64) -> Tensor {
    let mut stream = Rng::new(seed).stream();
    let values = (0..sizes.iter().product())
        .map(|_| (scale * (2.0 * stream.next_f64() - 1.0)) as f32)
        .collect();
    Tensor::from_vec::<f32>(values, sizes).unwrap()
}

/// One parameter or state: its name and shape.
fn parameters(case: &Case) -> Vec<(String, Vec<usize>)> {
    let layers = case.widths.windows(2).enumerate();
    let plain: Vec<_> = layers
        .flat_map(|(i, w)| {
            [
                (format!("{i}.weight"), vec![w[1], w[0]]),
                (format!("{i}.bias"), vec![w[1]]),
            ]
        })
        .collect();
    if !case.adam {
        return plain;
    }
    let moments = plain
        .iter()
        .flat_map(|(name, s)| [(format!("{name}.m"), s.clone()), (format!("{name}.v"), s.clone())]);
    plain.clone().into_iter().chain(moments).collect()
}

/// The next value of each state and the loss, as nodes: the same code for both ways to run.
fn step<'g>(
    case: &Case,
    data: Var<'g>,
    rows: Var<'g>,
    labels: Var<'g>,
    rate: Var<'g>,
    states: &[Var<'g>],
) -> (Var<'g>, Vec<Var<'g>>) {
    let layers = case.widths.len() - 1;
    let mut h = data.take(rows).cast(DType::F32) * (1.0 / 255.0);
    for i in 0..layers {
        let z = h.matmul(states[2 * i].matrix_transpose()) + states[2 * i + 1];
        h = if i + 1 == layers { z } else { z.relu() };
    }
    let n = labels.shape()[0] as f64;
    let loss = h.softmax_cross_entropy(labels).sum(&[-1], false) / h.full_like(n);
    let mut gradients = reverse::gradients(loss, &states[..2 * layers]);
    if case.clip {
        let square = |g: &Var<'g>| (*g * *g).sum(&(0..g.shape().rank() as isize).collect::<Vec<_>>(), false);
        let norm = gradients.iter().map(square).reduce(|a, b| a + b).unwrap().sqrt();
        let factor = norm.full_like(1.0) / norm.maximum(norm.full_like(1.0));
        gradients.iter_mut().for_each(|g| *g = *g * factor);
    }
    let mut next = states[..2 * layers].to_vec();
    let mut moments = Vec::new();
    for (i, &g) in gradients.iter().enumerate() {
        let g = g.check_finite(format!("parameter {i}"));
        if case.adam {
            let (m, v) = (states[2 * layers + 2 * i], states[2 * layers + 2 * i + 1]);
            // Some weights decay.
            let rule = Adam {
                decay: if i % 3 == 2 { 0.01 } else { 0.0 },
            };
            let [theta, m, v] = rule.apply([states[i], m, v], [g, rate]);
            next[i] = theta;
            moments.extend([m, v]);
        } else {
            next[i] = states[i] - rate * g;
        }
    }
    next.extend(moments);
    (loss, next)
}

fn data(case: &Case) -> (Tensor, Vec<(Tensor, Tensor)>) {
    let rows = 300;
    let mut stream = Rng::new(5).stream();
    let pixels = (0..rows * case.widths[0]).map(|_| stream.below(256) as u8).collect();
    let x = Tensor::from_vec::<u8>(pixels, &[rows, case.widths[0]]).unwrap();
    let classes = *case.widths.last().unwrap() as u64;
    let batches = case.batches.iter().map(|&n| {
        let rows: Vec<i64> = (0..n).map(|_| stream.below(rows as u64) as i64).collect();
        let labels: Vec<i64> = rows.iter().map(|r| r % classes as i64).collect();
        (
            Tensor::from_vec(rows, &[n]).unwrap(),
            Tensor::from_vec(labels, &[n]).unwrap(),
        )
    });
    let batches = batches.collect();
    (x, batches)
}

fn start(case: &Case) -> Vec<Tensor> {
    let of = |(i, (name, shape)): (usize, &(String, Vec<usize>))| {
        random(
            i as u64,
            shape,
            if name.ends_with('m') || name.ends_with('v') {
                0.0
            } else {
                0.1
            },
        )
    };
    parameters(case).iter().enumerate().map(of).collect()
}

fn bits(tensors: &[Tensor], losses: &[f64]) -> Vec<u64> {
    let values = tensors.iter().flat_map(Tensor::to_f64).chain(losses.iter().copied());
    values.map(f64::to_bits).collect()
}

fn run_dynamic(case: &Case, threads: usize) -> Vec<u64> {
    let (x, batches) = data(case);
    let mut states = start(case);
    let mut losses = Vec::new();
    let mut engine = Engine::new(Isa::detect(), threads).unwrap();
    for (rows, labels) in batches {
        let graph = Graph::dynamic_on(engine);
        let leaves: Vec<Var<'_>> = states.iter().map(|s| graph.constant(s.clone())).collect();
        let rate = graph.constant(Tensor::scalar(0.1f32));
        let (loss, next) = step(
            case,
            graph.constant(x.clone()),
            graph.constant(rows),
            graph.constant(labels),
            rate,
            &leaves,
        );
        losses.push(loss.value().unwrap().item().unwrap());
        states = next.iter().map(|v| v.value().unwrap().contiguous()).collect();
        engine = graph.into_engine().unwrap();
    }
    bits(&states, &losses)
}

fn run_static(case: &Case, threads: usize, isa: Isa, options: &Options, show: bool) -> Vec<u64> {
    let (x, batches) = data(case);
    let mut store = Variables::new(Engine::new(isa, threads).unwrap());
    let names = parameters(case);
    let mut plans: Vec<(usize, Plan)> = Vec::new();
    for &n in &case.batches {
        if plans.iter().any(|(rows, _)| *rows == n) {
            continue;
        }
        let graph = Graph::new(Execution::Static);
        let all = graph.input("data", DType::U8, *x.shape());
        let rows = graph.input("rows", DType::I64, shape(&[n]));
        let labels = graph.input("labels", DType::I64, shape(&[n]));
        let rate = graph.input("rate", DType::F32, Shape::SCALAR);
        let states: Vec<Var<'_>> = names
            .iter()
            .map(|(name, s)| graph.variable(name, DType::F32, shape(s)))
            .collect();
        let (loss, next) = step(case, all, rows, labels, rate, &states);
        let request = Signature {
            inputs: vec![all, rows, labels, rate],
            outputs: vec![loss],
            updates: states.iter().copied().zip(next).collect(),
            check: Some(loss),
        };
        let plan = Plan::compile(&request, &mut store, options).unwrap();
        if show {
            println!(
                "batch {n}: {} barriers, {} bytes of workspace, {} threads",
                plan.barriers(),
                plan.arena_bytes(),
                plan.threads()
            );
            plan.tasks()
                .for_each(|(label, barrier)| println!("  {} {label}", if barrier { "|" } else { " " }));
        }
        plans.push((n, plan));
    }
    for ((name, _), value) in names.iter().zip(start(case)) {
        store.write(name, &value).unwrap();
    }
    let rate = Tensor::scalar(0.1f32);
    let mut losses = Vec::new();
    for (rows, labels) in &batches {
        let plan = &plans.iter().find(|(n, _)| *n == rows.elements()).unwrap().1;
        assert_eq!(
            plan.run(&mut store, &[&x, rows, labels, &rate]).unwrap(),
            RunStatus::Done
        );
        losses.push(plan.number(&store, 0).unwrap());
    }
    let states: Vec<Tensor> = names.iter().map(|(name, _)| store.read(name).unwrap()).collect();
    bits(&states, &losses)
}

fn cases() -> Vec<Case> {
    vec![
        Case {
            widths: vec![20, 64, 3],
            batches: vec![32, 32, 7, 1],
            adam: false,
            clip: false,
        },
        Case {
            widths: vec![784, 256, 10],
            batches: vec![256, 96, 256],
            adam: false,
            clip: false,
        },
        Case {
            widths: vec![30, 64, 64, 2],
            batches: vec![32, 32, 25],
            adam: true,
            clip: false,
        },
        Case {
            widths: vec![300, 160, 128, 10],
            batches: vec![128, 17],
            adam: true,
            clip: true,
        },
        Case {
            widths: vec![33, 2],
            batches: vec![300, 5],
            adam: true,
            clip: false,
        },
    ]
}

#[test]
fn plan_and_dynamic_run_give_the_same_bits_on_any_number_of_threads() {
    let mut count = 0;
    for case in cases() {
        let want = run_dynamic(&case, 1);
        assert!(want.iter().all(|&b| f64::from_bits(b).is_finite()));
        for threads in 1..=4 {
            assert_eq!(run_dynamic(&case, threads), want, "dynamic {:?} {threads}", case.widths);
            let got = run_static(&case, threads, Isa::detect(), &Options::default(), threads == 2);
            assert!(got == want, "static {:?} on {threads} threads", case.widths);
            count += 2;
        }
    }
    println!("cases: threads {count}");
}

/// All that can be switched off.
pub fn names() -> impl Iterator<Item = &'static str> {
    let rewrites = REWRITES.iter().map(|rewrite| rewrite.name);
    rewrites.chain(CHOICES.iter().map(|choice| choice.name))
}

#[test]
fn every_rewrite_switched_off_alone_leaves_the_bits() {
    let rewrites: Vec<&str> = REWRITES.iter().map(|rewrite| rewrite.name).collect();
    for file in rust_files("src/plan/rewrites") {
        assert!(
            rewrites.contains(&file.as_str()),
            "src/plan/rewrites/{file}.rs is not in REWRITES"
        );
    }
    let mut count = 0;
    for case in cases() {
        let want = run_static(&case, 2, Isa::detect(), &Options::default(), false);
        for name in names() {
            println!("without {name} {:?}", case.widths); // names the culprit when a run panics
            let options = Options {
                without: vec![name.to_string()],
            };
            let got = run_static(&case, 2, Isa::detect(), &options, false);
            assert!(got == want, "without {name} {:?}", case.widths);
            count += 1;
        }
    }
    println!("cases: rewrites {count}");
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for case in cases() {
        let want = run_static(&case, 1, Isa::Portable, &Options::default(), false);
        for isa in Isa::supported() {
            assert!(
                run_static(&case, 1, isa, &Options::default(), false) == want,
                "{isa} {:?}",
                case.widths
            );
        }
    }
}

/// A checked value is the operand itself: a result before it may not be stored where the operand is.
#[test]
fn a_checked_value_is_not_overwritten() {
    let x = Tensor::from_vec(vec![1.0, 3.0, 2.0, 4.0], &[2, 2]).unwrap();
    let graph = Graph::new(Execution::Static);
    let input = graph.input("x", x.dtype(), *x.shape());
    let (sorted, _) = input.sort(1, true);
    let double = sorted * 2.0;
    let checked = sorted.check_finite("once").check_finite("twice");
    let outputs = vec![double, checked, double + checked];
    let signature = Signature {
        inputs: vec![input],
        outputs,
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    plan.run(&mut variables, &[&x]).unwrap();
    let [double, checked] = [0, 1].map(|i| plan.output(&variables, i).unwrap().to_f64());
    assert_eq!(double, [6.0, 2.0, 8.0, 4.0]);
    assert_eq!(checked, [3.0, 1.0, 4.0, 2.0]);
}
