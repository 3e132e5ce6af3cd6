//! The reverse derivative of a scan: a recurrence over the cotangents of the carry, in the opposite direction.
//!
//! What it needs of the steps' values, it reads from a scan over the same body that puts them out; a plan computes the
//! nodes of both once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::Scan;
use super::step::{Ends, Step, array, zeros};
use super::total::{Stack, Total, summed};
use crate::elementwise::Elementwise2 as _;
use crate::op::Lowering;
use crate::ops::Add;
use crate::{Execution, Graph, NodeId, Origin, Var, reverse as reverse_mode};

/// The cotangents of the operands that are wanted, from those of the results.
pub(super) fn reverse<'g>(scan: &Scan, wanted: &[bool], x: &[Var<'g>], dy: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
    let step = Graph::new(Execution::Static);
    let values = Step::new(scan, &step);
    let mut found = vec![None; x.len()];
    let sweep = Sweep::new(scan, &values, wanted, dy);
    let back = Back::new(&values, &sweep);
    back.apply(scan, x, dy, &mut found);
    found
}

/// The reverse sweep over one step.
struct Sweep<'s> {
    /// Stand for the cotangents of the next carry, and of the outputs; with the number of each.
    next: Vec<(usize, Var<'s>)>,
    outputs: Vec<(usize, Var<'s>)>,
    /// The cotangents of operands, by number; those of the carry are there even if they are zero.
    operands: Vec<(usize, Var<'s>)>,
    /// Nodes with smaller numbers are the step's own.
    start: NodeId,
}

impl<'s> Sweep<'s> {
    fn new(scan: &Scan, step: &Step<'_, 's>, wanted: &[bool], dy: &[Option<Var<'_>>]) -> Self {
        let start = step.graph.len();
        let carries = scan.counts.carry;
        let stand_in = |(i, y): (usize, &Var<'s>)| (i, step.graph.step_value(y.ty()));
        let (next, outputs) = (step.next(), step.outputs());
        let float = |(_, y): &(usize, &Var<'s>)| y.dtype().is_float();
        let d_next: Vec<_> = next.iter().enumerate().filter(float).map(stand_in).collect();
        let given = |(i, _): &(usize, &Var<'s>)| dy[carries + i].is_some();
        let d_outputs: Vec<_> = outputs
            .iter()
            .enumerate()
            .filter(float)
            .filter(given)
            .map(stand_in)
            .collect();
        let pairs = d_next.iter().map(|&(i, dy)| (next[i], dy));
        let pairs: Vec<_> = pairs.chain(d_outputs.iter().map(|&(i, dy)| (outputs[i], dy))).collect();
        let by: Vec<usize> = (0..scan.counts.all())
            .filter(|&i| step.is_float(i) && (i < carries || wanted[i]))
            .collect();
        let vars: Vec<Var<'s>> = by.iter().map(|&i| step.operands[i]).collect();
        let found = reverse_mode::sweep(step.graph, &pairs, &vars);
        let whole = |(i, dx): (usize, Option<Var<'s>>)| match dx {
            Some(dx) => Some((i, dx)),
            None => (i < carries).then(|| (i, zeros(step.graph, step.operands[i].ty()))),
        };
        Self {
            operands: by.into_iter().zip(found).filter_map(whole).collect(),
            next: d_next,
            outputs: d_outputs,
            start,
        }
    }
}

/// The reverse scan: its step, and what of the forward scan it reads.
struct Back<'a, 's> {
    step: &'a Step<'a, 's>,
    sweep: &'a Sweep<'s>,
    /// Sums over steps, by operand.
    totals: Vec<(usize, Total<'s>)>,
    /// Cotangents that are summed in a carry: the sum so far, and what a step adds.
    running: Vec<(Var<'s>, Var<'s>)>,
    /// Nodes of the reverse step that are needed of all steps.
    stacked: Vec<Var<'s>>,
    /// Nodes of the forward step that are needed of all steps, by their number in the body.
    saved: BTreeMap<NodeId, usize>,
    /// Operands of the forward step that the reverse step reads.
    used: BTreeSet<usize>,
}

impl<'a, 's> Back<'a, 's> {
    fn new(step: &'a Step<'a, 's>, sweep: &'a Sweep<'s>) -> Self {
        let mut this = Self {
            step,
            sweep,
            totals: Vec::new(),
            running: Vec::new(),
            stacked: Vec::new(),
            saved: BTreeMap::new(),
            used: BTreeSet::new(),
        };
        let counts = step.scan.counts;
        let constants = sweep
            .operands
            .iter()
            .filter(|(i, _)| *i >= counts.carry + counts.sequences);
        for &(i, dx) in constants {
            let total = this.total(dx);
            this.totals.push((i, total));
        }
        this.find_saved();
        this
    }

    /// How `dx`, of one step, is summed over all.
    fn total(&mut self, dx: Var<'s>) -> Total<'s> {
        if let Some(total) = self.at_once(dx) {
            return total;
        }
        let so_far = self.step.graph.step_value(dx.ty());
        self.running.push((so_far, so_far + dx));
        Total::Running(self.running.len() - 1)
    }

    fn at_once(&mut self, dx: Var<'s>) -> Option<Total<'s>> {
        let node = self.step.graph.node(dx.id());
        let inputs: Vec<Var<'s>> = node.inputs.iter().map(|&id| self.var(id)).collect();
        let Origin::Op(op) = node.origin else { return None };
        if dx.id() < self.sweep.start {
            return None;
        }
        if op.name() == Add::NAME && inputs.iter().all(|x| x.ty() == dx.ty()) {
            let [a, b] = array(&inputs);
            return Some(Total::Sum(Box::new([self.total(a), self.total(b)])));
        }
        if matches!(op.lowering(), Lowering::View) {
            return Some(Total::View(op, Box::new(self.total(inputs[0]))));
        }
        let probe = Graph::new(Execution::Static);
        let types = inputs.iter().map(|x| self.step.scan.sequence(x.ty()));
        let types = types.collect::<Result<Vec<_>, _>>().ok()?;
        let stacks: Vec<Var<'_>> = types.into_iter().map(|ty| probe.step_value(ty)).collect();
        op.sum_over_steps(&stacks)?;
        if !inputs.iter().all(|x| self.varies(*x)) {
            return None;
        }
        let stacks = inputs.into_iter().map(|x| self.stack(x)).collect();
        Some(Total::AtOnce(op, stacks))
    }

    fn stack(&mut self, x: Var<'s>) -> Stack<'s> {
        let node = self.step.graph.node(x.id());
        if let Some(op) = node.origin.op()
            && matches!(op.lowering(), Lowering::View)
        {
            let probe = Graph::new(Execution::Static);
            let inner = self.var(node.inputs[0]);
            let ty = self.step.scan.sequence(inner.ty());
            if ty.is_ok_and(|ty| op.on_each_step(&[probe.step_value(ty)]).is_some()) {
                return Stack::View(Arc::clone(op), Box::new(self.stack(inner)));
            }
        }
        self.stacked.push(x);
        Stack::Node(x)
    }

    fn var(&self, id: NodeId) -> Var<'s> {
        Var {
            graph: self.step.graph,
            id,
        }
    }

    /// Whether a node differs from step to step.
    fn varies(&self, x: Var<'s>) -> bool {
        let mut open = vec![x.id()];
        let mut seen = BTreeSet::new();
        let counts = self.step.scan.counts;
        let shared = &self.step.operands[counts.carry + counts.sequences..];
        while let Some(id) = open.pop() {
            let node = self.step.graph.node(id);
            if matches!(node.origin, Origin::Step) && !shared.iter().any(|x| x.id() == id) {
                return true;
            }
            open.extend(node.inputs.into_iter().filter(|&id| seen.insert(id)));
        }
        false
    }

    /// What the reverse step computes, for itself and for the sums over steps.
    fn results(&self) -> impl Iterator<Item = Var<'s>> + '_ {
        let counts = self.step.scan.counts;
        let own = self
            .sweep
            .operands
            .iter()
            .filter(move |(i, _)| *i < counts.carry + counts.sequences);
        let running = self.running.iter().map(|&(_, next)| next);
        own.map(|&(_, dx)| dx)
            .chain(running)
            .chain(self.stacked.iter().copied())
    }

    /// Finds the values of the forward step that the reverse step reads. Views, and what is the same in every step, are
    /// made again.
    fn find_saved(&mut self) {
        let number: BTreeMap<NodeId, usize> = self.step.values.iter().map(|x| x.id()).zip(0..).collect();
        let mut open: Vec<NodeId> = self.results().map(|x| x.id()).collect();
        let mut seen: BTreeSet<NodeId> = open.iter().copied().collect();
        let stacked: BTreeSet<NodeId> = self.stacked.iter().map(|x| x.id()).collect();
        while let Some(id) = open.pop() {
            let node = self.step.graph.node(id);
            if let Some(&i) = number.get(&id) {
                if i < self.step.operands.len() {
                    self.used.insert(i);
                    continue;
                }
                let is_view = matches!(&node.origin, Origin::Op(op) if matches!(op.lowering(), Lowering::View));
                let is_constant = matches!(node.origin, Origin::Constant(_));
                if self.step.varies[i] && !is_constant && (!is_view || stacked.contains(&id)) {
                    self.saved.insert(id, i);
                    continue;
                }
            }
            open.extend(node.inputs.into_iter().filter(|&id| seen.insert(id)));
        }
    }

    /// Puts the reverse scan on the graph of the forward scan.
    fn apply<'g>(&self, scan: &Scan, x: &[Var<'g>], dy: &[Option<Var<'g>>], found: &mut [Option<Var<'g>>]) {
        let (graph, counts) = (x[0].graph(), scan.counts);
        if let Some(error) = self.step.graph.error() {
            let dead = graph.dead(error, x[0].ty());
            return found.iter_mut().for_each(|dx| *dx = Some(dead));
        }
        let known = self.known(scan, x, dy);
        let shared = self.used_in(counts.carry + counts.sequences..counts.all());
        let by_carry = self.by(0..counts.carry);
        let by_sequence = self.by(counts.carry..counts.carry + counts.sequences);
        let is_new = |x: &&Var<'s>| !known.iter().any(|(known, _)| known.id() == x.id());
        let stacked: Vec<Var<'s>> = self.stacked.iter().filter(is_new).copied().collect();
        let second = |pairs: &[(usize, Var<'s>)]| pairs.iter().map(|&(_, x)| x).collect::<Vec<_>>();
        let (sums, next_sums): (Vec<Var<'s>>, Vec<Var<'s>>) = self.running.iter().copied().unzip();
        let ends = Ends {
            carry: [second(&self.sweep.next), sums.clone()].concat(),
            sequences: known.iter().map(|(inside, _)| *inside).collect(),
            constants: shared.iter().map(|&i| self.step.operands[i]).collect(),
            next: [second(&by_carry), next_sums].concat(),
            outputs: [second(&by_sequence), stacked.clone()].concat(),
        };
        let last = self.sweep.next.iter();
        let last = last.map(|&(i, y)| dy[i].unwrap_or_else(|| zeros(graph, y.ty())));
        let start = last.chain(sums.iter().map(|sum| zeros(graph, sum.ty())));
        let given = start
            .chain(known.iter().map(|(_, outside)| *outside))
            .chain(shared.iter().map(|&i| x[i]));
        let all = ends.apply(graph, &given.collect::<Vec<_>>(), (scan.steps, !scan.is_reverse));
        let (carry, rest) = all.split_at(by_carry.len());
        let (running, rest) = rest.split_at(sums.len());
        let (by_x, stacks) = rest.split_at(by_sequence.len());
        let own = by_carry.iter().zip(carry).chain(by_sequence.iter().zip(by_x));
        own.for_each(|(&(i, _), &dx)| found[i] = Some(dx));
        let stacked = stacked.iter().zip(stacks);
        let stacks = known.iter().map(|(inside, outside)| (inside, outside)).chain(stacked);
        let stacks = stacks.map(|(inside, outside)| (inside.id(), *outside)).collect();
        for (i, total) in &self.totals {
            found[*i] = summed(total, running, &stacks);
        }
    }

    /// What the reverse step reads that differs from step to step: inside the step, and in all steps. What was carried into
    /// each step, and values inside it, come from a scan that puts them out.
    fn known<'g>(&self, scan: &Scan, x: &[Var<'g>], dy: &[Option<Var<'g>>]) -> Vec<(Var<'s>, Var<'g>)> {
        let (counts, operand) = (scan.counts, |i: usize| self.step.operands[i]);
        let carried = self.used_in(0..counts.carry);
        let kept = carried.iter().chain(self.saved.values()).copied().collect();
        let kept = self.kept(scan, x, kept);
        let saved = self.saved.keys().map(|&id| self.var(id));
        let inside = carried.iter().map(|&i| operand(i)).chain(saved).zip(kept);
        let sequences = self.used_in(counts.carry..counts.carry + counts.sequences);
        let sequences = sequences.into_iter().map(|i| (operand(i), x[i]));
        let outputs = self.sweep.outputs.iter();
        let outputs = outputs.filter_map(|&(i, stand_in)| Some((stand_in, dy[counts.carry + i]?)));
        inside.chain(sequences).chain(outputs).collect()
    }

    /// The cotangents of some operands, by number.
    fn by(&self, range: Range<usize>) -> Vec<(usize, Var<'s>)> {
        let operands = self.sweep.operands.iter().copied();
        operands.filter(|(i, _)| range.contains(i)).collect()
    }

    fn used_in(&self, range: Range<usize>) -> Vec<usize> {
        self.used.iter().copied().filter(|i| range.contains(i)).collect()
    }

    /// Values of the forward step in all steps, by their numbers in the body.
    fn kept<'g>(&self, scan: &Scan, x: &[Var<'g>], outputs: Vec<usize>) -> Vec<Var<'g>> {
        if outputs.is_empty() {
            return Vec::new();
        }
        let scan = Scan {
            outputs,
            ..scan.clone()
        };
        x[0].graph()
            .apply_all(Arc::new(scan), x)
            .split_off(self.step.scan.counts.carry)
    }
}
