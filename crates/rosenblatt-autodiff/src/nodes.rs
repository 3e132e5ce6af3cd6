//! The nodes of a graph, some of which may have been freed.

use std::ops::{Index, IndexMut};
use std::rc::Rc;

use rosenblatt_tensor::{Error, Result};

use crate::graph::Node;
use crate::{NodeId, Origin};

/// Nodes in the order they were made. No number is used twice, so the numbers of freed nodes are missing.
#[derive(Default)]
pub(crate) struct Nodes {
    list: Vec<(NodeId, Node)>,
    /// Number of the next node.
    next: NodeId,
}

impl Nodes {
    pub(crate) fn push(&mut self, node: Node) -> NodeId {
        let id = self.next;
        self.list.push((id, node));
        self.next += 1;
        id
    }

    /// # Errors
    /// It was freed, or never existed.
    pub(crate) fn get(&self, id: NodeId) -> Result<&Node> {
        if let Some(place) = place(&self.list, id, |row| row.0) {
            return Ok(&self.list[place].1);
        }
        if id < self.next {
            return Err(Error::config(format!("value %{id} was freed when its scope ended"))
                .hint("return it from the scope, or compute it outside"));
        }
        let count = self.list.len();
        Err(Error::config(format!(
            "node {id} does not exist in a graph of {count} nodes"
        )))
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn next_id(&self) -> NodeId {
        self.next
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> {
        self.list.iter().map(|(id, _)| *id)
    }

    /// A copy of every node before `end`.
    pub(crate) fn before(&self, end: NodeId) -> Table<Node> {
        let count = self.list.partition_point(|(id, _)| *id < end);
        Table {
            ids: self.ids().take(count).collect(),
            rows: self.list[..count].iter().map(|(_, node)| node.clone()).collect(),
        }
    }

    /// Takes out the nodes that `is_freed` names, none of them before `first`.
    ///
    /// A node that stays and was computed from one of them becomes a constant. Its inputs are then the nodes on which it
    /// depends and which are still there, so that derivatives know what would have to pass through a freed node.
    pub(crate) fn free(&mut self, first: NodeId, is_freed: &dyn Fn(NodeId) -> bool) -> Vec<Node> {
        let start = self.list.partition_point(|(id, _)| *id < first);
        let later = self.list.split_off(start);
        let sources = Sources::of(&later, is_freed);
        let mut freed = Vec::new();
        for (id, mut node) in later {
            if is_freed(id) {
                freed.push(node);
                continue;
            }
            if node.inputs.iter().any(|&input| is_freed(input)) {
                node.inputs = sources.list(id);
                if let Ok(value) = node.value() {
                    node.origin = Origin::Constant(value);
                }
            }
            self.list.push((id, node));
        }
        freed
    }
}

/// The place of a node in an ascending list: at once if nothing before it was freed.
fn place<T>(list: &[T], id: NodeId, number: impl Fn(&T) -> NodeId) -> Option<usize> {
    match list.get(id) {
        Some(row) if number(row) == id => Some(id),
        _ => list.binary_search_by_key(&id, number).ok(),
    }
}

/// For each of some nodes, the nodes that stay of which it was computed, perhaps by way of freed ones.
struct Sources {
    /// All of them, in ascending order.
    stay: Vec<NodeId>,
    /// A bit for each of `stay`.
    marks: Table<Vec<u64>>,
}

impl Sources {
    fn of(nodes: &[(NodeId, Node)], is_freed: &dyn Fn(NodeId) -> bool) -> Self {
        let inputs = nodes.iter().flat_map(|(_, node)| node.inputs.iter().copied());
        let mut stay: Vec<NodeId> = inputs.filter(|&id| !is_freed(id)).collect();
        stay.sort_unstable();
        stay.dedup();
        let none = vec![0; stay.len().div_ceil(64)];
        let mut marks = Table::new(nodes.iter().map(|(id, _)| *id).collect(), none.clone());
        for (id, node) in nodes.iter().filter(|(_, node)| passes_derivatives(node)) {
            let mut own = none.clone();
            for input in &node.inputs {
                match stay.binary_search(input) {
                    Ok(bit) => own[bit / 64] |= 1 << (bit % 64),
                    Err(_) => own.iter_mut().zip(&marks[*input]).for_each(|(own, more)| *own |= more),
                }
            }
            marks[*id] = own;
        }
        Self { stay, marks }
    }

    fn list(&self, id: NodeId) -> Vec<NodeId> {
        let is_marked = |bit: &usize| self.marks[id][bit / 64] >> (bit % 64) & 1 == 1;
        let bits = (0..self.stay.len()).filter(is_marked);
        bits.map(|bit| self.stay[bit]).collect()
    }
}

/// Whether a derivative with respect to an input of the node may differ from zero.
fn passes_derivatives(node: &Node) -> bool {
    let stops = matches!(&node.origin, Origin::Op(op) if op.stops_gradient());
    node.ty.dtype.is_float() && !stops
}

/// The mistake of a derivative that would have to pass through a freed node.
pub(crate) fn passes_freed() -> Error {
    Error::config("the derivative passes through a value that was freed when its scope ended")
        .hint("take the gradient inside the scope and return it, or compute the value outside the scope")
}

/// Something for each of the first nodes of a graph.
pub(crate) struct Table<T> {
    ids: Rc<[NodeId]>,
    rows: Vec<T>,
}

impl<T> Table<T> {
    fn new(ids: Rc<[NodeId]>, value: T) -> Self
    where
        T: Clone,
    {
        let rows = vec![value; ids.len()];
        Self { ids, rows }
    }

    /// `value` for each of the same nodes.
    pub(crate) fn like<U: Clone>(&self, value: U) -> Table<U> {
        Table::new(Rc::clone(&self.ids), value)
    }

    /// The numbers of the nodes, ascending.
    pub(crate) fn ids(&self) -> Rc<[NodeId]> {
        Rc::clone(&self.ids)
    }

    /// Which of the nodes it is.
    pub(crate) fn place(&self, id: NodeId) -> Option<usize> {
        place(&self.ids, id, |&id| id)
    }

    pub(crate) fn get_mut(&mut self, id: NodeId) -> Option<&mut T> {
        self.place(id).map(|place| &mut self.rows[place])
    }
}

/// Inputs of a node that is there are there.
impl<T> Index<NodeId> for Table<T> {
    type Output = T;

    fn index(&self, id: NodeId) -> &T {
        &self.rows[self.place(id).unwrap_or(usize::MAX)]
    }
}

impl<T> IndexMut<NodeId> for Table<T> {
    fn index_mut(&mut self, id: NodeId) -> &mut T {
        let place = self.place(id).unwrap_or(usize::MAX);
        &mut self.rows[place]
    }
}
