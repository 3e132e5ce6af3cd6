//! Ranks of a graph whose groups are joined, against trying every path.

#[path = "../../../src/plan/ranks.rs"]
mod code;

use std::cell::Cell;

use rosenblatt_tensor::rng::{Rng, Stream};

use code::{Neighbors, Ranks};

/// Nodes in groups.
struct Groups {
    /// What each node reads, all of it before the node, and what reads it.
    reads: Vec<Vec<usize>>,
    readers: Vec<Vec<usize>>,
    /// The group of each node, and the nodes of each group.
    of: Vec<usize>,
    members: Vec<Vec<usize>>,
    ranks: Ranks,
    /// Neighbors looked at in all searches.
    visits: Cell<usize>,
}

impl Neighbors for Groups {
    fn next(&self, group: usize) -> impl Iterator<Item = usize> {
        self.across(group, &self.readers)
    }

    fn before(&self, group: usize) -> impl Iterator<Item = usize> {
        self.across(group, &self.reads)
    }
}

impl Groups {
    fn new(reads: Vec<Vec<usize>>) -> Self {
        let count = reads.len();
        let mut readers = vec![Vec::new(); count];
        for (reader, operands) in reads.iter().enumerate() {
            operands.iter().for_each(|&operand| readers[operand].push(reader));
        }
        Self {
            reads,
            readers,
            of: (0..count).collect(),
            members: (0..count).map(|node| vec![node]).collect(),
            ranks: Ranks::new(count),
            visits: Cell::new(0),
        }
    }

    /// Other groups of neighbors of a group's nodes.
    fn across<'a>(&'a self, group: usize, neighbors: &'a [Vec<usize>]) -> impl Iterator<Item = usize> {
        let nodes = self.members[group].iter().flat_map(|&node| &neighbors[node]);
        let others = nodes.map(|&node| self.of[node]).filter(move |&other| other != group);
        others.inspect(|_| self.visits.set(self.visits.get() + 1))
    }

    /// Joins two groups, if the ranks allow it.
    fn join(&mut self, keep: usize, other: usize) -> bool {
        let mut ranks = std::mem::take(&mut self.ranks);
        let joined = ranks.join(self, keep, other, keep);
        self.ranks = ranks;
        if joined {
            let moved = std::mem::take(&mut self.members[other]);
            moved.iter().for_each(|&node| self.of[node] = keep);
            self.members[keep].extend(moved);
        }
        joined
    }

    /// Whether a path leads from one group to another by way of a third: every path is tried.
    fn has_path(&self, from: usize, to: usize) -> bool {
        let mut open: Vec<usize> = self.next(from).filter(|&group| group != to).collect();
        let mut seen = vec![false; self.members.len()];
        while let Some(group) = open.pop() {
            if group == to {
                return true;
            }
            if !std::mem::replace(&mut seen[group], true) {
                open.extend(self.next(group));
            }
        }
        false
    }
}

/// 42 nodes that read two of the 12 before them, sometimes one of them twice.
fn random(stream: &mut Stream) -> Groups {
    let mut any = |count: usize| count - 1 - stream.below(count.min(12) as u64) as usize;
    let reads = |node| {
        if node == 0 {
            Vec::new()
        } else {
            vec![any(node), any(node)]
        }
    };
    Groups::new((0..42).map(reads).collect())
}

#[test]
fn groups_are_joined_exactly_if_no_path_leads_through_a_third() {
    let mut stream = Rng::new(3).stream();
    let mut counts = [0; 2];
    for _ in 0..200 {
        let mut groups = random(&mut stream);
        let count = groups.members.len();
        for _ in 0..60 {
            let [a, b] = [(); 2].map(|()| stream.below(count as u64) as usize);
            if a == b || groups.members[a].is_empty() || groups.members[b].is_empty() {
                continue;
            }
            let legal = !groups.has_path(a, b) && !groups.has_path(b, a);
            assert_eq!(groups.join(a, b), legal);
            counts[usize::from(legal)] += 1;
            for group in 0..count {
                let rank = |group: usize| groups.ranks.rank[group];
                assert!(groups.next(group).all(|next| rank(group) < rank(next)));
            }
        }
    }
    assert!(counts.iter().all(|&count| count > 1000), "{counts:?}");
}

/// The graph of an unrolled recurrent network and its gradient, and which of its nodes are products: the reverse pass
/// reads what the forward pass computed long before.
fn recurrent(steps: usize) -> (Vec<Vec<usize>>, Vec<bool>) {
    let (mut reads, mut is_product) = (vec![Vec::new()], vec![false]);
    let mut node = |product: bool, operands: &[usize]| {
        reads.push(operands.to_vec());
        is_product.push(product);
        reads.len() - 1
    };
    let (mut h, mut c, mut forward) = (0, 0, Vec::new());
    for _ in 0..steps {
        let before = (h, c);
        let z = node(true, &[h]);
        c = node(false, &[z, c]);
        h = node(false, &[c, z]);
        forward.push((before, z, c, h));
    }
    let loss = node(false, &[h]);
    let (mut dh, mut dc, mut dw) = (loss, loss, loss);
    for ((h_before, c_before), z, c, h) in forward.into_iter().rev() {
        dc = node(false, &[dc, dh, c, h]);
        let dz = node(false, &[dh, dc, z, c_before]);
        let product = node(true, &[dz, h_before]);
        dw = node(false, &[product, dw]);
        dh = node(true, &[dz]);
    }
    (reads, is_product)
}

/// Nodes are joined with what they read, as fusion does: first element-wise ones, then one product with others.
#[test]
fn searches_grow_with_the_number_of_nodes() {
    let visits = |steps: usize| {
        let (reads, is_product) = recurrent(steps);
        let pairs = |node: usize| reads[node].iter().map(move |&operand| (operand, node));
        let pairs: Vec<_> = (0..reads.len()).flat_map(pairs).collect();
        let mut groups = Groups::new(reads);
        let mut counts = [0; 2];
        for (products, &(operand, node)) in (0..2).flat_map(|products| pairs.iter().map(move |pair| (products, pair))) {
            let (a, b) = (groups.of[operand], groups.of[node]);
            let members = || groups.members[a].iter().chain(&groups.members[b]);
            let count = members().filter(|&&member| is_product[member]).count();
            if a != b && count <= products && members().count() <= 44 {
                counts[usize::from(groups.join(a, b))] += 1;
            }
        }
        assert!(
            counts.iter().all(|&count| count > 2 * steps),
            "{counts:?} for {steps} steps"
        );
        groups.visits.get()
    };
    let (few, many) = (visits(25), visits(200));
    assert!(
        few > 1000 && many <= 12 * few,
        "{few} neighbors visited for 25 steps, {many} for 200"
    );
}
