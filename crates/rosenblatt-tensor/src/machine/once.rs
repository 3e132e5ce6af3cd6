//! Running a single task.

use super::memory::{BufferSpec, Place, VariableMemory};
use super::program::Program;
use super::task::{Operand, Partition, Task};
use super::workspace::Workspace;
use crate::pool::Pool;
use crate::{DType, Isa, Layout, Result, Shape, Tensor};

/// Threads and instruction set for [`run_once`].
pub struct Once<'a> {
    /// Instruction set.
    pub isa: Isa,
    /// Threads; `None` for the caller's alone.
    pub pool: Option<&'a mut Pool>,
}

/// Runs one task on tensors: what a define-by-run operation does.
///
/// `build` gets the operands of the inputs, then those of the outputs.
///
/// # Errors
/// As [`Program::new`] and [`Program::run`].
pub fn run_once(
    once: &mut Once<'_>,
    inputs: &[&Tensor],
    outputs: &[(DType, Shape)],
    build: impl FnOnce(&[Operand], &[Operand]) -> Result<(Task, Partition)>,
) -> Result<Vec<Tensor>> {
    let whole: Vec<Tensor> = inputs.iter().map(|x| x.whole()).collect();
    let read = whole.iter().enumerate().map(|(i, x)| BufferSpec {
        dtype: x.dtype(),
        elements: x.elements(),
        place: Place::Input(i),
    });
    let written = outputs.iter().enumerate().map(|(i, (dtype, shape))| BufferSpec {
        dtype: *dtype,
        elements: shape.elements(),
        place: Place::Variable(i),
    });
    let layouts = inputs.iter().map(|x| *x.layout());
    let layouts = layouts.chain(outputs.iter().map(|(_, shape)| Layout::contiguous(*shape)));
    let operands: Vec<Operand> = layouts
        .enumerate()
        .map(|(buffer, layout)| Operand::strided(buffer, layout))
        .collect();
    let (from, to) = operands.split_at(inputs.len());
    let tasks = vec![build(from, to)?];
    let threads = once.pool.as_ref().map_or(1, |pool| pool.threads());
    let program = Program::new(tasks, read.chain(written).collect(), threads, 0)?;
    let mut variables = VariableMemory::new();
    for (dtype, shape) in outputs {
        variables.add(*dtype, shape.elements())?;
    }
    let inputs: Vec<&Tensor> = whole.iter().collect();
    let pool = once.pool.as_deref_mut();
    program.run(&mut variables, &mut Workspace::new(), pool, once.isa, &inputs)?;
    let results = variables.into_buffers().zip(outputs);
    Ok(results
        .map(|(buffer, (dtype, shape))| Tensor::from_buffer(buffer, *dtype, *shape))
        .collect())
}
