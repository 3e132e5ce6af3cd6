//! Texts that all differ and are nothing else than texts, as keys are: a quicker way to what the other way finds.

use std::iter::repeat_n;

use arrow_array::{Array, StringArray};
use arrow_buffer::OffsetBuffer;

use super::Reading;
use super::arrays::Chunk;
use super::nearly_dates::NearlyDates;
use super::scan::{begin_with_texts, bytes};
use crate::spelling::{Missing, MissingMarkers, are_told_apart, ascending, is_no_number, shared_start};
use crate::{Dictionary, MISSING};

impl Reading<'_> {
    /// The cells of a column of texts that are quickly seen to be all there and different, neither numbers nor dates for the most
    /// part, and no spellings of each other. Nothing is to be said of such a column.
    pub fn keys(&self, chunks: &[Chunk]) -> Option<Dictionary> {
        if self.given.is_some() || self.trained.is_some() || self.commas.len() > 1 {
            return None;
        }
        let complete = |chunk| match chunk {
            Chunk::Texts(texts) => Some(texts).filter(|texts| texts.null_count() == 0),
            _ => None,
        };
        let chunks: Vec<StringArray> = chunks.iter().cloned().map(complete).collect::<Option<_>>()?;
        let markers = self.markers();
        let may_be = begin_with_texts(chunks.first()?, &markers) && seem_different(&chunks);
        (may_be && are_names(&chunks, &markers)).then(|| in_order(&chunks))?
    }
}

/// The cells of chunks that lack none.
fn cells(chunks: &[StringArray]) -> impl Iterator<Item = &str> {
    let places = chunks
        .iter()
        .flat_map(|texts| (0..texts.len()).map(move |at| (texts, at)));
    places.map(|(texts, at)| texts.value(at))
}

/// Whether the first texts and some of the others differ: most columns with a text twice have one there.
fn seem_different(chunks: &[StringArray]) -> bool {
    const LOOKED_AT: usize = 4096;
    let differ = |mut texts: Vec<&str>| {
        texts.sort_unstable();
        texts.is_sorted_by(|one, other| one < other)
    };
    let step = chunks.iter().map(Array::len).sum::<usize>() / LOOKED_AT + 1;
    let first = || cells(chunks).take(LOOKED_AT);
    differ(first().collect()) && differ(first().chain(cells(chunks).skip(LOOKED_AT).step_by(step)).collect())
}

/// Whether all texts are there, more than half are no numbers and more than half no dates, and none is a spelling of another or
/// has white space at its ends.
fn are_names(chunks: &[StringArray], markers: &MissingMarkers) -> bool {
    let rows = chunks.iter().map(Array::len).sum();
    let (mut dates, mut others) = (NearlyDates::of_at_most(rows), 0);
    for text in cells(chunks) {
        if markers.find(text) == Some(Missing::Always) {
            return false;
        }
        dates.see(text, 0);
        if 2 * others <= rows {
            others += usize::from(is_no_number(text, markers));
        }
    }
    dates.are_others() && 2 * others > rows && are_told_apart(chunks.iter().map(bytes), || cells(chunks))
}

/// The dictionary of all cells, if they differ and are not too many.
fn in_order(chunks: &[StringArray]) -> Option<Dictionary> {
    let (rows, length) = chunks.iter().fold((0, 0), |(rows, length), texts| {
        (rows + texts.len(), length + bytes(texts).len())
    });
    if rows >= MISSING as usize || length > i32::MAX as usize {
        return None;
    }
    let each = length / rows.max(1);
    if chunks.iter().all(|texts| are_of_length(each, texts)) {
        let texts = || chunks.iter().flat_map(|texts| bytes(texts).chunks_exact(each));
        let shared = shared_start(texts());
        if each - shared.len() <= PACKED {
            return packed(rows, texts(), shared, each - shared.len());
        }
    }
    match chunks {
        [texts] => gathered([rows, length], |row| texts.value(row as usize).as_bytes()),
        several => {
            let texts: Vec<&[u8]> = cells(several).map(str::as_bytes).collect();
            gathered([rows, length], |row| texts[row as usize])
        }
    }
}

fn are_of_length(length: usize, texts: &StringArray) -> bool {
    let mut lengths = texts.value_offsets().windows(2).map(|ends| ends[1] - ends[0]);
    lengths.all(|other| other as usize == length)
}

/// Bytes that are sorted together with the number of their row.
const PACKED: usize = 12;

/// Texts that begin with the same bytes and then have so many others: as numbers they are sorted without being looked up, and
/// written from these numbers.
fn packed<'t>(rows: usize, texts: impl Iterator<Item = &'t [u8]>, shared: &[u8], others: usize) -> Option<Dictionary> {
    let number = |(text, row): (&[u8], u32)| {
        let mut bytes = [0; 16];
        bytes[..others].copy_from_slice(&text[shared.len()..]);
        bytes[PACKED..].copy_from_slice(&row.to_be_bytes());
        u128::from_be_bytes(bytes)
    };
    let mut numbers: Vec<u128> = texts.zip(0..).map(number).collect();
    numbers.sort_unstable();
    if numbers.windows(2).any(|two| two[0] >> 32 == two[1] >> 32) {
        return None;
    }
    let length = shared.len() + others;
    let (mut bytes, mut codes) = (Vec::with_capacity(rows * length), vec![MISSING; rows]);
    // One after the other: stores to places near and far in turn would wait for each other.
    for (&number, code) in numbers.iter().zip(0..) {
        codes[number as u32 as usize] = code;
    }
    for number in numbers {
        bytes.extend_from_slice(shared);
        bytes.extend_from_slice(&number.to_be_bytes()[..others]);
    }
    let offsets = OffsetBuffer::from_lengths(repeat_n(length, rows));
    Some(Dictionary::of(codes, StringArray::new(offsets, bytes.into(), None)))
}

/// So many texts of so many bytes by their rows: they are sorted by a part of each, and gathered.
fn gathered<'t>([rows, length]: [usize; 2], text: impl Fn(u32) -> &'t [u8]) -> Option<Dictionary> {
    let (mut bytes, mut ends, mut codes) = (
        Vec::with_capacity(length),
        Vec::with_capacity(rows + 1),
        vec![MISSING; rows],
    );
    ends.push(0);
    let order = ascending(rows, &text);
    for (&row, code) in order.iter().zip(0..) {
        codes[row as usize] = code;
    }
    let mut last: &[u8] = b"";
    for text in order.into_iter().map(text) {
        if text == last {
            return None;
        }
        last = text;
        bytes.extend_from_slice(text);
        ends.push(bytes.len() as i32);
    }
    let levels = StringArray::new(OffsetBuffer::new(ends.into()), bytes.into(), None);
    Some(Dictionary::of(codes, levels))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Places, TableOptions};
    use super::*;
    use crate::ColumnData;

    fn texts_of(one: &'static str) -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec(one, 1..24)
    }

    proptest! {
        /// What is found is what is found without it.
        #[test]
        fn keys_are_what_the_other_way_finds(
            texts in prop_oneof![
                texts_of("[A-C]{1,3}[0-9]{0,2}"),
                texts_of("K[0-9]{3}"),
                texts_of("KEY-[0-9]{2}AAAAAAAAA[AB]"),
                texts_of("KEY-[0-9]{2}AAAAAAAAAA[AB]"),
                texts_of("[a-c. -]{1,5}"),
                texts_of("[A-B][a-b]{0,2}|e\u{301}?|\u{e9}"),
                texts_of("[a-c]{1,2}|[0-9]{1,3}"),
                texts_of("[a-c]{1,2}|2024-01-0[1-9]|1[0-9]:30"),
            ],
            marker in proptest::option::of("null|-|"),
            pieces in 1..3_usize,
        ) {
            let texts: Vec<String> = texts.into_iter().chain(marker).collect();
            let pieces = texts.chunks(texts.len().div_ceil(pieces));
            let chunks: Vec<Chunk> = pieces.map(|texts| Chunk::Texts(StringArray::from_iter_values(texts))).collect();
            let (places, options) = (Places::default(), TableOptions::default());
            let reading = Reading::of_any(&places, &options);
            if let Some(keys) = reading.keys(&chunks) {
                let (data, warnings) = reading.of_texts(reading.likely_texts(&chunks).unwrap(), None).unwrap();
                prop_assert_eq!(ColumnData::Categorical(keys), data);
                prop_assert!(warnings.is_empty(), "{:?}", warnings);
            }
        }
    }
}
