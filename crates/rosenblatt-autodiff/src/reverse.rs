//! Reverse-mode differentiation.
//!
//! Nodes are stored in the order they were made, so every node comes after its inputs and the reverse sweep is a loop
//! from the end: no recursion and no sort. The result is made of nodes of the same graph, so it can be
//! differentiated again.
//!
//! This module knows no op by name: it asks [`crate::Op::vjp`] and adds up what comes back. Broadcast operands are
//! summed back to their shape here, once, so rules in `ops/` need not care.
//!
//! Derivatives are with respect to *nodes*: where `y` is made of `x`, a derivative with respect to `y` and one with
//! respect to `x` are different things, and a node that serves two nested derivatives confuses them. Use the closures
//! [`Var::grad`], [`Var::jvp`] … there, which differentiate with respect to a node of their own.
//!
//! Start reading at [`gradients`]. For directional derivatives see [`crate::forward`].

use std::panic::Location;

use rosenblatt_tensor::{Error, Tensor};

use crate::graph::{Node, other_graph};
use crate::{Graph, NodeId, Op, Origin, Var};

/// The gradients of the scalar `loss` with respect to `wrt`: zeros where it does not depend on one.
///
/// A loss that is not a single floating-point number, or a value of another graph, is a mistake: the gradients are dead.
#[track_caller]
pub fn gradients<'g>(loss: Var<'g>, wrt: &[Var<'g>]) -> Vec<Var<'g>> {
    if loss.error().is_none() && (loss.shape().elements() != 1 || !loss.dtype().is_float()) {
        let error = Error::shape(format!("expected a scalar loss, got {:?}", loss.ty())).within("gradients");
        return vec![loss.fail(error.hint("reduce it with `sum_all` or `mean_all`, or use `jacobian`")); wrt.len()];
    }
    vjp(loss, ones(loss), wrt)
}

fn ones(y: Var<'_>) -> Var<'_> {
    let one = y.graph().constant(Tensor::scalar_of(y.dtype(), 1.0));
    if y.rank() == 0 {
        one
    } else {
        one.broadcast_to(&y.shape())
    }
}

/// The product of `dy` with the Jacobian of `y`: `Σ dyᵢ ∂yᵢ/∂x` for each `x` of `wrt`.
///
/// Of integers it is zero. It is a mistake, of kind [`rosenblatt_tensor::ErrorKind::Shape`], if `dy` has another type
/// or shape than `y`.
#[track_caller]
pub fn vjp<'g>(y: Var<'g>, dy: Var<'g>, wrt: &[Var<'g>]) -> Vec<Var<'g>> {
    if let Some(dead) = dead(y, &[&[dy], wrt]) {
        return vec![dead; wrt.len()];
    }
    if dy.ty() != y.ty() {
        let message = format!("expected a cotangent of {:?}, as the result, got {:?}", y.ty(), dy.ty());
        return vec![y.fail(Error::shape(message).within("vjp")); wrt.len()];
    }
    y.graph().on_behalf_of(Location::caller(), || sweep(y, dy, wrt))
}

fn sweep<'g>(y: Var<'g>, dy: Var<'g>, wrt: &[Var<'g>]) -> Vec<Var<'g>> {
    let graph = y.graph();
    let wanted = depends_on(graph, y.id(), wrt);
    let mut cotangents: Vec<Option<Var<'g>>> = vec![None; wanted.len()];
    cotangents[y.id()] = Some(dy);
    for id in (0..wanted.len()).rev() {
        let Some(dy) = cotangents[id].filter(|_| wanted[id]) else {
            continue;
        };
        let node = graph.node(id);
        let Origin::Op(op) = &node.origin else { continue };
        for (input, dx) in shares(op.as_ref(), Var { graph, id }, &node, &wanted, dy) {
            let slot = &mut cotangents[input];
            *slot = Some(slot.map_or(dx, |sum| sum + dx));
        }
    }
    let zeros = |x: Var<'g>| graph.constant(Tensor::zeros(x.dtype(), x.shape()));
    wrt.iter()
        .map(|&x| cotangents.get(x.id()).copied().flatten().unwrap_or_else(|| zeros(x)))
        .collect()
}

/// What the op that made `y` hands on to each of its operands.
fn shares<'g>(op: &dyn Op, y: Var<'g>, node: &Node, wanted: &[bool], dy: Var<'g>) -> Vec<(NodeId, Var<'g>)> {
    let graph = y.graph();
    let inputs: Vec<Var<'g>> = node.inputs.iter().map(|&id| Var { graph, id }).collect();
    let share = |(i, input): (usize, &Var<'g>)| {
        let dx = op.vjp(i, &inputs, y, dy)?;
        Some((input.id(), dx.sum_to(&input.shape())))
    };
    let numbered = inputs.iter().enumerate();
    numbered
        .filter(|(_, input)| wanted[input.id()])
        .filter_map(share)
        .collect()
}

/// A dead value, if one of these is dead or of another graph than `y`.
#[track_caller]
pub(crate) fn dead<'g>(y: Var<'g>, others: &[&[Var<'g>]]) -> Option<Var<'g>> {
    let all = || std::iter::once(&y).chain(others.iter().copied().flatten());
    if all().any(|x| !std::ptr::eq(x.graph(), y.graph())) {
        return Some(y.fail(other_graph().within("derivative")));
    }
    all().find(|x| x.error().is_some()).copied()
}

/// For each node up to `last`, whether it depends on one of `wrt` (or is one).
pub(crate) fn depends_on(graph: &Graph, last: NodeId, wrt: &[Var<'_>]) -> Vec<bool> {
    let mut depends = vec![false; last + 1];
    for x in wrt.iter().filter(|x| x.id() <= last) {
        depends[x.id()] = true;
    }
    for id in 0..=last {
        depends[id] |= graph.look(id, |node| node.inputs.iter().any(|&input| depends[input]));
    }
    depends
}
