//! The distinct values of a column, each kept once.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rosenblatt_tensor::{Error, Result};

use crate::numbers::push;

/// Texts and their codes, in the order in which they first came.
///
/// All texts are kept one after the other in one string; a hash table holds their codes. Codes follow the order of the rows,
/// and are sorted by their texts at the end.
#[derive(Default)]
pub(super) struct Texts {
    all: String,
    /// Where each text ends in `all`.
    ends: Vec<usize>,
    codes: HashTable<u32>,
}

impl Texts {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a code.
    pub fn get(&self, code: u32) -> &str {
        text(&self.all, &self.ends, code)
    }

    /// The code of a text that came before.
    pub fn code(&self, text: &[u8]) -> Option<u32> {
        let is_it = |&code: &u32| self.get(code).as_bytes() == text;
        self.codes.find(hash(text), is_it).copied()
    }

    /// Adds a text that did not come before, and returns its code, which is below 2³¹.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if there are too many.
    pub fn add(&mut self, new: &str) -> Result<u32> {
        let code = i32::try_from(self.len()).map(|code| code as u32);
        let code = code.map_err(|_| Error::unsupported("a column with more than two thousand million texts"))?;
        self.all.push_str(new);
        push(&mut self.ends, self.all.len());
        let hash_of = |&code: &u32| hash(text(&self.all, &self.ends, code).as_bytes());
        self.codes.insert_unique(hash(new.as_bytes()), code, hash_of);
        Ok(code)
    }
}

fn text<'a>(all: &'a str, ends: &[usize], code: u32) -> &'a str {
    let at = code as usize;
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    &all[start..ends[at]]
}

fn hash(text: &[u8]) -> u64 {
    FixedState::default().hash_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_one_code_and_keeps_it() {
        let mut texts = Texts::default();
        assert_eq!(texts.code(b""), None);
        let all: Vec<String> = (0..5000).map(|i| "x".repeat(i % 20) + &i.to_string()).collect();
        for (i, text) in all.iter().enumerate() {
            assert_eq!(texts.code(text.as_bytes()), None);
            assert_eq!(texts.add(text).unwrap(), i as u32);
            assert_eq!(texts.code(all[i / 2].as_bytes()), Some(i as u32 / 2));
        }
        assert_eq!(texts.len(), 5000);
        assert!(all.iter().enumerate().all(|(i, text)| texts.get(i as u32) == text));
        assert_eq!(texts.code(b"never came"), None);
    }
}
