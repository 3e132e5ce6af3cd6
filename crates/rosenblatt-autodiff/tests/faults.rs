//! Every op with a broken vjp: the laws catch each of them.

mod common;

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::Arc;

use common::{Sample, laws, normal, samples};
use rosenblatt_autodiff::{Graph, Kind, Op, Type, Var, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Layout, Result};

/// What is wrong with the vjp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Zeroed,
    Doubled,
    SignFlipped,
    /// The cotangent of another operand.
    Swapped,
    /// The first number along a broadcast axis instead of the sum.
    BroadcastSumLeftOut,
}

const FAULTS: [Fault; 5] = [
    Fault::Zeroed,
    Fault::Doubled,
    Fault::SignFlipped,
    Fault::Swapped,
    Fault::BroadcastSumLeftOut,
];

/// An op whose vjp is wrong; all else is the op's.
struct Broken {
    op: Arc<dyn Op>,
    fault: Fault,
}

impl Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.fault, self.op)
    }
}

impl Op for Broken {
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        self.op.infer(x)
    }

    fn kind(&self) -> Kind {
        self.op.kind()
    }

    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        self.op.view(x)
    }

    fn vjp<'g>(&self, i: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        let dx = self.op.vjp(i, x, y, dy)?;
        Some(match self.fault {
            Fault::Zeroed => dx * 0.0,
            Fault::Doubled => dx * 2.0,
            Fault::SignFlipped => -dx,
            Fault::Swapped => {
                let others = (1..x.len()).map(|step| (i + step) % x.len());
                others
                    .filter_map(|other| self.op.vjp(other, x, y, dy))
                    .next()
                    .unwrap_or(dx)
            }
            // The op whose own vjp is that sum.
            Fault::BroadcastSumLeftOut if self.name() == "broadcast_to" => first_along(dy, x[i]),
            Fault::BroadcastSumLeftOut => first_along(dx, x[i]),
        })
    }

    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        self.op.jvp(x, y, dx)
    }
}

/// `dx` cut, instead of summed, to the shape of `x`.
fn first_along<'g>(dx: Var<'g>, x: Var<'g>) -> Var<'g> {
    let (from, to) = (dx.shape(), x.shape());
    if from.elements() == 0 {
        return dx; // nothing to choose the first of
    }
    let lead = from.rank() - to.rank();
    let stretched = (0..from.rank()).filter(|&axis| axis < lead || from[axis] != to[axis - lead]);
    stretched
        .fold(dx, |dx, axis| dx.slice(axis as isize, 0, 1.min(from[axis])))
        .reshape(&to)
}

/// The gradients of a sample; `None` if they cannot be computed.
fn gradients(sample: &Sample) -> Option<Vec<Vec<f64>>> {
    let graph = Graph::dynamic();
    let (leaves, y) = sample.on(&graph);
    let wrt: Vec<Var<'_>> = sample.differentiable().iter().map(|&i| leaves[i]).collect();
    let dy = graph.leaf(normal(&mut Rng::new(9).stream(), &y.shape()));
    reverse::vjp(y, dy, &wrt)
        .iter()
        .map(|g| g.value().ok().map(|g| g.to_f64()))
        .collect()
}

/// Whether gradients differ by more than rounding; a mistake differs from every gradient.
fn differ(a: Option<Vec<Vec<f64>>>, b: Option<&[Vec<f64>]>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return true };
    let far = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-9 * b.abs().max(1.0);
    a.iter()
        .zip(b)
        .any(|(a, b)| a.len() != b.len() || a.iter().zip(b).any(far))
}

#[test]
fn every_broken_derivative_is_caught() {
    // For each op and fault: samples where it changes a gradient, and those that the laws catch.
    let mut found: BTreeMap<(&str, Fault), (usize, usize)> = BTreeMap::new();
    for (i, sample) in samples(0).into_iter().enumerate() {
        if sample.differentiable().is_empty() {
            continue;
        }
        let right = gradients(&sample);
        for fault in FAULTS {
            println!("{fault:?}: {sample}");
            let op = Arc::new(Broken {
                op: sample.op.clone(),
                fault,
            });
            let broken = Sample { op, ..sample.clone() };
            let (changed, caught) = found.entry((sample.name, fault)).or_default();
            if differ(gradients(&broken), right.as_deref()) {
                let mut rng = Rng::new(0).purpose("faults").at(i as u64).stream();
                *changed += 1;
                *caught += usize::from(laws::vjp_is_the_transpose_of_jvp(&broken, &mut rng).is_err());
            }
        }
    }
    for ((name, fault), (changed, caught)) in &found {
        println!("{fault:?} {name}: changes {changed} samples, of which {caught} are caught");
        let sum_or_swap = matches!(fault, Fault::Swapped | Fault::BroadcastSumLeftOut);
        assert!(*changed > 0 || sum_or_swap, "{fault:?} {name} is no fault");
        assert_eq!(changed, caught, "{fault:?} {name} is not always caught");
    }
    let count = |wanted: Fault| {
        found
            .iter()
            .filter(|((_, fault), (changed, _))| *fault == wanted && *changed > 0)
            .count()
    };
    for fault in FAULTS {
        println!("cases: faults-{fault:?} {}", count(fault));
    }
    // Of two floating operands or more; the addends of a sum may be exchanged without harm.
    let swappable = [
        "concat", "div", "matmul", "maximum", "minimum", "mul", "pow", "select", "sub",
    ];
    let broadcasting = [
        "add",
        "broadcast_to",
        "div",
        "matmul",
        "maximum",
        "minimum",
        "mul",
        "pow",
        "select",
        "sub",
    ];
    for (names, fault) in [
        (&swappable[..], Fault::Swapped),
        (&broadcasting[..], Fault::BroadcastSumLeftOut),
    ] {
        let changed: Vec<&str> = found
            .iter()
            .filter(|((_, f), (n, _))| *f == fault && *n > 0)
            .map(|((name, _), _)| *name)
            .collect();
        assert_eq!(changed, names, "{fault:?}");
    }
}
