//! Settings of activations: numbers that an activation's file declares once.

use rosenblatt_tensor::{Error, Result};

/// A number that an activation can be set to: a field of its struct, declared in its file
/// ([`Elementwise::SETTINGS`](crate::Elementwise::SETTINGS)).
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Elementwise;
/// use rosenblatt_autodiff::pointwise::LeakyRelu;
/// let slope = LeakyRelu::SETTINGS[0];
/// assert_eq!((slope.name, slope.default), ("slope", 0.01));
/// assert!(slope.check(0.3).is_ok());
/// assert!(slope.check(f64::INFINITY).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Its name: attribute of the op, key of the run file.
    pub name: &'static str,
    /// Its value unless another is given.
    pub default: f64,
    /// The smallest and the largest value.
    pub range: (f64, f64),
    /// What it is, in one sentence.
    pub about: &'static str,
}

impl Setting {
    /// The range of all finite numbers.
    pub const FINITE: (f64, f64) = (f64::MIN, f64::MAX);

    /// The range in words: `to be finite`.
    #[must_use]
    pub fn range_in_words(&self) -> String {
        match self.range {
            Self::FINITE => "to be finite".to_owned(),
            (min, f64::MAX) => format!("to be finite, at least {min}"),
            (min, max) => format!("from {min} to {max}"),
        }
    }

    /// Checks that a value is in the range.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it is not.
    pub fn check(&self, value: f64) -> Result<()> {
        if (self.range.0..=self.range.1).contains(&value) {
            return Ok(());
        }
        let (name, range) = (self.name, self.range_in_words());
        Err(Error::config(format!("expected `{name}` {range}, got {value}")))
    }
}
