//! The texts of a column in memory.

use std::fmt;
use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{Array as _, DictionaryArray, StringArray, UInt32Array};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use rosenblatt_tensor::{Error, Result};

use crate::MISSING;

/// The texts of a column, a dictionary array of Arrow: a code for each row, and the distinct texts, the levels.
///
/// # Example
/// ```
/// use rosenblatt_data::{Dictionary, MISSING};
/// let texts = Dictionary::new(vec![1, MISSING, 0], &["cat", "dog"])?;
/// assert_eq!((texts.codes(), texts.levels().get(1)), (&[1, MISSING, 0][..], "dog"));
/// assert_eq!(texts.get(0), Some("dog"));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone)]
pub struct Dictionary {
    codes: UInt32Array,
    levels: StringArray,
}

/// The distinct texts of a column, in ascending order of their bytes.
#[derive(Clone, Copy, Debug)]
pub struct Levels<'a>(&'a StringArray);

impl Dictionary {
    /// A code for each row, an index into `levels` or [`MISSING`]; levels ascend.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a code has no level, or the levels are more than 2 GiB of text.
    pub fn new<T: AsRef<str>>(codes: Vec<u32>, levels: &[T]) -> Result<Self> {
        let levels = Self::levels_of(levels)?;
        if codes
            .iter()
            .any(|&code| code != MISSING && code as usize >= levels.len())
        {
            return Err(Error::data("a code without a level"));
        }
        Ok(Self::of(codes, levels))
    }

    /// Levels as an array.
    ///
    /// # Errors
    /// As [`Dictionary::new`], of the levels alone.
    pub(crate) fn levels_of<T: AsRef<str>>(levels: &[T]) -> Result<StringArray> {
        let length = levels.iter().map(|level| level.as_ref().len()).sum();
        if length > i32::MAX as usize {
            return Err(Error::data("more than 2 GiB of distinct texts in a column"));
        }
        let (mut texts, mut ends) = (String::with_capacity(length), Vec::with_capacity(levels.len() + 1));
        ends.push(0);
        for level in levels {
            texts.push_str(level.as_ref());
            ends.push(texts.len() as i32);
        }
        Ok(StringArray::new(
            OffsetBuffer::new(ends.into()),
            texts.into_bytes().into(),
            None,
        ))
    }

    /// Codes that have levels, which ascend.
    pub(crate) fn of(codes: Vec<u32>, levels: StringArray) -> Self {
        let present = || NullBuffer::new(BooleanBuffer::collect_bool(codes.len(), |at| codes[at] != MISSING));
        let present = codes.contains(&MISSING).then(present);
        Self {
            codes: UInt32Array::new(codes.into(), present),
            levels,
        }
    }

    /// The same with its memory elsewhere.
    pub(crate) fn moved(&self, codes: UInt32Array, levels: StringArray) -> Self {
        debug_assert!(codes.len() == self.codes.len() && levels.len() == self.levels.len());
        Self { codes, levels }
    }

    /// The arrays of its codes and its levels.
    pub(crate) fn arrays(&self) -> (&UInt32Array, &StringArray) {
        (&self.codes, &self.levels)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For each row the index of its level, or [`MISSING`].
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        // Where the array has no value, its memory has the code of missing cells.
        self.codes.values()
    }

    /// The distinct texts.
    #[must_use]
    pub fn levels(&self) -> Levels<'_> {
        Levels(&self.levels)
    }

    /// The text of a row, if it has one.
    ///
    /// # Panics
    /// If there is no such row, as indexing does.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let code = self.codes()[row];
        (code != MISSING).then(|| self.levels().get(code as usize))
    }

    /// The texts, one after another.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Those of the given rows, in their order; levels stay.
    #[must_use]
    pub fn select(&self, rows: &[u64]) -> Self {
        let all = self.codes();
        let codes = rows.iter().map(|&row| all[row as usize]).collect();
        Self::of(codes, self.levels.clone())
    }

    /// Those of the given rows, in their order, and the levels that they have.
    pub(crate) fn select_used(&self, rows: &[u64]) -> Self {
        let (all, levels) = (self.codes(), self.levels());
        let mut places = vec![MISSING; levels.len()];
        let present = rows
            .iter()
            .map(|&row| all[row as usize])
            .filter(|&code| code != MISSING);
        present.for_each(|code| places[code as usize] = 0);
        let used: Vec<usize> = (0..levels.len()).filter(|&level| places[level] == 0).collect();
        used.iter().zip(0..).for_each(|(&level, place)| places[level] = place);
        let place = |code: u32| {
            if code == MISSING {
                MISSING
            } else {
                places[code as usize]
            }
        };
        let codes = rows.iter().map(|&row| place(all[row as usize])).collect();
        Self::of(
            codes,
            StringArray::from_iter_values(used.iter().map(|&level| levels.get(level))),
        )
    }

    /// As an array of Arrow, which has no value where a text is missing.
    ///
    /// # Errors
    /// None: each code has a level.
    pub fn array(&self) -> Result<DictionaryArray<UInt32Type>> {
        let array = DictionaryArray::try_new(self.codes.clone(), Arc::new(self.levels.clone()));
        array.map_err(|error| Error::internal(error.to_string()))
    }
}

impl<'a> Levels<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none of this number, as indexing does.
    #[must_use]
    pub fn get(self, at: usize) -> &'a str {
        self.0.value(at)
    }

    /// One after another.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        (0..self.len()).map(move |at| self.get(at))
    }

    /// All of them.
    #[must_use]
    pub fn to_vec(self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

impl<'t> FromIterator<Option<&'t str>> for Dictionary {
    fn from_iter<I: IntoIterator<Item = Option<&'t str>>>(texts: I) -> Self {
        let texts: Vec<_> = texts.into_iter().collect();
        let mut levels: Vec<&str> = texts.iter().copied().flatten().collect();
        levels.sort_unstable();
        levels.dedup();
        let code = |text: &str| levels.binary_search(&text).map_or(MISSING, |at| at as u32);
        let codes = texts.iter().map(|text| text.map_or(MISSING, code)).collect();
        Self::of(codes, StringArray::from_iter_values(&levels))
    }
}

/// Equal codes and levels.
impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.codes() == other.codes() && self.levels().iter().eq(other.levels().iter())
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_texts_are_no_values_of_the_array() {
        let texts = Dictionary::new(vec![1, MISSING, 0], &["a", "b"]).unwrap();
        let array = texts.array().unwrap();
        assert_eq!((array.null_count(), array.is_null(1)), (1, true));
        assert_eq!(texts.select(&[1, 0]).iter().collect::<Vec<_>>(), [None, Some("b")]);
        assert_eq!(texts.select(&[0]).array().unwrap().null_count(), 0);
        let used = texts.select_used(&[1, 0, 0]);
        assert_eq!(used, Dictionary::new(vec![MISSING, 0, 0], &["b"]).unwrap());
        assert!(Dictionary::new(vec![2], &["a", "b"]).is_err());
        let none = Dictionary::new(vec![MISSING], &[""; 0]).unwrap();
        assert_eq!((none.get(0), none.array().unwrap().len()), (None, 1));
    }
}
