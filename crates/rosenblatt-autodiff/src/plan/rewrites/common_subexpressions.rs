//! Nodes that compute the same from the same are computed once.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use super::{Pass, Rewrite};
use crate::plan::ir::Ir;
use crate::{Attributes, Origin};
use rosenblatt_tensor::{DType, Result, Tensor};

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "common_subexpressions",
    saves: "repeated computations",
    pass: Pass::Graph(apply),
};

/// Nodes with equal keys and equal operands have equal values, and equal types.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    /// The type, since two ops outside this crate may have one name.
    Op(&'static str, TypeId, Attributes),
    Input(String),
    Variable(String),
    /// A single number: its type, how many axes of size 1 it has, its bits.
    Number(DType, usize, u64),
    Result(usize),
    /// Constants of several numbers are not compared.
    Own(usize),
}

fn apply(ir: &mut Ir) -> Result<()> {
    // Only looked up, never walked: the order of hashes decides nothing.
    let mut first: HashMap<(Key, Vec<usize>), usize> = HashMap::with_capacity(ir.nodes.len());
    let mut replace: Vec<usize> = (0..ir.nodes.len()).collect();
    for (id, node) in ir.nodes.iter().enumerate() {
        let inputs = node.inputs.iter().map(|&input| replace[input]).collect();
        let key = match &node.origin {
            Origin::Op(op) => Key::Op(op.name(), (op.as_ref() as &dyn Any).type_id(), op.attributes()),
            Origin::Input(name) => Key::Input(name.clone()),
            Origin::Variable(name) => Key::Variable(name.clone()),
            Origin::Constant(value) if value.elements() == 1 => {
                Key::Number(node.ty.dtype, node.ty.shape.rank(), bits(value))
            }
            Origin::Constant(_) | Origin::Step => Key::Own(id),
            Origin::Result(i) => Key::Result(*i),
        };
        replace[id] = *first.entry((key, inputs)).or_insert(id);
    }
    let keep: Vec<bool> = replace.iter().enumerate().map(|(id, &to)| id == to).collect();
    ir.compact(&keep, &replace);
    Ok(())
}

/// Bits, not values: 0 and −0 differ, a NaN equals itself, and large integers are distinguished.
fn bits(value: &Tensor) -> u64 {
    match value.to_vec::<i64>() {
        Ok(integers) => integers[0] as u64,
        // Every other type is exact in f64.
        Err(_) => value.to_f64()[0].to_bits(),
    }
}
