//! The compiler: a graph becomes a list of tasks that runs many times without allocating.
//!
//! | step (in `compile.rs`) | where | what |
//! |---|---|---|
//! | 1 | `ir.rs` | the nodes, with copies where a view or kernel needs them |
//! | 2 | `rewrites/` | dead code, common subexpressions, constants |
//! | 3 | `groups.rs`, `ranks.rs`, `rewrites/` | nodes joined into groups: chains, epilogues, optimizer steps |
//! | 4 | `schedule.rs`, `waits.rs`, `ready.rs` | order, shares of the threads, variables overwritten in place |
//! | 5 | `lower.rs`, `chaining.rs`, `unpacking.rs` | buffers and the machine's tasks |
//! | 6 | `placing.rs`, `arena.rs` | buffers placed by lifetime, once the machine has put the barriers |
//!
//! This core asks ops about themselves and never which op it has; knowledge about pairs of ops is in `rewrites/`; what is
//! chosen about memory alone, and can be switched off as well, is listed in `choices.rs`.
//!
//! Start reading at [`Plan::compile`].

mod arena;
mod chaining;
pub mod choices;
mod compile;
mod epilogue;
pub(crate) mod groups;
pub(crate) mod ir;
mod lower;
mod one_loop_update;
mod packed_weights;
mod placing;
mod ranks;
mod ready;
pub mod rewrites;
mod rules;
mod run;
mod schedule;
mod unpacking;
mod unroll;
mod variables;
mod waits;

use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};

pub use rosenblatt_tensor::machine::{Input, Workspace};
use rosenblatt_tensor::machine::{Operand, Program};

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
    /// Must be finite, or no variable is written.
    pub check: Option<Var<'g>>,
}

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Rewrites ([`rewrites::REWRITES`]) and choices ([`choices::CHOICES`]) to leave out, by name: the result is the same,
    /// bit for bit. Another name is an error.
    pub without: Vec<String>,
}

/// A compiled graph: nothing in it changes when it runs, so threads share it.
///
/// One caller trains with [`Plan::run`], which borrows the [`Variables`] mutably. Many threads predict with
/// [`Plan::run_shared`]: all of them borrow the same variables, and each has a [`Workspace`] of its own.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::plan::{Input, Options, Plan, Signature, Variables};
/// use rosenblatt_autodiff::{Engine, Execution, Graph};
/// use rosenblatt_tensor::{DType, Shape, Tensor};
///
/// let graph = Graph::new(Execution::Static);
/// let x = graph.input("x", DType::F32, Shape::new(&[1, 2])?);
/// let weight = graph.variable("weight", DType::F32, Shape::new(&[1, 2])?);
/// let y = x.matmul(weight.matrix_transpose());
/// let mut variables = Variables::new(Engine::single());
/// let signature = Signature { inputs: vec![x], outputs: vec![y], ..Signature::default() };
/// let plan = Plan::compile(&signature, &mut variables, &Options::default())?;
/// variables.write("weight", &Tensor::from_vec(vec![3.0f32, 4.0], &[1, 2])?)?;
///
/// let (variables, mut workspace) = (&variables, plan.workspace()?);
/// let mut output = [0.0f32];
/// for row in [[1.0f32, 0.0], [0.0, 1.0]] {
///     plan.run_shared(variables, &mut workspace, &[Input::from(&row[..])])?;
///     plan.read_into(&workspace, 0, &mut output)?;
///     assert_eq!(output[0], if row[0] == 1.0 { 3.0 } else { 4.0 });
/// }
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub struct Plan {
    program: Program,
    /// The variables it was compiled over.
    variables: Weak<()>,
    inputs: Vec<(String, Type)>,
    outputs: Vec<Operand>,
    checked_names: Vec<String>,
    labels: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// All was computed.
    Done,
    /// The checked value was not finite; no variable was written.
    Stopped,
    /// All was computed, but the named checked values were not finite.
    NotFinite(Vec<String>),
}

/// Plans compiled in this process: tests show that dynamic runs compile none.
static COMPILED: AtomicU64 = AtomicU64::new(0);

impl Plan {
    /// Names and types of the inputs of a run, in order.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = (&str, Type)> {
        self.inputs.iter().map(|(name, ty)| (name.as_str(), *ty))
    }

    /// Whether runs write to variables, so that they need them alone.
    #[must_use]
    pub fn writes_variables(&self) -> bool {
        self.program.writes_variables()
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

    /// Loops over tiles in the chain of each task, in the order of [`Plan::tasks`].
    pub fn loops(&self) -> impl Iterator<Item = usize> {
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
