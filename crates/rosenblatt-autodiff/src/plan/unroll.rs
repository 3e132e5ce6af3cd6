//! The nodes of every step of a scan, one after the other.
//!
//! A plan has no loops: when it is compiled, each scan becomes the nodes of all of its steps, so that rewrites, order and
//! memory are those of any other nodes. A scan that reads the output of another takes it from the nodes of its steps.
//! Scans over the same body and operands (a recurrence, and the same with outputs that its derivative reads) share their
//! nodes.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rosenblatt_tensor::{Error, Result, Shape, Tensor};

use super::ir::{Ir, IrNode};
use crate::op::{Lowering, Op, Type};
use crate::ops::scan::{Body, BodyNode};
use crate::ops::{Concat, Reshape, Scan, Slice};
use crate::rule::FusedRule;
use crate::{NodeId, Origin};

/// Replaces every scan among the nodes; bodies may hold scans.
pub(super) fn unroll(ir: &mut Ir) -> Result<()> {
    while ir.nodes.iter().any(|node| scan_of(node).is_some()) {
        let old = std::mem::take(&mut ir.nodes);
        let roots: Vec<NodeId> = ir.roots().map(|id| *id).collect();
        let (alive, is_array) = uses(&old, &roots);
        let mut this = Unroll {
            of: vec![usize::MAX; old.len()],
            old,
            is_array,
            nodes: Vec::new(),
            scans: BTreeMap::new(),
            known: BTreeMap::new(),
        };
        (0..alive.len())
            .filter(|&id| alive[id])
            .try_for_each(|id| this.node(id))?;
        ir.nodes = this.nodes;
        ir.roots().for_each(|id| *id = this.of[*id]);
        ir.rules
            .iter_mut()
            .flat_map(FusedRule::nodes)
            .for_each(|id| *id = this.of[*id]);
        ir.rules.retain_mut(|rule| rule.nodes().all(|id| *id != usize::MAX));
    }
    Ok(())
}

struct Unroll {
    old: Vec<IrNode>,
    /// Whether an old node is read other than step by step.
    is_array: Vec<bool>,
    nodes: Vec<IrNode>,
    /// The new number of each old node.
    of: Vec<NodeId>,
    /// The results of each scan, by its old number.
    scans: BTreeMap<NodeId, Unrolled>,
    /// Steps that were made, by body, direction and operands.
    known: BTreeMap<(*const Body, bool, Vec<NodeId>), Rc<Steps>>,
}

/// New nodes, for each step and each node of the body.
type Steps = Vec<Vec<NodeId>>;

/// The results of a scan.
struct Unrolled {
    carry: Vec<NodeId>,
    /// The outputs of each step.
    outputs: Vec<Vec<NodeId>>,
}

impl Unroll {
    /// The new nodes for an old one.
    fn node(&mut self, id: NodeId) -> Result<()> {
        let node = self.old[id].clone();
        if let Some(scan) = scan_of(&node) {
            self.scan(id, &scan)?;
            self.result(id, id, 0)
        } else if let Origin::Result(i) = node.origin
            && self.scans.contains_key(&node.inputs[0])
        {
            self.result(id, node.inputs[0], i)
        } else {
            let inputs = node.inputs.iter().map(|&input| self.of[input]).collect();
            self.of[id] = self.push(node.origin, inputs, node.ty);
            Ok(())
        }
    }

    fn push(&mut self, origin: Origin, inputs: Vec<NodeId>, ty: Type) -> NodeId {
        self.nodes.push(IrNode { origin, inputs, ty });
        self.nodes.len() - 1
    }

    fn apply(&mut self, op: impl Op, inputs: Vec<NodeId>) -> Result<NodeId> {
        let types: Vec<Type> = inputs.iter().map(|&id| self.nodes[id].ty).collect();
        let ty = op.infer(&types)?;
        Ok(self.push(Origin::Op(Arc::new(op)), inputs, ty))
    }

    fn scan(&mut self, id: NodeId, scan: &Scan) -> Result<()> {
        let inputs = self.old[id].inputs.clone();
        let key = (Arc::as_ptr(scan.body()), scan.is_reverse(), inputs.clone());
        let steps = match self.known.get(&key) {
            Some(steps) => Rc::clone(steps),
            None => {
                let steps = Rc::new(self.steps(scan, &inputs)?);
                self.known.insert(key, Rc::clone(&steps));
                steps
            }
        };
        let (carry, outputs) = scan.result_nodes();
        let last = scan.order().last();
        let carry = carry.iter().zip(&inputs);
        let unrolled = Unrolled {
            carry: carry
                .map(|(&node, &first)| last.map_or(self.of[first], |t| steps[t][node]))
                .collect(),
            outputs: outputs
                .iter()
                .map(|&node| steps.iter().map(|step| step[node]).collect())
                .collect(),
        };
        self.scans.insert(id, unrolled);
        Ok(())
    }

    /// The nodes of all steps.
    fn steps(&mut self, scan: &Scan, inputs: &[NodeId]) -> Result<Steps> {
        let (carries, sequences) = scan.counts();
        let body = &scan.body().nodes;
        let varies = scan.body().varies(carries + sequences);
        let mut values = vec![usize::MAX; body.len()];
        for (i, &input) in inputs.iter().enumerate().skip(carries + sequences) {
            values[i] = self.of[input];
        }
        self.emit(body, &mut values, |i| i >= inputs.len() && !varies[i]);
        let mut carry: Vec<NodeId> = inputs[..carries].iter().map(|&input| self.of[input]).collect();
        let mut steps = vec![Vec::new(); scan.steps()];
        for t in scan.order() {
            values[..carries].copy_from_slice(&carry);
            for (i, &input) in inputs.iter().enumerate().skip(carries).take(sequences) {
                values[i] = self.part(input, t)?;
            }
            self.emit(body, &mut values, |i| i >= inputs.len() && varies[i]);
            carry = scan.result_nodes().0.iter().map(|&node| values[node]).collect();
            steps[t] = values.clone();
        }
        Ok(steps)
    }

    /// New nodes for the wanted ones of a body.
    fn emit(&mut self, body: &[BodyNode], values: &mut [NodeId], wanted: impl Fn(usize) -> bool) {
        for (i, node) in body.iter().enumerate().filter(|(i, _)| wanted(*i)) {
            let inputs = node.inputs.iter().map(|&input| values[input]).collect();
            values[i] = self.push(node.origin.clone(), inputs, node.ty);
        }
    }

    /// Step `t` of a sequence.
    fn part(&mut self, id: NodeId, t: usize) -> Result<NodeId> {
        let result = self.old[id].origin.result();
        let scan = if result.is_some() { self.old[id].inputs[0] } else { id };
        if let Some(unrolled) = self.scans.get(&scan)
            && let Some(output) = result.unwrap_or(0).checked_sub(unrolled.carry.len())
        {
            return Ok(unrolled.outputs[output][t]);
        }
        let slice = self.apply(
            Slice {
                axis: 0,
                start: t,
                end: t + 1,
            },
            vec![self.of[id]],
        )?;
        let shape = self.nodes[slice].ty.shape.without(&[0], false);
        self.apply(Reshape { shape }, vec![slice])
    }

    /// The new node of result `i` of a scan.
    fn result(&mut self, id: NodeId, scan: NodeId, i: usize) -> Result<()> {
        let missing = || Error::internal("a result of a scan that was not unrolled");
        let unrolled = self.scans.get(&scan).ok_or_else(missing)?;
        if let Some(&carry) = unrolled.carry.get(i) {
            self.of[id] = carry;
        } else if self.is_array[id] {
            let parts = unrolled.outputs[i - unrolled.carry.len()].clone();
            self.of[id] = self.stack(parts, self.old[id].ty)?;
        }
        Ok(())
    }

    /// Values of all steps as one array.
    fn stack(&mut self, mut parts: Vec<NodeId>, ty: Type) -> Result<NodeId> {
        if parts.is_empty() {
            let zeros = Tensor::zeros(ty.dtype, ty.shape);
            return Ok(self.push(Origin::Constant(zeros), Vec::new(), ty));
        }
        for part in &mut parts {
            let shape = Shape::new(&[&[1], &ty.shape[1..]].concat())?;
            *part = self.apply(Reshape { shape }, vec![*part])?;
        }
        self.apply(Concat { axis: 0 }, parts)
    }
}

fn scan_of(node: &IrNode) -> Option<Scan> {
    let lowering = node.origin.op()?.lowering();
    if let Lowering::Scan(scan) = lowering {
        Some(scan)
    } else {
        None
    }
}

/// For each node whether a root needs it, and whether something reads all of it at once, not as a sequence step by step.
fn uses(nodes: &[IrNode], roots: &[NodeId]) -> (Vec<bool>, Vec<bool>) {
    let (mut alive, mut is_array) = (vec![false; nodes.len()], vec![false; nodes.len()]);
    roots.iter().for_each(|&id| (alive[id], is_array[id]) = (true, true));
    for id in (0..nodes.len()).rev() {
        if !alive[id] {
            continue;
        }
        let sequences = scan_of(&nodes[id]).map_or(0..0, |scan| {
            let (carry, sequences) = scan.counts();
            carry..carry + sequences
        });
        let is_result = matches!(nodes[id].origin, Origin::Result(_));
        for (i, &input) in nodes[id].inputs.iter().enumerate() {
            alive[input] = true;
            is_array[input] |= !is_result && !sequences.contains(&i);
        }
    }
    (alive, is_array)
}
