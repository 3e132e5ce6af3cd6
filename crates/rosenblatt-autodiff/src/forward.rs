//! Forward-mode differentiation.
//!
//! One sweep in the order nodes were made carries tangents along. It costs about one evaluation per direction, so it
//! wins over [`crate::reverse`] where there are fewer inputs than outputs; both together give Hessian-vector products.

use crate::graph::Node;
use crate::reverse::depends_on;
use crate::{Origin, Var};
use rosenblatt_tensor::Tensor;

/// The derivative of `y` along the directions `dx` of `wrt`: `Σ ∂y/∂xᵢ dxᵢ`; zeros if `y` depends on none of them.
#[track_caller]
pub fn jvp<'g>(y: Var<'g>, wrt: &[Var<'g>], dx: &[Var<'g>]) -> Var<'g> {
    let graph = y.graph();
    let nodes: Vec<Node> = (0..=y.id()).map(|id| graph.node(id)).collect();
    let moves = depends_on(&nodes, wrt);
    let mut tangents: Vec<Option<Var<'g>>> = vec![None; nodes.len()];
    for (x, &dx) in wrt.iter().zip(dx) {
        if let Some(slot) = tangents.get_mut(x.id()) {
            *slot = Some(slot.map_or(dx, |sum| sum + dx));
        }
    }
    for (id, node) in nodes.iter().enumerate() {
        let Origin::Op(op) = &node.origin else { continue };
        if !moves[id] {
            continue;
        }
        let Ok(value) = graph.var(id) else { continue };
        let inputs: Vec<Var<'g>> = node.inputs.iter().filter_map(|&i| graph.var(i).ok()).collect();
        let steps: Vec<Option<Var<'g>>> = node.inputs.iter().map(|&i| tangents[i]).collect();
        if steps.iter().any(Option::is_some) {
            let tangent = op.jvp(&inputs, value, &steps);
            let tangent = tangent.map(|t| {
                if t.shape() == node.ty.shape {
                    t
                } else {
                    t.broadcast_to(&node.ty.shape)
                }
            });
            // A node of `wrt` may depend on another one: its own direction, and what comes through the other.
            tangents[id] = match (tangents[id], tangent) {
                (Some(own), Some(through)) => Some(own + through),
                (own, through) => own.or(through),
            };
        }
    }
    tangents[y.id()].unwrap_or_else(|| graph.constant(Tensor::zeros(y.dtype(), y.shape())))
}
