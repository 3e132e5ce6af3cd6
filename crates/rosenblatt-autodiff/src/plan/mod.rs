//! The compiler: a graph becomes a list of tasks that runs many times without allocating.
//!
//! | step | where | what |
//! |---|---|---|
//! | 1 | `ir.rs` | the nodes, with copies where a view or kernel needs them |
//! | 2 | `rewrites/` | dead code, common subexpressions, constants |
//! | 3 | `groups.rs`, `rewrites/` | nodes joined into groups: chains, epilogues, optimiser steps |
//! | 4 | `schedule.rs` | order, shares of the threads, states overwritten in place |
//! | 5 | `lower.rs`, `chaining.rs`, `unpacking.rs` | buffers and the machine's tasks |
//! | 6 | `placing.rs`, `rewrites/arena.rs` | buffers placed by lifetime, once the machine has put the barriers |
//!
//! This core asks ops about themselves and never which op it has; knowledge about pairs of ops is in `rewrites/`.
//!
//! Start reading at [`Plan::compile`].

mod chaining;
pub(crate) mod groups;
pub(crate) mod ir;
mod lower;
mod placing;
pub mod rewrites;
mod schedule;
mod store;
mod unpacking;

use std::sync::atomic::{AtomicU64, Ordering};

use rosenblatt_tensor::machine::{Operand, Program, TaskTime};
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::op::{Kind, Type};
use crate::{Graph, Origin, Var};
use groups::Groups;
use ir::Ir;
use lower::{Choices, Lowering, output};
use placing::place_buffers;
use rewrites::{Pass, REWRITES};
pub use store::Store;

/// What a plan is to compute.
#[derive(Default)]
pub struct Request<'g> {
    /// Given for each run, in this order.
    pub inputs: Vec<Var<'g>>,
    /// Read after a run, in this order.
    pub outputs: Vec<Var<'g>>,
    /// States and their next values.
    pub updates: Vec<(Var<'g>, Var<'g>)>,
    /// Must be finite, or no state is written.
    pub check: Option<Var<'g>>,
}

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Rewrites to leave out, by name: the result is the same, bit for bit.
    pub without: Vec<String>,
}

/// A compiled graph.
pub struct Plan {
    program: Program,
    inputs: Vec<Type>,
    outputs: Vec<Operand>,
    watches: Vec<String>,
    labels: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was computed.
    Done,
    /// The checked value was not finite; no state was written.
    Stopped,
    /// All was computed, but the named watched values were not finite.
    NotFinite(Vec<String>),
}

/// Plans compiled in this process: tests show that dynamic runs compile none.
static COMPILED: AtomicU64 = AtomicU64::new(0);

/// Below this many multiply-adds a plan runs on one thread: the others would wait more than they work.
const WORTH_THREADS: usize = 1_500_000;

impl Plan {
    /// Compiles a request over the store's threads; new states are added to the store as zeros.
    ///
    /// # Errors
    /// The first mistake made while the graph was built, or a state that the store has with another type.
    pub fn compile(request: &Request<'_>, store: &mut Store, options: &Options) -> Result<Self> {
        let graph = match request
            .outputs
            .iter()
            .chain(request.updates.iter().map(|(_, next)| next))
            .next()
        {
            Some(var) => var.graph(),
            None => return Err(Error::internal("a plan without results")),
        };
        if let Some(error) = graph.error() {
            return Err(error);
        }
        check_request(request, graph)?;
        COMPILED.fetch_add(1, Ordering::Relaxed);
        let on = |name: &str| !options.without.iter().any(|off| off == name);
        let mut ir = Ir::new(graph, &request.outputs, &request.updates, request.check);
        for rewrite in REWRITES {
            if let (Pass::Graph(apply), true) = (&rewrite.pass, on(rewrite.name)) {
                apply(&mut ir)?;
            }
        }
        ir.materialise()?;
        let mut groups = Groups::new(ir)?;
        for rewrite in REWRITES {
            if let (Pass::Groups(apply), true) = (&rewrite.pass, on(rewrite.name)) {
                apply(&mut groups)?;
            }
        }
        let threads = if work(&groups) < WORTH_THREADS {
            1
        } else {
            store.threads()
        };
        let schedule = schedule::schedule(&groups, threads)?;
        let packed = if on("packed_weights") {
            rewrites::choose(&groups, &schedule.in_place)
        } else {
            Vec::new()
        };
        let inputs = request
            .inputs
            .iter()
            .map(|var| name(*var))
            .collect::<Result<Vec<_>>>()?;
        let choices = Choices {
            in_place: on("in_place"),
            one_loop_update: on("one_loop_update"),
        };
        let lowering = Lowering::new(&groups, &schedule, store, &inputs, &packed, choices)?;
        let (mut lowered, buffer_of) = lowering.tasks()?;
        let outputs = groups
            .ir
            .outputs
            .iter()
            .map(|&id| output(&groups, &buffer_of, id))
            .collect::<Result<Vec<_>>>()?;
        let keep: Vec<usize> = outputs.iter().map(|operand| operand.buffer).collect();
        let flags = lowered.watches.len();
        // Once with every value in a place of its own, to learn where the barriers are; then with places shared
        // between values that no phase has in common, which needs no further barrier.
        let one_phase = vec![0; lowered.tasks.len()];
        place_buffers(&mut lowered, &one_phase, &keep, false);
        let mut program = Program::new(lowered.tasks.clone(), lowered.buffers.clone(), threads, flags)?;
        if on("arena") {
            let mut phase = 0;
            let phases: Vec<usize> = program
                .barrier_before()
                .enumerate()
                .map(|(i, barrier)| {
                    // On one thread every task is a phase of its own.
                    phase = if threads == 1 { i } else { phase + usize::from(barrier) };
                    phase
                })
                .collect();
            place_buffers(&mut lowered, &phases, &keep, true);
            program = Program::new(lowered.tasks, lowered.buffers, threads, flags)?;
        }
        let inputs = request.inputs.iter().map(|var| var.ty()).collect();
        Ok(Self {
            program,
            inputs,
            outputs,
            watches: lowered.watches,
            labels: lowered.labels,
        })
    }

    /// Runs once.
    ///
    /// # Errors
    /// An input's type differs from the request's, or a kernel met impossible values (an index out of range).
    pub fn run(&mut self, store: &mut Store, inputs: &[&Tensor]) -> Result<Outcome> {
        self.fits(inputs)?;
        let Store { memory, engine, .. } = store;
        let done = self.program.run(memory, engine.pool.as_mut(), engine.isa, inputs)?;
        Ok(self.outcome(done))
    }

    /// Runs once and adds how long each task took on the first thread, in the order of [`Plan::tasks`].
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn run_timed(&mut self, store: &mut Store, inputs: &[&Tensor], times: &mut [TaskTime]) -> Result<Outcome> {
        self.fits(inputs)?;
        let Store { memory, engine, .. } = store;
        let done = self
            .program
            .run_timed(memory, engine.pool.as_mut(), engine.isa, inputs, times)?;
        Ok(self.outcome(done))
    }

    /// # Errors
    /// An input's type differs from the request's.
    fn fits(&self, inputs: &[&Tensor]) -> Result<()> {
        for (i, (want, got)) in self.inputs.iter().zip(inputs).enumerate() {
            if got.dtype() != want.dtype || *got.shape() != want.shape {
                return Err(Error::shape(format!(
                    "input {i}: expected {want:?}, got {:?}",
                    Type::of(got)
                )));
            }
        }
        Ok(())
    }

    fn outcome(&self, done: bool) -> Outcome {
        if !done {
            return Outcome::Stopped;
        }
        if (0..self.watches.len()).any(|flag| self.program.flag(flag)) {
            let bad = self
                .watches
                .iter()
                .enumerate()
                .filter(|(flag, _)| self.program.flag(*flag));
            return Outcome::NotFinite(bad.map(|(_, name)| name.clone()).collect());
        }
        Outcome::Done
    }

    /// A copy of output `i`.
    ///
    /// # Errors
    /// No such output.
    pub fn output(&self, store: &Store, i: usize) -> Result<Tensor> {
        let operand = self
            .outputs
            .get(i)
            .ok_or_else(|| Error::internal(format!("no output {i}")))?;
        self.program.read(&store.memory, operand)
    }

    /// Output `i`, a single number, without allocating.
    ///
    /// # Errors
    /// No such output, or not one floating-point number.
    pub fn number(&self, store: &Store, i: usize) -> Result<f64> {
        let operand = self
            .outputs
            .get(i)
            .ok_or_else(|| Error::internal(format!("no output {i}")))?;
        self.program.read_number(&store.memory, operand)
    }

    /// What each task computes, and whether threads meet before it.
    pub fn tasks(&self) -> impl Iterator<Item = (&str, bool)> {
        self.labels
            .iter()
            .map(String::as_str)
            .zip(self.program.barrier_before())
    }

    /// Multiply-adds of each task that is a matrix product, 0 for the others, in the order of [`Plan::tasks`].
    pub fn multiply_adds(&self) -> impl Iterator<Item = u64> {
        self.program.multiply_adds()
    }

    /// How many tasks compute something: all but checks.
    #[must_use]
    pub fn kernels(&self) -> usize {
        self.program.kernels()
    }

    /// Loops over tiles in the chains of all tasks.
    #[must_use]
    pub fn loops(&self) -> usize {
        self.program.loops()
    }

    /// Barriers inside a run.
    #[must_use]
    pub fn barriers(&self) -> usize {
        self.program.barriers()
    }

    /// Bytes of arena.
    #[must_use]
    pub fn arena_bytes(&self) -> usize {
        self.program.arena_bytes()
    }

    /// Threads that take part.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.program.threads()
    }

    /// How many plans this process has compiled.
    #[must_use]
    pub fn compiled() -> u64 {
        COMPILED.load(Ordering::Relaxed)
    }
}

/// # Errors
/// Something of another graph, or an update of something that is not a state.
fn check_request(request: &Request<'_>, graph: &Graph) -> Result<()> {
    let updates = request.updates.iter().flat_map(|(state, next)| [state, next]);
    let mut all = request
        .inputs
        .iter()
        .chain(&request.outputs)
        .chain(updates)
        .chain(&request.check);
    if all.any(|var| !std::ptr::eq(var.graph(), graph)) {
        return Err(Error::internal("a plan over values of different graphs"));
    }
    for (state, next) in &request.updates {
        if !matches!(state.origin(), Origin::State(_)) || state.ty() != next.ty() {
            return Err(Error::internal(format!(
                "{:?} cannot become the next value of {:?}",
                next.ty(),
                state.ty()
            )));
        }
    }
    Ok(())
}

fn name(var: Var<'_>) -> Result<String> {
    match var.origin() {
        Origin::Input(name) => Ok(name),
        _ => Err(Error::internal("a plan's input must be made with `Graph::input`")),
    }
}

/// Multiply-adds of a run, roughly.
fn work(groups: &Groups) -> usize {
    let of = |id: usize| {
        let elements = groups.ir.nodes[id].ty.shape.elements();
        match groups.ir.kind(id) {
            Some(Kind::Product) => elements * groups.edges[id][0].layout.shape().last().copied().unwrap_or(1),
            Some(Kind::View) | None => 0,
            Some(_) => groups.edges[id]
                .iter()
                .map(|edge| edge.layout.shape().elements())
                .sum::<usize>()
                .max(elements),
        }
    };
    (0..groups.ir.nodes.len()).map(of).sum()
}
