//! Forward-mode differentiation.
//!
//! One sweep in the order nodes were made carries tangents along. It costs about one evaluation per direction, so it
//! wins over [`crate::reverse`] where there are fewer inputs than outputs; both together give Hessian-vector products.

use std::panic::Location;

use rosenblatt_tensor::{Error, Tensor};

use crate::Var;
use crate::graph::Node;
use crate::nodes::{Table, passes_freed};
use crate::reverse::{dead, depends_on};

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
    let nodes = graph.nodes_before(last + 1);
    let (moves, needed) = (depends_on(&nodes, xs), needed_by(&nodes, ys));
    let mut tangents: Table<Option<Var<'g>>> = nodes.like(None);
    for (x, &dx) in xs.iter().zip(dxs).filter(|(x, _)| x.dtype().is_float()) {
        if let Some(slot) = tangents.get_mut(x.id()) {
            *slot = Some(slot.map_or(dx, |sum| sum + dx));
        }
    }
    for &id in nodes.ids().iter() {
        if moves[id] && needed[id] && nodes[id].origin.result().is_none() {
            let through = through(Var { graph, id }, &nodes[id], &tangents);
            for (id, through) in (id..).zip(through) {
                // Results that were freed, or made after the last `y`, are not needed.
                let Some(slot) = tangents.get_mut(id) else { continue };
                // A node of `xs` may depend on another one: its own direction, and what comes through the other.
                *slot = match (*slot, through) {
                    (Some(own), Some(through)) => Some(own + through),
                    (own, through) => own.or(through),
                };
            }
        }
    }
    let zeros = |y: Var<'g>| graph.constant(Tensor::zeros(y.dtype(), y.shape()));
    ys.iter()
        .map(|&y| tangents[y.id()].unwrap_or_else(|| zeros(y)))
        .collect()
}

/// The tangents of all results of the op that made `y`, from those of its operands.
fn through<'g>(y: Var<'g>, node: &Node, tangents: &Table<Option<Var<'g>>>) -> Vec<Option<Var<'g>>> {
    let graph = y.graph();
    let steps: Vec<Option<Var<'g>>> = node.inputs.iter().map(|&i| tangents[i]).collect();
    if steps.iter().all(Option::is_none) {
        return Vec::new();
    }
    let inputs: Vec<Var<'g>> = node.inputs.iter().map(|&id| Var { graph, id }).collect();
    let Some(op) = node.origin.op() else {
        return vec![Some(y.fail(passes_freed()))];
    };
    let results = graph.results_of(y);
    let tangents = op.jvp_all(&inputs, &results, &steps);
    let whole = |(tangent, y): (Option<Var<'g>>, &Var<'g>)| Some(tangent?.broadcast_to(&y.shape()));
    tangents.into_iter().zip(&results).map(whole).collect()
}

/// For each node, whether one of `ys` depends on it (or is it).
fn needed_by(nodes: &Table<Node>, ys: &[Var<'_>]) -> Table<bool> {
    let mut needed = nodes.like(false);
    ys.iter().for_each(|y| needed[y.id()] = true);
    for &id in nodes.ids().iter().rev() {
        if needed[id] {
            nodes[id].inputs.iter().for_each(|&input| needed[input] = true);
        }
    }
    needed
}
