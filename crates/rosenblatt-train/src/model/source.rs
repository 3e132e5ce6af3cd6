//! Where batches come from.

use rosenblatt_tensor::Result;

use super::Data;

/// Rows to learn from, by number: in memory, or read as they are needed.
///
/// # Example
/// ```
/// use rosenblatt_tensor::{Result, Tensor};
/// use rosenblatt_train::{BatchSource, Data};
///
/// /// Numbers and their squares, computed as they are asked for.
/// struct Squares(usize);
/// impl BatchSource for Squares {
///     fn len(&self) -> usize {
///         self.0
///     }
///     fn rows(&self, rows: &[u64]) -> Result<Data> {
///         let column = |value: fn(f32) -> f32| rows.iter().map(|&row| value(row as f32)).collect();
///         let array = |values| Tensor::from_vec(values, &[rows.len(), 1]);
///         Ok((&array(column(|x| x))?, &array(column(|x| x * x))?).into())
///     }
/// }
/// assert_eq!(Squares(10).rows(&[3])?.targets()[0].to_vec::<f32>()?, [9.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub trait BatchSource {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some rows, in the given order: always arrays of the same types and shapes but for the number of rows.
    ///
    /// # Errors
    /// Whatever reading meets; it ends the run.
    fn rows(&self, rows: &[u64]) -> Result<Data>;

    /// All rows, if they are in memory: then the compiled step picks them by number, and nothing is copied.
    fn in_memory(&self) -> Option<&Data> {
        None
    }
}

impl BatchSource for Data {
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn rows(&self, rows: &[u64]) -> Result<Data> {
        self.select(rows)
    }

    fn in_memory(&self) -> Option<&Data> {
        Some(self)
    }
}
