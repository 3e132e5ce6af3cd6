//! Every op with a broken vjp: the laws catch each of them.

use crate::common;

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::Arc;

use common::{Sample, laws, normal, samples};
use rosenblatt_autodiff::{Attributes, Graph, Lowering, Op, Type, Var, reverse};
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

    fn attributes(&self) -> Attributes {
        self.op.attributes().with("fault", format!("{:?}", self.fault).as_str())
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        self.op.infer(x)
    }

    fn results(&self) -> usize {
        self.op.results()
    }

    fn infer_all(&self, x: &[Type]) -> Result<Vec<Type>> {
        self.op.infer_all(x)
    }

    fn lowering(&self) -> Lowering {
        self.op.lowering()
    }

    fn view(&self, x: &Layout) -> Result<Option<Layout>> {
        self.op.view(x)
    }

    fn vjp_all<'g>(
        &self,
        wanted: &[bool],
        x: &[Var<'g>],
        y: &[Var<'g>],
        dy: &[Option<Var<'g>>],
    ) -> Vec<Option<Var<'g>>> {
        // A fault may exchange a cotangent for one that is not wanted.
        let all: Vec<bool> = x.iter().map(|x| x.dtype().is_float()).collect();
        let right = self.op.vjp_all(&all, x, y, dy);
        let broken = |(i, &wanted): (usize, &bool)| self.broken(i, x, &right, dy[0]).filter(|_| wanted);
        wanted.iter().enumerate().map(broken).collect()
    }

    fn jvp_all<'g>(&self, x: &[Var<'g>], y: &[Var<'g>], dx: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        self.op.jvp_all(x, y, dx)
    }
}

impl Broken {
    /// The cotangent of operand `i`, broken, from the right ones.
    fn broken<'g>(&self, i: usize, x: &[Var<'g>], right: &[Option<Var<'g>>], dy: Option<Var<'g>>) -> Option<Var<'g>> {
        let dx = right[i]?;
        Some(match self.fault {
            Fault::Zeroed => dx * 0.0,
            Fault::Doubled => dx * 2.0,
            Fault::SignFlipped => -dx,
            Fault::Swapped => {
                let others = (1..x.len()).map(|step| (i + step) % x.len());
                others.filter_map(|other| right[other]).next().unwrap_or(dx)
            }
            // The op whose own vjp is that sum.
            Fault::BroadcastSumLeftOut if self.name() == "broadcast_to" => first_along(dy?, x[i]),
            Fault::BroadcastSumLeftOut => first_along(dx, x[i]),
        })
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
    let dy = graph.constant(normal(&mut Rng::new(9).stream(), &y.shape()));
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

/// Whether a fault must show in some sample like this one.
fn must_show(fault: Fault, sample: &Sample) -> bool {
    match fault {
        _ if sample.name == "sign" => false, // its derivative is 0
        Fault::Zeroed | Fault::Doubled | Fault::SignFlipped => true,
        // The addends of a sum may be exchanged without harm.
        Fault::Swapped => sample.differentiable().len() > 1 && sample.name != "add",
        Fault::BroadcastSumLeftOut => {
            let shape = *sample.value(&sample.leaves).shape();
            let kept = if matches!(sample.op.lowering(), Lowering::Product) {
                2
            } else {
                0
            };
            let stretches = matches!(sample.op.lowering(), Lowering::Elementwise(_) | Lowering::Product)
                || sample.name == "broadcast_to";
            let outer = |shape: &[usize]| shape[..shape.len() - kept].to_vec();
            stretches
                && sample
                    .differentiable()
                    .iter()
                    .any(|&i| outer(sample.leaves[i].shape()) != outer(&shape))
        }
    }
}

/// What became of a fault of an op: samples where it must show and does, and those that the laws catch.
#[derive(Default)]
struct Count {
    expected: usize,
    changed: usize,
    caught: usize,
}

#[test]
fn every_broken_derivative_is_caught() {
    let mut found: BTreeMap<(&str, Fault), Count> = BTreeMap::new();
    for (i, sample) in (0..)
        .zip(samples(0))
        .filter(|(_, sample)| !sample.differentiable().is_empty())
    {
        let right = gradients(&sample);
        for fault in FAULTS {
            println!("{fault:?}: {sample}");
            let op = Arc::new(Broken {
                op: sample.op.clone(),
                fault,
            });
            let broken = Sample { op, ..sample.clone() };
            let count = found.entry((sample.name, fault)).or_default();
            count.expected += usize::from(must_show(fault, &sample));
            if differ(gradients(&broken), right.as_deref()) {
                let mut rng = Rng::new(0).purpose("faults").at(i).stream();
                count.changed += 1;
                count.caught += usize::from(laws::vjp_is_the_transpose_of_jvp(&broken, &mut rng).is_err());
            }
        }
    }
    for (
        (name, fault),
        Count {
            expected,
            changed,
            caught,
        },
    ) in &found
    {
        println!("{fault:?} {name}: changes {changed} samples, of which {caught} are caught");
        assert_eq!(*changed > 0, *expected > 0, "{fault:?} {name}");
        assert_eq!(changed, caught, "{fault:?} {name} is not always caught");
    }
    for fault in FAULTS {
        let ops = found
            .iter()
            .filter(|((_, of), count)| *of == fault && count.changed > 0)
            .count();
        println!("cases: faults-{fault:?} {ops}");
    }
}
