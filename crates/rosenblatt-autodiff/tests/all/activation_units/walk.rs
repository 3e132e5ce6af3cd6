//! All f32, or a sample of them, through every path that computes an activation.

use rosenblatt_autodiff::pointwise::Activation;
use rosenblatt_autodiff::{Engine, Graph, jit};
use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::{Isa, Tensor};
use rosenblatt_testkit::{same_bits, soak, ulp_error};

/// The function again, for many numbers.
pub type Truth = Box<dyn Fn(&[f32], &mut [f64])>;

/// What a walk found.
pub struct Walked {
    /// The largest error, in units in the last place.
    pub ulps: f64,
    /// Where it is.
    pub at: f32,
    /// Numbers that were compared with the truth.
    pub cases: usize,
    /// Numbers that had the same bits on another path.
    pub paths: usize,
}

/// A path to the values of an activation.
type Path = Box<dyn FnMut(&Tensor) -> Vec<f32>>;

/// Compares an activation with the truth, and its other paths with the first.
pub fn walk(activation: &Activation, truth: &Truth) -> Walked {
    let mut others = other_paths(activation);
    let mut first = alone(*activation, Isa::detect());
    let mut walked = Walked {
        ulps: 0.0,
        at: 0.0,
        cases: 0,
        paths: 0,
    };
    let mut exact = Vec::new();
    for (i, points) in batches().enumerate() {
        let x = Tensor::from_slice(&points, &[points.len()]).unwrap();
        let y = first(&x);
        exact.resize(points.len(), 0.0);
        truth(&points, &mut exact);
        walked.add(&points, &y, &exact);
        for (every, path) in &mut others {
            if i % *every == 0 {
                same_bits(&path(&x), &y);
                walked.paths += points.len();
            }
        }
    }
    walked
}

impl Walked {
    fn add(&mut self, points: &[f32], y: &[f32], exact: &[f64]) {
        self.cases += points.len();
        if f64::from_bits(Isa::detect().run(LargestError { y, exact })) <= self.ulps {
            return;
        }
        for ((&x, &y), &exact) in points.iter().zip(y).zip(exact) {
            let error = error(y, exact);
            if error > self.ulps {
                (self.ulps, self.at) = (error, x);
            }
        }
    }
}

/// The error of a result; one that overflows next to the largest number counts as the number after that one.
fn error(y: f32, exact: f64) -> f64 {
    let after_largest = 2_f64.powi(128);
    if y.is_infinite() && exact.abs() < after_largest {
        (after_largest - exact.abs()) / 2_f64.powi(104)
    } else {
        ulp_error(y, exact)
    }
}

/// The bits of the largest [`ulp_error`], or of something larger if a number is not finite: those of positive numbers are
/// ordered as the numbers, with NaN above all, and their maximum has vectors.
struct LargestError<'a> {
    y: &'a [f32],
    exact: &'a [f64],
}

impl Loop for LargestError<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let pairs = self.y.iter().zip(self.exact);
        let errors = pairs.map(|(&y, &exact)| {
            let field = (exact.abs().to_bits() >> 52).max(1023 - 126);
            let unit = f64::from_bits((field - 23) << 52);
            ((f64::from(y) - exact).abs() / unit).to_bits()
        });
        errors.fold(0, u64::max)
    }
}

/// Finite numbers: all bit patterns in order, or a sample of them and what is near places where formulas meet.
fn batches() -> impl Iterator<Item = Vec<f32>> {
    let step = if soak() { 1 } else { 8191 };
    let edges = [-3.0_f32, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -87.5, -104.0, -708.0, 88.7];
    let near = edges
        .iter()
        .flat_map(|x| (0..400).map(|i| f32::from_bits(x.to_bits().wrapping_add(i).wrapping_sub(200))));
    let all = (0..=u32::MAX).step_by(step * BATCH).map(move |from| {
        let batch = 0..(1 + (u32::MAX - from) as usize / step).min(BATCH);
        batch.map(|i| f32::from_bits(from + (i * step) as u32)).collect()
    });
    let mut batches = std::iter::once(near.collect()).chain(all);
    std::iter::from_fn(move || {
        let mut points: Vec<f32> = batches.next()?;
        points.retain(|x| x.is_finite());
        Some(points)
    })
}

/// Numbers that are computed at once: few enough for the cache.
const BATCH: usize = 1 << 14;

/// One op, whose result goes to memory.
fn alone(activation: Activation, isa: Isa) -> Path {
    Box::new(move |x| {
        let graph = Graph::dynamic_on(Engine::new(isa, 1).unwrap());
        let y = activation.apply(graph.constant(x.clone()));
        y.value().unwrap().to_vec().unwrap()
    })
}

/// A step of a chain, between two others.
fn fused(activation: Activation, isa: Isa) -> Path {
    let mut chain = jit(move |[x]| -activation.apply(-(-x))).on(Engine::new(isa, 1).unwrap());
    Box::new(move |x| {
        let y = chain.call([x]).unwrap().to_vec::<f32>().unwrap();
        y.into_iter().map(|y| -y).collect()
    })
}

/// The other paths, each with the batches it walks: every one of so many, as the portable loops take longer.
fn other_paths(activation: &Activation) -> Vec<(usize, Path)> {
    let [often, seldom] = if soak() { [17, 61] } else { [1, 1] };
    let mut paths = vec![(often, fused(*activation, Isa::detect()))];
    for isa in Isa::supported().filter(|&isa| isa != Isa::detect()) {
        paths.push((seldom, alone(*activation, isa)));
        paths.push((seldom, fused(*activation, isa)));
    }
    paths
}
