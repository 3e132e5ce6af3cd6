//! What the rewrites work on: the nodes of a graph that a plan needs.

use std::collections::BTreeSet;
use std::sync::Arc;

use rosenblatt_tensor::{Layout, Result};

use crate::graph::Node;
use crate::op::{Lowering, Op, Type};
use crate::ops::CopyTile;
use crate::rule::FusedRule;
use crate::{Attributes, Graph, NodeId, Origin, Var};

/// Nodes in the order they are computed, and what is wanted of them.
pub(crate) struct Ir {
    pub(crate) nodes: Vec<IrNode>,
    /// Read after a run.
    pub(crate) outputs: Vec<NodeId>,
    /// A variable and its next value.
    pub(crate) updates: Vec<(NodeId, NodeId)>,
    /// Must be finite before any variable is written.
    pub(crate) check: Option<NodeId>,
    /// Results that one loop could compute. They keep no node alive: without all of its nodes a rule is forgotten.
    pub(crate) rules: Vec<FusedRule>,
}

/// A value.
#[derive(Clone)]
pub(crate) struct IrNode {
    pub(crate) origin: Origin,
    pub(crate) inputs: Vec<NodeId>,
    pub(crate) ty: Type,
}

impl Ir {
    /// All nodes of a graph.
    pub(crate) fn new(
        graph: &Graph,
        outputs: &[Var<'_>],
        updates: &[(Var<'_>, Var<'_>)],
        check: Option<Var<'_>>,
    ) -> Self {
        let nodes = graph.nodes_before(graph.next_id());
        // Numbers without gaps; a variable of the signature is there, or it would have been refused.
        let place = |id: NodeId| nodes.place(id).unwrap_or(usize::MAX);
        let node = |id: &NodeId| {
            let Node { origin, inputs, ty, .. } = nodes[*id].clone();
            let inputs = match origin {
                Origin::Op(_) | Origin::Result(_) => inputs.into_iter().map(place).collect(),
                // A constant that was computed from freed nodes names what it came from.
                Origin::Constant(_) | Origin::Input(_) | Origin::Variable(_) | Origin::Step => Vec::new(),
            };
            IrNode { origin, inputs, ty }
        };
        Self {
            nodes: nodes.ids().iter().map(node).collect(),
            outputs: outputs.iter().map(|x| place(x.id())).collect(),
            updates: updates
                .iter()
                .map(|(variable, next)| (place(variable.id()), place(next.id())))
                .collect(),
            check: check.map(|x| place(x.id())),
            rules: graph.rules(),
        }
    }

    /// The op of a node, if it is computed.
    pub(crate) fn op(&self, id: NodeId) -> Option<&Arc<dyn Op>> {
        self.nodes[id].origin.op()
    }

    /// How a node is computed, if it is.
    pub(crate) fn lowering(&self, id: NodeId) -> Option<Lowering> {
        self.op(id).map(|op| op.lowering())
    }

    /// Whether a node is computed: a result of an op.
    pub(crate) fn is_computed(&self, id: NodeId) -> bool {
        matches!(self.nodes[id].origin, Origin::Op(_) | Origin::Result(_))
    }

    /// Whether a node only shows another one's memory.
    pub(crate) fn is_view(&self, id: NodeId) -> bool {
        matches!(self.lowering(id), Some(Lowering::View))
    }

    /// Every number of a node that something outside refers to.
    pub(crate) fn roots(&mut self) -> impl Iterator<Item = &mut NodeId> {
        let updates = self.updates.iter_mut().flat_map(|(variable, next)| [variable, next]);
        self.outputs.iter_mut().chain(updates).chain(self.check.iter_mut())
    }

    /// Keeps the nodes that `keep` names and renumbers the rest; `replace[i]` is the node that stands for `i`.
    pub(crate) fn compact(&mut self, keep: &[bool], replace: &[NodeId]) {
        let mut number = vec![usize::MAX; self.nodes.len()];
        let mut next = 0;
        for (id, slot) in number.iter_mut().enumerate() {
            if keep[id] {
                *slot = next;
                next += 1;
            }
        }
        let renumber = |id: NodeId| number[replace[id]];
        let old = std::mem::take(&mut self.nodes);
        self.nodes = old
            .into_iter()
            .zip(keep)
            .filter(|(_, keep)| **keep)
            .map(|(node, _)| node)
            .collect();
        for node in &mut self.nodes {
            node.inputs.iter_mut().for_each(|input| *input = renumber(*input));
        }
        self.roots().for_each(|id| *id = renumber(*id));
        self.rules.retain_mut(|rule| {
            rule.nodes().for_each(|id| *id = renumber(*id));
            rule.nodes().all(|id| *id != usize::MAX)
        });
    }

    /// The node whose memory `id` shows, and the layout in it.
    pub(crate) fn resolve(&self, id: NodeId) -> Result<(NodeId, Layout)> {
        let mut views = vec![id];
        let mut base = id;
        while self.is_view(base) {
            base = self.nodes[base].inputs[0];
            views.push(base);
        }
        let own = (base, Layout::contiguous(self.nodes[base].ty.shape));
        let mut rest = views.iter().rev().skip(1);
        rest.try_fold(own, |operand, &view| self.shown(view, |_| operand))
    }

    /// As [`Ir::resolve`], where this is known of the operands.
    pub(crate) fn shown(&self, id: NodeId, of: impl Fn(NodeId) -> (NodeId, Layout)) -> Result<(NodeId, Layout)> {
        let Some((op, Lowering::View)) = self.op(id).map(|op| (op, op.lowering())) else {
            return Ok((id, Layout::contiguous(self.nodes[id].ty.shape)));
        };
        let (base, layout) = of(self.nodes[id].inputs[0]);
        let layout = op.view(&layout)?;
        layout
            .map(|layout| (base, layout))
            .ok_or_else(|| rosenblatt_tensor::Error::internal("a view that needs a copy was not given one"))
    }

    /// Gives views and kernels the copies they need, so that afterwards every view resolves.
    pub(crate) fn materialize(&mut self) -> Result<()> {
        let old = std::mem::take(&mut self.nodes);
        let mut moved = vec![usize::MAX; old.len()];
        let mut shown = Vec::with_capacity(old.len());
        for (id, mut node) in old.into_iter().enumerate() {
            node.inputs.iter_mut().for_each(|input| *input = moved[*input]);
            let kind = if let Origin::Op(op) = &node.origin {
                Some(op.lowering())
            } else {
                None
            };
            for i in 0..node.inputs.len() {
                let (_, layout) = shown[node.inputs[i]];
                let copy = match (&kind, &node.origin) {
                    (Some(Lowering::View), Origin::Op(op)) => op.view(&layout)?.is_none(),
                    (Some(Lowering::Kernel(_)), _) => !layout.is_contiguous(),
                    (Some(Lowering::ColumnSum), _) => columns(&layout)?.is_none(),
                    (Some(Lowering::Convolution(op)), _) => i == 0 && op.left(&layout, &node.ty.shape)?.is_none(),
                    _ => false,
                };
                if copy {
                    node.inputs[i] = self.copy_of(node.inputs[i]);
                    shown.push(self.shown(node.inputs[i], |input| shown[input])?);
                }
            }
            self.nodes.push(node);
            moved[id] = self.nodes.len() - 1;
            shown.push(self.shown(moved[id], |input| shown[input])?);
        }
        self.roots().for_each(|id| *id = moved[*id]);
        self.rules
            .iter_mut()
            .flat_map(FusedRule::nodes)
            .for_each(|id| *id = moved[*id]);
        self.copy_roots();
        Ok(())
    }

    /// Gives results a value of their own where they would only show another one's: a variable that may be overwritten
    /// before it is read, an input, a constant, a view, a next value that lies as its variable does.
    fn copy_roots(&mut self) {
        let nexts: BTreeSet<NodeId> = self.updates.iter().map(|&(_, next)| next).collect();
        let mut earlier = BTreeSet::new();
        let computed = |ir: &Self, id: NodeId| ir.is_computed(id) && !ir.is_view(id);
        for i in 0..self.outputs.len() {
            if !computed(self, self.outputs[i]) || nexts.contains(&self.outputs[i]) {
                self.outputs[i] = self.copy_of(self.outputs[i]);
            }
        }
        for i in 0..self.updates.len() {
            let (variable, next) = self.updates[i];
            if !earlier.insert(next) || !computed(self, next) {
                self.updates[i] = (variable, self.copy_of(next));
            }
        }
        if let Some(id) = self.check.filter(|&id| !computed(self, id)) {
            self.check = Some(self.copy_of(id));
        }
    }

    fn copy_of(&mut self, id: NodeId) -> NodeId {
        let ty = self.nodes[id].ty;
        self.nodes.push(IrNode {
            origin: Origin::Op(Arc::new(Copied)),
            inputs: vec![id],
            ty,
        });
        self.nodes.len() - 1
    }
}

/// `[k…, n]` as the matrix `[k, n]`, if the layout allows.
pub(crate) fn columns(layout: &Layout) -> Result<Option<Layout>> {
    let shape = layout.shape();
    let n = shape.last().copied().unwrap_or(1);
    let k = shape.iter().rev().skip(1).product();
    layout.reshape(rosenblatt_tensor::Shape::new(&[k, n])?)
}

/// The same numbers without gaps: inserted where a view or a kernel needs them so.
#[derive(Clone, Copy, Debug)]
struct Copied;

impl Op for Copied {
    fn name(&self) -> &'static str {
        "copy"
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        Ok(x[0])
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(CopyTile))
    }

    fn vjp<'g>(&self, _: usize, _: &[Var<'g>], _: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(dy)
    }

    fn jvp<'g>(&self, _: &[Var<'g>], _: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        dx[0]
    }
}
