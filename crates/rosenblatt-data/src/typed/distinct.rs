//! The distinct texts of a column.

use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::MISSING;
use crate::spelling::{Missing, MissingMarkers};

/// Distinct texts in the order in which they came.
#[derive(Default)]
pub(super) struct Distinct<'t> {
    /// How many cells have each.
    texts: Vec<(&'t str, u64)>,
    /// Half of the hash of each, and its code.
    codes: HashTable<(u32, u32)>,
}

/// Called with a text when it comes first, and its row.
pub(super) type OnNew<'s, 't> = &'s mut dyn FnMut(&'t str, usize);

impl<'t> Distinct<'t> {
    /// The code of the text of a cell; a new one is seen.
    #[inline]
    pub fn code(&mut self, text: &'t str, row: usize, see: OnNew<'_, 't>) -> u32 {
        // The table looks at both ends of 64 bits.
        let spread = |half: u32| u64::from(half) << 32 | u64::from(half);
        let (texts, half) = (&mut self.texts, hash(text) as u32);
        let is_text = |&(other, code): &(u32, u32)| other == half && texts[code as usize].0 == text;
        if let Some(&(_, code)) = self.codes.find(spread(half), is_text) {
            texts[code as usize].1 += 1;
            return code;
        }
        let code = texts.len() as u32;
        texts.push((text, 1));
        self.codes
            .insert_unique(spread(half), (half, code), |&(half, _)| spread(half));
        see(text, row);
        code
    }

    /// The codes of all cells of a column, most of which differ; empty ones are missing.
    pub fn codes_of_different(&mut self, cells: &[&'t str], see: OnNew<'_, 't>) -> Vec<u32> {
        let mut codes: Vec<u32> = Vec::with_capacity(cells.len());
        for (row, (&text, first)) in cells.iter().zip(firsts(cells)).enumerate() {
            codes.push(match first as usize {
                _ if text.is_empty() => MISSING,
                first if first < row => {
                    self.count(codes[first], 1);
                    codes[first]
                }
                _ => {
                    see(text, row);
                    self.texts.push((text, 1));
                    self.texts.len() as u32 - 1
                }
            });
        }
        codes
    }

    /// Counts further cells of a code.
    pub fn count(&mut self, code: u32, cells: u64) {
        self.texts[code as usize].1 += cells;
    }

    /// The texts that are not missing values, and how many cells have each; the codes of the others become [`MISSING`].
    pub fn counted(self, markers: &MissingMarkers, codes: &mut [u32]) -> Vec<(&'t str, u64)> {
        let mut texts = self.texts;
        let is_missing = |&(text, _): &(&str, u64)| markers.find(text) == Some(Missing::Always);
        if !texts.iter().any(is_missing) {
            return texts;
        }
        let mut left = 0..;
        let number = |text| {
            if is_missing(text) {
                MISSING
            } else {
                left.next().unwrap_or(MISSING)
            }
        };
        let numbers: Vec<u32> = texts.iter().map(number).collect();
        for code in codes.iter_mut().filter(|code| **code != MISSING) {
            *code = numbers[*code as usize];
        }
        texts.retain(|text| !is_missing(text));
        texts
    }
}

fn hash(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}

/// Whether many first texts all differ.
pub(super) fn are_different<'t>(texts: impl Iterator<Item = &'t str>) -> bool {
    const FIRST: usize = 4096;
    let mut first: Vec<&str> = texts.filter(|text| !text.is_empty()).take(FIRST).collect();
    first.sort_unstable();
    first.len() == FIRST && first.windows(2).all(|two| two[0] != two[1])
}

/// For each text the number of the first one that equals it.
///
/// Texts are compared with those of the same first bits of their hash only: a table of all of them would be larger than the caches
/// of a processor.
fn firsts(texts: &[&str]) -> Vec<u32> {
    const PARTS: usize = 256;
    let hashes: Vec<u64> = texts.iter().map(|text| hash(text)).collect();
    // The table looks at the first and the last bits.
    let part = |hash: u64| (hash >> 40) as usize % PARTS;
    let mut ends = [0; PARTS];
    hashes.iter().for_each(|&hash| ends[part(hash)] += 1);
    let mut start = 0;
    for end in &mut ends {
        (start, *end) = (start + *end, start);
    }
    let mut sorted = vec![(0, 0); texts.len()];
    for (&hash, at) in hashes.iter().zip(0..) {
        let end = &mut ends[part(hash)];
        sorted[*end] = (hash, at);
        *end += 1;
    }
    let mut firsts = vec![0; texts.len()];
    let mut table: HashTable<(u64, u32)> = HashTable::new();
    for (part, &end) in ends.iter().enumerate() {
        let start = if part == 0 { 0 } else { ends[part - 1] };
        table.clear();
        for &(hash, at) in &sorted[start..end] {
            let is_text = |&(other, first): &(u64, u32)| other == hash && texts[first as usize] == texts[at as usize];
            let entry = table.entry(hash, is_text, |&(hash, _)| hash);
            firsts[at as usize] = entry.or_insert((hash, at)).get().1;
        }
    }
    firsts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Both ways give the same codes and see the same texts.
        #[test]
        fn codes_do_not_depend_on_the_way(numbers in proptest::collection::vec(0..400_u32, 0..600)) {
            let texts: Vec<String> = numbers.iter().map(|n| if *n == 0 { String::new() } else { n.to_string() }).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (mut one, mut other) = (Distinct::default(), Distinct::default());
            let (mut seen, mut also) = (Vec::new(), Vec::new());
            let mut codes = one.codes_of_different(&texts, &mut |text, row| seen.push((text, row)));
            let mut others: Vec<u32> = Vec::new();
            for (row, text) in texts.iter().enumerate() {
                others.push(match text.is_empty() {
                    true => MISSING,
                    false => other.code(text, row, &mut |text, row| also.push((text, row))),
                });
            }
            prop_assert_eq!(&codes, &others);
            prop_assert_eq!(seen, also);
            let markers = MissingMarkers { missing: vec!["7".to_owned()], present: Vec::new() };
            prop_assert_eq!(one.counted(&markers, &mut codes), other.counted(&markers, &mut others));
            prop_assert_eq!(codes, others);
        }
    }

    #[test]
    fn only_many_different_texts_are_different() {
        let texts: Vec<String> = (0..5000).map(|n| n.to_string()).collect();
        let all = || texts.iter().map(String::as_str);
        assert!(are_different(all()) && !are_different(all().take(4000)));
        assert!(!are_different(["1", ""].into_iter().chain(all())));
    }
}
