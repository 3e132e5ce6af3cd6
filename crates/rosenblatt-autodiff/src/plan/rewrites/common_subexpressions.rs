//! Nodes that compute the same from the same are computed once.

use std::collections::BTreeMap;

use super::{Pass, Rewrite};
use crate::Origin;
use crate::plan::ir::Ir;
use rosenblatt_tensor::{Result, Tensor};

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "common_subexpressions",
    saves: "repeated computations",
    pass: Pass::Graph(apply),
};

fn apply(ir: &mut Ir) -> Result<()> {
    let mut first: BTreeMap<(String, Vec<usize>), usize> = BTreeMap::new();
    let mut replace: Vec<usize> = (0..ir.nodes.len()).collect();
    for id in 0..ir.nodes.len() {
        let inputs: Vec<usize> = ir.nodes[id].inputs.iter().map(|&input| replace[input]).collect();
        let text = match &ir.nodes[id].origin {
            // An op's `Debug` shows its name and all attributes.
            Origin::Op(op) => format!("{} {op:?}", op.name()),
            Origin::Input(name) => format!("input {name:?}"),
            Origin::Variable(name) => format!("variable {name:?}"),
            Origin::Constant(value) if value.elements() == 1 => {
                format!("constant {:?} {}", ir.nodes[id].ty, bits(value))
            }
            Origin::Constant(_) => format!("constant {id}"),
            Origin::Result(i) => format!("result {i}"),
            Origin::Step => format!("step {id}"),
        };
        replace[id] = *first.entry((text, inputs)).or_insert(id);
    }
    let keep: Vec<bool> = replace.iter().enumerate().map(|(id, &to)| id == to).collect();
    ir.compact(&keep, &replace);
    Ok(())
}

/// Bits, not values: 0 and −0 differ, a NaN equals itself, and large integers are told apart.
fn bits(value: &Tensor) -> String {
    match value.to_vec::<i64>() {
        Ok(integers) => format!("{integers:?}"),
        // Every other type is exact in f64.
        Err(_) => format!("{:?}", value.to_f64().iter().map(|x| x.to_bits()).collect::<Vec<_>>()),
    }
}
