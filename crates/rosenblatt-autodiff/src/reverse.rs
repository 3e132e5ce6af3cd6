//! Reverse-mode differentiation.
//!
//! Nodes are stored in the order they were made, so every node comes after its inputs and the reverse sweep is a loop
//! from the end: no recursion and no sort. The result is made of nodes of the same graph, so it can be
//! differentiated again.
//!
//! This module knows no op by name: it asks [`crate::Op::vjp`] and adds up what comes back. Broadcast operands are
//! summed back to their shape here, once, so rules in `ops/` need not care. Cotangents of parts of a value
//! ([`crate::Op::part`]) are joined: the steps of a sequence have one gradient, made at once.
//!
//! Derivatives are with respect to *nodes*: where `y` is made of `x`, a derivative with respect to `y` and one with
//! respect to `x` are different things, and a node that serves two nested derivatives confuses them. Use the closures
//! [`Var::grad`], [`Var::jvp`] … there, which differentiate with respect to a node of their own.
//!
//! Start reading at [`gradients`]. For directional derivatives see [`crate::forward`].

use std::panic::Location;

use rosenblatt_tensor::{Error, Tensor};

use crate::cotangent::{Cotangent, Part};
use crate::graph::{ANY, Node, other_graph};
use crate::nodes::{Table, passes_freed};
use crate::{Graph, Var};

/// The gradients of the scalar `loss` with respect to `wrt`: zeros where it does not depend on one.
///
/// A loss that is not a single floating-point number, or a value of another graph, is a mistake: the gradients are dead.
#[track_caller]
pub fn gradients<'g>(loss: Var<'g>, wrt: &[Var<'g>]) -> Vec<Var<'g>> {
    if let Some(dead) = dead(loss, &[wrt]) {
        return vec![dead; wrt.len()];
    }
    if loss.shape().elements() != 1 || !loss.dtype().is_float() {
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
    let zeros = |x: Var<'g>| x.graph().constant(Tensor::zeros(x.dtype(), x.shape()));
    y.graph().on_behalf_of(Location::caller(), || {
        let found = sweep(y.graph(), &[(y, dy)], wrt);
        found
            .into_iter()
            .zip(wrt)
            .map(|(dx, &x)| dx.unwrap_or_else(|| zeros(x)))
            .collect()
    })
}

/// For each `x` of `wrt` the sum over all `(y, dy)` of `Σ dyᵢ ∂yᵢ/∂x`; `None` is zero.
pub(crate) fn sweep<'g>(graph: &'g Graph, ys: &[(Var<'g>, Var<'g>)], wrt: &[Var<'g>]) -> Vec<Option<Var<'g>>> {
    let end = ys.iter().map(|(y, _)| y.id() + 1).max();
    let nodes = graph.nodes_before(end.unwrap_or(0));
    let wanted = depends_on(&nodes, wrt);
    let mut cotangents: Table<Cotangent<'g>> = nodes.like(Cotangent::default());
    ys.iter().for_each(|&(y, dy)| cotangents[y.id()].add(dy));
    for &id in nodes.ids().iter().rev() {
        let node = &nodes[id];
        if node.origin.result().is_some() || node.inputs.iter().all(|&i| !wanted[i]) {
            continue;
        }
        let results = id..id + node.origin.op().map_or(1, |op| op.results());
        // Results that were freed, or made after the last `y`, have no cotangents.
        let sum = |id| cotangents.get_mut(id).and_then(|dy| dy.sum(&nodes[id].ty.shape));
        let dy: Vec<Option<Var<'g>>> = results.map(sum).collect();
        if dy.iter().any(Option::is_some) {
            hand_on(Var { graph, id }, node, &wanted, &dy, &mut cotangents);
        }
    }
    wrt.iter()
        .map(|&x| cotangents.get_mut(x.id()).and_then(|dx| dx.sum(&x.shape())))
        .collect()
}

/// Adds what the op that made `y` hands on to each of its operands to their cotangents.
fn hand_on<'g>(
    y: Var<'g>,
    node: &Node,
    wanted: &Table<bool>,
    dy: &[Option<Var<'g>>],
    cotangents: &mut Table<Cotangent<'g>>,
) {
    let graph = y.graph();
    let inputs: Vec<Var<'g>> = node.inputs.iter().map(|&id| Var { graph, id }).collect();
    let wanted: Vec<bool> = node.inputs.iter().map(|&id| wanted[id]).collect();
    let op = node.origin.op();
    if let (Some(op), &[x], &[Some(dy)]) = (op, &inputs[..], dy)
        && let Some(part) = Part::of(op.as_ref(), x, y, dy)
    {
        return cotangents[x.id()].add_part(part);
    }
    let dx = match op {
        Some(op) => op.vjp_all(&wanted, &inputs, &graph.results_of(y), dy),
        None => wanted
            .iter()
            .map(|wanted| wanted.then(|| y.fail(passes_freed())))
            .collect(),
    };
    for (x, dx) in inputs.into_iter().zip(dx) {
        if let Some(dx) = dx {
            cotangents[x.id()].add(dx.sum_to(&x.shape()));
        }
    }
}

/// A dead value, if one of these is dead, freed, or of another graph than `y`.
#[track_caller]
pub(crate) fn dead<'g>(y: Var<'g>, others: &[&[Var<'g>]]) -> Option<Var<'g>> {
    let (graph, place) = (y.graph(), Location::caller());
    let all = || std::iter::once(&y).chain(others.iter().copied().flatten());
    if all().any(|x| !std::ptr::eq(x.graph(), graph)) {
        return Some(y.fail(other_graph().within("derivative")));
    }
    all().find_map(|x| {
        let error = graph.mistake(x.id(), place)?;
        Some(graph.dead(error, graph.ty(x.id()).unwrap_or(ANY)))
    })
}

/// For each node, whether it depends on one of `wrt` (or is one).
pub(crate) fn depends_on(nodes: &Table<Node>, wrt: &[Var<'_>]) -> Table<bool> {
    let mut depends = nodes.like(false);
    for x in wrt {
        if let Some(depends) = depends.get_mut(x.id()) {
            *depends = true;
        }
    }
    for &id in nodes.ids().iter() {
        depends[id] = depends[id] || nodes[id].inputs.iter().any(|&input| depends[input]);
    }
    depends
}
