//! Tasks with a loop of their own: reductions, gathers, softmax rows, random numbers.

use std::ops::Range;

use super::chain::Slice;
use crate::{DType, Element, Error, Isa, Layout, Result, Shape};

/// A loop that owns a range of its output's first axis, or of the first axis of all its outputs.
///
/// One with a single output writes [`Kernel::run`], one with several [`Kernel::run_many`].
///
/// # Example
/// With one output, see `rosenblatt-autodiff`'s `ops/take.rs`; with two:
/// ```
/// use std::{ops::Range, sync::Arc};
/// use rosenblatt_tensor::machine::{Kernel, Once, Partition, Task, View, ViewMut, run_once};
/// use rosenblatt_tensor::{DType, Isa, Result, Tensor};
///
/// struct DivideByTen;
///
/// impl Kernel for DivideByTen {
///     fn run_many(&self, _: Isa, x: &[View<'_>], y: &mut [ViewMut<'_>], range: Range<usize>) -> Result<()> {
///         let [quotients, rests] = y else { unreachable!("two outputs") };
///         let (quotients, rests) = (quotients.reborrow().numbers()?, rests.reborrow().numbers()?);
///         for (i, x) in x[0].contiguous::<i64>()?[range].iter().enumerate() {
///             (quotients[i], rests[i]) = (x / 10, x % 10);
///         }
///         Ok(())
///     }
/// }
///
/// let x = Tensor::from([12i64, 345]);
/// let mut once = Once { isa: Isa::detect(), pool: None };
/// let y = run_once(&mut once, &[&x], &[(DType::I64, *x.shape()); 2], |inputs, outputs| {
///     let (inputs, outputs) = (inputs.to_vec(), outputs.to_vec());
///     Ok((Task::Kernel { kernel: Arc::new(DivideByTen), inputs, outputs }, Partition::One))
/// })?;
/// assert_eq!((y[0].to_f64(), y[1].to_f64()), (vec![1.0, 34.0], vec![2.0, 5.0]));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub trait Kernel: Send + Sync {
    /// Computes the part `range` of the output's first axis (`0..1` for a scalar).
    ///
    /// `output` holds just that part; so do the inputs for which [`Kernel::reads`] says so, the others are whole.
    ///
    /// # Errors
    /// The values make the task impossible, for example an index out of range. The run stops.
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        let _ = (isa, inputs, output, range);
        Err(Error::internal("a kernel of several outputs was given one"))
    }

    /// As [`Kernel::run`], for any number of outputs, all cut at the same places.
    ///
    /// Outputs whose first axes differ in length, or of which one is a scalar, are never cut: then all operands are
    /// whole, and `range` is `0..1`.
    ///
    /// # Errors
    /// As [`Kernel::run`].
    fn run_many(&self, isa: Isa, inputs: &[View<'_>], outputs: &mut [ViewMut<'_>], range: Range<usize>) -> Result<()> {
        match outputs {
            [output] => self.run(isa, inputs, output.reborrow(), range),
            _ => Err(Error::internal("a kernel of one output was given several")),
        }
    }

    /// What a thread that owns part of the outputs' first axis sees of operand `input`.
    fn reads(&self, input: usize) -> Reads {
        let _ = input;
        Reads::Whole
    }
}

/// How much of an operand a part of a kernel sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// All of it.
    Whole,
    /// Only its own range of the operand's first axis, which is as long as the outputs'.
    Rows,
}

/// A tensor to read from: borrowed numbers and their layout.
#[derive(Clone, Copy)]
pub struct View<'a> {
    layout: Layout,
    /// All elements from the first to the last one touched; the layout's offset is 0 if strides are not negative.
    numbers: Slice<'a>,
}

/// The part of a contiguous tensor that a thread fills.
pub struct ViewMut<'a> {
    shape: Shape,
    dtype: DType,
    address: *mut u8,
    marker: std::marker::PhantomData<&'a mut [u8]>,
}

impl<'a> View<'a> {
    pub(super) fn new(layout: Layout, numbers: Slice<'a>) -> Self {
        Self { layout, numbers }
    }

    /// Sizes along the axes.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.layout.shape()
    }

    /// How the elements lie in [`View::numbers`].
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Type of the elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.numbers.dtype()
    }

    /// The memory of the view; element `i` in row-major order is at `layout().locate(i)`.
    ///
    /// # Errors
    /// Another type.
    pub fn numbers<T: Element>(&self) -> Result<&'a [T]> {
        T::from_slice(self.numbers)
            .ok_or_else(|| Error::internal(format!("expected a view of {}, got {}", T::DTYPE, self.dtype())))
    }

    /// The elements row-major; the upper half hands kernels operands without gaps.
    ///
    /// # Errors
    /// Another type, or a view with gaps.
    pub fn contiguous<T: Element>(&self) -> Result<&'a [T]> {
        let numbers = self.numbers::<T>()?;
        if !self.layout.is_contiguous() {
            return Err(Error::internal("a kernel was given a view with gaps"));
        }
        let start = self.layout.offset();
        Ok(&numbers[start..start + self.shape().elements()])
    }
}

impl<'a> ViewMut<'a> {
    /// # Safety
    /// `shape.elements()` elements of `dtype` may be written at `address` for `'a`; no one else touches them.
    pub(super) unsafe fn new(shape: Shape, dtype: DType, address: *mut u8) -> Self {
        Self {
            shape,
            dtype,
            address,
            marker: std::marker::PhantomData,
        }
    }

    /// The same part, for as long as this one is not used: [`ViewMut::numbers`] consumes a view.
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        ViewMut {
            shape: self.shape,
            marker: std::marker::PhantomData,
            ..*self
        }
    }

    /// Sizes of this part.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Type of the elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The elements of this part, row-major.
    ///
    /// # Errors
    /// Another type.
    pub fn numbers<T: Element>(self) -> Result<&'a mut [T]> {
        if self.dtype != T::DTYPE {
            return Err(Error::internal(format!(
                "expected an output of {}, got {}",
                T::DTYPE,
                self.dtype
            )));
        }
        // SAFETY: `new` was promised these elements for `'a`, and `self` is consumed.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.address.cast(), self.shape.elements()) })
    }
}
