//! From a closure to the nodes of a step.

use std::panic::Location;
use std::sync::Arc;

use rosenblatt_tensor::{Error, Shape};

use super::step::array;
use super::{Body, Counts, Scan};
use crate::op::Type;
use crate::{Graph, Origin, Var};

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
        let mistake = |vars: &[Var<'g>]| vars.iter().find_map(|x| x.graph.mistake(x.id, place));
        let before = mistake(&given);
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
        if let Some(error) = before.or_else(|| mistake(&results)) {
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
