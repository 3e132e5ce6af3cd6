//! The numbers of a column in memory.

use std::fmt;

use arrow_array::Float64Array;
use arrow_buffer::{BooleanBuffer, NullBuffer};

/// The numbers of a column, an array of Arrow: NaN where missing, never infinite.
///
/// # Example
/// ```
/// use rosenblatt_data::Numbers;
/// let numbers = Numbers::from(vec![0.5, f64::NAN, -2.0]);
/// assert_eq!((numbers.len(), numbers.get(0)), (3, 0.5));
/// assert_eq!(numbers.iter().filter(|x| x.is_nan()).count(), 1);
/// ```
#[derive(Clone)]
pub struct Numbers(Float64Array);

impl Numbers {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a row; NaN if it is missing.
    ///
    /// # Panics
    /// If there is no such row, as indexing does.
    #[must_use]
    pub fn get(&self, row: usize) -> f64 {
        // Where the array has no value, its memory has NaN.
        self.0.values()[row]
    }

    /// One after another.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = f64> + Clone + '_ {
        self.0.values().iter().copied()
    }

    /// All of them.
    #[must_use]
    pub fn to_vec(&self) -> Vec<f64> {
        self.0.values().to_vec()
    }

    /// All of them, without copying where nothing else holds them.
    #[must_use]
    pub fn into_vec(self) -> Vec<f64> {
        let (_, values, _) = self.0.into_parts();
        values
            .into_inner()
            .into_vec()
            .unwrap_or_else(|values| values.typed_data().to_vec())
    }

    /// Those of the given rows, in their order.
    #[must_use]
    pub fn select(&self, rows: &[u64]) -> Self {
        rows.iter().map(|&row| self.get(row as usize)).collect()
    }

    /// The same with its memory elsewhere.
    pub(crate) fn moved(&self, array: Float64Array) -> Self {
        debug_assert_eq!(array.len(), self.len());
        Self(array)
    }

    /// The array, which has no value where a number is missing.
    #[must_use]
    pub fn array(&self) -> &Float64Array {
        &self.0
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(values: Vec<f64>) -> Self {
        let missing = values.iter().any(|x| x.is_nan());
        let present = missing.then(|| NullBuffer::new(BooleanBuffer::from_iter(values.iter().map(|x| !x.is_nan()))));
        Self(Float64Array::new(values.into(), present))
    }
}

impl FromIterator<f64> for Numbers {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Vec::from_iter(values).into()
    }
}

/// Equal as f64 are, row by row: missing numbers are unequal to all others.
impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array as _;

    use super::*;

    #[test]
    fn missing_numbers_are_no_values_of_the_array() {
        let numbers = Numbers::from(vec![1.5, f64::NAN, -0.0]);
        assert_eq!((numbers.array().null_count(), numbers.array().is_null(1)), (1, true));
        assert!(numbers.get(1).is_nan() && numbers.get(2).is_sign_negative());
        assert_eq!(numbers.select(&[2, 0]).into_vec(), [-0.0, 1.5]);
        assert_ne!(numbers.clone(), numbers, "a missing number equals none");
        assert!(Numbers::from(Vec::new()).is_empty());
    }
}
