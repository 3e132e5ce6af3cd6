//! The same computation for each step of a sequence, as one op: recurrence without a node for every step.
//!
//! `record.rs` turns a closure into the nodes of a step, which `body.rs` holds; `forward.rs` and `reverse.rs` make the
//! scan that is the derivative of a scan. A plan puts the nodes of all steps one after the other when it is compiled
//! (`plan/unroll.rs`), so that every rewrite sees them; a dynamic graph computes step by step (`run.rs`). The reverse
//! derivative is one scan in the opposite direction, and what steps add to the gradient of a weight is summed over time
//! in one product ([`crate::Op::sum_over_steps`]).

mod body;
mod forward;
mod record;
mod reverse;
mod run;
mod step;
mod total;

use std::fmt;
use std::sync::Arc;

use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{Error, Result, Shape};

use crate::elementwise::{arity, random};
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Execution, Graph, Origin, Var};

pub(crate) use body::{Body, BodyNode};

/// A recurrence: `(carryₜ₊₁, yₜ) = f(carryₜ, xₜ, constants)` for each step `t`.
///
/// Operands are the initial carry, the sequences `x` (their first axis is time), and what is the same in every step;
/// results are the last carry and the sequences `y`. Made by [`Graph::scan`].
#[derive(Clone)]
pub struct Scan {
    body: Arc<Body>,
    counts: Counts,
    /// Which nodes of the body are the next carry.
    carry: Vec<usize>,
    /// Which nodes of the body are outputs of each step.
    outputs: Vec<usize>,
    steps: usize,
    /// From the last step to the first.
    is_reverse: bool,
}

/// The registry entry.
pub(crate) const FAMILY: Family = Family {
    name: "scan",
    oracle: Oracle::Exhaustive,
    make,
    examples,
};

fn make(attributes: &Attributes, _: &[Type]) -> Result<Arc<dyn Op>> {
    let counts = attributes.sizes("counts")?;
    let &[carry, sequences, constants] = &counts[..] else {
        return Err(Error::config("`counts`: expected three numbers").within(FAMILY.name));
    };
    let scan = Scan {
        body: Arc::new(Body::from_json(attributes.text("body")?)?),
        counts: Counts {
            carry,
            sequences,
            constants,
        },
        carry: attributes.sizes("carry")?,
        outputs: attributes.sizes("outputs")?,
        steps: attributes.size("steps")?,
        is_reverse: attributes.bool("is_reverse")?,
    };
    let nodes = &scan.body.nodes;
    let is_leaf = |i: usize| matches!(nodes.get(i), Some(node) if matches!(node.origin, Origin::Step));
    let results = || scan.carry.iter().chain(&scan.outputs);
    if (0..scan.counts.all()).all(is_leaf) && results().count() > 0 && results().all(|&i| i < nodes.len()) {
        return Ok(Arc::new(scan));
    }
    Err(Error::config("the operands or results are not nodes of the body").within(FAMILY.name))
}

/// An op recorded from steps over the given carries and sequences.
fn examples(rng: &mut Stream) -> Vec<Example> {
    let mut examples = Vec::new();
    let cases: [(usize, &[usize], &[usize]); 4] =
        [(3, &[2, 3], &[2, 3]), (1, &[1], &[]), (4, &[], &[]), (0, &[2], &[2])];
    for (steps, carry, x) in cases {
        let range = (-1.0, 1.0);
        let inputs = [
            random(rng, carry, range),
            random(rng, &[&[steps], x].concat(), range),
            random(rng, carry, range),
        ];
        let graph = Graph::new(Execution::Static);
        let [h, xs, w] = inputs.each_ref().map(|x| graph.step_value(Type::of(x)));
        let ([last], _) = graph.scan([h], [xs], |[h], [x]| {
            let next = (h * w + x + x.sum_to(&[])).tanh();
            ([next], [next * h])
        });
        let op = graph.look(last.id(), |node| node.origin.op().cloned());
        examples.extend(op.ok().flatten().map(|op| Example {
            op,
            inputs: inputs.into(),
        }));
    }
    examples
}

/// How many operands of a step are its carry, parts of sequences, and the same in every step; in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    carry: usize,
    sequences: usize,
    constants: usize,
}

impl Counts {
    fn all(self) -> usize {
        self.carry + self.sequences + self.constants
    }
}

impl Scan {
    pub(crate) fn body(&self) -> &Arc<Body> {
        &self.body
    }

    /// How many operands are the carry, and how many are sequences; the others are the same in every step.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.counts.carry, self.counts.sequences)
    }

    /// Which nodes of the body are the next carry, and which are outputs.
    pub(crate) fn result_nodes(&self) -> (&[usize], &[usize]) {
        (&self.carry, &self.outputs)
    }

    pub(crate) fn is_reverse(&self) -> bool {
        self.is_reverse
    }

    /// The steps in the order they are computed.
    pub(crate) fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let (steps, is_reverse) = (self.steps, self.is_reverse);
        (0..steps).map(move |t| if is_reverse { steps - 1 - t } else { t })
    }

    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// The type of a value of every step with time as its first axis.
    fn sequence(&self, ty: Type) -> Result<Type> {
        Ok(Type::new(
            ty.dtype,
            Shape::new(&[&[self.steps], &ty.shape[..]].concat())?,
        ))
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.is_reverse {
            "last to first"
        } else {
            "first to last"
        };
        let nodes = self.body.nodes.len() - self.counts.all();
        write!(f, "Scan({} steps of {nodes} nodes, {direction})", self.steps)
    }
}

impl Op for Scan {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        let Counts {
            carry,
            sequences,
            constants,
        } = self.counts;
        Attributes::new()
            .with("body", self.body.text().as_str())
            .with("carry", &self.carry[..])
            .with("counts", &[carry, sequences, constants][..])
            .with("is_reverse", self.is_reverse)
            .with("outputs", &self.outputs[..])
            .with("steps", self.steps)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        Ok(self.infer_all(x)?[0])
    }

    fn results(&self) -> usize {
        self.carry.len() + self.outputs.len()
    }

    fn infer_all(&self, x: &[Type]) -> Result<Vec<Type>> {
        let types = || self.body.nodes.iter().map(|node| node.ty);
        if x.len() != self.counts.all() {
            return Err(arity(self.name(), self.counts.all(), x));
        }
        let is_sequence = |i: usize| (self.counts.carry..self.counts.carry + self.counts.sequences).contains(&i);
        for (i, want) in types().take(self.counts.all()).enumerate() {
            let want = if is_sequence(i) { self.sequence(want)? } else { want };
            if x[i] != want {
                let message = format!("operand {i}: expected {want:?}, got {:?}", x[i]);
                return Err(Error::shape(message).within(self.name()));
            }
        }
        let ty = |&node: &usize| self.body.nodes[node].ty;
        let outputs = self.outputs.iter().map(|node| self.sequence(ty(node)));
        self.carry.iter().map(|node| Ok(ty(node))).chain(outputs).collect()
    }

    fn lowering(&self) -> Lowering {
        Lowering::Scan(self.clone())
    }

    fn vjp_all<'g>(
        &self,
        wanted: &[bool],
        x: &[Var<'g>],
        _y: &[Var<'g>],
        dy: &[Option<Var<'g>>],
    ) -> Vec<Option<Var<'g>>> {
        reverse::reverse(self, wanted, x, dy)
    }

    fn jvp_all<'g>(&self, x: &[Var<'g>], _y: &[Var<'g>], dx: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        forward::forward(self, x, dx)
    }
}
