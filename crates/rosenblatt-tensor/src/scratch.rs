//! Memory on disk: a temporary file whose parts are mapped.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap2::Mmap;

use crate::{Advice, Element, Error, Foreign, Result};

/// A temporary file that only grows, and whose parts are read as if they were in memory.
///
/// It has no name, lies in the folder of temporary files (`TMPDIR`), and is gone when nothing holds it or its parts any more, even if
/// the process is killed. The system keeps as much of it in memory as it likes, and takes that back when memory is short.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use rosenblatt_tensor::{DType, Layout, ScratchFile, Shape, Tensor};
/// let mut file = ScratchFile::new()?;
/// let place = file.write(&[1.0f32, 2.0, 3.0])?;
/// let shape = Shape::new(&[3])?;
/// let numbers = Tensor::from_foreign(Arc::new(file.map(place)?), DType::F32, Layout::contiguous(shape))?;
/// assert_eq!(numbers.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Debug)]
pub struct ScratchFile {
    file: BufWriter<File>,
    len: u64,
}

/// A part of a [`ScratchFile`], in memory as far as the system likes. Cloning copies no bytes.
#[derive(Clone, Debug)]
pub struct Mapped {
    map: Arc<Mmap>,
    /// Bytes that may be in memory before pages are given back.
    limit: usize,
    /// Bytes that were read since then, about.
    touched: Arc<AtomicUsize>,
}

/// What is written begins at multiples of this: every number is aligned.
const ALIGN: u64 = 64;

/// So many bytes are written at once.
const BUFFER: usize = 1 << 18;

impl ScratchFile {
    /// An empty file.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`] if no file can be made.
    pub fn new() -> Result<Self> {
        let file = tempfile::tempfile().map_err(|error| failed(&error))?;
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER, file),
            len: 0,
        })
    }

    /// Adds numbers as they lie in memory, at a multiple of 64 bytes; returns where they are.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`] if they cannot be written: the disk may be full.
    pub fn write<T: Element>(&mut self, numbers: &[T]) -> Result<Range<u64>> {
        let start = self.start()?;
        self.append(numbers)?;
        Ok(start..self.len)
    }

    /// Adds numbers directly behind what was written before.
    ///
    /// # Errors
    /// As [`ScratchFile::write`].
    pub fn append<T: Element>(&mut self, numbers: &[T]) -> Result<()> {
        // SAFETY: elements are plain memory without gaps, and are borrowed meanwhile.
        let bytes = unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) };
        self.append_bytes(bytes)
    }

    /// The next multiple of 64 bytes, which the file is filled up to.
    ///
    /// # Errors
    /// As [`ScratchFile::write`].
    pub fn start(&mut self) -> Result<u64> {
        let gap = self.len.next_multiple_of(ALIGN) - self.len;
        self.append_bytes(&[0; ALIGN as usize][..gap as usize])?;
        Ok(self.len)
    }

    fn append_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| failed(&error))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// A part of what was written.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Shape`] if the file is shorter; [`crate::ErrorKind::Io`] if the system refuses to map it.
    pub fn map(&mut self, place: Range<u64>) -> Result<Mapped> {
        if place.start > place.end || place.end > self.len {
            let message = format!("bytes {place:?} of a file of {} bytes", self.len);
            return Err(Error::shape(message));
        }
        self.file.flush().map_err(|error| failed(&error))?;
        let mut options = memmap2::MmapOptions::new();
        options.offset(place.start).len((place.end - place.start) as usize);
        // SAFETY: the file has no name and this value alone has it; it only grows, so what is mapped is never written again.
        let map = unsafe { options.map(self.file.get_ref()) };
        let mapped = |map| Mapped {
            map: Arc::new(map),
            limit: usize::MAX,
            touched: Arc::default(),
        };
        map.map(mapped).map_err(|error| failed(&error))
    }
}

impl Mapped {
    /// The same, which gives its pages back when more than so many bytes were touched.
    #[must_use]
    pub fn within(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Tells the system that its pages are not needed in memory for now; what is read later is read from the file again.
    pub fn release(&self) {
        // SAFETY: a shared mapping of a file that nobody writes: pages that are dropped are read from it once more.
        #[cfg(unix)]
        let _ = unsafe { self.map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

// SAFETY: a mapping stays where it is as long as it lives, and the file is never written there again.
unsafe impl Foreign for Mapped {
    fn bytes(&self) -> &[u8] {
        &self.map
    }

    fn touch(&self, bytes: usize) {
        let touched = self.touched.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if touched > self.limit {
            self.touched.store(0, Ordering::Relaxed);
            self.release();
        }
    }
}

fn failed(error: &io::Error) -> Error {
    let folder = std::env::temp_dir();
    let message = format!("a temporary file in `{}`: {error}", folder.display());
    Error::io(message).hint(Advice::new("the environment variable TMPDIR names another folder"))
}
