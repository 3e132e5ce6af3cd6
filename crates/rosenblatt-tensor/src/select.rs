//! Rows by number.

use crate::{DType, Element, Error, Result, Tensor};

impl Tensor {
    /// Rows of the first axis by number, in the given order; a row may come several times. Copies them.
    ///
    /// # Shapes
    /// `[rows, …]`; returns `[rows.len(), …]`
    ///
    /// # Errors
    /// [`crate::ErrorKind::Shape`] if there is no such row.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// assert_eq!(x.select(&[2, 0])?.to_vec::<f64>()?, [5.0, 6.0, 1.0, 2.0]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn select(&self, rows: &[u64]) -> Result<Self> {
        match self.dtype() {
            DType::F32 => pick::<f32>(self, rows),
            DType::F64 => pick::<f64>(self, rows),
            DType::I64 => pick::<i64>(self, rows),
            DType::U8 => pick::<u8>(self, rows),
            DType::Bool => pick::<bool>(self, rows),
        }
    }
}

fn pick<T: Element>(array: &Tensor, rows: &[u64]) -> Result<Tensor> {
    let (held, row) = array
        .shape()
        .split_first()
        .map_or((0, &[][..]), |(held, row)| (*held, row));
    let width: usize = row.iter().product();
    let array = array.contiguous();
    let values = array.as_slice::<T>()?;
    let mut picked = Vec::with_capacity(rows.len() * width);
    for &number in rows {
        let at = usize::try_from(number).ok().filter(|&at| at < held);
        let at = at.ok_or_else(|| Error::shape(format!("row {number} of {held}")))?;
        picked.extend_from_slice(&values[at * width..(at + 1) * width]);
    }
    Tensor::new(picked, &[&[rows.len()], row].concat())
}
