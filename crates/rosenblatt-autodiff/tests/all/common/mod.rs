//! Samples of every op, and the laws that hold for them.

pub mod arrays;
pub mod definitions;
pub mod dual;
pub mod fixtures;
pub mod laws;
pub mod wide;

use std::sync::Arc;

use rosenblatt_autodiff::ops::families;
use rosenblatt_autodiff::{Example, Graph, Lowering, Op, Var};
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{DType, Shape, Tensor};
use rosenblatt_testkit::seeded_cases;

/// Random examples of each op, all of them in a soak.
pub const SEEDS: u64 = 100;

/// An op on leaves of a graph; one leaf may be several operands.
#[derive(Clone)]
pub struct Sample {
    pub name: &'static str,
    pub op: Arc<dyn Op>,
    pub leaves: Vec<Tensor>,
    /// For each operand its leaf.
    pub wiring: Vec<usize>,
}

impl Sample {
    fn new(name: &'static str, example: Example) -> Self {
        let wiring = (0..example.inputs.len()).collect();
        Self {
            name,
            op: example.op,
            leaves: example.inputs,
            wiring,
        }
    }

    /// The leaves and the result on a graph.
    pub fn on<'g>(&self, graph: &'g Graph) -> (Vec<Var<'g>>, Var<'g>) {
        let leaves: Vec<Var<'g>> = self.leaves.iter().map(|leaf| graph.constant(leaf.clone())).collect();
        let operands: Vec<Var<'g>> = self.wiring.iter().map(|&leaf| leaves[leaf]).collect();
        (leaves, graph.apply_shared(self.op.clone(), &operands))
    }

    /// The result for other leaves.
    pub fn value(&self, leaves: &[Tensor]) -> Tensor {
        let graph = Graph::dynamic();
        let (_, y) = Self {
            leaves: leaves.to_vec(),
            ..self.clone()
        }
        .on(&graph);
        y.value().unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// Which leaves derivatives make sense for: f64, and the op has one.
    pub fn differentiable(&self) -> Vec<usize> {
        let graph = Graph::dynamic();
        let (leaves, y) = self.on(&graph);
        let operands: Vec<Var<'_>> = self.wiring.iter().map(|&leaf| leaves[leaf]).collect();
        let dy = graph.constant(Tensor::zeros(y.dtype(), y.shape()));
        let wired = |leaf: usize| (0..operands.len()).filter(move |&i| self.wiring[i] == leaf);
        let has_rule = |leaf: usize| wired(leaf).any(|i| self.op.vjp(i, &operands, y, dy).is_some());
        let all = 0..leaves.len();
        all.filter(|&i| leaves[i].dtype() == DType::F64 && y.dtype() == DType::F64 && has_rule(i))
            .collect()
    }
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shapes: Vec<_> = self.leaves.iter().map(|leaf| (leaf.dtype(), *leaf.shape())).collect();
        write!(f, "{:?} on {shapes:?}, operands {:?}", self.op, self.wiring)
    }
}

/// The samples of every op for one seed.
pub fn samples(seed: u64) -> Vec<Sample> {
    let mut all = Vec::new();
    for family in families() {
        let mut rng = Rng::new(seed).purpose(family.name).stream();
        for example in (family.examples)(&mut rng) {
            let sample = Sample::new(family.name, example);
            all.extend(elsewhere(&sample, &mut rng));
            all.extend(twice(&sample));
            all.push(sample);
        }
    }
    all
}

/// Runs a check on every sample; prints how many cases it held for.
pub fn each_sample(law: &str, check: impl Fn(&Sample, &mut Stream) -> laws::Verdict) {
    let mut cases = 0;
    for seed in seeded_cases(SEEDS) {
        for (i, sample) in samples(seed).iter().enumerate() {
            let mut rng = Rng::new(seed).purpose("law").at(i as u64).stream();
            match check(sample, &mut rng) {
                Ok(counts) => cases += usize::from(counts),
                Err(message) => panic!("{sample}: {message}"),
            }
        }
    }
    assert!(cases > 0, "the law held for nothing");
    println!("cases: {law} {cases}");
}

/// Element-wise ops at random shapes that broadcast, of rank up to 4, sometimes with other strides.
fn elsewhere(sample: &Sample, rng: &mut Stream) -> Option<Sample> {
    let elementwise = matches!(sample.op.lowering(), Lowering::Elementwise(_));
    if !elementwise || sample.leaves.iter().any(|leaf| leaf.elements() == 0) {
        return None;
    }
    let shape = Shape::new(&rng.sizes::<4>()[..rng.below(5) as usize]).unwrap();
    let leaves = sample.leaves.iter().map(|leaf| {
        let mut own = shape[rng.below(shape.rank() as u64 + 1) as usize..].to_vec();
        own.iter_mut()
            .for_each(|size| *size = if rng.below(4) == 0 { 1 } else { *size });
        let reversed = rng.below(3) == 0;
        if reversed {
            own.reverse();
        }
        let drawn = redraw(leaf, &own, rng);
        let axes: Vec<usize> = (0..own.len()).rev().collect();
        if reversed { drawn.permute(&axes).unwrap() } else { drawn }
    });
    Some(Sample {
        leaves: leaves.collect(),
        ..sample.clone()
    })
}

/// Ops of two floating operands with both the same; the values are in the domain of either.
fn twice(sample: &Sample) -> Option<Sample> {
    let [a, b] = &sample.leaves[..] else { return None };
    if a.dtype() != DType::F64 || b.dtype() != DType::F64 || a.shape() != b.shape() {
        return None;
    }
    let positive = a.to_f64().iter().map(|x| 0.3 + x.abs()).collect();
    let both = Tensor::from_vec::<f64>(positive, a.shape()).unwrap();
    Some(Sample {
        leaves: vec![both],
        wiring: vec![0, 0],
        ..sample.clone()
    })
}

/// Elements of `from`, drawn at random, in another shape.
pub fn redraw(from: &Tensor, shape: &[usize], rng: &mut Stream) -> Tensor {
    fn draw<T: rosenblatt_tensor::Element>(from: &Tensor, shape: &[usize], rng: &mut Stream) -> Tensor {
        let pool = from.to_vec::<T>().unwrap();
        let values = (0..shape.iter().product())
            .map(|_| pool[rng.below(pool.len() as u64) as usize])
            .collect();
        Tensor::from_vec::<T>(values, shape).unwrap()
    }
    match from.dtype() {
        DType::F32 => draw::<f32>(from, shape, rng),
        DType::F64 => draw::<f64>(from, shape, rng),
        DType::I64 => draw::<i64>(from, shape, rng),
        DType::U8 => draw::<u8>(from, shape, rng),
        _ => draw::<bool>(from, shape, rng),
    }
}

/// Normal numbers.
pub fn normal(rng: &mut Stream, shape: &[usize]) -> Tensor {
    let values = (0..shape.iter().product()).map(|_| rng.normal()).collect();
    Tensor::from_vec::<f64>(values, shape).unwrap()
}

/// The same numbers in f32, if they are f64.
pub fn narrow(x: &Tensor) -> Tensor {
    match x.dtype() {
        DType::F64 => Tensor::from_vec::<f32>(x.to_f64().iter().map(|&x| x as f32).collect(), x.shape()).unwrap(),
        _ => x.clone(),
    }
}

/// The same numbers in f64, if they are f32.
pub fn widen(x: &Tensor) -> Tensor {
    match x.dtype() {
        DType::F32 => Tensor::from_vec::<f64>(x.to_f64(), x.shape()).unwrap(),
        _ => x.clone(),
    }
}

/// The bits of every element, NaN all alike: of its sign and payload a CPU promises nothing.
pub fn bits(x: &Tensor) -> Vec<u64> {
    match x.dtype() {
        DType::I64 => x.to_vec::<i64>().unwrap().iter().map(|&x| x as u64).collect(),
        _ => x
            .to_f64()
            .iter()
            .map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() })
            .collect(),
    }
}
