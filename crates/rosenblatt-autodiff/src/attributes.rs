//! Attributes of ops as data: what makes one op of a family differ from another.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use rosenblatt_tensor::{DType, Error, Result, Shape};
use serde::{Deserialize, Serialize};

use crate::data::exact;

/// A value of an attribute.
///
/// Floating-point numbers are compared by their bits: 0 and −0 differ, and NaN equals itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// A flag.
    Bool(bool),
    /// An integer: an axis, a size.
    Int(i64),
    /// A number.
    Float(#[serde(with = "exact")] f64),
    /// Several integers: axes, a shape.
    Ints(Vec<i64>),
    /// A name.
    Text(String),
    /// A type of elements.
    #[serde(rename = "dtype")]
    DType(#[serde(with = "crate::data::dtype")] DType),
}

/// What comparing and hashing look at.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key<'a> {
    Bool(bool),
    Int(i64),
    Bits(u64),
    Ints(&'a [i64]),
    Text(&'a str),
    DType(DType),
}

impl Attribute {
    fn key(&self) -> Key<'_> {
        match self {
            Self::Bool(flag) => Key::Bool(*flag),
            Self::Int(int) => Key::Int(*int),
            Self::Float(number) => Key::Bits(number.to_bits()),
            Self::Ints(ints) => Key::Ints(ints),
            Self::Text(text) => Key::Text(text),
            Self::DType(dtype) => Key::DType(*dtype),
        }
    }
}

impl PartialEq for Attribute {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Attribute {}

impl PartialOrd for Attribute {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Attribute {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Attribute {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl From<bool> for Attribute {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<usize> for Attribute {
    /// Sizes above `i64::MAX`, which no tensor has, become `i64::MAX`.
    fn from(size: usize) -> Self {
        Self::Int(int(size))
    }
}

impl From<f64> for Attribute {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&[usize]> for Attribute {
    fn from(sizes: &[usize]) -> Self {
        Self::Ints(sizes.iter().map(|&size| int(size)).collect())
    }
}

impl From<&[isize]> for Attribute {
    fn from(integers: &[isize]) -> Self {
        Self::Ints(integers.iter().map(|&integer| integer as i64).collect())
    }
}

impl From<Shape> for Attribute {
    fn from(shape: Shape) -> Self {
        shape[..].into()
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<DType> for Attribute {
    fn from(dtype: DType) -> Self {
        Self::DType(dtype)
    }
}

fn int(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The attributes of an op by name: together with the op's name all that decides which function it computes.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::ops::{self, Slice};
/// use rosenblatt_autodiff::{Attributes, Op};
/// let slice = Slice { axis: 1, start: 0, end: 4 };
/// let attributes = Attributes::new().with("axis", 1_usize).with("start", 0_usize).with("end", 4_usize);
/// assert_eq!(slice.attributes(), attributes);
/// assert_eq!(ops::op("slice", &attributes, &[])?.attributes(), attributes);
/// assert!(ops::op("slice", &Attributes::new(), &[]).is_err());
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<Cow<'static, str>, Attribute>);

impl Attributes {
    /// No attributes.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// These and one more; a second value of a name replaces the first.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Attribute>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The value of an attribute, if there is one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.get(name)
    }

    /// Names and values, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A flag.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there is no such attribute, or it is of another kind; so for every
    /// method that reads one.
    pub fn bool(&self, name: &str) -> Result<bool> {
        self.read(name, "a flag", |value| {
            if let Attribute::Bool(flag) = value {
                Some(*flag)
            } else {
                None
            }
        })
    }

    /// An integer that is not negative.
    ///
    /// # Errors
    /// As [`Attributes::bool`].
    pub fn size(&self, name: &str) -> Result<usize> {
        self.read(name, "an integer that is not negative", |value| {
            if let Attribute::Int(int) = value {
                usize::try_from(*int).ok()
            } else {
                None
            }
        })
    }

    /// A number.
    ///
    /// # Errors
    /// As [`Attributes::bool`].
    pub fn float(&self, name: &str) -> Result<f64> {
        self.read(name, "a number", |value| {
            if let Attribute::Float(number) = value {
                Some(*number)
            } else {
                None
            }
        })
    }

    /// Integers that are not negative.
    ///
    /// # Errors
    /// As [`Attributes::bool`].
    pub fn sizes(&self, name: &str) -> Result<Vec<usize>> {
        self.read(name, "integers that are not negative", |value| {
            if let Attribute::Ints(ints) = value {
                ints.iter().map(|&int| usize::try_from(int).ok()).collect()
            } else {
                None
            }
        })
    }

    /// Integers.
    ///
    /// # Errors
    /// As [`Attributes::bool`].
    pub fn integers(&self, name: &str) -> Result<Vec<isize>> {
        self.read(name, "integers", |value| {
            if let Attribute::Ints(ints) = value {
                ints.iter().map(|&int| isize::try_from(int).ok()).collect()
            } else {
                None
            }
        })
    }

    /// A shape.
    ///
    /// # Errors
    /// As [`Attributes::bool`], and if no tensor has this shape.
    pub fn shape(&self, name: &str) -> Result<Shape> {
        Shape::new(&self.sizes(name)?)
    }

    /// A text.
    ///
    /// # Errors
    /// As [`Attributes::bool`].
    pub fn text(&self, name: &str) -> Result<&str> {
        self.read(name, "a string", |value| {
            if let Attribute::Text(text) = value {
                Some(text.as_str())
            } else {
                None
            }
        })
    }

    /// A type of elements.
    ///
    /// # Errors
    /// As [`Attributes::bool`].
    pub fn dtype(&self, name: &str) -> Result<DType> {
        self.read(name, "a type of elements", |value| {
            if let Attribute::DType(dtype) = value {
                Some(*dtype)
            } else {
                None
            }
        })
    }

    fn read<'a, T>(&'a self, name: &str, want: &str, of: impl Fn(&'a Attribute) -> Option<T>) -> Result<T> {
        let Some(value) = self.get(name) else {
            return Err(Error::config(format!("attribute `{name}` is missing: expected {want}")));
        };
        of(value).ok_or_else(|| Error::config(format!("attribute `{name}`: expected {want}, got {value:?}")))
    }

    /// An error that names attributes which the op made from these does not have.
    pub(crate) fn check_all_known(&self, made: &Self) -> Result<()> {
        let Some((name, _)) = self.iter().find(|(name, _)| made.get(name).is_none()) else {
            return Ok(());
        };
        let known: Vec<&str> = made.iter().map(|(name, _)| name).collect();
        let hint = if known.is_empty() {
            "it has no attributes".to_string()
        } else {
            format!("its attributes are {}", known.join(", "))
        };
        Err(Error::config(format!("unknown attribute `{name}`")).hint(hint))
    }
}
