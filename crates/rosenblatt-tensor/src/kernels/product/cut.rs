//! Pieces of a range, and the strip of tiles for what is left of the columns.

use std::ops::Range;

/// The strip for `rows` rows of `vectors` more vectors: the widest that is not wider than they are.
///
/// `size` is a strip's largest number of rows and its width in vectors; the widest come first, the last is one vector wide.
/// Strips of more than two vectors are for few rows only: the others fill the registers with more rows, which reads
/// less of the right-hand side.
pub(super) fn widest<S>(strips: &[S], size: impl Fn(&S) -> [usize; 2], [rows, vectors]: [usize; 2]) -> &S {
    let fits = |strip: &&S| {
        let [most_rows, width] = size(strip);
        width <= vectors && (width <= 2 || rows <= most_rows)
    };
    strips.iter().find(fits).unwrap_or(&strips[strips.len() - 1])
}

/// Pieces of `size`, the last one shorter; at least one, perhaps empty: an empty sum is a result too.
pub(super) fn cut(range: Range<usize>, size: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = range.clone().step_by(size.max(1));
    let empty = range.is_empty().then_some(range.clone());
    empty
        .into_iter()
        .chain(starts.map(move |start| start..range.end.min(start.saturating_add(size))))
}

/// As few pieces as possible of at most `most`, nearly equal: a thin last tile would waste registers.
pub(super) fn balance(range: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    let pieces = range.len().div_ceil(most);
    let at = move |piece: usize| range.start + range.len() * piece / pieces;
    (0..pieces).map(move |piece| at(piece)..at(piece + 1))
}
