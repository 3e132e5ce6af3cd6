//! The nodes of one step, taken out of the graph they were recorded on.

use std::collections::BTreeMap;
use std::sync::Arc;

use rosenblatt_tensor::{Error, Result};

use crate::data::node_data;
use crate::graph::Node;
use crate::op::Type;
use crate::{Graph, GraphData, NodeData, NodeId, Origin, Var};

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

impl Body {
    /// The nodes as JSON.
    ///
    /// # Errors
    /// An op is not one of [`crate::ops::families`].
    pub(super) fn to_json(&self) -> Result<String> {
        let data = |node: &BodyNode| {
            let types: Vec<Type> = node.inputs.iter().map(|&input| self.nodes[input].ty).collect();
            node_data(&node.origin, (node.inputs.clone(), &types), node.ty)
        };
        let nodes = self.nodes.iter().map(data).collect::<Result<_>>()?;
        serde_json::to_string(&GraphData { nodes }).map_err(|error| Error::internal(error.to_string()))
    }

    /// # Errors
    /// The text is not what [`Body::to_json`] writes.
    pub(super) fn from_json(text: &str) -> Result<Self> {
        let data: GraphData = serde_json::from_str(text).map_err(|error| Error::data(format!("body: {error}")))?;
        let mut nodes: Vec<BodyNode> = Vec::new();
        for (i, node) in data.nodes.iter().enumerate() {
            let (origin, inputs) = match node {
                NodeData::Constant { value } => (Origin::Constant(value.clone()), Vec::new()),
                NodeData::Step { .. } => (Origin::Step, Vec::new()),
                NodeData::Result { of, number, .. } => (Origin::Result(*number), vec![*of]),
                NodeData::Op { inputs, .. } => {
                    let ty = |&input: &usize| nodes.get(input).map(|node| node.ty);
                    let types: Option<Vec<Type>> = inputs.iter().map(ty).collect();
                    let types = types.ok_or_else(|| Error::data(format!("body: node {i} has an operand after it")))?;
                    (Origin::Op(node.op(&types)?), inputs.clone())
                }
                NodeData::Input { .. } | NodeData::Variable { .. } => {
                    return Err(Error::data(format!("body: node {i} is not part of a step")));
                }
            };
            let ty = node.ty();
            nodes.push(BodyNode { origin, inputs, ty });
            if inferred(&nodes, i)? != ty {
                return Err(Error::data(format!("body: node {i} is not of type {ty:?}")));
            }
        }
        Ok(Self { nodes })
    }

    /// A line for each node, to tell bodies apart that cannot be data.
    fn describe(&self) -> String {
        let line = |BodyNode { origin, inputs, ty }: &BodyNode| match origin.op() {
            Some(op) => format!("{} {:?} {inputs:?} {ty:?}\n", op.name(), op.attributes()),
            None => format!(
                "{:?} {inputs:?} {ty:?}\n",
                node_data(origin, (inputs.clone(), &[]), *ty)
            ),
        };
        self.nodes.iter().map(line).collect()
    }

    /// What the nodes are, as text.
    pub(super) fn text(&self) -> String {
        self.to_json().unwrap_or_else(|_| self.describe())
    }
}

/// The type of a node by what it is computed from.
fn inferred(nodes: &[BodyNode], i: usize) -> Result<Type> {
    let (first, number) = match nodes[i].origin {
        Origin::Result(number) => (nodes[i].inputs[0], number),
        Origin::Op(_) => (i, 0),
        Origin::Constant(_) | Origin::Step | Origin::Input(_) | Origin::Variable(_) => return Ok(nodes[i].ty),
    };
    let missing = || Error::data(format!("body: node {i} is a result of no op"));
    let node = nodes.get(first).ok_or_else(missing)?;
    let types: Vec<Type> = node.inputs.iter().map(|&input| nodes[input].ty).collect();
    let all = node.origin.op().ok_or_else(missing)?.infer_all(&types)?;
    all.get(number).copied().ok_or_else(missing)
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
        is_outside: &dyn Fn(NodeId, &Node) -> bool,
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
                // A derivative may read all results of an op.
                open.extend(graph.results_of(Var { graph, id }).iter().map(|x| x.id()));
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
                    let all = graph.apply_all(Arc::clone(op), &inputs);
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
