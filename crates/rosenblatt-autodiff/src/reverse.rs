//! Reverse-mode differentiation.
//!
//! Nodes are stored in the order they were made, so every node comes after its inputs and the reverse sweep is a loop
//! from the end: no recursion and no sort. The result is made of nodes of the same graph, so it can be
//! differentiated again.
//!
//! This module knows no op by name: it asks [`crate::Op::vjp`] and adds up what comes back. Broadcast operands are
//! summed back to their shape here, once, so rules in `ops/` need not care.
//!
//! Start reading at [`gradients`]. For directional derivatives see [`crate::forward`].

use rosenblatt_tensor::{Error, Tensor};

use crate::graph::Node;
use crate::{NodeId, Origin, Var};

/// The gradients of the scalar `loss` with respect to `wrt`: zeros where it does not depend on one.
///
/// A loss that is not a single number is a mistake, kept in the graph like any other.
#[track_caller]
pub fn gradients<'g>(loss: Var<'g>, wrt: &[Var<'g>]) -> Vec<Var<'g>> {
    if loss.shape().elements() != 1 {
        loss.fail(Error::shape(format!("expected a scalar loss, got {:?}", loss.shape())).within("gradients"));
        return vec![loss; wrt.len()];
    }
    vjp(loss, ones(loss), wrt)
}

fn ones(y: Var<'_>) -> Var<'_> {
    let one = y.graph().constant(Tensor::scalar_of(y.dtype(), 1.0));
    if y.shape().rank() == 0 {
        one
    } else {
        one.broadcast_to(&y.shape())
    }
}

/// The product of `dy` with the Jacobian of `y`: `Σ dyᵢ ∂yᵢ/∂x` for each `x` of `wrt`.
#[track_caller]
pub fn vjp<'g>(y: Var<'g>, dy: Var<'g>, wrt: &[Var<'g>]) -> Vec<Var<'g>> {
    let graph = y.graph();
    let nodes: Vec<Node> = (0..=y.id()).map(|id| graph.node(id)).collect();
    let wanted = depends_on(&nodes, wrt);
    let mut cotangents: Vec<Option<Var<'g>>> = vec![None; nodes.len()];
    cotangents[y.id()] = Some(dy);
    for id in (0..nodes.len()).rev() {
        let (Some(dy), Origin::Op(op)) = (cotangents[id], &nodes[id].origin) else {
            continue;
        };
        if !wanted[id] || wrt.iter().any(|x| x.id() == id) && nodes[id].inputs.iter().all(|&i| !wanted[i]) {
            continue;
        }
        let Ok(y) = graph.var(id) else { continue };
        let inputs: Vec<Var<'g>> = nodes[id].inputs.iter().filter_map(|&i| graph.var(i).ok()).collect();
        for (i, &input) in inputs.iter().enumerate() {
            if !wanted[input.id()] {
                continue;
            }
            if let Some(dx) = op.vjp(i, &inputs, y, dy) {
                let dx = dx.sum_to(&input.shape());
                let slot = &mut cotangents[input.id()];
                *slot = Some(slot.map_or(dx, |sum| sum + dx));
            }
        }
    }
    let zeros = |x: Var<'g>| graph.constant(Tensor::zeros(x.dtype(), x.shape()));
    wrt.iter()
        .map(|&x| cotangents.get(x.id()).copied().flatten().unwrap_or_else(|| zeros(x)))
        .collect()
}

/// For each node, whether it depends on one of `wrt` (or is one).
pub(crate) fn depends_on(nodes: &[Node], wrt: &[Var<'_>]) -> Vec<bool> {
    let mut depends = vec![false; nodes.len()];
    let is_wrt = |id: NodeId| wrt.iter().any(|x| x.id() == id);
    for (id, node) in nodes.iter().enumerate() {
        depends[id] = is_wrt(id) || node.inputs.iter().any(|&input| depends[input]);
    }
    depends
}
