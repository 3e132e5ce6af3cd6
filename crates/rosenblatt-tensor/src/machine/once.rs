//! Running a single task.

use super::memory::{BufferSpec, Place, VariableMemory};
use super::program::Program;
use super::task::{Operand, Split, Task};
use super::workspace::Workspace;
use crate::pool::Pool;
use crate::{DType, Error, Isa, Layout, Result, Shape, Tensor};

/// Threads and instruction set for [`run_once`].
pub struct Once<'a> {
    /// Instruction set.
    pub isa: Isa,
    /// Threads; `None` for the caller's alone.
    pub pool: Option<&'a mut Pool>,
}

/// Runs one task on tensors: what a define-by-run operation does.
///
/// `build` gets the operands of the inputs, then the operand of the output.
///
/// # Errors
/// As [`Program::new`] and [`Program::run`].
pub fn run_once(
    once: &mut Once<'_>,
    inputs: &[&Tensor],
    output: (DType, Shape),
    build: impl FnOnce(&[Operand], Operand) -> Result<(Task, Split)>,
) -> Result<Tensor> {
    let (dtype, shape) = output;
    let whole: Vec<Tensor> = inputs.iter().map(|x| x.whole()).collect();
    let mut buffers: Vec<BufferSpec> = whole
        .iter()
        .enumerate()
        .map(|(i, x)| BufferSpec {
            dtype: x.dtype(),
            elements: x.elements(),
            place: Place::Input(i),
        })
        .collect();
    let target = buffers.len();
    buffers.push(BufferSpec {
        dtype,
        elements: shape.elements(),
        place: Place::Variable(0),
    });
    let operands: Vec<Operand> = inputs
        .iter()
        .enumerate()
        .map(|(i, x)| Operand::strided(i, *x.layout()))
        .collect();
    let (task, split) = build(&operands, Operand::strided(target, Layout::contiguous(shape)))?;
    let threads = once.pool.as_ref().map_or(1, |pool| pool.threads());
    let program = Program::new(vec![(task, split)], buffers, threads, 0)?;
    let mut variables = VariableMemory::new();
    variables.add(dtype, shape.elements())?;
    let inputs: Vec<&Tensor> = whole.iter().collect();
    let pool = once.pool.as_deref_mut();
    program.run(&mut variables, &mut Workspace::new(), pool, once.isa, &inputs)?;
    let buffer = variables.pop().ok_or_else(|| Error::internal("a variable was lost"))?;
    Ok(Tensor::from_buffer(buffer, dtype, shape))
}
