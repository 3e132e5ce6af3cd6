//! The step of Adam in one loop over weight and moments, instead of five.
//!
//! `m ← β₁ m + (1−β₁) g`, `v ← β₂ v + (1−β₂) g²`, `θ ← base − rate · m / (√v + ε)`, where `base` is θ, or θ less its
//! decay. Root and quotient keep the divider busy so long that all the rest is free beside them.
//!
//! Legal where `m`, `v` and `θ` are overwritten in place and nothing else reads what lies between. The loop is made of
//! the ops' own rules, so it has their bits. Where several parameters share a chain, the last of them gains.

use std::any::Any;
use std::sync::Arc;

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, UpdateKernel};

use super::{Pass, Rewrite};
use crate::elementwise::at;
use crate::ops::{DivSqrt, MovingAverage, MovingAverageOfSquares, Mul, Sub};
use crate::plan::groups::{Edge, GroupId, Groups};
use crate::plan::waits::InPlace;
use crate::{Binary, Elementwise2, Elementwise3, NodeId, Real, Ternary};

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "one_loop_update",
    saves: "loads and stores of moments, and waiting for the divider",
    pass: Pass::Placement,
};

/// Nodes of a chain that one loop computes.
pub(crate) struct FusedUpdate {
    /// All of them.
    pub(crate) inside: Vec<NodeId>,
    /// Those that overwrite a variable, in the order the kernel knows.
    pub(crate) places: Vec<NodeId>,
    /// What the kernel reads besides: the node that reads it, and what.
    pub(crate) inputs: Vec<(NodeId, Edge)>,
    /// The loop.
    pub(crate) kernel: Arc<dyn UpdateKernel>,
}

/// The step of Adam among the members of a group, if there is one.
pub(crate) fn one_loop_update(groups: &Groups, group: GroupId, in_place: &InPlace) -> Option<FusedUpdate> {
    let members = &groups.groups[group].members;
    members.iter().rev().find_map(|&id| adam(groups, id, in_place))
}

/// The step that ends in `theta`.
fn adam(groups: &Groups, theta: NodeId, in_place: &InPlace) -> Option<FusedUpdate> {
    let look = Look { groups, in_place };
    look.rule::<Binary<Sub>>(theta)?;
    let [base, step] = *look.operands(theta)?;
    let step = look.only_for(theta, &step)?;
    look.rule::<Binary<Mul>>(step)?;
    let [rate, quotient] = *look.operands(step)?;
    let quotient = look.only_for(step, &quotient)?;
    look.rule::<Ternary<DivSqrt>>(quotient)?;
    let [mean, square, eps] = *look.operands(quotient)?;
    let (mean, square) = (look.only_for(quotient, &mean)?, look.only_for(quotient, &square)?);
    let kernel = AdamLoop {
        mean: look.rule::<Binary<MovingAverage>>(mean)?.0,
        square: look.rule::<Binary<MovingAverageOfSquares>>(square)?.0,
    };
    let ([m, g], [v, g_again]) = (*look.operands(mean)?, *look.operands(square)?);
    let own_moments = look.overwrites(mean, &m) && look.overwrites(square, &v);
    let same_gradient = g.root == g_again.root && g.layout == g_again.layout;
    let alike = [mean, square]
        .iter()
        .all(|&id| groups.transposed[id] == groups.transposed[theta]);
    let ends_here = groups.readers[theta].is_empty() && look.is_in_place(theta);
    if !(own_moments && same_gradient && alike && ends_here) {
        return None;
    }
    let mut inputs = vec![(mean, g), (step, rate), (quotient, eps)];
    if !look.overwrites(theta, &base) {
        inputs.push((theta, base));
    }
    let places = [theta, mean, square];
    if inputs.iter().any(|(_, edge)| look.shows_a_place(edge.root, &places)) {
        return None;
    }
    Some(FusedUpdate {
        inside: vec![mean, square, quotient, step, theta],
        places: places.to_vec(),
        inputs,
        kernel: Arc::new(kernel),
    })
}

/// What the search asks about nodes.
struct Look<'a> {
    groups: &'a Groups,
    in_place: &'a InPlace,
}

impl Look<'_> {
    /// The op of a node, if it is of this type and fills its group's space.
    fn rule<R: Any>(&self, id: NodeId) -> Option<&R> {
        let op: &dyn Any = self.groups.ir.op(id)?.as_ref();
        let space = &self.groups.groups[self.groups.of[id]?].space;
        let whole = self.groups.ir.nodes[id].ty.shape.elements() == space.elements();
        op.downcast_ref().filter(|_| whole)
    }

    fn operands<const N: usize>(&self, id: NodeId) -> Option<&[Edge; N]> {
        self.groups.edges[id].as_slice().try_into().ok()
    }

    /// The node behind an operand, if it is computed in the same chain, as it is, for this reader alone.
    fn only_for(&self, reader: NodeId, edge: &Edge) -> Option<NodeId> {
        let (groups, id) = (self.groups, edge.root);
        let is_across = groups.transposed[reader] ^ groups.transposed[id];
        let joined = groups.of[id] == groups.of[reader] && groups.fused(reader, edge) == Some(is_across);
        // What is stored must be so because it is the next value of a variable: the loop stores nothing else.
        let kept = groups.is_stored(id) && !self.is_in_place(id);
        (joined && !kept && groups.readers[id] == [reader]).then_some(id)
    }

    /// Whether a node overwrites the variable that this operand of it is, element by element.
    fn overwrites(&self, id: NodeId, edge: &Edge) -> bool {
        let own = rosenblatt_tensor::Layout::contiguous(self.groups.ir.nodes[id].ty.shape);
        edge.layout == own && self.in_place.contains(edge.root, id)
    }

    /// Whether a node is a variable that one of these overwrites, as it is or watched: the loop must not read what it writes.
    fn shows_a_place(&self, id: NodeId, places: &[NodeId]) -> bool {
        let watched = self.groups.ir.op(id).is_some_and(|op| op.check_finite().is_some());
        let overwritten = places.iter().any(|&next| self.in_place.contains(id, next));
        overwritten
            || (watched
                && self.groups.edges[id]
                    .iter()
                    .any(|edge| self.shows_a_place(edge.root, places)))
    }

    fn is_in_place(&self, id: NodeId) -> bool {
        self.in_place.variable(id).is_some()
    }
}

/// Inputs: gradient, rate, ε, and the base if that is not θ itself. Places: θ, mean, mean of squares.
struct AdamLoop {
    mean: MovingAverage,
    square: MovingAverageOfSquares,
}

struct AdamTile<'a, T> {
    rules: &'a AdamLoop,
    g: &'a [T],
    rate: &'a [T],
    eps: &'a [T],
    base: Option<&'a [T]>,
    theta: &'a mut [T],
    m: &'a mut [T],
    v: &'a mut [T],
}

impl<T: Real> AdamTile<'_, T> {
    #[inline(always)]
    fn step(rules: &AdamLoop, g: T, [rate, eps]: [T; 2], base: T, [m, v]: [&mut T; 2]) -> T {
        *m = rules.mean.f(*m, g);
        *v = rules.square.f(*v, g);
        Sub.f(base, Mul.f(rate, DivSqrt.f(*m, *v, eps)))
    }
}

impl<T: Real> Loop for AdamTile<'_, T> {
    type Output = ();

    /// A loop of its own for what is common: one rate and one ε for all, and θ itself as the base.
    #[inline(always)]
    fn run(self) {
        let Self {
            rules,
            g,
            rate,
            eps,
            base,
            theta,
            m,
            v,
        } = self;
        let moments = m.iter_mut().zip(v);
        match (g.len() == theta.len(), rate, eps, base) {
            (true, &[rate], &[eps], None) => {
                for ((theta, &g), (m, v)) in theta.iter_mut().zip(g).zip(moments) {
                    *theta = Self::step(rules, g, [rate, eps], *theta, [m, v]);
                }
            }
            (true, &[rate], &[eps], Some(base)) if base.len() == theta.len() => {
                for (((theta, &base), &g), (m, v)) in theta.iter_mut().zip(base).zip(g).zip(moments) {
                    *theta = Self::step(rules, g, [rate, eps], base, [m, v]);
                }
            }
            _ => {
                for (i, (theta, (m, v))) in theta.iter_mut().zip(moments).enumerate() {
                    let base = base.map_or(*theta, |base| at(base, i));
                    *theta = Self::step(rules, at(g, i), [at(rate, i), at(eps, i)], base, [m, v]);
                }
            }
        }
    }
}

impl UpdateKernel for AdamLoop {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], places: &mut [SliceMut<'_>]) {
        macro_rules! run {
            ($dtype:ident) => {
                if let [SliceMut::$dtype(theta), SliceMut::$dtype(m), SliceMut::$dtype(v)] = &mut *places {
                    let (g, rate, eps, base) = match *inputs {
                        [Slice::$dtype(g), Slice::$dtype(rate), Slice::$dtype(eps)] => (g, rate, eps, None),
                        [
                            Slice::$dtype(g),
                            Slice::$dtype(rate),
                            Slice::$dtype(eps),
                            Slice::$dtype(base),
                        ] => (g, rate, eps, Some(base)),
                        ref other => unreachable!("gradient, rate, ε and perhaps a base, not {other:?}"),
                    };
                    return isa.run(AdamTile {
                        rules: self,
                        g,
                        rate,
                        eps,
                        base,
                        theta,
                        m,
                        v,
                    });
                }
            };
        }
        run!(F32);
        run!(F64);
        unreachable!("weights, moments and gradients are floats of one type");
    }
}
