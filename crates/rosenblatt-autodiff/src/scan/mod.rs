//! The same computation for each step of a sequence, as one op: recurrence without a node for every step.
//!
//! `body.rs` holds the nodes of a step; `derivative.rs` makes the scan that is the derivative of a scan. A plan puts the
//! nodes of all steps side by side when it is compiled (`plan/unroll.rs`), so that every rewrite sees them; a dynamic
//! graph computes step by step. A derivative of many steps is one scan in the opposite direction, and what a step adds to
//! the gradient of a weight is summed over time in one product ([`crate::Op::sum_over_steps`]).

mod body;
mod derivative;
mod run;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use rosenblatt_tensor::{Error, Result, Shape};

use crate::op::{Lowering, Op, Type};
use crate::{Attributes, Graph, Origin, Var};

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
    /// Which nodes of the body are put out in each step.
    outputs: Vec<usize>,
    steps: usize,
    /// From the last step to the first.
    is_reverse: bool,
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

    /// Which nodes of the body are the next carry, and which are put out.
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
        "scan"
    }

    fn attributes(&self) -> Attributes {
        let Counts {
            carry,
            sequences,
            constants,
        } = self.counts;
        Attributes::new()
            .with("body", self.body.to_string().as_str())
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
        let is_sequence = |i: usize| (self.counts.carry..self.counts.carry + self.counts.sequences).contains(&i);
        for (i, want) in types().take(self.counts.all()).enumerate() {
            let want = if is_sequence(i) { self.sequence(want)? } else { want };
            match x.get(i) {
                Some(got) if *got == want => {}
                got => {
                    let message = format!("operand {i}: expected {want:?}, got {got:?}");
                    return Err(Error::shape(message).within(self.name()));
                }
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
        derivative::reverse(self, wanted, x, dy)
    }

    fn jvp_all<'g>(&self, x: &[Var<'g>], _y: &[Var<'g>], dx: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        derivative::forward(self, x, dx)
    }
}

impl Graph {
    /// Runs `step` for each step of the sequences `xs`: `(carry, y) = step(carry, x)`.
    ///
    /// Returns the last carry, and what every step put out, with time as its first axis. `step` is called once, to record
    /// what a step computes; it may use any other value of the graph, and its values have no numbers to look at. A scan of
    /// no steps returns the initial carry.
    ///
    /// # Shapes
    /// - `carry`: any; `step` returns the same shapes and types
    /// - `xs`: `[steps, …]`, at least one; `step` gets them without the first axis
    /// - returns the carry, and `[steps, …]` for each value put out
    ///
    /// # Errors
    /// The results are dead if the sequences differ in length, or `step` returns a carry of another type.
    ///
    /// # Numerics
    /// A derivative by what all steps share is summed over time in one sum where the op allows it (products: the sum rule
    /// with time and batch as one axis), else step by step from the last to the first.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::Graph;
    ///
    /// // A running sum that decays by half in each step.
    /// let graph = Graph::dynamic();
    /// let (start, xs) = (graph.constant(0.0.into()), graph.constant([1.0, 2.0, 4.0].into()));
    /// let ([last], [sums]) = graph.scan([start], [xs], |[sum], [x]| {
    ///     let sum = sum * 0.5 + x;
    ///     ([sum], [sum])
    /// });
    /// assert_eq!(last.value()?.item()?, 5.25);
    /// assert_eq!(sums.value()?.to_f64(), [1.0, 2.5, 5.25]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[track_caller]
    pub fn scan<'g, const C: usize, const X: usize, const Y: usize>(
        &'g self,
        carry: [Var<'g>; C],
        xs: [Var<'g>; X],
        step: impl FnOnce([Var<'g>; C], [Var<'g>; X]) -> ([Var<'g>; C], [Var<'g>; Y]),
    ) -> ([Var<'g>; C], [Var<'g>; Y]) {
        let (last, ys) = self.scan_all(&carry, &xs, |carry, x| {
            let (carry, y) = step(array(carry), array(x));
            (carry.to_vec(), y.to_vec())
        });
        (array(&last), array(&ys))
    }

    /// As [`Graph::scan`], for numbers of values that are known when the program runs.
    #[track_caller]
    pub fn scan_all<'g>(
        &'g self,
        carry: &[Var<'g>],
        xs: &[Var<'g>],
        step: impl FnOnce(&[Var<'g>], &[Var<'g>]) -> (Vec<Var<'g>>, Vec<Var<'g>>),
    ) -> (Vec<Var<'g>>, Vec<Var<'g>>) {
        let place = Location::caller();
        let given = [carry, xs].concat();
        let steps = xs.first().map_or(0, |x| x.shape().first().copied().unwrap_or(0));
        let start = self.next_id();
        let (leaves, next, outputs) = self.recording(|| {
            let part = |x: &Var<'g>| Type::new(x.dtype(), without_first(&x.shape()));
            let types = carry.iter().map(|x| x.ty()).chain(xs.iter().map(part));
            let leaves: Vec<Var<'g>> = types.map(|ty| self.step_value(ty)).collect();
            let (next, outputs) = step(&leaves[..carry.len()], &leaves[carry.len()..]);
            (leaves, next, outputs)
        });
        let results = [&next[..], &outputs].concat();
        let dead = |error: Error| {
            let dead = |x: &Var<'g>| self.dead(error.clone(), x.ty());
            (carry.iter().map(dead).collect(), outputs.iter().map(dead).collect())
        };
        if let Some(error) = given.iter().chain(&results).find_map(|x| x.error()) {
            return dead(error);
        }
        if let Some(error) = mismatch(self, carry, xs, &next, &results) {
            return dead(self.record(error.within("scan"), place));
        }
        let ids = |vars: &[Var<'g>]| vars.iter().map(|x| x.id()).collect::<Vec<_>>();
        let is_outside =
            |id, node: &crate::graph::Node| id < start || !matches!(node.origin, Origin::Op(_) | Origin::Result(_));
        let taken = Body::extract(self, &ids(&leaves), &ids(&results), is_outside);
        let numbers = |vars: &[Var<'g>]| vars.iter().map(|x| taken.number[&x.id()]).collect::<Vec<_>>();
        let scan = Scan {
            counts: Counts {
                carry: carry.len(),
                sequences: xs.len(),
                constants: taken.captured.len(),
            },
            carry: numbers(&next),
            outputs: numbers(&outputs),
            steps,
            is_reverse: false,
            body: Arc::new(taken.body),
        };
        let constants = taken.captured.iter().map(|&id| Var { graph: self, id });
        let operands: Vec<Var<'g>> = given.iter().copied().chain(constants).collect();
        let results = self.on_behalf_of(place, || self.apply_all(Arc::new(scan), &operands));
        let (last, ys) = results.split_at(carry.len());
        (last.to_vec(), ys.to_vec())
    }
}

/// What is wrong with the operands of a scan or the results of its step.
fn mismatch(graph: &Graph, carry: &[Var<'_>], xs: &[Var<'_>], next: &[Var<'_>], results: &[Var<'_>]) -> Option<Error> {
    let (Some(first), false) = (xs.first(), results.is_empty()) else {
        return Some(Error::shape("expected at least one sequence and one result"));
    };
    if results.iter().any(|x| !std::ptr::eq(x.graph(), graph)) {
        return Some(crate::graph::other_graph());
    }
    let length = |x: &Var<'_>| x.shape().first().copied();
    if let Some(x) = xs.iter().find(|x| length(x).is_none() || length(x) != length(first)) {
        let shapes = (first.shape(), x.shape());
        return Some(Error::shape(format!(
            "expected sequences of one length along the first axis, got {:?} and {:?}",
            shapes.0, shapes.1
        )));
    }
    if carry.len() != next.len() {
        let counts = (carry.len(), next.len());
        return Some(Error::shape(format!(
            "a step returned a carry of {} values for {}",
            counts.1, counts.0
        )));
    }
    let (i, (was, is)) = carry
        .iter()
        .zip(next)
        .enumerate()
        .find(|(_, (was, is))| was.ty() != is.ty())?;
    let (was, is) = (was.ty(), is.ty());
    Some(Error::shape(format!(
        "carry {i}: expected {was:?} after a step, as before it, got {is:?}"
    )))
}

fn without_first(shape: &Shape) -> Shape {
    if shape.rank() == 0 {
        *shape
    } else {
        shape.without(&[0], false)
    }
}

fn array<'g, const N: usize>(vars: &[Var<'g>]) -> [Var<'g>; N] {
    std::array::from_fn(|i| vars[i])
}
