//! Rows for the training step, whatever holds them.

use rosenblatt_tensor::{DType, Error, Result, Tensor};

/// Something that holds rows of features, and targets if they are known.
///
/// Sources may be larger than memory; those in memory may also lend their tensors, so that kernels take by
/// themselves.
pub trait RowSource: Send + Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shape of the features of one row.
    fn row_shape(&self) -> &[usize];

    /// Fills `batch` with the given rows in the given order; allocates only what `batch` still lacks.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there is no such row, or whatever reading meets.
    fn take(&self, rows: &[u64], batch: &mut Batch) -> Result<()>;

    /// The rows themselves, if all are in memory.
    fn lend(&self) -> Option<Lent<'_>> {
        None
    }
}

/// All rows of a source in memory.
#[derive(Clone, Copy, Debug)]
pub struct Lent<'a> {
    /// `[rows, …]`
    pub features: &'a Tensor,
    /// `[rows]`
    pub targets: Option<&'a Tensor>,
    /// `[rows]`
    pub weights: Option<&'a Tensor>,
}

/// Gathered rows; reuse one and it allocates no more once it has held the largest batch.
#[derive(Debug, Default)]
pub struct Batch {
    features: Buffer,
    targets: Option<Buffer>,
    weights: Option<Buffer>,
    rows: usize,
}

/// Numbers of a batch, row-major, in the type they are kept in.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Values<'a> {
    /// Features of tables, weights.
    F32(&'a [f32]),
    /// Targets of a regression.
    F64(&'a [f64]),
    /// Pixels.
    U8(&'a [u8]),
    /// Class indices.
    I64(&'a [i64]),
}

/// One vector of each type, of which one is in use, so that a change of type gives no memory back.
#[derive(Debug, Default)]
struct Buffer {
    f32: Vec<f32>,
    f64: Vec<f64>,
    u8: Vec<u8>,
    i64: Vec<i64>,
    used: Used,
}

#[derive(Clone, Copy, Debug, Default)]
enum Used {
    #[default]
    F32,
    F64,
    U8,
    I64,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The features, `rows · row_shape` numbers.
    #[must_use]
    pub fn features(&self) -> Values<'_> {
        self.features.values()
    }

    /// The targets, one a row, if the source has them.
    #[must_use]
    pub fn targets(&self) -> Option<Values<'_>> {
        self.targets.as_ref().map(Buffer::values)
    }

    /// The weights, one a row, if the source has them.
    #[must_use]
    pub fn weights(&self) -> Option<Values<'_>> {
        self.weights.as_ref().map(Buffer::values)
    }

    /// Fills the batch with rows of tensors in memory.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there is no such row.
    pub fn fill(&mut self, lent: Lent<'_>, rows: &[u64]) -> Result<()> {
        self.rows = 0;
        let held = lent.features.shape().first().copied().unwrap_or(0);
        if let Some(&row) = rows.iter().find(|&&row| row >= held as u64) {
            return Err(Error::shape(format!("row {row} of {held}")));
        }
        self.features.fill(lent.features, rows)?;
        fill(&mut self.targets, lent.targets, rows)?;
        fill(&mut self.weights, lent.weights, rows)?;
        self.rows = rows.len();
        Ok(())
    }
}

fn fill(buffer: &mut Option<Buffer>, from: Option<&Tensor>, rows: &[u64]) -> Result<()> {
    match from {
        Some(from) => buffer.get_or_insert_default().fill(from, rows),
        None => {
            *buffer = None;
            Ok(())
        }
    }
}

impl Buffer {
    fn values(&self) -> Values<'_> {
        match self.used {
            Used::F32 => Values::F32(&self.f32),
            Used::F64 => Values::F64(&self.f64),
            Used::U8 => Values::U8(&self.u8),
            Used::I64 => Values::I64(&self.i64),
        }
    }

    fn fill(&mut self, from: &Tensor, rows: &[u64]) -> Result<()> {
        let width = from.shape()[1..].iter().product();
        match from.dtype() {
            DType::F32 => {
                self.used = Used::F32;
                copy(from.as_slice()?, width, rows, &mut self.f32);
            }
            DType::F64 => {
                self.used = Used::F64;
                copy(from.as_slice()?, width, rows, &mut self.f64);
            }
            DType::U8 => {
                self.used = Used::U8;
                copy(from.as_slice()?, width, rows, &mut self.u8);
            }
            _ => {
                self.used = Used::I64;
                copy(from.as_slice()?, width, rows, &mut self.i64);
            }
        }
        Ok(())
    }
}

fn copy<T: Copy>(from: &[T], width: usize, rows: &[u64], to: &mut Vec<T>) {
    to.clear();
    for &row in rows {
        let start = row as usize * width;
        to.extend_from_slice(&from[start..start + width]);
    }
}
