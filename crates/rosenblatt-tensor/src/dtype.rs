//! Types of the numbers in a tensor.

use std::fmt;

use crate::machine::Slice;

/// The type of a tensor's elements, known at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// 32-bit floating point: the type networks are trained in.
    F32,
    /// 64-bit floating point: for checking.
    F64,
    /// Bytes: images as they are stored.
    U8,
    /// 64-bit integers: class indices, row numbers.
    I64,
    /// Truth values, one byte each.
    Bool,
}

impl DType {
    /// Bytes of one element.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 | Self::I64 => 8,
            Self::U8 | Self::Bool => 1,
        }
    }

    /// Whether derivatives make sense: f32 or f64.
    #[must_use]
    pub const fn is_float(self) -> bool {
        match self {
            Self::F32 | Self::F64 => true,
            Self::U8 | Self::I64 | Self::Bool => false,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::U8 => "u8",
            Self::I64 => "i64",
            Self::Bool => "bool",
        })
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that a tensor can hold.
///
/// Sealed: each implementor is plain memory of [`DType::size`] bytes for which all-zero bytes are a value.
pub trait Element: sealed::Sealed + Copy + Default + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The run-time name of the type.
    const DTYPE: DType;

    /// The numbers of a slice, if they are of this type.
    #[doc(hidden)]
    fn from_slice(slice: Slice<'_>) -> Option<&[Self]>;
}

macro_rules! elements {
    ($($rust:ty => $dtype:ident),*) => {
        $(
            impl sealed::Sealed for $rust {}
            impl Element for $rust {
                const DTYPE: DType = DType::$dtype;

                fn from_slice(slice: Slice<'_>) -> Option<&[Self]> {
                    let Slice::$dtype(numbers) = slice else {
                        return None;
                    };
                    Some(numbers)
                }
            }
        )*
    };
}
elements!(f32 => F32, f64 => F64, u8 => U8, i64 => I64, bool => Bool);
