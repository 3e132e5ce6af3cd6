//! One step of a scan on a graph of its own, to be differentiated and made a scan again.

use std::sync::Arc;

use rosenblatt_tensor::Tensor;

use super::{Body, Counts, Scan};
use crate::op::Type;
use crate::{Graph, Var};

/// The nodes of a step on a graph of their own.
pub(super) struct Step<'a, 's> {
    pub(super) scan: &'a Scan,
    pub(super) graph: &'s Graph,
    pub(super) operands: Vec<Var<'s>>,
    /// For each node of the body.
    pub(super) values: Vec<Var<'s>>,
    /// Whether a node of the body depends on the carry or a sequence.
    pub(super) varies: Vec<bool>,
}

impl<'a, 's> Step<'a, 's> {
    pub(super) fn new(scan: &'a Scan, graph: &'s Graph) -> Self {
        let operands = &scan.body.nodes[..scan.counts.all()];
        let operands: Vec<Var<'s>> = operands.iter().map(|node| graph.step_value(node.ty)).collect();
        Self {
            scan,
            graph,
            values: scan.body.on(graph, &operands),
            operands,
            varies: scan.body.varies(scan.counts.carry + scan.counts.sequences),
        }
    }

    pub(super) fn next(&self) -> Vec<Var<'s>> {
        self.scan.carry.iter().map(|&node| self.values[node]).collect()
    }

    pub(super) fn outputs(&self) -> Vec<Var<'s>> {
        self.scan.outputs.iter().map(|&node| self.values[node]).collect()
    }

    pub(super) fn is_float(&self, operand: usize) -> bool {
        self.operands[operand].dtype().is_float()
    }
}

/// The ends of a step that was built on a graph of its own.
pub(super) struct Ends<'s> {
    pub(super) carry: Vec<Var<'s>>,
    pub(super) sequences: Vec<Var<'s>>,
    pub(super) constants: Vec<Var<'s>>,
    pub(super) next: Vec<Var<'s>>,
    pub(super) outputs: Vec<Var<'s>>,
}

impl Ends<'_> {
    /// Makes a scan of the step and applies it to operands of another graph.
    pub(super) fn apply<'g>(
        &self,
        graph: &'g Graph,
        x: &[Var<'g>],
        (steps, is_reverse): (usize, bool),
    ) -> Vec<Var<'g>> {
        let ids = |parts: &[&[Var<'_>]]| parts.concat().iter().map(|x| x.id()).collect::<Vec<_>>();
        let operands = [&self.carry[..], &self.sequences, &self.constants];
        if self.next.is_empty() && self.outputs.is_empty() {
            return Vec::new();
        }
        let inside = operands
            .iter()
            .flat_map(|part| *part)
            .chain(&self.next)
            .chain(&self.outputs);
        let Some(own) = inside.map(|x| x.graph()).next() else {
            return Vec::new();
        };
        if let Some(error) = own.error() {
            return vec![graph.dead(error, x[0].ty()); self.next.len() + self.outputs.len()];
        }
        let taken = Body::extract(own, &ids(&operands), &ids(&[&self.next, &self.outputs]), &|_, _| false);
        let numbers = |vars: &[Var<'_>]| vars.iter().map(|x| taken.number[&x.id()]).collect::<Vec<_>>();
        let scan = Scan {
            counts: Counts {
                carry: self.carry.len(),
                sequences: self.sequences.len(),
                constants: self.constants.len(),
            },
            carry: numbers(&self.next),
            outputs: numbers(&self.outputs),
            steps,
            is_reverse,
            body: Arc::new(taken.body),
        };
        graph.apply_all(Arc::new(scan), x)
    }
}

pub(super) fn zeros(graph: &Graph, ty: Type) -> Var<'_> {
    graph.constant(Tensor::scalar_of(ty.dtype, 0.0)).broadcast_to(&ty.shape)
}

/// Exactly as many values as an array has.
pub(super) fn array<'g, const N: usize>(vars: &[Var<'g>]) -> [Var<'g>; N] {
    std::array::from_fn(|i| vars[i])
}
