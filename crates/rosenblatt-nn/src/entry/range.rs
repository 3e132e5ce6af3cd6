//! Ranges that settings of many entries have.

use rosenblatt_tensor::Result;

use super::expect;

/// A probability, a share or a decay rate: in `[0, 1)`.
pub(crate) fn share(field: &str, value: f64) -> Result<()> {
    expect((0.0..1.0).contains(&value), field, "in [0, 1)", value)
}

/// A probability that may be 1: in `[0, 1]`.
pub(crate) fn probability(field: &str, value: f64) -> Result<()> {
    expect((0.0..=1.0).contains(&value), field, "in [0, 1]", value)
}

/// A share that is neither nothing nor everything: in `(0, 1)`.
pub(crate) fn open_share(field: &str, value: f64) -> Result<()> {
    expect(value > 0.0 && value < 1.0, field, "in (0, 1)", value)
}

/// Finite and above 0.
pub(crate) fn above_0(field: &str, value: f64) -> Result<()> {
    expect(value > 0.0 && value.is_finite(), field, "to be above 0", value)
}

/// Finite and at least 0.
pub(crate) fn at_least_0(field: &str, value: f64) -> Result<()> {
    expect((0.0..f64::INFINITY).contains(&value), field, "to be at least 0", value)
}
