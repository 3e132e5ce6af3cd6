//! Memory of a column that goes back to the system with it.
//!
//! What an allocator frees between other pieces of memory stays with the process, and large arrays that are made later do not fit
//! into it: a table whose columns are typed one after another would take the sum of both.

use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_buffer::{Buffer, ToByteSlice as _};
use bytes::Bytes;
use memmap2::MmapMut;

/// Offsets and texts of so many bytes or more get pages of their own.
const LARGE: usize = 1 << 14;

/// A system has only so many pieces of memory for a process, 65,530 by default: a part of them is used here.
const MAX_PIECES: usize = 1 << 14;

/// How many pieces are in use here.
static PIECES: AtomicUsize = AtomicUsize::new(0);

/// Pages that go back to the system at the end, and the count of pieces that they are one of.
struct Pages(MmapMut, &'static AtomicUsize);

impl Pages {
    /// So many bytes; none if there are too many pieces already.
    fn new(bytes: usize, pieces: &'static AtomicUsize) -> Option<Self> {
        let taken = pieces.fetch_add(1, Ordering::Relaxed);
        let pages = (taken < MAX_PIECES).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        if pages.is_none() {
            pieces.fetch_sub(1, Ordering::Relaxed);
        }
        pages.map(|pages| Self(pages, pieces))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::Relaxed);
    }
}

impl AsRef<[u8]> for Pages {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Copies of offsets and texts in pages of their own; none if they are too small for that, or the system gives no more.
pub(super) fn copy(offsets: &[i32], texts: &[u8]) -> Option<(Buffer, Buffer)> {
    let offsets = offsets.to_byte_slice();
    if offsets.len() + texts.len() < LARGE {
        return None;
    }
    let mut pages = Pages::new(offsets.len() + texts.len(), &PIECES)?;
    let (start, end) = pages.0.split_at_mut(offsets.len());
    start.copy_from_slice(offsets);
    end.copy_from_slice(texts);
    let pages = Buffer::from(Bytes::from_owner(pages));
    let offsets = pages.slice_with_length(0, offsets.len());
    let texts = pages.slice_with_length(offsets.len(), texts.len());
    Some((offsets, texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_texts_get_pages_and_small_ones_none() {
        assert!(copy(&[0, 1], b"a").is_none());
        let text = vec![b'x'; LARGE];
        let (offsets, texts) = copy(&[0, 7, LARGE as i32], &text).unwrap();
        assert_eq!(
            (offsets.typed_data::<i32>(), &texts[..]),
            (&[0, 7, LARGE as i32][..], &text[..])
        );
    }

    #[test]
    fn pieces_are_counted() {
        static PIECES: AtomicUsize = AtomicUsize::new(MAX_PIECES - 1);
        let last = Pages::new(1, &PIECES).unwrap();
        assert!(Pages::new(1, &PIECES).is_none());
        drop(last);
        assert!(Pages::new(1, &PIECES).is_some());
    }
}
