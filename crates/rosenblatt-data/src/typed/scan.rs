//! One pass over the texts of a column.

use arrow_array::{Array, StringArray};

use super::arrays::Chunk;
use crate::spelling::{Missing, MissingMarkers, NumberFormat, NumberVote, is_no_number};

/// The cells of a column without white space at their ends; empty where missing.
pub(super) fn cells<'t>(texts: impl IntoIterator<Item = &'t StringArray>) -> impl Iterator<Item = &'t str> {
    let all = texts.into_iter().flat_map(|texts| texts.iter());
    all.map(|cell| trimmed(cell.unwrap_or_default()))
}

/// A text without white space at its ends, which few have.
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [byte] if byte.is_ascii_graphic() => text,
        [first, .., last] if first.min(last) > &b' ' && last.max(first).is_ascii() => text,
        _ => text.trim(),
    }
}

/// The vote of all cells, and the numbers with a point at most among them; none if the cells are texts whatever the format is.
/// `is_known` says that they are numbers.
pub(super) fn vote(
    texts: &[StringArray],
    markers: &MissingMarkers,
    is_known: bool,
    values: &mut Vec<f64>,
) -> Option<NumberVote> {
    let rows: usize = texts.iter().map(Array::len).sum();
    let (mut vote, start) = (NumberVote::new(markers), values.len());
    for (row, text) in cells(texts).enumerate() {
        match vote.add_number(start + row, text) {
            None => vote.add_other(start + row, text),
            Some(number) => {
                values.resize(start + row, f64::NAN);
                values.push(number);
            }
        }
        // With more than half of the cells, texts outvote all others, and nobody would expect numbers.
        let is_looked_at = row % 1024 == 0 && !is_known;
        if is_looked_at && 2 * vote.texts() > rows as u64 {
            return None;
        }
    }
    values.resize(start + rows, f64::NAN);
    Some(vote)
}

/// Whether nearly all of the first cells with a text are no numbers in any format.
pub(super) fn begin_with_texts(texts: &StringArray, markers: &MissingMarkers) -> bool {
    const LOOKED_AT: usize = 200;
    let first = texts.iter().map(|text| trimmed(text.unwrap_or_default()));
    let mut first = first.filter(|text| !text.is_empty()).take(LOOKED_AT);
    let (mut all, mut others) = (0, 0);
    first.by_ref().for_each(|text| {
        all += 1;
        others += usize::from(is_no_number(text, markers));
    });
    all > 0 && 10 * others >= 9 * all
}

/// The bytes of all cells.
pub(super) fn bytes(texts: &StringArray) -> &[u8] {
    let (offsets, bytes) = (texts.value_offsets(), texts.value_data());
    &bytes[offsets[0] as usize..offsets[texts.len()] as usize]
}

/// Whether all cells are empty, or whole numbers without a sign or zeros before them that f64 holds.
pub(super) fn are_digits(texts: &StringArray) -> bool {
    const MOST: usize = 15;
    /// So many bytes are looked at together.
    const PIECE: usize = 64;
    let digits = |piece: &[u8]| piece.iter().fold(true, |all, byte| all & byte.is_ascii_digit());
    let is_number = |at: usize| {
        let text = texts.value(at);
        text.len() <= 1 || text.len() <= MOST && !text.starts_with('0')
    };
    texts.null_count() == 0 && bytes(texts).chunks(PIECE).all(digits) && (0..texts.len()).all(is_number)
}

/// Adds the numbers of a chunk that [`are_digits`] holds for.
pub(super) fn take_digits(texts: &StringArray, values: &mut Vec<f64>) {
    let add = |number: u64, byte: u8| 10 * number + u64::from(byte - b'0');
    values.extend((0..texts.len()).map(|at| match texts.value(at) {
        "" => f64::NAN,
        text => text.bytes().fold(0, add) as f64,
    }));
}

/// Adds the numbers of a chunk if all are there or missing, and are written with nothing but digits, a sign and a point; with
/// the markers, also with an exponent.
pub(super) fn take_plain(chunk: &Chunk, markers: Option<&MissingMarkers>, values: &mut Vec<f64>) -> bool {
    let texts = match chunk {
        Chunk::Texts(texts) => texts,
        Chunk::Numbers(numbers) => {
            match numbers.null_count() {
                0 => values.extend_from_slice(numbers.values()),
                _ => values.extend(numbers.iter().map(|x| x.unwrap_or(f64::NAN))),
            }
            let are_finite = numbers.values().iter().all(|x| x.is_finite());
            return are_finite || numbers.iter().flatten().all(f64::is_finite);
        }
        // Numbers that are stored as texts have to be looked at.
        Chunk::Coded(..) => return false,
    };
    for cell in texts {
        let text = trimmed(cell.unwrap_or_default());
        match NumberFormat::plain(text) {
            Some(value) => values.push(value),
            None if text.is_empty() => values.push(f64::NAN),
            None => match markers.and_then(|markers| plain_or_missing(text, markers)) {
                Some(value) => values.push(value),
                None => return false,
            },
        }
    }
    true
}

/// The number of a text that is written with an exponent, or NaN if it is missing in any column.
fn plain_or_missing(text: &str, markers: &MissingMarkers) -> Option<f64> {
    match markers.find(text) {
        None => NumberFormat::plain_of_any_length(text),
        Some(missing) => (missing == Missing::Always).then_some(f64::NAN),
    }
}
