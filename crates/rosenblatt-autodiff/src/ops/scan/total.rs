//! Sums over all steps of what each step adds to a cotangent.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{NodeId, Op, Var};

/// How the cotangent of what all steps share is summed over them.
pub(super) enum Total<'s> {
    /// In a carry of the reverse scan, by its number.
    Running(usize),
    /// At once, from what the op's operands are in all steps.
    AtOnce(Arc<dyn Op>, Vec<Stack<'s>>),
    Sum(Box<[Self; 2]>),
    /// A view of a sum: views are linear.
    View(Arc<dyn Op>, Box<Self>),
}

/// What a node is in all steps, one after the other.
pub(super) enum Stack<'s> {
    Node(Var<'s>),
    View(Arc<dyn Op>, Box<Self>),
}

/// The sum over all steps.
pub(super) fn summed<'g>(
    total: &Total<'_>,
    running: &[Var<'g>],
    stacks: &BTreeMap<NodeId, Var<'g>>,
) -> Option<Var<'g>> {
    match total {
        Total::Running(i) => Some(running[*i]),
        Total::AtOnce(op, operands) => {
            let operands: Option<Vec<Var<'g>>> = operands.iter().map(|x| of_all_steps(x, stacks)).collect();
            op.sum_over_steps(&operands?)
        }
        Total::Sum(parts) => {
            let [a, b] = parts.each_ref().map(|part| summed(part, running, stacks));
            Some(a? + b?)
        }
        Total::View(op, inner) => {
            let inner = summed(inner, running, stacks)?;
            Some(inner.graph().apply_shared(Arc::clone(op), &[inner]))
        }
    }
}

fn of_all_steps<'g>(stack: &Stack<'_>, stacks: &BTreeMap<NodeId, Var<'g>>) -> Option<Var<'g>> {
    match stack {
        Stack::Node(x) => stacks.get(&x.id()).copied(),
        Stack::View(op, inner) => op.on_each_step(&[of_all_steps(inner, stacks)?]),
    }
}
