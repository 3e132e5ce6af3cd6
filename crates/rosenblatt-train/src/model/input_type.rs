//! What one row of an array is.

use rosenblatt_autodiff::Type;
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::data::row_type;

/// What one row of a network's input, or of its targets, is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputType {
    /// How its numbers are kept.
    pub kind: InputKind,
    /// Their shape: `[features]`, or `[height, width]`; `[]` for a single number.
    pub shape: Vec<usize>,
}

/// How the numbers of a row are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InputKind {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// Bytes.
    U8,
    /// Integers: class indices, tokens.
    I64,
}

impl InputType {
    /// A row of an array of rows.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] for rows of other types than f32, f64, u8 and i64.
    pub fn of(rows: &Tensor) -> Result<Self> {
        let row = row_type(rows)?;
        let kind = match row.dtype {
            DType::F32 => InputKind::F32,
            DType::F64 => InputKind::F64,
            DType::U8 => InputKind::U8,
            DType::I64 => InputKind::I64,
            other => return Err(Error::unsupported(format!("rows of {other}"))),
        };
        Ok(Self {
            kind,
            shape: row.shape.to_vec(),
        })
    }

    /// The type of its numbers.
    #[must_use]
    pub fn dtype(&self) -> DType {
        match self.kind {
            InputKind::F32 => DType::F32,
            InputKind::F64 => DType::F64,
            InputKind::U8 => DType::U8,
            InputKind::I64 => DType::I64,
        }
    }

    /// Some rows together.
    pub(crate) fn rows(&self, rows: usize) -> Result<Type> {
        Ok(Type::new(
            self.dtype(),
            Shape::new(&[&[rows], &self.shape[..]].concat())?,
        ))
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if an array has rows of another type or shape.
    pub(crate) fn check(&self, array: &Tensor) -> Result<()> {
        let rows = array.shape().first().copied().unwrap_or(0);
        let (want, got) = (self.rows(rows)?, Type::of(array));
        if want == got {
            return Ok(());
        }
        Err(Error::shape(format!(
            "expected rows as in training, {want:?}, got {got:?}"
        )))
    }
}
