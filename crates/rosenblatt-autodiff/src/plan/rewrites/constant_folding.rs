//! Nodes with constant operands only are computed when the plan is compiled, by the same kernels.

use super::{Pass, Rewrite};
use crate::plan::ir::Ir;
use crate::{Engine, Origin};
use rosenblatt_tensor::{Result, Tensor};

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "constant_folding",
    saves: "computations that are the same in every run",
    pass: Pass::Graph(apply),
};

fn apply(ir: &mut Ir) -> Result<()> {
    let mut engine = Engine::single();
    for id in 0..ir.nodes.len() {
        let node = &ir.nodes[id];
        let Origin::Op(op) = &node.origin else { continue };
        // A stretched constant stays a view, which costs nothing; storing it would.
        // A checked value is checked in every run.
        if ir.is_view(id) || op.check_finite().is_some() || op.results() > 1 {
            continue;
        }
        let value = |&input: &usize| {
            let origin = &ir.nodes[input].origin;
            if let Origin::Constant(value) = origin {
                Some(value.clone())
            } else {
                None
            }
        };
        if let Some(inputs) = node.inputs.iter().map(value).collect::<Option<Vec<Tensor>>>() {
            let values = engine.compute(op.as_ref(), &inputs, &[node.ty], &mut Vec::new())?;
            ir.nodes[id].origin = Origin::Constant(values[0].contiguous());
            ir.nodes[id].inputs.clear();
        }
    }
    Ok(())
}
