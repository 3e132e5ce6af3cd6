//! Random programs in random scopes, compared with the same programs without scopes.

use std::collections::{BTreeMap, BTreeSet};

use rosenblatt_autodiff::{Graph, NodeId, Var, forward, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_testkit::{same_bits, seeded_cases};

/// A value in a graph with scopes, and in one without.
type Pair<'g> = (Var<'g>, Var<'g>);

/// Random programs in random scopes.
struct Programs<'g> {
    rng: Stream,
    scoped: &'g Graph,
    plain: &'g Graph,
    /// Of nodes of the plain graph: what each was computed from, and which were freed in the other.
    inputs: BTreeMap<NodeId, Vec<NodeId>>,
    freed: BTreeSet<NodeId>,
}

impl<'g> Programs<'g> {
    fn pick(&mut self, live: &[Pair<'g>]) -> Pair<'g> {
        live[self.rng.below(live.len() as u64) as usize]
    }

    fn constant(&mut self) -> Pair<'g> {
        let value = Tensor::from([self.rng.normal(), self.rng.normal()]);
        (self.scoped.constant(value.clone()), self.plain.constant(value))
    }

    fn op(&mut self, live: &[Pair<'g>]) -> Pair<'g> {
        let ((a, plain_a), (b, plain_b)) = (self.pick(live), self.pick(live));
        let y = match self.rng.below(4) {
            0 => (a + b, plain_a + plain_b),
            1 => (a * b, plain_a * plain_b),
            2 => (a.maximum(b), plain_a.maximum(plain_b)),
            _ => (a - b, plain_a - plain_b),
        };
        self.inputs.insert(y.1.id(), vec![plain_a.id(), plain_b.id()]);
        y
    }

    /// Ops and scopes: what of `outside` is still there, and what was made.
    fn block(&mut self, outside: &[Pair<'g>], depth: usize) -> Vec<Pair<'g>> {
        let mut live = outside.to_vec();
        for _ in 0..self.rng.below(6) + 2 {
            match self.rng.below(8) {
                1 | 2 if depth < 3 => live = self.scope(&live, depth + 1),
                0 => live.push(self.constant()),
                _ if live.is_empty() => live.push(self.constant()),
                _ => live.push(self.op(&live)),
            }
        }
        live
    }

    /// A block in a scope that is given some values; of these and of what is made, some are returned.
    fn scope(&mut self, live: &[Pair<'g>], depth: usize) -> Vec<Pair<'g>> {
        let (mut given, mut rest) = (Vec::new(), BTreeSet::new());
        for x in live {
            match self.rng.below(6) {
                0 => given.push(*x),
                _ => drop(rest.insert(x.1.id())),
            }
        }
        let mut stay = Vec::new();
        let returned = self.scoped.scope_with(given, |_, _| {
            let (returned, others): (Vec<_>, Vec<_>) = self
                .block(live, depth)
                .into_iter()
                .filter(|x| {
                    !rest.contains(&x.1.id()) || {
                        stay.push(*x);
                        false
                    }
                })
                .partition(|_| self.rng.below(3) == 0);
            self.freed.extend(others.iter().map(|x| x.1.id()));
            returned
        });
        [stay, returned].concat()
    }

    /// Whether on a path from `y` to `x` something was computed from a freed node.
    fn is_cut(&self, y: NodeId, x: NodeId) -> bool {
        let none = Vec::new();
        let inputs = |id| self.inputs.get(&id).unwrap_or(&none);
        let mut depends = BTreeMap::from([(x, true)]);
        let mut cut = BTreeSet::new();
        for id in x + 1..=y {
            let is_on_path = inputs(id).iter().any(|input| depends.get(input) == Some(&true));
            depends.insert(id, is_on_path);
            let through = |input: &NodeId| self.freed.contains(input) || cut.contains(input);
            if is_on_path && inputs(id).iter().any(through) {
                cut.insert(id);
            }
        }
        cut.contains(&y)
    }
}

/// Values and derivatives have the bits they have without scopes, or the derivative is a mistake, exactly where a path leads
/// through a freed node.
#[test]
fn random_programs_in_random_scopes() {
    let (mut derivatives, mut mistakes) = (0, 0);
    for seed in seeded_cases(2_000) {
        let (scoped, plain) = (Graph::dynamic(), Graph::dynamic());
        let mut programs = Programs {
            rng: Rng::new(seed).stream(),
            scoped: &scoped,
            plain: &plain,
            inputs: BTreeMap::new(),
            freed: BTreeSet::new(),
        };
        let start: Vec<Pair<'_>> = (0..3).map(|_| programs.constant()).collect();
        let live = programs.block(&start, 0);
        let there: BTreeSet<NodeId> = live.iter().map(|x| x.0.id()).collect();
        assert_eq!(scoped.len(), there.len(), "only what is live is there");
        for (y, plain_y) in live.iter().rev().take(4) {
            let bits = |x: Var<'_>| x.value().map(|x| x.to_f64());
            same_bits(&bits(*y).unwrap(), &bits(*plain_y).unwrap());
            for (x, plain_x) in &live {
                let [one, plain_one] = [&scoped, &plain].map(|graph| graph.constant([1.0, 1.0].into()));
                let found = [reverse::vjp(*y, one, &[*x])[0], forward::jvp(&[*y], &[*x], &[one])[0]];
                let expected = [
                    reverse::vjp(*plain_y, plain_one, &[*plain_x])[0],
                    forward::jvp(&[*plain_y], &[*plain_x], &[plain_one])[0],
                ];
                for (found, expected) in found.into_iter().zip(expected) {
                    match bits(found) {
                        Ok(found) => {
                            assert!(
                                !programs.is_cut(plain_y.id(), plain_x.id()),
                                "a derivative that ignores freed nodes"
                            );
                            same_bits(&found, &bits(expected).unwrap());
                            derivatives += 1;
                        }
                        Err(error) => {
                            assert!(programs.is_cut(plain_y.id(), plain_x.id()), "{error}");
                            mistakes += 1;
                        }
                    }
                }
            }
        }
    }
    println!("cases: scopes {derivatives} derivatives, {mistakes} mistakes");
    assert!(derivatives > 5_000 && mistakes > 500, "{derivatives}, {mistakes}");
}
