//! Forward-mode differentiation.
//!
//! One sweep in the order nodes were made carries tangents along. It costs about one evaluation per direction, so it
//! wins over [`crate::reverse`] where there are fewer inputs than outputs; both together give Hessian-vector products.

use std::panic::Location;

use rosenblatt_tensor::{Error, Tensor};

use crate::graph::Node;
use crate::reverse::{dead, depends_on};
use crate::{Graph, NodeId, Op, Origin, Var};

/// The derivatives of `ys` along the directions `dxs` of `xs`: `Σ ∂y/∂xᵢ dxᵢ` for each `y`, in one sweep.
///
/// Zeros where a `y` depends on none of `xs`. A direction of an integer counts as zero.
/// It is a mistake, of kind [`rosenblatt_tensor::ErrorKind::Shape`], if there are not as many directions as operands, or
/// one has another type or shape than its operand.
#[track_caller]
pub fn jvp<'g>(ys: &[Var<'g>], xs: &[Var<'g>], dxs: &[Var<'g>]) -> Vec<Var<'g>> {
    along("jvp", ys, xs, dxs)
}

/// As [`jvp`], for the verb the user called.
#[track_caller]
pub(crate) fn along<'g>(verb: &str, ys: &[Var<'g>], xs: &[Var<'g>], dxs: &[Var<'g>]) -> Vec<Var<'g>> {
    let Some(&y) = ys.first() else { return Vec::new() };
    if let Some(dead) = dead(y, &[ys, xs, dxs]) {
        return vec![dead; ys.len()];
    }
    if let Some(message) = mismatch(xs, dxs) {
        return vec![y.fail(Error::shape(message).within(verb)); ys.len()];
    }
    y.graph().on_behalf_of(Location::caller(), || sweep(ys, xs, dxs))
}

fn mismatch(xs: &[Var<'_>], dxs: &[Var<'_>]) -> Option<String> {
    if xs.len() != dxs.len() {
        return Some(format!(
            "expected a direction for each operand, got {} for {}",
            dxs.len(),
            xs.len()
        ));
    }
    let (i, (x, dx)) = xs.iter().zip(dxs).enumerate().find(|(_, (x, dx))| x.ty() != dx.ty())?;
    Some(format!(
        "direction {i}: expected {:?}, as its operand, got {:?}",
        x.ty(),
        dx.ty()
    ))
}

fn sweep<'g>(ys: &[Var<'g>], xs: &[Var<'g>], dxs: &[Var<'g>]) -> Vec<Var<'g>> {
    let graph = ys[0].graph();
    let last = ys.iter().map(|y| y.id()).max().unwrap_or(0);
    let (moves, needed) = (depends_on(graph, last, xs), needed_by(graph, last, ys));
    let mut tangents: Vec<Option<Var<'g>>> = vec![None; last + 1];
    for (x, &dx) in xs.iter().zip(dxs).filter(|(x, _)| x.dtype().is_float()) {
        if let Some(slot) = tangents.get_mut(x.id()) {
            *slot = Some(slot.map_or(dx, |sum| sum + dx));
        }
    }
    for id in (0..=last).filter(|&id| moves[id] && needed[id]) {
        let node = graph.node(id);
        let Origin::Op(op) = &node.origin else { continue };
        let through = tangent(op.as_ref(), Var { graph, id }, &node, &tangents);
        // A node of `xs` may depend on another one: its own direction, and what comes through the other.
        tangents[id] = match (tangents[id], through) {
            (Some(own), Some(through)) => Some(own + through),
            (own, through) => own.or(through),
        };
    }
    let zeros = |y: Var<'g>| graph.constant(Tensor::zeros(y.dtype(), y.shape()));
    ys.iter()
        .map(|&y| tangents[y.id()].unwrap_or_else(|| zeros(y)))
        .collect()
}

/// The tangent of `y` through its op, from those of its operands.
fn tangent<'g>(op: &dyn Op, y: Var<'g>, node: &Node, tangents: &[Option<Var<'g>>]) -> Option<Var<'g>> {
    let graph = y.graph();
    let steps: Vec<Option<Var<'g>>> = node.inputs.iter().map(|&i| tangents[i]).collect();
    if steps.iter().all(Option::is_none) {
        return None;
    }
    let inputs: Vec<Var<'g>> = node.inputs.iter().map(|&id| Var { graph, id }).collect();
    let tangent = op.jvp(&inputs, y, &steps)?;
    Some(if tangent.shape() == node.ty.shape {
        tangent
    } else {
        tangent.broadcast_to(&node.ty.shape)
    })
}

/// For each node up to `last`, whether one of `ys` depends on it (or is it).
fn needed_by(graph: &Graph, last: NodeId, ys: &[Var<'_>]) -> Vec<bool> {
    let mut needed = vec![false; last + 1];
    ys.iter().for_each(|y| needed[y.id()] = true);
    for id in (0..=last).rev() {
        if needed[id] {
            graph.look(id, |node| node.inputs.iter().for_each(|&input| needed[input] = true));
        }
    }
    needed
}
