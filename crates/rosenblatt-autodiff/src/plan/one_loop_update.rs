//! A rule that overwrites variables is one loop over all of them, instead of a loop for each of its operations.
//!
//! Which nodes a rule has, the graph has noted ([`crate::Rule::apply`]). Legal where its results are computed in one chain, in
//! place of the variables it names, and nothing in the chain reads a variable when it is overwritten. The loop does the
//! operations of the nodes on the same numbers, so it has their bits; a node that something else reads too is
//! computed once more.

use std::collections::BTreeSet;

use super::groups::{Edge, GroupId, Groups};
use super::rules::RuleNodes;
use super::waits::InPlace;
use crate::NodeId;

/// The loops of a chain.
#[derive(Default)]
pub(crate) struct FusedUpdates<'a> {
    pub(crate) loops: Vec<FusedUpdate<'a>>,
    /// Nodes that nothing needs besides the loops, and results.
    pub(crate) inside: BTreeSet<NodeId>,
}

/// One loop, run where its last result would be computed.
pub(crate) struct FusedUpdate<'a> {
    pub(crate) nodes: &'a RuleNodes,
    /// For each place, the node that overwrites the variable: the result, or the result checked.
    pub(crate) writers: Vec<NodeId>,
}

/// The loops among the members of a group.
pub(crate) fn one_loop_updates<'a>(groups: &'a Groups, group: GroupId, in_place: &InPlace) -> FusedUpdates<'a> {
    let members = &groups.groups[group].members;
    let ending = members
        .iter()
        .filter_map(|&id| groups.rules.of(id).filter(|rule| rule.last == id));
    let mut loops: Vec<FusedUpdate<'a>> = ending
        .filter_map(|nodes| candidate(groups, group, nodes, in_place))
        .collect();
    loop {
        let chain = Chain::new(groups, group, &loops);
        let sound: Vec<bool> = loops.iter().map(|update| chain.is_sound(update)).collect();
        if sound.iter().all(|sound| *sound) {
            let inside = chain.skipped;
            return FusedUpdates { loops, inside };
        }
        let mut sound = sound.into_iter();
        loops.retain(|_| sound.next() == Some(true));
    }
}

/// The loop of a rule, if its results fill the group's space in place of the variables, and its inputs can be read there.
fn candidate<'a>(groups: &Groups, group: GroupId, nodes: &'a RuleNodes, in_place: &InPlace) -> Option<FusedUpdate<'a>> {
    let last = nodes.last;
    let fills = |&id: &NodeId| {
        groups.of[id] == Some(group)
            && groups.transposed[id] == groups.transposed[last]
            && groups.ir.nodes[id].ty.shape.elements() == groups.groups[group].space.elements()
    };
    let writer = |(place, result): (&NodeId, &NodeId)| {
        let (_, next) = in_place.iter().find(|(variable, _)| variable == place)?;
        (groups.checked(next) == *result).then_some(next)
    };
    let places = nodes.rule.places.iter().zip(&nodes.rule.results);
    let writers: Vec<NodeId> = places.map(writer).collect::<Option<_>>()?;
    let apart = writers.iter().collect::<BTreeSet<_>>().len() == writers.len();
    // Read as a node of the rule reads it, or at any time.
    let read = |input: &Edge| {
        let alike = |&id: &NodeId| {
            groups.of[id] == Some(group)
                && groups.transposed[id] == groups.transposed[last]
                && groups.ir.nodes[id].ty.shape == groups.ir.nodes[last].ty.shape
                && groups.edges[id].iter().any(|edge| edge == input)
        };
        groups.is_fixed(input.base) || groups.readers[input.base].iter().any(alike)
    };
    let legal = apart && nodes.rule.results.iter().chain(&writers).all(fills) && nodes.inputs.iter().all(read);
    legal.then_some(FusedUpdate { nodes, writers })
}

/// A chain with some loops in it.
struct Chain<'a> {
    groups: &'a Groups,
    group: GroupId,
    /// The variables that loops overwrite, each with the node in whose stead it is overwritten.
    places: Vec<(NodeId, NodeId)>,
    /// Results of loops, each with the node in whose stead it is computed.
    results: Vec<(NodeId, NodeId)>,
    skipped: BTreeSet<NodeId>,
}

impl<'a> Chain<'a> {
    fn new(groups: &'a Groups, group: GroupId, loops: &[FusedUpdate<'_>]) -> Self {
        let of = |ids: fn(&RuleNodes) -> &[NodeId]| {
            let each = |update: &FusedUpdate<'_>| {
                let last = update.nodes.last;
                ids(update.nodes).iter().map(|&id| (id, last)).collect::<Vec<_>>()
            };
            loops.iter().flat_map(each).collect()
        };
        let mut this = Self {
            groups,
            group,
            places: of(|nodes| &nodes.rule.places),
            results: of(|nodes| &nodes.rule.results),
            skipped: BTreeSet::new(),
        };
        this.skipped = this.skipped(loops);
        this
    }

    fn is_result(&self, id: NodeId) -> bool {
        self.results.iter().any(|&(result, _)| result == id)
    }

    /// Members inside the rules of loops that nothing else needs, and the results.
    fn skipped(&self, loops: &[FusedUpdate<'_>]) -> BTreeSet<NodeId> {
        let members = self.groups.groups[self.group].members.iter().copied();
        let taken = |id: &NodeId| {
            let rule = self.groups.rules.of(*id);
            rule.is_some_and(|rule| loops.iter().any(|update| update.nodes.last == rule.last))
        };
        let (inside, rest): (Vec<NodeId>, Vec<NodeId>) = members.partition(taken);
        let mut skipped: BTreeSet<NodeId> = inside.into_iter().collect();
        let inputs = loops
            .iter()
            .flat_map(|update| &update.nodes.inputs)
            .map(|edge| edge.base);
        let stored = skipped.iter().copied().filter(|&id| self.groups.is_stored(id));
        let mut needed: Vec<NodeId> = stored.chain(inputs).chain(self.operands(&rest)).collect();
        while let Some(id) = needed.pop() {
            if !self.is_result(id) && skipped.remove(&id) {
                needed.extend(self.operands(&[id]));
            }
        }
        skipped
    }

    fn operands(&self, ids: &[NodeId]) -> Vec<NodeId> {
        let edges = ids.iter().flat_map(|&id| &self.groups.edges[id]);
        edges.map(|edge| edge.base).collect()
    }

    /// Whether all that reads what a loop overwrites comes before it, and all that reads its results after it.
    fn is_sound(&self, update: &FusedUpdate<'_>) -> bool {
        let last = update.nodes.last;
        let shows = |id: NodeId, of: &[(NodeId, NodeId)]| of.iter().any(|&(node, at)| node == id && at == last);
        let members = self.groups.groups[self.group].members.iter();
        let mut steps = members.filter(|id| !self.skipped.contains(id));
        let own = update.nodes.inputs.iter().all(|edge| {
            let base = self.groups.checked(edge.base);
            !self.places.iter().any(|&(place, _)| place == base)
        });
        own && steps.all(|&id| {
            let is_check = self.groups.checked(id) != id;
            self.groups.edges[id].iter().all(|edge| {
                let after = shows(edge.base, &self.results);
                let before = shows(self.groups.checked(edge.base), &self.places);
                (!after || id > last) && (!before || (id < last && !is_check))
            })
        })
    }
}
