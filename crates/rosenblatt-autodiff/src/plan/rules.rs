//! Which nodes belong to a rule: computed by its loop, or one by one; for bounds and labels they are one node either way.

use rosenblatt_tensor::Result;

use super::groups::{Edge, Groups};
use super::ir::Ir;
use crate::rule::FusedRule;
use crate::{NodeId, Origin};

/// A rule whose nodes the rewrites of the graph have left together.
pub(crate) struct RuleNodes {
    pub(crate) rule: FusedRule,
    /// What its loop reads besides the places.
    pub(crate) inputs: Vec<Edge>,
    /// Inputs and places.
    operands: Vec<Edge>,
    /// The result that is computed last; it stands for the rule.
    pub(crate) last: NodeId,
}

/// The rules of a graph, and for each node the rule it is inside of.
pub(crate) struct Rules {
    pub(crate) all: Vec<RuleNodes>,
    of: Vec<Option<usize>>,
}

impl Rules {
    /// # Errors
    /// A view that does not resolve.
    pub(crate) fn new(ir: &Ir) -> Result<Self> {
        let mut this = Self {
            all: Vec::new(),
            of: vec![None; ir.nodes.len()],
        };
        ir.rules.iter().try_for_each(|rule| this.add(ir, rule))?;
        Ok(this)
    }

    fn add(&mut self, ir: &Ir, rule: &FusedRule) -> Result<()> {
        let ends = |id: &NodeId| rule.places.contains(id) || rule.inputs.contains(id) || ir.op(*id).is_none();
        let free = |id: &NodeId| !ends(id) && self.of[*id].is_none();
        let Some(&last) = rule.results.iter().max().filter(|_| rule.results.iter().all(free)) else {
            return Ok(());
        };
        let mut open = rule.results.clone();
        while let Some(id) = open.pop() {
            if !ends(&id) && self.of[id].is_none() {
                self.of[id] = Some(self.all.len());
                open.extend(&ir.nodes[id].inputs);
            }
        }
        let edge = |&id: &NodeId| ir.resolve(id).map(|(base, layout)| Edge { base, layout });
        let inputs: Vec<Edge> = rule.inputs.iter().map(edge).collect::<Result<_>>()?;
        let places = rule.places.iter().map(edge).collect::<Result<Vec<_>>>()?;
        self.all.push(RuleNodes {
            rule: rule.clone(),
            operands: [inputs.clone(), places].concat(),
            inputs,
            last,
        });
        Ok(())
    }

    /// The rule a node is inside of.
    pub(crate) fn of(&self, id: NodeId) -> Option<&RuleNodes> {
        self.of[id].map(|rule| &self.all[rule])
    }
}

impl Groups {
    /// Whether a node counts: it is in no rule, or stands for one.
    pub(crate) fn counts(&self, id: NodeId) -> bool {
        self.rules.of(id).is_none_or(|rule| rule.last == id)
    }

    /// What a node that counts reads.
    pub(crate) fn operands(&self, id: NodeId) -> &[Edge] {
        self.rules.of(id).map_or(&self.edges[id], |rule| &rule.operands)
    }

    /// What a node that counts is called.
    pub(crate) fn name(&self, id: NodeId) -> Option<&'static str> {
        let op = || self.ir.op(id).map(|op| op.name());
        self.rules.of(id).map(|rule| rule.rule.label).or_else(op)
    }

    /// The node whose numbers an operand shows: a checked value is the value itself.
    pub(crate) fn checked(&self, id: NodeId) -> NodeId {
        self.checked_directly(id).map_or(id, |base| self.checked(base))
    }

    /// Whether `id` is `base`, checked once or more.
    fn checks(&self, id: NodeId, base: NodeId) -> bool {
        self.checked_directly(id)
            .is_some_and(|of| of == base || self.checks(of, base))
    }

    /// Whether the loop of `group` stores a checked copy of `base`, besides `but`: the copy is stored last, when `base` may be
    /// overwritten.
    pub(crate) fn stores_checked(&self, group: usize, base: NodeId, but: Option<NodeId>) -> bool {
        let mut members = self.groups[group].members.iter();
        members.any(|&id| Some(id) != but && self.checks(id, base) && self.is_stored(id))
    }

    /// The operand of a node that checks it.
    fn checked_directly(&self, id: NodeId) -> Option<NodeId> {
        let is_check = self.ir.op(id)?.check_finite().is_some();
        is_check.then(|| self.edges[id][0].base)
    }

    /// Whether a node has the same numbers all through a run.
    pub(crate) fn is_fixed(&self, id: NodeId) -> bool {
        matches!(self.ir.nodes[id].origin, Origin::Input(_) | Origin::Constant(_))
    }
}
