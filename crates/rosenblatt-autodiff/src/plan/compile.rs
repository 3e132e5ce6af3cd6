//! The steps of the compiler, in their order.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use rosenblatt_tensor::machine::Program;
use rosenblatt_tensor::{Error, Result};

use super::choices::Choices;
use super::groups::Groups;
use super::ir::Ir;
use super::lower::{Intern, Lowered, Lowerer, output};
use super::packed_weights;
use super::placing::place_buffers;
use super::rewrites::{Pass, REWRITES};
use super::unpacking::copy_where_packed;
use super::unroll::unroll;
use super::{COMPILED, Options, Plan, Signature, Variables, schedule};
use crate::graph::other_graph;
use crate::op::Lowering;
use crate::{Graph, Origin, Var};

/// Below this many multiply-adds a plan runs on one thread: the others would wait more than they work.
const WORTH_THREADS: usize = 1_500_000;

impl Plan {
    /// Compiles a signature over variables, for as many threads as they have; new variables are added as zeros.
    ///
    /// # Errors
    /// The first mistake made while the graph was built, or a variable that exists with another type.
    pub fn compile(signature: &Signature<'_>, variables: &mut Variables, options: &Options) -> Result<Self> {
        let (threads, identity) = (variables.threads(), Arc::downgrade(&variables.identity));
        let mut intern = |name: &str, ty, pack| variables.intern(name, ty, pack);
        Self::compile_with(signature, (&mut intern, threads), identity, options)
    }

    /// As [`Plan::compile`], over variables that are shared already, for example for another batch size.
    ///
    /// # Errors
    /// As [`Plan::compile`]; a variable that does not exist.
    pub fn compile_shared(signature: &Signature<'_>, variables: &Variables, options: &Options) -> Result<Self> {
        let (threads, identity) = (variables.threads(), Arc::downgrade(&variables.identity));
        let mut intern = |name: &str, ty, _| variables.known(name, ty);
        Self::compile_with(signature, (&mut intern, threads), identity, options)
    }

    fn compile_with(
        signature: &Signature<'_>,
        (intern, threads): (Intern<'_>, usize),
        variables: Weak<()>,
        options: &Options,
    ) -> Result<Self> {
        options.check()?;
        let choices = Choices::of(options);
        let graph = checked(signature)?;
        COMPILED.fetch_add(1, Ordering::Relaxed);
        let groups = rewritten(signature, graph, options)?;
        let is_worth_it = work(&groups) >= WORTH_THREADS;
        let threads = if is_worth_it { threads } else { 1 };
        let mut schedule = schedule::schedule(&groups, threads)?;
        let packed = match choices.packed_weights {
            true => packed_weights::choose(&groups, &schedule.in_place),
            false => BTreeSet::new(),
        };
        copy_where_packed(&groups, &mut schedule, &mut *intern, &packed)?;
        let names = signature.inputs.iter().map(|var| name(*var));
        let names = names.collect::<Result<Vec<_>>>()?;
        let inputs = names.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let lowering = Lowerer::new(&groups, &schedule, intern, &inputs, &packed, choices)?;
        let (mut lowered, buffer_of) = lowering.tasks()?;
        let outputs = groups.ir.outputs.iter().map(|&id| output(&groups, &buffer_of, id));
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        let keep: Vec<usize> = outputs.iter().map(|operand| operand.buffer).collect();
        Ok(Self {
            program: placed(&mut lowered, &keep, threads, choices.arena)?,
            variables,
            inputs: names
                .into_iter()
                .zip(signature.inputs.iter().map(|var| var.ty()))
                .collect(),
            outputs,
            checked_names: lowered.checked_names,
            labels: lowered.labels,
        })
    }
}

/// The graph of a signature, checked.
///
/// # Errors
/// A mistake made while the graph was built; something of another graph, an update of something that is not a variable, or
/// nothing to compute.
fn checked<'g>(signature: &Signature<'g>) -> Result<&'g Graph> {
    let updates = signature.updates.iter().flat_map(|(variable, next)| [variable, next]);
    let results = signature.outputs.iter().chain(updates);
    let Some(graph) = results.clone().next().map(|var| var.graph()) else {
        return Err(Error::config("a plan needs at least one output or update"));
    };
    let mut all = results.chain(&signature.inputs).chain(&signature.check);
    if let Some(error) = graph.error().or_else(|| all.clone().find_map(|var| var.error())) {
        return Err(error);
    }
    if all.any(|var| !std::ptr::eq(var.graph(), graph)) {
        return Err(other_graph().within("plan"));
    }
    let variables = || signature.updates.iter().map(|(state, _)| state);
    if let Some(twice) = repeated(signature.inputs.iter()).or_else(|| repeated(variables())) {
        return Err(Error::config(format!("an input or update is listed twice: {twice:?}")));
    }
    for (state, next) in &signature.updates {
        let (to, from) = (state.ty(), next.ty());
        let Origin::Variable(name) = state.origin() else {
            return Err(Error::config(format!("expected a variable to update, got {state:?}")));
        };
        if to != from {
            return Err(Error::shape(format!(
                "update of variable `{name}`: expected {to:?}, got {from:?}"
            )));
        }
    }
    Ok(graph)
}

/// A node that is listed before.
fn repeated<'a, 'g: 'a>(vars: impl Iterator<Item = &'a Var<'g>>) -> Option<Var<'g>> {
    let mut seen = BTreeSet::new();
    vars.copied().find(|var| !seen.insert(var.id()))
}

/// The nodes, after the rewrites of the graph, in groups, after the rewrites of groups.
pub(super) fn rewritten(signature: &Signature<'_>, graph: &Graph, options: &Options) -> Result<Groups> {
    let wanted = || REWRITES.iter().filter(|rewrite| options.has(rewrite.name));
    let mut ir = Ir::new(graph, &signature.outputs, &signature.updates, signature.check);
    unroll(&mut ir)?;
    for rewrite in wanted() {
        if let Pass::Graph(apply) = &rewrite.pass {
            apply(&mut ir)?;
        }
    }
    ir.materialize()?;
    let mut groups = Groups::new(ir)?;
    for rewrite in wanted() {
        if let Pass::Groups(apply) = &rewrite.pass {
            apply(&mut groups)?;
        }
    }
    Ok(groups)
}

/// The program, its buffers placed; the buffers in `keep` are read after a run.
fn placed(lowered: &mut Lowered, keep: &[usize], threads: usize, arena: bool) -> Result<Program> {
    let flags = lowered.checked_names.len();
    let phases = if arena {
        phases(lowered, keep, threads)?
    } else {
        vec![0; lowered.tasks.len()]
    };
    place_buffers(lowered, &phases, keep);
    let (tasks, buffers) = (std::mem::take(&mut lowered.tasks), std::mem::take(&mut lowered.buffers));
    Program::new(tasks, buffers, threads, flags)
}

/// The phase of each task. Values that no phase has in common may share a place without a further barrier.
fn phases(lowered: &mut Lowered, keep: &[usize], threads: usize) -> Result<Vec<usize>> {
    let count = lowered.tasks.len();
    if threads == 1 {
        return Ok((0..count).collect());
    }
    // With every value in a place of its own one sees where barriers are needed.
    place_buffers(lowered, &vec![0; count], keep);
    let barriers = Program::barriers_of(&lowered.tasks, &lowered.buffers, threads, lowered.checked_names.len())?;
    let mut phase = 0;
    let phase_of = |barrier| {
        phase += usize::from(barrier);
        phase
    };
    Ok(barriers.into_iter().map(phase_of).collect())
}

fn name(var: Var<'_>) -> Result<String> {
    if let Origin::Input(name) = var.origin() {
        return Ok(name);
    }
    let message = format!("expected an input made with `Graph::input`, got {var:?}");
    Err(Error::config(message))
}

/// Multiply-adds of a run, roughly.
fn work(groups: &Groups) -> usize {
    let of = |id: usize| {
        let elements = groups.ir.nodes[id].ty.shape.elements();
        match groups.ir.lowering(id) {
            Some(Lowering::Product) => elements * groups.edges[id][0].layout.shape().last().copied().unwrap_or(1),
            Some(Lowering::Convolution(_)) => {
                let weights = groups.edges[id][0].layout.shape();
                elements * weights.elements() / weights[0].max(1)
            }
            Some(Lowering::View) | None => 0,
            Some(_) if !groups.counts(id) => 0,
            Some(_) => groups
                .operands(id)
                .iter()
                .map(|edge| edge.layout.shape().elements())
                .sum::<usize>()
                .max(elements),
        }
    };
    (0..groups.ir.nodes.len()).map(of).sum()
}
