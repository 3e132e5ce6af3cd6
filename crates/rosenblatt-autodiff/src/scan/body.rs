//! The nodes of one step, taken out of the graph they were recorded on.

use std::collections::BTreeMap;
use std::fmt;

use crate::graph::Node;
use crate::op::Type;
use crate::{Graph, NodeId, Origin, Var};

/// A node of a step: an operand of the step, a constant, or computed.
#[derive(Clone)]
pub(crate) struct BodyNode {
    pub(crate) origin: Origin,
    pub(crate) inputs: Vec<usize>,
    pub(crate) ty: Type,
}

/// The nodes of one step, its operands first, then what is computed, in order.
pub(crate) struct Body {
    pub(crate) nodes: Vec<BodyNode>,
}

impl fmt::Display for Body {
    /// A line for each node.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for BodyNode { origin, inputs, ty } in &self.nodes {
            match origin {
                Origin::Op(op) => writeln!(f, "{} {:?} {inputs:?} {ty:?}", op.name(), op.attributes())?,
                Origin::Constant(value) => writeln!(f, "constant {:?} {ty:?}", value.to_f64())?,
                Origin::Result(i) => writeln!(f, "result {i} {inputs:?} {ty:?}")?,
                Origin::Input(_) | Origin::Variable(_) | Origin::Step => writeln!(f, "operand {ty:?}")?,
            }
        }
        Ok(())
    }
}

/// What is taken out of a graph.
pub(super) struct Extracted {
    pub(super) body: Body,
    /// For each node that was taken, its number in the body.
    pub(super) number: BTreeMap<NodeId, usize>,
    /// Nodes outside the step that it uses; they are operands of the body, after those that were asked for.
    pub(super) captured: Vec<NodeId>,
}

impl Body {
    /// The nodes that `results` depend on, down to `operands`, which become operands of the body, and to nodes for which
    /// `is_outside` holds, which become further operands.
    pub(super) fn extract(
        graph: &Graph,
        operands: &[NodeId],
        results: &[NodeId],
        is_outside: impl Fn(NodeId, &Node) -> bool,
    ) -> Extracted {
        let mut needed: BTreeMap<NodeId, Node> = BTreeMap::new();
        let mut captured = BTreeMap::new();
        let mut open: Vec<NodeId> = results.to_vec();
        while let Some(id) = open.pop() {
            if operands.contains(&id) || needed.contains_key(&id) || captured.contains_key(&id) {
                continue;
            }
            let node = graph.node(id);
            if is_outside(id, &node) {
                captured.insert(id, node);
            } else {
                open.extend(&node.inputs);
                needed.insert(id, node);
            }
        }
        let operand = |id: NodeId| BodyNode {
            origin: Origin::Step,
            inputs: Vec::new(),
            ty: graph.node(id).ty,
        };
        let outside: Vec<NodeId> = captured.into_keys().collect();
        let leaves = || operands.iter().chain(&outside).copied();
        let mut nodes: Vec<BodyNode> = leaves().map(operand).collect();
        let mut number: BTreeMap<NodeId, usize> = leaves().zip(0..).collect();
        // A node has a larger number than its operands.
        for (id, node) in needed {
            let inputs = node.inputs.iter().map(|input| number[input]).collect();
            number.insert(id, nodes.len());
            nodes.push(BodyNode {
                origin: node.origin,
                inputs,
                ty: node.ty,
            });
        }
        Extracted {
            body: Self { nodes },
            number,
            captured: outside,
        }
    }

    /// The nodes on a graph, with these operands; the result has one value for each node of the body.
    pub(super) fn on<'g>(&self, graph: &'g Graph, operands: &[Var<'g>]) -> Vec<Var<'g>> {
        let mut values = operands.to_vec();
        let mut results: BTreeMap<usize, Vec<Var<'g>>> = BTreeMap::new();
        for (i, node) in self.nodes.iter().enumerate().skip(operands.len()) {
            let value = match &node.origin {
                Origin::Op(op) => {
                    let inputs: Vec<Var<'g>> = node.inputs.iter().map(|&input| values[input]).collect();
                    let all = graph.apply_all(std::sync::Arc::clone(op), &inputs);
                    let first = all[0];
                    results.insert(i, all);
                    first
                }
                Origin::Result(k) => results[&node.inputs[0]][*k],
                Origin::Constant(value) => graph.constant(value.clone()),
                Origin::Input(_) | Origin::Variable(_) | Origin::Step => {
                    unreachable!("leaves are operands of a step")
                }
            };
            values.push(value);
        }
        values
    }

    /// For each node whether it depends on one of the first `count` operands: the others are the same in every step.
    pub(crate) fn varies(&self, count: usize) -> Vec<bool> {
        let mut varies = vec![false; self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            varies[i] = i < count || node.inputs.iter().any(|&input| varies[input]);
        }
        varies
    }
}
