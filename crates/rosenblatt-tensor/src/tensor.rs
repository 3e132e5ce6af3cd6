//! Tensors: immutable arrays of numbers, cheap to clone and to view.

use std::fmt;
use std::sync::Arc;

use crate::storage::Storage;
use crate::{Buffer, DType, Element, Error, Foreign, Layout, Result, Shape};

/// An array of numbers with a shape; views (slices, transposes, broadcasts) share its memory.
///
/// # Example
/// ```
/// use rosenblatt_tensor::Tensor;
/// let x = Tensor::new(vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3])?;
/// assert_eq!(x.as_slice::<f32>()?, Tensor::from([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]).as_slice::<f32>()?);
/// let t = x.permute(&[1, 0])?;
/// assert_eq!(*t.shape(), [3, 2]);
/// assert_eq!(t.to_vec::<f32>()?, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor {
    storage: Storage,
    dtype: DType,
    layout: Layout,
}

impl Tensor {
    /// A tensor of `values` in row-major order, without a copy: the vector is its memory (much unused capacity is given
    /// back to the system).
    ///
    /// # Errors
    /// The shape has another number of elements.
    pub fn new<T: Element>(values: Vec<T>, shape: &[usize]) -> Result<Self> {
        let layout = Layout::contiguous(holding(shape, values.len())?);
        Ok(Self {
            storage: Storage::from_vec(values),
            dtype: T::DTYPE,
            layout,
        })
    }

    /// [`Tensor::new`].
    ///
    /// # Errors
    /// The shape has another number of elements.
    pub fn from_vec<T: Element>(values: Vec<T>, shape: &[usize]) -> Result<Self> {
        Self::new(values, shape)
    }

    /// A tensor of a copy of `values` in row-major order.
    ///
    /// # Errors
    /// The shape has another number of elements.
    pub fn from_slice<T: Element>(values: &[T], shape: &[usize]) -> Result<Self> {
        let layout = Layout::contiguous(holding(shape, values.len())?);
        Ok(Self {
            storage: Storage::from_slice(values),
            dtype: T::DTYPE,
            layout,
        })
    }

    /// A tensor with no axes.
    #[must_use]
    pub fn scalar<T: Element>(value: T) -> Self {
        Self {
            storage: Storage::from_slice(&[value]),
            dtype: T::DTYPE,
            layout: Layout::contiguous(Shape::SCALAR),
        }
    }

    /// A floating-point number as a tensor with no axes of the given type.
    #[must_use]
    pub fn scalar_of(dtype: DType, value: f64) -> Self {
        match dtype {
            DType::F32 => Self::scalar(value as f32),
            DType::F64 => Self::scalar(value),
            DType::U8 => Self::scalar(value as u8),
            DType::I64 => Self::scalar(value as i64),
            DType::Bool => Self::scalar(value != 0.0),
        }
    }

    /// Replaces all numbers, row-major; memory is reused unless a clone or view shares it.
    ///
    /// For the small inputs of a plan that change from step to step.
    ///
    /// # Errors
    /// Another type or number of elements, or memory with another owner.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_tensor::Tensor;
    /// let mut rate = Tensor::scalar(0.1f32);
    /// rate.write(&[0.05f32])?;
    /// assert_eq!(rate.as_slice::<f32>()?, [0.05]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn write<T: Element>(&mut self, values: &[T]) -> Result<()> {
        if self.dtype != T::DTYPE || values.len() != self.elements() {
            let (want, got) = (self.elements(), values.len());
            return Err(Error::shape(format!(
                "expected {want} numbers of {}, got {got} of {}",
                self.dtype,
                T::DTYPE
            )));
        }
        let whole = self.layout == Layout::contiguous(*self.shape());
        if !(whole && self.storage.overwrite(values)) {
            let shape = *self.shape();
            *self = Self::from_slice(values, &shape)?;
        }
        Ok(())
    }

    /// All zeros.
    #[must_use]
    pub fn zeros(dtype: DType, shape: Shape) -> Self {
        Self::from_buffer(Buffer::zeroed(shape.elements() * dtype.size()), dtype, shape)
    }

    /// Takes a buffer filled by kernels.
    pub(crate) fn from_buffer(buffer: Buffer, dtype: DType, shape: Shape) -> Self {
        debug_assert!(buffer.len() >= shape.elements() * dtype.size());
        Self {
            storage: Storage::Own(Arc::new(buffer)),
            dtype,
            layout: Layout::contiguous(shape),
        }
    }

    /// A tensor over foreign memory, without a copy; `layout` says where its elements are: strides (negative ones too)
    /// and an offset, counted in elements from the first byte.
    ///
    /// # Errors
    /// The memory is misaligned, or the layout reaches outside of it.
    pub fn from_foreign(owner: Arc<dyn Foreign>, dtype: DType, layout: Layout) -> Result<Self> {
        let bytes = owner.bytes().len();
        if layout
            .extent()
            .1
            .checked_mul(dtype.size())
            .is_none_or(|end| end > bytes)
        {
            return Err(Error::shape(format!(
                "{:?} of {dtype} with strides {:?} from {} reaches outside the {bytes} bytes given",
                layout.shape(),
                layout.strides(),
                layout.offset()
            )));
        }
        Ok(Self {
            storage: Storage::foreign(owner, dtype)?,
            dtype,
            layout,
        })
    }

    /// Says that about so many bytes of its elements were read, so that what comes from a file gives memory back from time to time:
    /// see [`crate::Mapped::within`]. Other tensors do nothing.
    pub fn touch(&self, bytes: usize) {
        if let Storage::Foreign(owner) = &self.storage {
            owner.touch(bytes);
        }
    }

    /// Sizes along the axes.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.layout.shape()
    }

    /// Type of the elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// How the elements lie in memory.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Number of elements.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.shape().elements()
    }

    /// Address and bytes of the storage.
    pub(crate) fn raw(&self) -> (*const u8, usize) {
        self.storage.raw()
    }

    /// All of the storage, as one row.
    pub(crate) fn whole(&self) -> Self {
        let elements = self.storage.raw().1 / self.dtype.size();
        let mut shape = Shape::SCALAR;
        if let Ok(row) = Shape::new(&[elements]) {
            shape = row;
        }
        Self {
            storage: self.storage.clone(),
            dtype: self.dtype,
            layout: Layout::contiguous(shape),
        }
    }

    pub(crate) fn storage_slice<T: Element>(&self) -> Result<&[T]> {
        if self.dtype != T::DTYPE {
            return Err(Error::shape(format!(
                "expected a tensor of {}, got {}",
                T::DTYPE,
                self.dtype
            )));
        }
        // SAFETY: `dtype` says what the storage was made for, and it is `T`.
        Ok(unsafe { self.storage.as_slice() })
    }

    /// The elements, if they follow one another row-major.
    ///
    /// # Errors
    /// Another type, or a view with gaps: use [`Tensor::contiguous`] first.
    pub fn as_slice<T: Element>(&self) -> Result<&[T]> {
        if !self.layout.is_contiguous() {
            return Err(Error::shape("a strided view has no slice; call `contiguous` first"));
        }
        let start = self.layout.offset();
        Ok(&self.storage_slice()?[start..start + self.elements()])
    }

    /// The place, row-major, of the first number that is NaN or infinite; integers never are.
    ///
    /// Memory that comes from a file is given back on the way: see [`Tensor::touch`].
    ///
    /// # Errors
    /// A view with gaps: use [`Tensor::contiguous`] first.
    pub fn first_not_finite(&self) -> Result<Option<usize>> {
        fn first<T>(tensor: &Tensor, numbers: &[T], is_finite: fn(&T) -> bool) -> Option<usize> {
            const CHUNK: usize = 1 << 20;
            for (i, chunk) in numbers.chunks(CHUNK).enumerate() {
                if let Some(at) = chunk.iter().position(|number| !is_finite(number)) {
                    return Some(i * CHUNK + at);
                }
                tensor.touch(size_of_val(chunk));
            }
            None
        }
        Ok(match self.dtype {
            DType::F32 => first::<f32>(self, self.as_slice()?, |number| number.is_finite()),
            DType::F64 => first::<f64>(self, self.as_slice()?, |number| number.is_finite()),
            DType::U8 | DType::I64 | DType::Bool => None,
        })
    }

    /// A copy of the elements in row-major order.
    ///
    /// # Errors
    /// Another type.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let all = self.storage_slice::<T>()?;
        if self.layout.is_contiguous() {
            return Ok(self.as_slice::<T>()?.to_vec());
        }
        Ok((0..self.elements()).map(|i| all[self.layout.locate(i)]).collect())
    }

    /// Every element as f64, row-major, whatever the type.
    #[must_use]
    pub fn to_f64(&self) -> Vec<f64> {
        let read = |i: usize| -> f64 {
            let at = self.layout.locate(i);
            match self.dtype {
                DType::F32 => self.storage_slice::<f32>().map_or(0.0, |s| f64::from(s[at])),
                DType::F64 => self.storage_slice::<f64>().map_or(0.0, |s| s[at]),
                DType::U8 => self.storage_slice::<u8>().map_or(0.0, |s| f64::from(s[at])),
                DType::I64 => self.storage_slice::<i64>().map_or(0.0, |s| s[at] as f64),
                DType::Bool => self.storage_slice::<bool>().map_or(0.0, |s| f64::from(u8::from(s[at]))),
            }
        };
        (0..self.elements()).map(read).collect()
    }

    /// The only element, as f64.
    ///
    /// # Errors
    /// There is not exactly one element.
    pub fn item(&self) -> Result<f64> {
        match self.to_f64()[..] {
            [value] => Ok(value),
            _ => Err(Error::shape(format!(
                "expected one element, got shape {:?}",
                self.shape()
            ))),
        }
    }

    /// The same numbers without gaps: itself if it has none, else a copy.
    #[must_use]
    pub fn contiguous(&self) -> Self {
        if self.layout.is_contiguous() {
            return self.clone();
        }
        let copy = match self.dtype {
            DType::F32 => self.to_vec::<f32>().and_then(|v| Self::from_vec(v, self.shape())),
            DType::F64 => self.to_vec::<f64>().and_then(|v| Self::from_vec(v, self.shape())),
            DType::U8 => self.to_vec::<u8>().and_then(|v| Self::from_vec(v, self.shape())),
            DType::I64 => self.to_vec::<i64>().and_then(|v| Self::from_vec(v, self.shape())),
            DType::Bool => self.to_vec::<bool>().and_then(|v| Self::from_vec(v, self.shape())),
        };
        copy.unwrap_or_else(|_| unreachable!("type and shape are this tensor's own"))
    }

    /// The same memory seen through another layout.
    ///
    /// # Errors
    /// The layout reaches outside the storage.
    pub fn with_layout(&self, layout: Layout) -> Result<Self> {
        let (_, bytes) = self.storage.raw();
        if layout
            .extent()
            .1
            .checked_mul(self.dtype.size())
            .is_none_or(|end| end > bytes)
        {
            return Err(Error::shape(format!("a view reaches outside its storage: {layout:?}")));
        }
        Ok(Self {
            storage: self.storage.clone(),
            dtype: self.dtype,
            layout,
        })
    }

    /// Axes in another order, sharing memory.
    ///
    /// # Errors
    /// `axes` is not a permutation of `0..rank`.
    pub fn permute(&self, axes: &[usize]) -> Result<Self> {
        self.with_layout(self.layout.permute(axes)?)
    }

    /// Elements `start..end` along `axis`, sharing memory.
    ///
    /// # Errors
    /// The range is not inside the axis.
    pub fn slice(&self, axis: usize, start: usize, end: usize) -> Result<Self> {
        self.with_layout(self.layout.slice(axis, start, end)?)
    }

    /// Stretched to `shape`, sharing memory.
    ///
    /// # Errors
    /// A size differs and is not 1.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Self> {
        self.with_layout(self.layout.broadcast_to(Shape::new(shape)?)?)
    }

    /// Another shape with the same elements in row-major order; shares memory where possible.
    ///
    /// # Errors
    /// The numbers of elements differ.
    pub fn reshape(&self, shape: &[usize]) -> Result<Self> {
        let shape = Shape::new(shape)?;
        match self.layout.reshape(shape)? {
            Some(layout) => self.with_layout(layout),
            None => self.contiguous().reshape(&shape),
        }
    }
}

/// The shape, if it has so many elements.
fn holding(shape: &[usize], elements: usize) -> Result<Shape> {
    let shape = Shape::new(shape)?;
    if shape.elements() == elements {
        return Ok(shape);
    }
    let want = shape.elements();
    Err(Error::shape(format!("{shape:?} has {want} elements, got {elements}")))
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({} {:?}", self.dtype, self.shape())?;
        let values = self.to_f64();
        let shown = values.len().min(16);
        write!(
            f,
            " {:?}{})",
            &values[..shown],
            if shown < values.len() { " …" } else { "" }
        )
    }
}
