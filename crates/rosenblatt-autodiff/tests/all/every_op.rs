//! Laws that hold for every primitive. A new op is tested as soon as `families` lists it.

use crate::common;

use common::definitions::definition;
use common::dual::Dual;
use common::wide::wide_samples;
use common::{Sample, bits, each_sample, fixtures, laws, narrow, samples};
use rosenblatt_autodiff::ops::*;
use rosenblatt_autodiff::{
    Elementwise, Elementwise2, Engine, Graph, Lowering, Oracle, Type, for_each_activation, pointwise,
};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Element, ErrorKind, Isa, Layout, Shape, Tensor};
use rosenblatt_testkit::{assert_close, rust_files, seeded_cases};

#[test]
fn every_file_is_registered() {
    let names: Vec<&str> = OPS.iter().map(|family| family.name).collect();
    for file in rust_files("src/ops") {
        assert!(names.contains(&file.as_str()), "src/ops/{file}.rs is not in OPS");
    }
    assert_eq!(names.len(), rust_files("src/ops").len(), "OPS lists what has no file");
    assert!(names.is_sorted(), "keep OPS in alphabetical order");
    for (seed, family) in families().enumerate() {
        let examples = (family.examples)(&mut Rng::new(seed as u64).stream());
        assert!(!examples.is_empty(), "{} has no examples", family.name);
        assert!(examples.iter().all(|example| example.op.name() == family.name));
    }
}

#[test]
fn types_are_as_inferred_and_samples_compute() {
    each_sample("inference", |sample, _| {
        let types: Vec<Type> = sample
            .wiring
            .iter()
            .map(|&leaf| Type::of(&sample.leaves[leaf]))
            .collect();
        let y = sample.value(&sample.leaves);
        let inferred = sample.op.infer(&types).map_err(|error| error.to_string())?;
        if inferred == Type::of(&y) {
            Ok(true)
        } else {
            Err(format!("{inferred:?} inferred, {y:?} computed"))
        }
    });
}

#[test]
fn vjp_is_the_transpose_of_jvp() {
    each_sample("vjp-jvp", laws::vjp_is_the_transpose_of_jvp);
}

/// Except where the derivative is 0 by definition.
#[test]
fn jvp_is_a_central_difference() {
    each_sample("central-difference", laws::jvp_is_a_central_difference);
}

#[test]
fn second_order_agrees() {
    each_sample("second-order", laws::second_order_agrees);
}

#[test]
fn f32_is_close_to_f64() {
    each_sample("f32", laws::f32_is_close_to_f64);
}

/// Strides change nothing: the same bits as from copies without gaps, also where memory runs backwards.
#[test]
fn strides_do_not_show() {
    each_sample("strides", |sample, _| {
        let strided = sample.leaves.iter().any(|leaf| !leaf.layout().is_contiguous());
        let copies: Vec<Tensor> = sample.leaves.iter().map(Tensor::contiguous).collect();
        let backwards: Vec<Tensor> = sample.leaves.iter().map(backwards).collect();
        let expected = bits(&sample.value(&copies));
        for leaves in [&sample.leaves, &backwards] {
            if bits(&sample.value(leaves)) != expected {
                return Err("other bits from a strided operand".into());
            }
        }
        Ok(strided)
    });
}

/// The same elements, the last one first in memory.
fn backwards(x: &Tensor) -> Tensor {
    fn of<T: Element>(x: &Tensor) -> Tensor {
        let mut values = x.to_vec::<T>().unwrap();
        values.reverse();
        let strides: Vec<isize> = Layout::contiguous(*x.shape())
            .strides()
            .iter()
            .map(|stride| -stride)
            .collect();
        let layout = Layout::strided(*x.shape(), &strides, values.len().saturating_sub(1)).unwrap();
        Tensor::new(values, x.shape()).unwrap().with_layout(layout).unwrap()
    }
    match x.dtype() {
        DType::F32 => of::<f32>(x),
        DType::F64 => of::<f64>(x),
        DType::I64 => of::<i64>(x),
        DType::U8 => of::<u8>(x),
        _ => of::<bool>(x),
    }
}

/// The derivative of `f` carried along by dual numbers, at fixed points and random ones.
fn check_unary<E: Elementwise>(names: &mut Vec<&'static str>, points: &[f64]) -> usize {
    names.push(E::NAME);
    let mut cases = 0;
    for (rule, &point) in E::instances()
        .iter()
        .flat_map(|rule| points.iter().map(move |x| (rule, x)))
    {
        let (low, high) = E::DOMAIN;
        for x in [point, low + (high - low) * (point / 60.0 + 0.5)] {
            let (y, dual) = (rule.f(x), rule.f(Dual::variable(x)));
            if y.is_finite() && dual.derivative.is_finite() {
                println!("{rule:?} at {x}");
                assert_close(rule.df(x, y), dual.derivative, 1e-14);
                assert_close(rule.pull(x, y, -0.75), -0.75 * dual.derivative, 1e-14);
                cases += 1;
            }
        }
    }
    cases
}

/// As [`check_unary`], for each operand in turn.
fn check_binary<E: Elementwise2>(names: &mut Vec<&'static str>, points: &[f64]) -> usize {
    names.push(E::NAME);
    let mut cases = 0;
    let place = |(low, high): (f64, f64), point: f64| low + (high - low) * (point / 60.0 + 0.5);
    for rule in E::instances() {
        for (&p, &q) in points
            .iter()
            .flat_map(|p| points.iter().map(move |q| (p, q)))
            .filter(|(p, q)| p != q)
        {
            let (a, b) = (place(E::DOMAIN[0], p), place(E::DOMAIN[1], q));
            let y = rule.f(a, b);
            println!("{rule:?} at {a}, {b}");
            assert_close(
                rule.da(a, b, y, 1.0),
                rule.f(Dual::variable(a), Dual::constant(b)).derivative,
                1e-14,
            );
            assert_close(
                rule.db(a, b, y, 1.0),
                rule.f(Dual::constant(a), Dual::variable(b)).derivative,
                1e-14,
            );
            cases += 2;
        }
    }
    cases
}

#[test]
fn derivatives_are_those_of_dual_numbers() {
    let mut names = Vec::new();
    let mut points = vec![-30.0, -3.0, -0.5, 0.3, 2.0, 30.0];
    for seed in seeded_cases(common::SEEDS) {
        points.push(Rng::new(seed).purpose("dual").stream().next_f64() * 60.0 - 30.0);
    }
    macro_rules! check {
        ($($unary:ident)*; $($binary:ident)*) => {
            0 $(+ check_unary::<$unary>(&mut names, &points))* $(+ check_binary::<$binary>(&mut names, &points))*
        };
    }
    let cases = check!(
        Abs Clamp Cos Erf Erfc Exp Flush Ln Ln1p Neg Sin Sqrt;
        Add Div Maximum Minimum Mul Pow Sub
    );
    macro_rules! check_activations {
        ($($constant:ident = $type:ident, $name:ident;)*) => {
            0 $(+ check_unary::<pointwise::$type>(&mut names, &points))*
        };
    }
    println!("cases: dual {}", cases + for_each_activation!(check_activations));
    // No rule for one number: nothing to differentiate, or nothing but a copy.
    let others = [
        "cast",
        "eq",
        "ge",
        "gt",
        "le",
        "lt",
        "ne",
        "select",
        "check_finite",
        "floor_div",
        "remainder",
        "derivative",
    ];
    for sample in samples(0)
        .iter()
        .filter(|sample| matches!(sample.op.lowering(), Lowering::Elementwise(_)))
    {
        assert!(
            names.contains(&sample.name) || others.contains(&sample.name),
            "{} is not checked",
            sample.name
        );
    }
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    let known = fixtures::names();
    for family in families().filter(|family| family.oracle == Oracle::PyTorch) {
        assert!(
            known.iter().any(|name| name == family.name),
            "fixtures/ops.json has nothing for {}",
            family.name
        );
    }
    // Methods made of ops that take more than one operand or setting.
    let composed = ["segment_sum", "sort", "topk"];
    let ops = known
        .iter()
        .filter(|name| families().any(|family| family.name == *name) || composed.contains(&name.as_str()));
    println!(
        "cases: pytorch {}",
        ops.map(|name| fixtures::check(name)).sum::<usize>()
    );
}

#[test]
fn ops_without_a_fixture_are_as_defined() {
    for family in families() {
        let defined = definition(family.name).is_some();
        assert_eq!(
            family.oracle == Oracle::Exhaustive,
            defined,
            "{} needs a definition or a fixture",
            family.name
        );
    }
    each_sample("definition", |sample, _| {
        let Some(definition) = definition(sample.name) else {
            return Ok(false);
        };
        definition(sample, &sample.value(&sample.leaves));
        Ok(true)
    });
}

/// The bits of a sample's result on some threads with some instruction set.
fn bits_on(sample: &Sample, isa: Isa, threads: usize) -> Vec<u64> {
    let graph = Graph::dynamic_on(Engine::new(isa, threads).unwrap());
    let (_, y) = sample.on(&graph);
    bits(&y.value().unwrap_or_else(|error| panic!("{sample}: {error}")))
}

fn each_wide_sample(law: &str, check: impl Fn(&Sample) -> usize) {
    let wide = wide_samples();
    for family in families() {
        let computes = samples(0)
            .iter()
            .any(|s| s.name == family.name && !matches!(s.op.lowering(), Lowering::View | Lowering::Scan(_)));
        let covered = wide.iter().any(|sample| sample.name == family.name);
        assert_eq!(covered, computes, "{} needs a large sample", family.name);
    }
    let mut cases = 0;
    for sample in wide {
        println!("{sample}");
        cases += check(&sample);
        let single = Sample {
            leaves: sample.leaves.iter().map(narrow).collect(),
            ..sample
        };
        cases += check(&single);
    }
    println!("cases: {law} {cases}");
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    each_wide_sample("threads", |sample| {
        let expected = bits_on(sample, Isa::detect(), 1);
        for threads in [2, 3] {
            assert!(
                bits_on(sample, Isa::detect(), threads) == expected,
                "{sample} on {threads} threads"
            );
        }
        2
    });
}

#[test]
fn any_instruction_set_gives_the_same_bits() {
    each_wide_sample("instruction-set", |sample| {
        let expected = bits_on(sample, Isa::Portable, 1);
        let others = || Isa::supported().filter(|&isa| isa != Isa::Portable);
        for isa in others() {
            assert!(bits_on(sample, isa, 1) == expected, "{sample} with {isa}");
        }
        others().count()
    });
}

/// Whichever kernel computes a sum that keeps the last axis, the bits are the same.
#[test]
fn sums_have_the_same_bits_by_either_kernel() {
    for seed in seeded_cases(common::SEEDS) {
        let mut rng = Rng::new(seed).purpose("sums").stream();
        let [k, n] = [rng.below(700) as usize, rng.below(90) as usize];
        let x = common::normal(&mut rng, &[k, n]);
        for x in [narrow(&x), x] {
            let graph = Graph::dynamic();
            let x = graph.constant(x);
            let columns = x.sum(&[0], false);
            let kernel = x.reshape(&[k, 1, n, 1]).sum(&[0, 1], false).reshape(&[n]);
            let pieces = x.reshape(&[k, n, 1]).sum(&[0], false).reshape(&[n]);
            let expected = bits(&columns.value().unwrap());
            assert_eq!(bits(&kernel.value().unwrap()), expected);
            assert_eq!(bits(&pieces.value().unwrap()), expected);
        }
    }
}

/// As the product with the one-hot matrix, bit for bit.
#[test]
fn scatter_add_is_a_product() {
    for seed in seeded_cases(common::SEEDS) {
        let mut rng = Rng::new(seed).purpose("scatter").stream();
        let [m, rows, n] = [
            rng.below(600) as usize,
            1 + rng.below(8) as usize,
            rng.below(100) as usize,
        ];
        let index: Vec<i64> = (0..m).map(|_| rng.below(rows as u64) as i64).collect();
        let graph = Graph::dynamic();
        let index = graph.constant(Tensor::from_vec(index, &[m]).unwrap());
        let x = graph.constant(common::normal(&mut rng, &[m, n]));
        let product = index.one_hot(rows, DType::F64).matrix_transpose().matmul(x);
        assert_eq!(
            bits(&x.scatter_add(index, rows).value().unwrap()),
            bits(&product.value().unwrap())
        );
    }
}

/// No operands, one too many, one of a wrong type: an error that names the op, never a panic.
#[test]
fn wrong_operands_are_errors() {
    let odd = |dtype| Type::new(dtype, Shape::new(&[7, 11, 13]).unwrap());
    let mut cases = 0;
    for sample in samples(0) {
        let good: Vec<Type> = sample
            .wiring
            .iter()
            .map(|&leaf| Type::of(&sample.leaves[leaf]))
            .collect();
        let mut wrong = vec![vec![], [&good[..], &[odd(DType::U8)]].concat()];
        for i in 0..good.len() {
            let of_any_type = [
                "cast",
                "stop_gradient",
                "transpose",
                "reshape",
                "slice",
                "sort",
                "broadcast_to",
            ];
            if !(of_any_type.contains(&sample.name) || sample.name == "concat" && good.len() == 1) {
                let mut types = good.clone();
                let any_rows = matches!(sample.name, "take" | "take_along_axis") && i == 0;
                let other = if good[i].dtype == DType::U8 {
                    DType::I64
                } else {
                    DType::U8
                };
                types[i] = if any_rows {
                    Type::new(DType::I64, Shape::SCALAR)
                } else {
                    odd(other)
                };
                wrong.push(types);
            }
        }
        for types in wrong {
            let error = sample
                .op
                .infer(&types)
                .expect_err(&format!("{sample} accepts {types:?}"));
            assert_eq!(error.kind(), ErrorKind::Shape, "{sample} of {types:?}: {error}");
            assert!(error.to_string().contains(sample.name), "{error}");
            cases += 1;
        }
    }
    println!("cases: wrong-operands {cases}");
}
