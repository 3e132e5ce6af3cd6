//! What layers for sequences and images share: sizes along their axes, and the channel axis that an image may lack.

use std::fmt;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::expect;

/// Whole numbers for `D` axes; written as one number if they are the same for all.
///
/// # Example
/// ```
/// use rosenblatt_nn::layers::{MaxPool2d, Sizes};
/// let pool = MaxPool2d::new(2).with_stride([2, 1]);
/// assert_eq!((pool.kernel_size, pool.stride), (Sizes([2, 2]), Some(Sizes([2, 1]))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "OneOrEach", into = "OneOrEach")]
#[schemars(with = "OneOrEach")]
pub struct Sizes<const D: usize>(pub [usize; D]);

/// How sizes are written.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a whole number, or a list of one for each axis")]
enum OneOrEach {
    One(usize),
    Each(Vec<usize>),
}

/// Larger sizes are a mistake: no image has so many pixels along an axis.
pub(super) const LARGEST: usize = 1 << 20;

impl<const D: usize> fmt::Display for Sizes<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.one() {
            Some(one) => one.fmt(f),
            None => write!(f, "{:?}", self.0),
        }
    }
}

impl<const D: usize> TryFrom<OneOrEach> for Sizes<D> {
    type Error = String;

    fn try_from(written: OneOrEach) -> std::result::Result<Self, String> {
        match written {
            OneOrEach::One(one) => Ok(one.into()),
            OneOrEach::Each(each) => Self::of_list(each),
        }
    }
}

impl<const D: usize> From<Sizes<D>> for OneOrEach {
    fn from(sizes: Sizes<D>) -> Self {
        match sizes.one() {
            Some(one) => Self::One(one),
            None => Self::Each(sizes.0.to_vec()),
        }
    }
}

impl<const D: usize> From<usize> for Sizes<D> {
    fn from(one: usize) -> Self {
        Self([one; D])
    }
}

impl<const D: usize> From<[usize; D]> for Sizes<D> {
    fn from(each: [usize; D]) -> Self {
        Self(each)
    }
}

impl<const D: usize> Sizes<D> {
    /// 1 along each axis.
    #[must_use]
    pub fn ones() -> Self {
        1.into()
    }

    /// 0 along each axis.
    #[must_use]
    pub fn zeros() -> Self {
        0.into()
    }

    pub(super) fn of_list(each: Vec<usize>) -> std::result::Result<Self, String> {
        let list = |each: Vec<usize>| format!("expected one number, or a list of {D}, got {each:?}");
        <[usize; D]>::try_from(each).map(Self).map_err(list)
    }

    /// The size along all axes, if it is the same.
    pub(super) fn one(self) -> Option<usize> {
        let (&one, others) = self.0.split_first()?;
        others.iter().all(|&other| other == one).then_some(one)
    }

    /// For the rows and the columns of an image; a sequence is one row, for which the size is `of_row`.
    pub(super) fn down_and_across(self, of_row: usize) -> [usize; 2] {
        match self.0[..] {
            [down, across, ..] => [down, across],
            [across] => [of_row, across],
            [] => [of_row, of_row],
        }
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if one is 0, or too large.
    pub(super) fn at_least_1(self, field: &str) -> Result<()> {
        let holds = self.0.iter().all(|&size| size >= 1);
        expect(holds, field, "to be at least 1", self)?;
        self.at_most(LARGEST, field)
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if one is larger.
    pub(super) fn at_most(self, most: usize, field: &str) -> Result<()> {
        let holds = self.0.iter().all(|&size| size <= most);
        expect(holds, field, &format!("to be at most {most}"), self)
    }
}

/// Sequences or images as images with channels: a sequence is one row, and rows without an axis for channels have one.
pub(super) fn images<const D: usize>(x: Var<'_>) -> Result<Var<'_>> {
    let shape = x.shape();
    let has_channels = has_channels::<D>(x);
    let Some((&batch, rest)) = shape.split_first().filter(|_| has_channels || shape.rank() == D + 1) else {
        let expected = if D == 1 { "length" } else { "height, width" };
        return Err(Error::shape(format!(
            "expected [batch, channels, {expected}] or [batch, {expected}], got {shape:?}"
        )));
    };
    let (channels, axes) = if has_channels { (rest[0], &rest[1..]) } else { (1, rest) };
    let [height, width] = if D == 1 { [1, axes[0]] } else { [axes[0], axes[1]] };
    Ok(x.reshape(&[batch, channels, height, width]))
}

/// Images with channels as sequences or images again, with an axis for channels or without.
pub(super) fn back<const D: usize>(y: Var<'_>, with_channels: bool) -> Var<'_> {
    let shape = y.shape();
    let axes = &shape[4 - D..];
    let channels = if with_channels { &shape[1..2] } else { &[] };
    y.reshape(&[&shape[..1], channels, axes].concat())
}

/// Whether sequences or images have an axis for channels.
pub(super) fn has_channels<const D: usize>(x: Var<'_>) -> bool {
    x.rank() == D + 2
}

/// More windows of an adaptive pooling are a mistake: they are computed one by one.
pub(super) const MOST_WINDOWS: usize = 1024;

/// A pooling of images, of sequences or images.
///
/// # Errors
/// The axes do not fit, or the pooling refuses the images.
pub(super) fn pooled<'g, const D: usize>(x: Var<'g>, pool: impl FnOnce(Var<'g>) -> Result<Var<'g>>) -> Result<Var<'g>> {
    Ok(back::<D>(pool(images::<D>(x)?)?, has_channels::<D>(x)))
}
