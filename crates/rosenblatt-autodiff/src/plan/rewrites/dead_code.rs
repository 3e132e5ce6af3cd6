//! Nodes that nothing wanted depends on are dropped.

use super::{Pass, Rewrite};
use crate::plan::ir::Ir;
use rosenblatt_tensor::Result;

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "dead_code",
    saves: "nodes without readers",
    pass: Pass::Graph(apply),
};

fn apply(ir: &mut Ir) -> Result<()> {
    let mut alive = vec![false; ir.nodes.len()];
    ir.roots().for_each(|id| alive[*id] = true);
    for id in (0..ir.nodes.len()).rev() {
        if alive[id] {
            ir.nodes[id].inputs.iter().for_each(|&input| alive[input] = true);
        }
    }
    let same: Vec<usize> = (0..ir.nodes.len()).collect();
    ir.compact(&alive, &same);
    Ok(())
}
