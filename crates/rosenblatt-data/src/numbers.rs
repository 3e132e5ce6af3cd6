//! The numbers of a column in memory.

use std::fmt;

use arrow_array::Float64Array;
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};

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
        into_vec(self.0.into_parts().1)
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

    /// The finite numbers of an array, in its memory where nothing else holds that.
    pub(crate) fn of_finite(array: Float64Array) -> Self {
        let (_, values, present) = array.into_parts();
        let Some(present) = present.filter(|present| present.null_count() > 0) else {
            return Self(Float64Array::new(values, None));
        };
        let mut values = into_vec(values);
        let absent = values.iter_mut().zip(&present).filter(|(_, is_present)| !is_present);
        absent.for_each(|(value, _)| *value = f64::NAN);
        Self(Float64Array::new(values.into(), Some(present)))
    }

    /// The array, which has no value where a number is missing.
    #[must_use]
    pub fn array(&self) -> &Float64Array {
        &self.0
    }
}

/// The numbers, copied if something else holds them.
fn into_vec(numbers: ScalarBuffer<f64>) -> Vec<f64> {
    let numbers = numbers.into_inner().into_vec();
    numbers.unwrap_or_else(|shared| shared.typed_data().to_vec())
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

    #[test]
    fn the_memory_of_an_array_is_used_unless_others_hold_it() {
        let array = || Float64Array::from(vec![Some(1.5), None, Some(2.0)]);
        let shared = array();
        let numbers = Numbers::of_finite(shared.clone());
        assert!(numbers.get(1).is_nan() && numbers.array().is_null(1));
        assert_eq!(
            (shared.value(1), numbers.get(2)),
            (0.0, 2.0),
            "another's memory stays as it was"
        );
        let alone = array();
        let memory = alone.values().as_ptr();
        assert_eq!(Numbers::of_finite(alone).array().values().as_ptr(), memory);
    }
}
