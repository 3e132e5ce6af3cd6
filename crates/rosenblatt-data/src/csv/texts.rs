//! The different texts of a column, each kept once.

use rosenblatt_tensor::{Error, Result};

use crate::numbers::push;

/// Texts and their codes, in the order in which they first came.
///
/// All texts are in one string, one after another, and a table of hashes says where to look. The hash is the same in
/// every run and nothing depends on its order: codes follow the rows, and are sorted by their texts at the end.
#[derive(Default)]
pub(super) struct Texts {
    all: String,
    /// Where each text ends in `all`.
    ends: Vec<usize>,
    /// Open addressing: a length that is a power of two, or 0 at first; at most half of the slots are in use.
    slots: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    /// The upper half of the hash: most other texts are distinguished without looking at them.
    tag: u32,
    /// [`EMPTY`] if nothing is here.
    code: u32,
}

const EMPTY: u32 = u32::MAX;

impl Texts {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a code.
    pub fn get(&self, code: u32) -> &str {
        let at = code as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..self.ends[at]]
    }

    /// The code of a text that came before.
    pub fn code(&self, text: &[u8]) -> Option<u32> {
        let hash = hash(text);
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let Slot { tag, code } = self.slots[at];
            if code == EMPTY {
                return None;
            }
            if tag == tag_of(hash) && self.get(code).as_bytes() == text {
                return Some(code);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a text that did not come before, and returns its code, which is below 2³¹.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if there are too many.
    pub fn add(&mut self, text: &str) -> Result<u32> {
        let code = i32::try_from(self.len()).map(|code| code as u32);
        let code = code.map_err(|_| Error::unsupported("a column with more than two thousand million texts"))?;
        self.all.push_str(text);
        push(&mut self.ends, self.all.len());
        if 2 * self.len() > self.slots.len() {
            self.spread();
        } else {
            self.place(code);
        }
        Ok(code)
    }

    /// Twice as many slots.
    fn spread(&mut self) {
        const FEWEST: usize = 16;
        let empty = Slot { tag: 0, code: EMPTY };
        self.slots = vec![empty; (2 * self.slots.len()).max(FEWEST)];
        (0..self.len()).for_each(|code| self.place(code as u32));
    }

    fn place(&mut self, code: u32) {
        let hash = hash(self.get(code).as_bytes());
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].code != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = Slot {
            tag: tag_of(hash),
            code,
        };
    }
}

fn tag_of(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Eight bytes at a time: multiplied into 128 bits, of which both halves are joined.
fn hash(text: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15; // 2⁶⁴ / golden ratio
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(ODD);
        product as u64 ^ (product >> 64) as u64
    };
    let (words, rest) = text.as_chunks::<8>();
    let hash = words
        .iter()
        .fold(text.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let last = rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    mix(mix(hash, last), ODD)
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

    /// Numbers as texts are what tables hold: their hashes must not fall together.
    #[test]
    fn hashes_of_neighbours_differ() {
        let mut slots = vec![0_u32; 1 << 16];
        (0..1 << 15).for_each(|i| slots[hash(i.to_string().as_bytes()) as usize & 0xffff] += 1);
        // With half as many balls as bins, thrown at random, the fullest of 65,536 bins holds about 7.
        assert!(slots.iter().max() < Some(&12), "{:?}", slots.iter().max());
    }
}
