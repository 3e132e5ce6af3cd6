//! Results of a run, read from the workspace.

use super::memory::BufferSpec;
use super::program::Program;
use super::task::{Form, Operand};
use super::workspace::Workspace;
use crate::{Buffer, DType, Element, Error, Layout, Result, Shape, Tensor};

impl Program {
    /// Copies an operand out, as the last run in this workspace computed it.
    ///
    /// # Errors
    /// The last run was of another program, or the operand is not one that runs write.
    pub fn read(&self, workspace: &Workspace, operand: &Operand) -> Result<Tensor> {
        let (spec, layout) = self.strided(operand)?;
        let bytes = workspace.result(self, spec)?;
        let whole = Tensor::from_buffer(Buffer::copy_of(bytes), spec.dtype, Shape::new(&[spec.elements])?);
        Ok(whole.with_layout(layout)?.contiguous())
    }

    /// As [`Program::read`], row-major into memory of the caller's: allocates nothing.
    ///
    /// # Errors
    /// As [`Program::read`]; the operand has another type or number of elements.
    pub fn read_into<T: Element>(&self, workspace: &Workspace, operand: &Operand, output: &mut [T]) -> Result<()> {
        let (spec, layout) = self.strided(operand)?;
        if spec.dtype != T::DTYPE || layout.shape().elements() != output.len() {
            let (want, got) = (layout.shape(), output.len());
            return Err(Error::shape(format!(
                "expected room for {} {want:?}, got {got} of {}",
                spec.dtype,
                T::DTYPE
            )));
        }
        let bytes = workspace.result(self, spec)?;
        // SAFETY: buffers of arenas lie at multiples of 64, and `spec.elements` elements of type `T` fit `bytes`. Those
        // are a value of every number's type, and in the arena of bools only bools were written.
        let numbers = unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast::<T>(), spec.elements) };
        if layout.is_contiguous() {
            let start = layout.offset();
            output.copy_from_slice(&numbers[start..start + output.len()]);
        } else {
            output
                .iter_mut()
                .enumerate()
                .for_each(|(i, y)| *y = numbers[layout.locate(i)]);
        }
        Ok(())
    }

    /// The one number of an operand, an f32 or f64, without allocating.
    ///
    /// # Errors
    /// As [`Program::read_into`].
    pub fn read_number(&self, workspace: &Workspace, operand: &Operand) -> Result<f64> {
        let (spec, _) = self.strided(operand)?;
        if spec.dtype == DType::F64 {
            let mut number = [0.0];
            self.read_into(workspace, operand, &mut number)?;
            return Ok(number[0]);
        }
        let mut number = [0.0f32];
        self.read_into(workspace, operand, &mut number)?;
        Ok(f64::from(number[0]))
    }

    fn strided(&self, operand: &Operand) -> Result<(&BufferSpec, Layout)> {
        let spec = self
            .buffers
            .get(operand.buffer)
            .ok_or_else(|| Error::internal("no such buffer"))?;
        match operand.form {
            Form::Strided(layout) if layout.extent().1 <= spec.elements => Ok((spec, layout)),
            Form::Strided(_) | Form::Packed(_) => Err(Error::internal("an operand that cannot be read")),
        }
    }
}
