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
use crate::{NodeId, Origin, Var};

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
    y.graph().on_behalf_of(Location::caller(), || sweep(y, dy, wrt))
}

fn sweep<'g>(y: Var<'g>, dy: Var<'g>, wrt: &[Var<'g>]) -> Vec<Var<'g>> {
    let graph = y.graph();
    let nodes = graph.nodes_before(y.id() + 1);
    let wanted = depends_on(&nodes, wrt);
    let mut cotangents: Table<Cotangent<'g>> = nodes.like(Cotangent::default());
    cotangents[y.id()] = Cotangent::whole(dy);
    for &id in nodes.ids().iter().rev() {
        let node = &nodes[id];
        let Some(dy) = cotangents[id].sum(&node.ty.shape) else {
            continue;
        };
        let is_last = wrt.iter().any(|x| x.id() == id) && node.inputs.iter().all(|&i| !wanted[i]);
        if wanted[id] && !is_last {
            hand_on(Var { graph, id }, node, &wanted, dy, &mut cotangents);
        }
    }
    let zeros = |x: Var<'g>| graph.constant(Tensor::zeros(x.dtype(), x.shape()));
    wrt.iter()
        .map(|&x| {
            let dx = cotangents.get_mut(x.id()).and_then(|dx| dx.sum(&x.shape()));
            dx.unwrap_or_else(|| zeros(x))
        })
        .collect()
}

/// Adds what `y` hands on to each of its operands to their cotangents.
fn hand_on<'g>(y: Var<'g>, node: &Node, wanted: &Table<bool>, dy: Var<'g>, cotangents: &mut Table<Cotangent<'g>>) {
    let graph = y.graph();
    let inputs: Vec<Var<'g>> = node.inputs.iter().map(|&id| Var { graph, id }).collect();
    let numbered = inputs.iter().enumerate();
    for (i, input) in numbered.filter(|(_, input)| wanted[input.id()]) {
        let dx = match &node.origin {
            Origin::Op(op) => {
                if let Some(part) = Part::of(op.as_ref(), *input, y, dy) {
                    cotangents[input.id()].add_part(part);
                    continue;
                }
                op.vjp(i, &inputs, y, dy)
            }
            _ => Some(y.fail(passes_freed())),
        };
        if let Some(dx) = dx {
            cotangents[input.id()].add(dx.sum_to(&input.shape()));
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
    let is_wrt = |id: NodeId| wrt.iter().any(|x| x.id() == id);
    for &id in nodes.ids().iter() {
        depends[id] = is_wrt(id) || nodes[id].inputs.iter().any(|&input| depends[input]);
    }
    depends
}
