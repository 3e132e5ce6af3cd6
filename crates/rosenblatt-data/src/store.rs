//! Where the columns of a table and the rows for training are: in memory, or in temporary files.
//!
//! With a limit of memory each stage writes what it makes to a file without a name and reads it from there: columns as they
//! were read, columns of decided kinds, rows of features. What is computed does not depend on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{Array, ArrayRef, make_array};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow_data::ArrayData;
use bytes::Bytes;
use rosenblatt_tensor::{DType, Error, Layout, Mapped, Result, ScratchFile, Shape, Tensor};

/// Where arrays are kept; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store(Option<Arc<Mutex<Disk>>>);

/// Arrays in a file.
#[derive(Debug)]
struct Disk {
    file: ScratchFile,
    maps: Vec<Mapped>,
    /// Bytes that may be in memory at once.
    limit: usize,
    /// Bytes that were looked at since pages were last given back, about.
    touched: usize,
}

/// Arrays are written together from so many bytes on: each part of a file that is mapped costs the system something.
const BLOCK: usize = 1 << 24;

/// The share of the limit that pages of files may take.
const SHARE: usize = 8;

impl Store {
    /// In memory without a limit, else in a file.
    pub fn new(limit: Option<usize>) -> Result<Self> {
        let disk = |limit| {
            Ok::<_, Error>(Disk {
                file: ScratchFile::new()?,
                maps: Vec::new(),
                limit,
                touched: 0,
            })
        };
        let disk = limit.map(disk).transpose()?;
        Ok(Self(disk.map(|disk| Arc::new(Mutex::new(disk)))))
    }

    /// One for the next stage, with the same limit.
    pub fn next(&self) -> Result<Self> {
        Self::new(self.lock().map(|disk| disk.limit))
    }

    fn lock(&self) -> Option<MutexGuard<'_, Disk>> {
        let disk = self.0.as_ref()?;
        Some(disk.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether arrays are in a file.
    pub fn is_on_disk(&self) -> bool {
        self.0.is_some()
    }

    /// Whether so many bytes should be kept together now.
    pub fn is_block(&self, bytes: usize) -> bool {
        self.is_on_disk() && bytes >= BLOCK
    }

    /// The arrays, kept here.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(&self, arrays: Vec<ArrayRef>) -> Result<Vec<ArrayRef>> {
        match self.lock() {
            Some(mut disk) => disk.keep(arrays),
            None => Ok(arrays),
        }
    }

    /// Says that so many bytes of its arrays are about to be read: pages of what was read before are given back from time to time.
    /// They are counted only if the arrays are in a file.
    pub fn touch(&self, bytes: impl FnOnce() -> usize) {
        if let Some(mut disk) = self.lock() {
            disk.touch(bytes());
        }
    }

    /// How many rows of so many features are made at once.
    pub fn rows_at_once(&self, width: usize) -> usize {
        const NUMBERS: usize = 1 << 24;
        let of_limit = self
            .lock()
            .map_or(NUMBERS, |disk| disk.limit / SHARE / size_of::<f32>());
        (of_limit.min(NUMBERS) / width.max(1)).clamp(1 << 10, 1 << 18)
    }

    /// Rows of so many numbers, to be filled.
    pub fn rows(&self, rows: usize, width: usize) -> Result<FeatureRows> {
        let limit = self.lock().map(|disk| disk.limit);
        Ok(FeatureRows {
            shape: [rows, width],
            numbers: match limit {
                None => Numbers::Memory(Vec::new()),
                Some(limit) => Numbers::Disk(ScratchFile::new()?, limit),
            },
        })
    }
}

/// The memory of an array alone, where it shares a piece with others.
pub(crate) fn bytes(array: &dyn Array) -> usize {
    let alone = array.to_data().get_slice_memory_size();
    alone.unwrap_or_else(|_| array.get_buffer_memory_size())
}

impl Disk {
    fn touch(&mut self, bytes: usize) {
        self.touched += bytes;
        if self.touched > self.limit / SHARE {
            self.maps.iter().for_each(Mapped::release);
            self.touched = bytes;
        }
    }

    fn keep(&mut self, arrays: Vec<ArrayRef>) -> Result<Vec<ArrayRef>> {
        let start = self.file.start()?;
        let arrays: Vec<ArrayData> = arrays.iter().map(Array::to_data).collect();
        let parts = arrays.iter().map(|array| self.write(array, start));
        let parts = parts.collect::<Result<Vec<Part>>>()?;
        let end = self.file.start()?;
        let mapped = self.file.map(start..end)?;
        let bytes = Buffer::from(Bytes::from_owner(mapped.clone()));
        let kept = arrays.into_iter().zip(parts).map(|(array, part)| {
            let array = part.array(array, &bytes).map(make_array);
            array.map_err(|error| Error::internal(error.to_string()))
        });
        let kept = kept.collect::<Result<Vec<_>>>()?;
        mapped.release();
        self.maps.push(mapped);
        Ok(kept)
    }

    /// Writes the memory of an array.
    fn write(&mut self, array: &ArrayData, start: u64) -> Result<Part> {
        let mut write = |bytes: &[u8]| {
            let place = self.file.write(bytes)?;
            Ok((place.start - start) as usize..(place.end - start) as usize)
        };
        let buffers = array.buffers().iter().map(|buffer| write(buffer));
        let buffers = buffers.collect::<Result<Vec<_>>>()?;
        let nulls = array.nulls().map(|nulls| write(nulls.validity())).transpose()?;
        let children = array.child_data().iter().map(|child| self.write(child, start));
        Ok(Part {
            buffers,
            nulls,
            children: children.collect::<Result<_>>()?,
        })
    }
}

/// Where the memory of an array was written.
struct Part {
    buffers: Vec<std::ops::Range<usize>>,
    nulls: Option<std::ops::Range<usize>>,
    children: Vec<Part>,
}

impl Part {
    /// The array, with its memory where it was written.
    fn array(self, array: ArrayData, bytes: &Buffer) -> std::result::Result<ArrayData, arrow_schema::ArrowError> {
        let at = |place: std::ops::Range<usize>| bytes.slice_with_length(place.start, place.len());
        let nulls = self.nulls.zip(array.nulls()).map(|(place, nulls)| {
            let bits = BooleanBuffer::new(at(place), nulls.offset(), nulls.len());
            NullBuffer::new(bits)
        });
        let children = array.child_data().to_vec().into_iter().zip(self.children);
        let children = children.map(|(child, part)| part.array(child, bytes));
        let children = children.collect::<std::result::Result<_, _>>()?;
        let buffers = self.buffers.into_iter().map(at).collect();
        array
            .into_builder()
            .buffers(buffers)
            .nulls(nulls)
            .child_data(children)
            .build()
    }
}

/// Rows of features that are filled one after the other.
#[derive(Debug)]
pub(crate) struct FeatureRows {
    shape: [usize; 2],
    numbers: Numbers,
}

#[derive(Debug)]
enum Numbers {
    Memory(Vec<f32>),
    /// A file, and the limit of memory.
    Disk(ScratchFile, usize),
}

impl FeatureRows {
    /// Adds rows.
    pub fn push(&mut self, numbers: Vec<f32>) -> Result<()> {
        match &mut self.numbers {
            // All rows at once, as in most tables.
            Numbers::Memory(all) if all.is_empty() => {
                *all = numbers;
                Ok(())
            }
            Numbers::Memory(all) => {
                all.reserve_exact(self.shape.iter().product::<usize>().saturating_sub(all.len()));
                all.extend_from_slice(&numbers);
                Ok(())
            }
            Numbers::Disk(file, _) => file.append(&numbers),
        }
    }

    /// All rows.
    ///
    /// # Errors
    /// There are fewer or more than said.
    pub fn finish(self) -> Result<Tensor> {
        match self.numbers {
            Numbers::Memory(all) => Tensor::from_vec(all, &self.shape),
            Numbers::Disk(mut file, limit) => {
                let bytes = self.shape.iter().product::<usize>() * size_of::<f32>();
                let rows = file.map(0..bytes as u64)?.within(limit / SHARE);
                let layout = Layout::contiguous(Shape::new(&self.shape)?);
                Tensor::from_foreign(Arc::new(rows), DType::F32, layout)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{DictionaryArray, Float64Array, StringArray, types::Int8Type};

    use super::*;

    #[test]
    fn arrays_on_disk_are_the_same_arrays() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some(""), Some("Åland")]));
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.5), None, Some(-0.0)]));
        let codes: DictionaryArray<Int8Type> = vec![Some("x"), None, Some("y"), Some("x")].into_iter().collect();
        let arrays = vec![
            texts.slice(1, 3),
            numbers.slice(1, 2),
            Arc::new(codes),
            texts.slice(0, 0),
            texts,
        ];
        let store = Store::new(Some(1)).unwrap();
        let kept = store.keep(arrays.clone()).unwrap();
        store.touch(|| 100);
        assert_eq!(kept, arrays);
        assert_eq!(Store::default().keep(arrays.clone()).unwrap(), arrays);
        assert!(store.keep(Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn rows_on_disk_are_the_same_rows() {
        for limit in [None, Some(1 << 20)] {
            let mut rows = Store::new(limit).unwrap().rows(3, 2).unwrap();
            rows.push(vec![1.0, 2.0]).unwrap();
            rows.push(vec![3.0, 4.0, 5.0, 6.0]).unwrap();
            let tensor = rows.finish().unwrap();
            tensor.touch(1 << 20);
            assert_eq!(tensor.to_vec::<f32>().unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            let none = Store::new(limit).unwrap().rows(0, 2).unwrap().finish().unwrap();
            assert_eq!(none.shape()[..], [0, 2]);
        }
    }
}
