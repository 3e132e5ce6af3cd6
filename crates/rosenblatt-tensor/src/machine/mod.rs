//! The machine: runs a list of tasks over an arena, on all threads.
//!
//! This is the low half of the engine. The upper half (the plan, in `rosenblatt-autodiff`) decides *what* is
//! computed and *which share* each thread owns; the machine decides nothing, but guarantees three things whatever it
//! is given:
//!
//! - every operand lies inside its buffer (checked when a [`Program`] is built);
//! - no two threads touch the same bytes at the same time unless both only read: [`Program::new`] compares what
//!   every task touches and puts a barrier wherever threads could meet;
//! - no heap allocation while running, from the second run of a program in a workspace on.
//!
//! | memory | holds | while a program runs |
//! |---|---|---|
//! | [`Program`] | tasks, constants | is only read: threads share it |
//! | [`VariableMemory`] | parameters, optimizer state | is shared if the program does not write to it, else borrowed mutably |
//! | [`Workspace`] | arenas, scratch, flags, addresses | belongs to one run |
//! | [`Input`] | a tensor or a slice | is only read |
//!
//! | task | what it computes |
//! |---|---|
//! | [`Task::Map`] | an element-wise [`Chain`] over a space |
//! | [`Task::Product`] | a matrix product, then a chain on each finished tile |
//! | [`Task::ColumnSum`] | sums over rows, then a chain |
//! | [`Task::Kernel`] | anything else: a [`Kernel`] that owns a range of its results' first axis |
//! | [`Task::Check`] | stops the run if a number is not finite |
//!
//! A define-by-run operation is a program of one task ([`run_once`]), so both ways to run use the same code.
//!
//! Start reading at [`Program`]; chains are run in `chain_share.rs`, products in `product.rs`.

mod access;
mod barriers;
mod chain;
mod chain_share;
mod checks;
mod input;
mod kernel;
mod kernel_share;
mod memory;
mod once;
mod pace;
mod port;
mod product;
mod program;
mod read;
mod registers;
mod run;
mod shares;
mod task;
mod timing;
mod workspace;

pub use chain::{Chain, Load, MAX_UPDATE, Slice, SliceMut, Source, Step, TileKernel, Update, UpdateKernel};
pub use input::Input;
pub use kernel::{Kernel, Reads, View, ViewMut};
pub use memory::{BufferId, BufferSpec, Place, VariableMemory};
pub use once::{Once, run_once};
pub use program::Program;
pub use task::{Form, Matrix, Operand, Packed, Partition, Task};
pub use timing::TaskTime;
pub use workspace::Workspace;

/// Elements of a tile: what a chain keeps in the first-level cache between its steps.
pub const TILE: usize = 2048;
