//! Tensors from IDX files, the format of MNIST and its relatives.
//!
//! Two zero bytes, the type of the elements, the number of axes, the size of each axis as a big-endian `u32`, then
//! the elements row-major, big-endian. Gzip is recognized by its content.
//!
//! The header is checked against the length of the file before memory is asked for. In a packed file the length is
//! bounded by what deflate can do, and memory grows only as bytes really come.

use std::io::Read;

use rosenblatt_tensor::{Error, MAX_RANK, Result, Shape, Tensor};

use crate::Input;
use crate::places::read_error;
use crate::read::Opened;

/// Deflate cannot pack better than this many bytes into one.
const BEST_PACKING: u64 = 1032;

/// Types of the elements by their code.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

/// Reads a tensor: bytes as `u8`, other integers as `i64`, floating-point numbers as they are.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if the file is not IDX, or is shorter or longer than its header says;
/// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read.
///
/// # Example
/// ```
/// use rosenblatt_data::{Input, idx};
/// let bytes = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9];
/// let tensor = idx::read(&Input::memory("tiny.idx", bytes))?;
/// assert_eq!(*tensor.shape(), [1, 2]);
/// assert_eq!(tensor.as_slice::<u8>()?, [7, 9]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn read(input: &Input) -> Result<Tensor> {
    let mut opened = input.open()?;
    parse(&mut opened, input.name()).map_err(|e| e.within(input.name()))
}

/// Whether an input starts like an IDX file.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read.
pub fn is_idx(input: &Input) -> Result<bool> {
    let start = input.start(3)?;
    Ok(matches!(start[..], [0, 0, code] if kind(code).is_ok()))
}

/// The largest label: there is a name and an output for each one up to the largest that occurs.
const LARGEST_LABEL: i64 = u16::MAX as i64;

/// Class labels: integers from 0 to 65,535, one a row, as `i64`.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if the tensor has another shape, is not whole numbers, or one is out of range.
pub fn labels(tensor: &Tensor) -> Result<Vec<i64>> {
    if tensor.shape().len() != 1 {
        return Err(Error::data(format!(
            "expected one label a row, got the shape {:?}",
            tensor.shape()
        )));
    }
    let labels = match tensor.as_slice::<u8>() {
        Ok(bytes) => bytes.iter().map(|&byte| i64::from(byte)).collect(),
        Err(_) => tensor
            .to_vec::<i64>()
            .map_err(|_| Error::data("expected whole numbers as labels"))?,
    };
    match labels.iter().position(|label| !(0..=LARGEST_LABEL).contains(label)) {
        Some(row) => Err(Error::data(format!(
            "label {} of row {}, expected 0 to {LARGEST_LABEL}",
            labels[row],
            row + 1
        ))),
        None => Ok(labels),
    }
}

fn parse(opened: &mut Opened, name: &str) -> Result<Tensor> {
    let [zero, zero2, code, rank] = exactly(opened, 0)?;
    if zero != 0 || zero2 != 0 {
        let error = Error::data("is not IDX: it should start with two zero bytes");
        return Err(error.within(byte(0)));
    }
    let (kind, rank) = (kind(code).map_err(|error| error.within(byte(2)))?, usize::from(rank));
    if !(1..=MAX_RANK).contains(&rank) {
        let error = Error::data(format!("the header names {rank} axes, expected 1 to {MAX_RANK}"));
        return Err(error.within(byte(3)));
    }
    let mut shape = Vec::with_capacity(rank);
    for axis in 0..rank {
        shape.push(u32::from_be_bytes(exactly(opened, 4 + 4 * axis as u64)?) as usize);
    }
    let expected = expected_bytes(&shape, kind).map_err(|error| error.within(byte(4)))?;
    let bytes = payload(opened, name, 4 + 4 * rank as u64, expected)?;
    tensor(kind, bytes, &shape)
}

fn kind(code: u8) -> Result<Type> {
    Ok(match code {
        0x08 => Type::U8,
        0x09 => Type::I8,
        0x0b => Type::I16,
        0x0c => Type::I32,
        0x0d => Type::F32,
        0x0e => Type::F64,
        _ => return Err(Error::data(format!("element type {code:#04x} is none of IDX"))),
    })
}

/// A place in the unpacked file.
fn byte(at: u64) -> String {
    format!("byte {at}")
}

fn exactly<const N: usize>(opened: &mut Opened, at: u64) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    opened
        .reader
        .read_exact(&mut bytes)
        .map_err(|e| read_error(&byte(at), &e))?;
    Ok(bytes)
}

fn expected_bytes(shape: &[usize], kind: Type) -> Result<u64> {
    let size = match kind {
        Type::U8 | Type::I8 => 1,
        Type::I16 => 2,
        Type::I32 | Type::F32 => 4,
        Type::F64 => 8,
    };
    match Shape::new(shape) {
        Ok(shape) => Ok((shape.elements() * size) as u64), // no overflow: shapes are bounded to an eighth of the memory
        Err(_) => Err(Error::data(format!(
            "the header names the shape {shape:?}, more than memory can hold"
        ))),
    }
}

/// The bytes after the header: as many as expected, or an error.
fn payload(opened: &mut Opened, name: &str, header: u64, expected: u64) -> Result<Vec<u8>> {
    let differs = |found: String| {
        let error = Error::data(format!("the header asks for {expected} bytes of elements, {found}"));
        error.within(byte(header))
    };
    let stored = opened.length;
    if opened.packing.is_some() {
        if expected / BEST_PACKING > stored {
            return Err(differs(format!("{stored} packed bytes cannot hold that many")));
        }
    } else if stored != header.saturating_add(expected) {
        return Err(differs(format!("the file has {}", stored.saturating_sub(header))));
    }
    let mut bytes = Vec::new();
    if opened.packing.is_none() {
        bytes.reserve_exact(expected as usize); // no more than the file has
    }
    let read = opened.reader.by_ref().take(expected + 1).read_to_end(&mut bytes);
    read.map_err(|e| read_error(&byte(header + bytes.len() as u64), &e))?;
    match (bytes.len() as u64).cmp(&expected) {
        std::cmp::Ordering::Less => Err(differs(format!("`{name}` ends after {}", bytes.len()))),
        std::cmp::Ordering::Greater => Err(differs("more follow".to_owned())),
        std::cmp::Ordering::Equal => Ok(bytes),
    }
}

fn tensor(kind: Type, bytes: Vec<u8>, shape: &[usize]) -> Result<Tensor> {
    match kind {
        Type::U8 => Tensor::from_vec(bytes, shape),
        Type::I8 => Tensor::from_vec(numbers(&bytes, |b| i64::from(i8::from_be_bytes(b))), shape),
        Type::I16 => Tensor::from_vec(numbers(&bytes, |b| i64::from(i16::from_be_bytes(b))), shape),
        Type::I32 => Tensor::from_vec(numbers(&bytes, |b| i64::from(i32::from_be_bytes(b))), shape),
        Type::F32 => Tensor::from_vec(numbers(&bytes, f32::from_be_bytes), shape),
        Type::F64 => Tensor::from_vec(numbers(&bytes, f64::from_be_bytes), shape),
    }
}

fn numbers<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|&chunk| read(chunk)).collect()
}
