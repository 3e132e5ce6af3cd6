//! The compiler: a graph becomes a list of tasks that runs many times without allocating.
//!
//! | step (in `compile.rs`) | where | what |
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
mod compile;
pub(crate) mod groups;
pub(crate) mod ir;
mod lower;
mod placing;
pub mod rewrites;
mod schedule;
mod unpacking;
mod variables;

use std::sync::atomic::{AtomicU64, Ordering};

use rosenblatt_tensor::machine::{Operand, Program, TaskTime};
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::Var;
use crate::op::Type;
pub use variables::Variables;

/// What a plan is to compute.
#[derive(Default)]
pub struct Signature<'g> {
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

impl Plan {
    /// Runs once.
    ///
    /// # Errors
    /// An input's type differs from the request's, or a kernel met impossible values (an index out of range).
    pub fn run(&mut self, store: &mut Variables, inputs: &[&Tensor]) -> Result<Outcome> {
        self.fits(inputs)?;
        let Variables { memory, engine, .. } = store;
        let done = self.program.run(memory, engine.pool.as_mut(), engine.isa, inputs)?;
        Ok(self.outcome(done))
    }

    /// Runs once and adds how long each task took on the first thread, in the order of [`Plan::tasks`].
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn run_timed(&mut self, store: &mut Variables, inputs: &[&Tensor], times: &mut [TaskTime]) -> Result<Outcome> {
        self.fits(inputs)?;
        let Variables { memory, engine, .. } = store;
        let done = self
            .program
            .run_timed(memory, engine.pool.as_mut(), engine.isa, inputs, times)?;
        Ok(self.outcome(done))
    }

    /// # Errors
    /// An input's type differs from the request's.
    fn fits(&self, inputs: &[&Tensor]) -> Result<()> {
        if inputs.len() != self.inputs.len() {
            let (want, got) = (self.inputs.len(), inputs.len());
            return Err(Error::config(format!("expected {want} inputs, got {got}")));
        }
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
    pub fn output(&self, store: &Variables, i: usize) -> Result<Tensor> {
        let operand = self
            .outputs
            .get(i)
            .ok_or_else(|| Error::config(format!("no output {i} in a plan of {}", self.outputs.len())))?;
        self.program.read(&store.memory, operand)
    }

    /// Output `i`, a single number, without allocating.
    ///
    /// # Errors
    /// No such output, or not one floating-point number.
    pub fn number(&self, store: &Variables, i: usize) -> Result<f64> {
        let operand = self
            .outputs
            .get(i)
            .ok_or_else(|| Error::config(format!("no output {i} in a plan of {}", self.outputs.len())))?;
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
