//! From a closure to the nodes of a step.

use std::panic::Location;
use std::sync::Arc;

use rosenblatt_tensor::{Error, Shape};

use super::step::array;
use super::{Body, Counts, Scan};
use crate::graph::{Node, Place};
use crate::op::Type;
use crate::{Graph, NodeId, Origin, Var};

impl Graph {
    /// Runs `step` for each step of the sequences `xs`: `(carry, y) = step(carry, x)`.
    ///
    /// Returns the last carry, and the outputs of every step, with time as its first axis. `step` is called once, to record
    /// what a step computes; it may use any other value of the graph, and its values have no numbers to look at. A scan of
    /// no steps returns the initial carry.
    ///
    /// # Shapes
    /// - `carry`: any; `step` returns the same shapes and types
    /// - `xs`: `[steps, …]`, at least one; `step` gets them without the first axis
    /// - returns the carry, and `[steps, …]` for each output
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
        let operands = [carry, xs].concat();
        let before = self.first_mistake(&operands, place);
        let recorded = self.recording(|| {
            let start = self.next_id();
            let leaves = self.step_operands(carry, xs);
            let (next, outputs) = step(&leaves[..carry.len()], &leaves[carry.len()..]);
            Recorded {
                start,
                leaves,
                steps: xs.first().map_or(0, |x| x.shape().first().copied().unwrap_or(0)),
                next,
                outputs,
            }
        });
        let mistake = before.or_else(|| recorded.mistake(self, carry, xs, place));
        recorded.apply(self, carry, &operands, mistake, place)
    }

    /// What stands for the operands of a step while it is recorded.
    fn step_operands<'g>(&'g self, carry: &[Var<'g>], xs: &[Var<'g>]) -> Vec<Var<'g>> {
        let part = |x: &Var<'g>| Type::new(x.dtype(), without_first(&x.shape()));
        let types = carry.iter().map(|x| x.ty()).chain(xs.iter().map(part));
        types.map(|ty| self.step_value(ty)).collect()
    }

    fn first_mistake(&self, vars: &[Var<'_>], place: Place) -> Option<Error> {
        vars.iter().find_map(|x| x.graph.mistake(x.id, place))
    }
}

/// One step on the graph of its scan.
struct Recorded<'g> {
    /// The first of its nodes.
    start: NodeId,
    leaves: Vec<Var<'g>>,
    /// How often it is done.
    steps: usize,
    /// The carry after the step.
    next: Vec<Var<'g>>,
    outputs: Vec<Var<'g>>,
}

impl<'g> Recorded<'g> {
    fn results(&self) -> Vec<Var<'g>> {
        [&self.next[..], &self.outputs].concat()
    }

    fn mistake(&self, graph: &Graph, carry: &[Var<'_>], xs: &[Var<'_>], place: Place) -> Option<Error> {
        let results = self.results();
        graph.first_mistake(&results, place).or_else(|| {
            let error = mismatch(graph, carry, xs, &self.next, &results)?;
            Some(graph.record(error.within("scan"), place))
        })
    }

    /// The scan of the step, as an op on the graph.
    fn apply(
        self,
        graph: &'g Graph,
        carry: &[Var<'g>],
        operands: &[Var<'g>],
        mistake: Option<Error>,
        place: Place,
    ) -> (Vec<Var<'g>>, Vec<Var<'g>>) {
        if let Some(error) = mistake {
            let dead = |x: &Var<'g>| graph.dead(error.clone(), x.ty());
            return (
                carry.iter().map(dead).collect(),
                self.outputs.iter().map(dead).collect(),
            );
        }
        let (scan, captured) = self.scan(graph, carry.len());
        let constants = captured.iter().map(|&id| Var { graph, id });
        let operands: Vec<Var<'g>> = operands.iter().copied().chain(constants).collect();
        let results = graph.on_behalf_of(place, || graph.apply_all(Arc::new(scan), &operands));
        let (last, ys) = results.split_at(carry.len());
        (last.to_vec(), ys.to_vec())
    }

    /// The op, and the nodes outside the step that it reads in every step.
    fn scan(&self, graph: &Graph, carry: usize) -> (Scan, Vec<NodeId>) {
        let ids = |vars: &[Var<'_>]| vars.iter().map(|x| x.id()).collect::<Vec<_>>();
        let is_outside = |id, node: &Node| id < self.start || !matches!(node.origin, Origin::Op(_) | Origin::Result(_));
        let taken = Body::extract(graph, &ids(&self.leaves), &ids(&self.results()), &is_outside);
        let numbers = |vars: &[Var<'_>]| vars.iter().map(|x| taken.number[&x.id()]).collect::<Vec<_>>();
        let scan = Scan {
            counts: Counts {
                carry,
                sequences: self.leaves.len() - carry,
                constants: taken.captured.len(),
            },
            carry: numbers(&self.next),
            outputs: numbers(&self.outputs),
            steps: self.steps,
            is_reverse: false,
            body: Arc::new(taken.body),
        };
        (scan, taken.captured)
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
