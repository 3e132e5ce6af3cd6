//! Groups of nodes that become one task each.
//!
//! A group has at most one *root* (a product, a column sum, or a loop of its own); its other members are
//! element-wise and run as a chain on each tile the root finishes, or on tiles loaded from memory if there is no
//! root. Which nodes are joined is decided by rewrites ([`super::rewrites`]); this module knows what joining means:
//! it keeps spaces equal, forbids cycles and limits the length of a chain.

use rosenblatt_tensor::{Error, Layout, Result, Shape};

use super::ir::Ir;
use super::ranks::{Neighbors, Ranks};
use super::rules::Rules;
use crate::op::{Lowering, Type};
use crate::{NodeId, Origin};

/// Number of a group.
pub(crate) type GroupId = usize;

/// The most members and outside operands a group may have, where a rule counts as one node: more would not stay in the
/// first-level cache.
const MEMBERS: usize = 44;
const OPERANDS: usize = 22;

/// How many times as many it may have where each node of a rule counts; the machine's chains have fixed tables.
const UNFUSED: usize = 3;

/// What a group's tiles start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// Tiles loaded from memory.
    None,
    /// A matrix product, or a convolution.
    Product(NodeId),
    /// A sum of columns.
    ColumnSum(NodeId),
    /// A loop of its own; nothing joins it.
    Kernel(NodeId),
}

/// Nodes computed by one task.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) root: Root,
    /// The shape its tiles are cut from.
    pub(crate) space: Shape,
    /// Members, in the order they are computed.
    pub(crate) members: Vec<NodeId>,
}

/// An operand of a node, seen through views.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edge {
    /// The node whose memory is read.
    pub(crate) base: NodeId,
    /// Where in it, with the operand's own shape.
    pub(crate) layout: Layout,
}

/// All groups of a plan.
pub(crate) struct Groups {
    pub(crate) ir: Ir,
    pub(crate) groups: Vec<Group>,
    /// The group of each computed node.
    pub(crate) of: Vec<Option<GroupId>>,
    /// Whether a node of a product's group has its axes exchanged against the product's.
    pub(crate) transposed: Vec<bool>,
    /// Operands of each node, views resolved.
    pub(crate) edges: Vec<Vec<Edge>>,
    /// Nodes that read each node's memory.
    pub(crate) readers: Vec<Vec<NodeId>>,
    /// Nodes needed outside: outputs, next values, the checked loss.
    pub(crate) wanted: Vec<bool>,
    /// Nodes that one loop could compute.
    pub(crate) rules: Rules,
    pub(super) ranks: Ranks,
}

impl Groups {
    /// One group for every computed node.
    pub(crate) fn new(ir: Ir) -> Result<Self> {
        let count = ir.nodes.len();
        let mut this = Self {
            groups: Vec::new(),
            of: vec![None; count],
            transposed: vec![false; count],
            edges: Vec::with_capacity(count),
            readers: vec![Vec::new(); count],
            wanted: vec![false; count],
            ranks: Ranks::default(),
            rules: Rules::new(&ir)?,
            ir,
        };
        let mut shown = Vec::with_capacity(count);
        for id in 0..count {
            if let Origin::Result(_) = this.ir.nodes[id].origin {
                let of = this.of[this.ir.nodes[id].inputs[0]];
                this.of[id] = of;
                of.into_iter().for_each(|group| this.groups[group].members.push(id));
                this.edges.push(Vec::new());
                shown.push(this.ir.shown(id, |input| shown[input])?);
                continue;
            }
            let operands = this.ir.nodes[id].inputs.iter().map(|&input| shown[input]);
            let edges: Vec<Edge> = operands.map(|(base, layout)| Edge { base, layout }).collect();
            shown.push(this.ir.shown(id, |input| shown[input])?);
            let root = match this.ir.lowering(id) {
                None | Some(Lowering::View) => None,
                Some(Lowering::Elementwise(_)) => Some(Root::None),
                Some(Lowering::Product | Lowering::Convolution(_)) => Some(Root::Product(id)),
                Some(Lowering::ColumnSum) => Some(Root::ColumnSum(id)),
                Some(Lowering::Kernel(_)) => Some(Root::Kernel(id)),
                Some(Lowering::Scan(_)) => return Err(Error::internal("a scan that was not unrolled")),
            };
            if let Some(root) = root {
                this.of[id] = Some(this.groups.len());
                let space = this.ir.nodes[id].ty.shape;
                this.groups.push(Group {
                    root,
                    space,
                    members: vec![id],
                });
                edges.iter().for_each(|edge| this.readers[edge.base].push(id));
            }
            this.edges.push(edges);
        }
        let roots: Vec<NodeId> = this.ir.roots().map(|id| *id).collect();
        roots.into_iter().for_each(|id| this.wanted[shown[id].0] = true);
        this.ranks = Ranks::new(this.groups.len());
        Ok(this)
    }

    /// How `reader` could take operand `edge` from a register instead of from memory: as it is (`false`), with axes
    /// exchanged (`true`), or not at all.
    pub(crate) fn fused(&self, reader: NodeId, edge: &Edge) -> Option<bool> {
        if self.inlined(edge.base) && self.of[edge.base] == self.of[reader] {
            return Some(self.transposed[reader] ^ self.transposed[edge.base]);
        }
        let shape = self.ir.nodes[reader].ty.shape;
        let own = Layout::contiguous(self.ir.nodes[edge.base].ty.shape);
        self.of[edge.base]?;
        if edge.layout == own && *own.shape() == shape {
            return Some(false);
        }
        let exchanged = own.permute(&[1, 0]).ok()?;
        (edge.layout == exchanged && *exchanged.shape() == shape).then_some(true)
    }

    /// Whether a node is a single number in a chain over more: the same register everywhere, whatever its shape says.
    pub(crate) fn inlined(&self, id: NodeId) -> bool {
        let Some(group) = self.of[id].map(|g| &self.groups[g]) else {
            return false;
        };
        self.is_elementwise(id) && self.ir.nodes[id].ty.shape.elements() == 1 && group.space.elements() > 1
    }

    /// Moves a number into the chain that reads it, if the chain has room.
    pub(crate) fn inline(&mut self, home: GroupId, id: NodeId) {
        let Some(own) = self.of[id] else { return };
        if self.fits(home, own) && self.is_acyclic(home, own, home) {
            self.groups[own].members.clear();
            self.of[id] = Some(home);
            self.groups[home].members.push(id);
            self.groups[home].members.sort_unstable();
        }
    }

    /// The results of an op that runs in a loop of its own: their types, and the nodes of those that are used.
    pub(crate) fn kernel_results(&self, id: NodeId) -> Result<Vec<(Type, Option<NodeId>)>> {
        let op = self.ir.op(id).ok_or_else(|| Error::internal("not computed"))?;
        let types: Vec<Type> = self.ir.nodes[id]
            .inputs
            .iter()
            .map(|&input| self.ir.nodes[input].ty)
            .collect();
        let members = self.of[id].map_or(&[][..], |group| &self.groups[group].members);
        let further = |i: usize| {
            members
                .iter()
                .copied()
                .find(|&m| self.ir.nodes[m].origin.result() == Some(i))
        };
        let node = |i: usize| if i == 0 { Some(id) } else { further(i) };
        Ok(op
            .infer_all(&types)?
            .into_iter()
            .enumerate()
            .map(|(i, ty)| (ty, node(i)))
            .collect())
    }

    /// Whether a node is element-wise.
    pub(crate) fn is_elementwise(&self, id: NodeId) -> bool {
        matches!(self.ir.lowering(id), Some(Lowering::Elementwise(_)))
    }

    /// Joins group `b` into group `a`, if that keeps the rules; `flip` says whether `b`'s space is `a`'s with axes
    /// exchanged. Returns whether it did.
    pub(crate) fn join(&mut self, a: GroupId, b: GroupId, flip: bool) -> bool {
        // The rooted group keeps its orientation; without a root either may turn.
        let (keep, turn) = if self.groups[b].root == Root::None {
            (a, b)
        } else {
            (b, a)
        };
        if a == b || !self.may_join(a, b, flip) || !self.is_acyclic(a, b, keep) {
            return false;
        }
        let moved = std::mem::take(&mut self.groups[turn].members);
        for &id in &moved {
            self.of[id] = Some(keep);
            self.transposed[id] ^= flip;
        }
        self.groups[keep].members.extend(moved);
        self.groups[keep].members.sort_unstable();
        true
    }

    fn may_join(&self, a: GroupId, b: GroupId, flip: bool) -> bool {
        let (x, y) = (&self.groups[a], &self.groups[b]);
        let rooted = |g: &Group| g.root != Root::None;
        let kernel = |g: &Group| matches!(g.root, Root::Kernel(_));
        if (rooted(x) && rooted(y)) || kernel(x) || kernel(y) || x.members.is_empty() || y.members.is_empty() {
            return false;
        }
        // Exchanged axes only make sense with a product, whose tiles have the order they have.
        let product = matches!(x.root, Root::Product(_)) || matches!(y.root, Root::Product(_));
        let spaces = if flip {
            product
                && x.space.rank() == 2
                && y.space.rank() == 2
                && x.space[0] == y.space[1]
                && x.space[1] == y.space[0]
        } else {
            x.space == y.space
        };
        let sum_of_row = [x, y]
            .iter()
            .all(|g| !matches!(g.root, Root::ColumnSum(_)) || g.space.rank() == 1);
        let views = self.has_views(a, b) && self.has_views(b, a);
        let registers = self.meet_in_registers(a, b, flip) && self.meet_in_registers(b, a, flip);
        spaces && sum_of_row && views && registers && self.fits(a, b)
    }

    /// The shape in which the machine walks the space of a group: that of its matrices, if its root is a convolution.
    ///
    /// # Errors
    /// None that a graph can cause.
    pub(crate) fn walked(&self, group: GroupId) -> Result<Shape> {
        let Group { root, space, .. } = &self.groups[group];
        match root {
            Root::Product(id) => match self.ir.lowering(*id) {
                Some(Lowering::Convolution(op)) => op.matrices(space),
                _ => Ok(*space),
            },
            Root::None | Root::ColumnSum(_) | Root::Kernel(_) => Ok(*space),
        }
    }

    /// Whether all that members of `chain` read from memory can be seen in the shape in which `root` is walked.
    fn has_views(&self, root: GroupId, chain: GroupId) -> bool {
        let space = self.groups[root].space;
        let Ok(walked) = self.walked(root) else { return false };
        let edges = self.groups[chain].members.iter().flat_map(|&id| &self.edges[id]);
        walked == space
            || edges.filter(|edge| self.of[edge.base] != Some(chain)).all(|edge| {
                let layout = edge
                    .layout
                    .broadcast_to(space)
                    .and_then(|layout| layout.reshape(walked));
                layout.is_ok_and(|layout| layout.is_some())
            })
    }

    /// Whether members of `a` could take all that members of `b` compute from registers. A tile of one task cannot read
    /// from memory what another tile of it stores: a part of a value, its transpose, an operand of the product itself.
    fn meet_in_registers(&self, a: GroupId, b: GroupId, flip: bool) -> bool {
        self.groups[a].members.iter().all(|&reader| {
            let mut edges = self.edges[reader].iter().filter(|edge| self.of[edge.base] == Some(b));
            edges.all(|edge| {
                let is_across = self.transposed[reader] ^ self.transposed[edge.base] ^ flip;
                self.is_elementwise(reader) && (self.inlined(edge.base) || self.fused(reader, edge) == Some(is_across))
            })
        })
    }

    fn fits(&self, a: GroupId, b: GroupId) -> bool {
        let members = || self.groups[a].members.iter().chain(&self.groups[b].members).copied();
        let is_outside = |edge: &&Edge| self.of[edge.base] != Some(a) && self.of[edge.base] != Some(b);
        let outside = |edges: &[Edge]| edges.iter().filter(is_outside).count();
        let counted = || members().filter(|&id| self.counts(id));
        members().count() <= UNFUSED * MEMBERS
            && counted().count() <= MEMBERS
            && members().map(|id| outside(&self.edges[id])).sum::<usize>() <= UNFUSED * OPERANDS
            && counted().map(|id| outside(self.operands(id))).sum::<usize>() <= OPERANDS
    }

    /// Whether `a` and `b` may become the group `keep`: nothing computed in one is needed by the other by way of a third
    /// group. If so, the ranks are those after the join.
    fn is_acyclic(&mut self, a: GroupId, b: GroupId, keep: GroupId) -> bool {
        let mut ranks = std::mem::take(&mut self.ranks);
        let is_acyclic = ranks.join(self, a, b, keep);
        self.ranks = ranks;
        is_acyclic
    }

    /// Whether a computed node must be in memory: something outside its group reads it.
    pub(crate) fn is_stored(&self, id: NodeId) -> bool {
        let anchored_read = |reader: NodeId| match self.of[reader].map(|g| self.groups[g].root) {
            Some(Root::Product(p) | Root::ColumnSum(p) | Root::Kernel(p)) => p == reader,
            _ => false,
        };
        self.of[id].is_some()
            && (self.wanted[id]
                || matches!(self.ir.nodes[id].origin, Origin::Result(_))
                || self.readers[id]
                    .iter()
                    .any(|&r| self.of[r] != self.of[id] || anchored_read(r) || !self.in_register(r, id)))
    }

    /// Whether `reader`, in the same group, takes all of its operands that show `id` from the register.
    pub(crate) fn in_register(&self, reader: NodeId, id: NodeId) -> bool {
        let is_across = self.transposed[reader] ^ self.transposed[id];
        self.edges[reader]
            .iter()
            .filter(|edge| edge.base == id)
            .all(|edge| self.fused(reader, edge) == Some(is_across))
    }
}

impl Neighbors for Groups {
    fn next(&self, group: GroupId) -> impl Iterator<Item = GroupId> {
        let members = self.groups[group].members.iter();
        members
            .flat_map(|&id| &self.readers[id])
            .filter_map(|&reader| self.of[reader])
            .filter(move |&g| g != group)
    }

    fn before(&self, group: GroupId) -> impl Iterator<Item = GroupId> {
        let members = self.groups[group].members.iter();
        members
            .flat_map(|&id| &self.edges[id])
            .filter_map(|edge| self.of[edge.base])
            .filter(move |&g| g != group)
    }
}
