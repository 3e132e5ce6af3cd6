//! Memory of tensors: own buffers, aligned to cache lines, vectors that were moved in, or foreign memory.

use std::sync::Arc;

use crate::{DType, Element, Error, Result, memory};

/// One cache line; buffers are made of these, so that every buffer starts on one.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// An owned, zeroed, 64-byte aligned block of bytes.
#[derive(Default)]
pub struct Buffer {
    lines: Vec<Line>,
    bytes: usize,
}

impl Buffer {
    /// `bytes` zero bytes.
    #[must_use]
    pub fn zeroed(bytes: usize) -> Self {
        Self {
            lines: vec![Line([0; 64]); bytes.div_ceil(64)],
            bytes,
        }
    }

    /// As [`Buffer::zeroed`], for a size that comes from outside.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unsupported`] if the system does not have so much.
    pub fn try_zeroed(bytes: usize) -> Result<Self> {
        let (mut lines, count) = (Vec::new(), bytes.div_ceil(64));
        memory::try_reserve(&mut lines, count)
            .map_err(|error| error.hint("a smaller network, or smaller batches, need less"))?;
        lines.resize(count, Line([0; 64]));
        Ok(Self { lines, bytes })
    }

    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// A new buffer with these bytes.
    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        let mut buffer = Self::zeroed(bytes.len());
        // SAFETY: the new buffer has `bytes.len()` bytes and cannot overlap them.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer.as_mut_ptr(), bytes.len()) };
        buffer
    }

    /// Some of its bytes, if they exist.
    pub(crate) fn bytes(&self, start: usize, len: usize) -> Option<&[u8]> {
        let end = start.checked_add(len).filter(|&end| end <= self.bytes)?;
        // SAFETY: `start..end` lies inside the lines, which are initialized.
        Some(unsafe { std::slice::from_raw_parts(self.as_ptr().add(start), end - start) })
    }

    /// The address of its first byte.
    pub(crate) fn as_ptr(&self) -> *const u8 {
        self.lines.as_ptr().cast()
    }

    /// The address of its first byte, for writing.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.lines.as_mut_ptr().cast()
    }
}

/// Memory owned outside of the library (a NumPy array, a mapped file), read-only while a tensor holds it.
///
/// # Safety
/// [`Foreign::bytes`] returns the same address and length as long as the value lives, and nothing writes there.
pub unsafe trait Foreign: Send + Sync {
    /// The bytes.
    fn bytes(&self) -> &[u8];

    /// Hears that about so many of its bytes were read: what comes from a file may give memory back.
    fn touch(&self, bytes: usize) {
        let _ = bytes;
    }
}

/// The elements of a vector, whatever their type.
///
/// # Safety
/// Both addresses are those of the same [`Values::bytes`] bytes, which stay where they are as long as the value lives
/// and is not written through another address. They are aligned for the vector's elements.
pub(crate) unsafe trait Values: Send + Sync {
    fn address(&self) -> *const u8;
    fn address_mut(&mut self) -> *mut u8;
    fn bytes(&self) -> usize;
}

// SAFETY: a vector's elements stay in place while nothing is pushed, which this trait cannot do.
unsafe impl<T: Element> Values for Vec<T> {
    fn address(&self) -> *const u8 {
        self.as_ptr().cast()
    }

    fn address_mut(&mut self) -> *mut u8 {
        self.as_mut_ptr().cast()
    }

    fn bytes(&self) -> usize {
        size_of_val(self.as_slice())
    }
}

/// Where a tensor's elements are: at an address aligned for them, to 64 bytes in an own buffer.
#[derive(Clone)]
pub(crate) enum Storage {
    Own(Arc<Buffer>),
    Vec(Arc<dyn Values>),
    Foreign(Arc<dyn Foreign>),
}

impl Storage {
    pub(crate) fn from_slice<T: Element>(values: &[T]) -> Self {
        let mut buffer = Buffer::zeroed(size_of_val(values));
        // SAFETY: both blocks have `size_of_val(values)` bytes and cannot overlap, as the buffer is new.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr().cast::<u8>(), buffer.as_mut_ptr(), size_of_val(values));
        }
        Self::Own(Arc::new(buffer))
    }

    /// Writes the first numbers in place, if no other tensor shares the memory; returns whether it did.
    pub(crate) fn overwrite<T: Element>(&mut self, values: &[T]) -> bool {
        let (address, bytes) = match self {
            Self::Own(shared) => match Arc::get_mut(shared) {
                Some(buffer) => (buffer.as_mut_ptr(), buffer.len()),
                None => return false,
            },
            Self::Vec(shared) => match Arc::get_mut(shared) {
                Some(vector) => (vector.address_mut(), vector.bytes()),
                None => return false,
            },
            Self::Foreign(_) => return false,
        };
        if bytes < size_of_val(values) {
            return false;
        }
        // SAFETY: the memory is this value's alone and has room; `values` cannot be part of it, as it is borrowed.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr().cast::<u8>(), address, size_of_val(values));
        }
        true
    }

    /// Takes a vector, with room for more only if that is little.
    pub(crate) fn from_vec<T: Element>(mut values: Vec<T>) -> Self {
        if values.capacity() - values.len() > values.len() / 4 {
            values.shrink_to_fit();
        }
        Self::Vec(Arc::new(values))
    }

    /// Takes foreign memory of elements of type `dtype`.
    pub(crate) fn foreign(owner: Arc<dyn Foreign>, dtype: DType) -> Result<Self> {
        let bytes = owner.bytes();
        if bytes.as_ptr().align_offset(dtype.size()) != 0 || !bytes.len().is_multiple_of(dtype.size()) {
            return Err(Error::data(format!("foreign memory is not aligned for {dtype}")));
        }
        if dtype == DType::Bool && bytes.iter().any(|&b| b > 1) {
            return Err(Error::data("foreign memory of bool holds a byte other than 0 and 1"));
        }
        Ok(Self::Foreign(owner))
    }

    /// Address and length in bytes.
    pub(crate) fn raw(&self) -> (*const u8, usize) {
        match self {
            Self::Own(buffer) => (buffer.as_ptr(), buffer.len()),
            Self::Vec(vector) => (vector.address(), vector.bytes()),
            Self::Foreign(owner) => (owner.bytes().as_ptr(), owner.bytes().len()),
        }
    }

    /// The elements as a slice.
    ///
    /// # Safety
    /// The storage must have been made for elements of type `T`.
    pub(crate) unsafe fn as_slice<T: Element>(&self) -> &[T] {
        let (address, bytes) = self.raw();
        if bytes == 0 {
            return &[];
        }
        // SAFETY: the caller says the elements are of type `T`; own buffers are aligned to 64 bytes, vectors for their
        // elements, foreign memory was checked; the memory lives as long as `self` and nothing writes to it.
        unsafe { std::slice::from_raw_parts(address.cast(), bytes / size_of::<T>()) }
    }
}
