//! Cells of some rows, column by column, copied once from the records that they come in.

use arrow_array::ArrayRef;
use arrow_buffer::Buffer;

use super::cells::{Cells, array};
use super::pages;
use super::rows::Span;

/// Cells of some rows by column. It is used again for the next rows, so that only what is handed on is new memory.
pub(super) struct Columns(Vec<Texts>);

/// The texts of a column.
struct Texts {
    /// Room for texts; those before `used` are there.
    bytes: Vec<u8>,
    used: usize,
    /// Where each begins and the last one ends.
    offsets: Vec<i32>,
}

/// Texts up to this length are copied together with what is behind them: a copy of fixed length takes less time.
const SHORT: usize = 32;

impl Columns {
    pub fn new(width: usize) -> Self {
        let texts = || Texts {
            bytes: Vec::new(),
            used: 0,
            offsets: vec![0],
        };
        Self(std::iter::repeat_with(texts).take(width).collect())
    }

    /// Adds a row.
    pub fn push(&mut self, record: &[u8], cells: &[Span]) {
        for (texts, &cell) in self.0.iter_mut().zip(cells) {
            texts.push(record, cell);
        }
    }

    fn rows(&self) -> usize {
        self.0.first().map_or(0, |texts| texts.offsets.len() - 1)
    }

    /// Whether all texts are ASCII.
    pub fn are_ascii(&self) -> bool {
        self.0.iter().all(|texts| texts.bytes[..texts.used].is_ascii())
    }

    /// Whether all cells are UTF-8.
    pub fn are_texts(&self) -> bool {
        let is_text = |texts: &Texts| {
            let text = std::str::from_utf8(&texts.bytes[..texts.used]);
            text.is_ok_and(|text| texts.offsets.iter().all(|&at| text.is_char_boundary(at as usize)))
        };
        self.0.iter().all(is_text)
    }

    /// The columns, if all cells are UTF-8; no row is left.
    pub fn take_arrays(&mut self) -> Option<Vec<ArrayRef>> {
        self.0.iter_mut().map(Texts::take_array).collect()
    }

    /// The same cells row by row.
    pub fn in_rows(&self) -> Cells {
        let mut cells = Cells::new(self.0.len());
        for row in 0..self.rows() {
            self.0.iter().for_each(|texts| cells.push_cell(texts.get(row)));
        }
        cells
    }

    pub fn clear(&mut self) {
        self.0.iter_mut().for_each(Texts::clear);
    }
}

impl Texts {
    #[inline]
    fn push(&mut self, record: &[u8], cell: Span) {
        let (start, end) = (cell.start as usize, cell.end as usize);
        let length = end - start;
        if self.used + length.max(SHORT) > self.bytes.len() {
            self.grow(length);
        }
        let room = &mut self.bytes[self.used..];
        match (record.get(start..start + SHORT), room.first_chunk_mut::<SHORT>()) {
            (Some(text), Some(room)) if length <= SHORT => room.copy_from_slice(text),
            _ => room[..length].copy_from_slice(&record[start..end]),
        }
        self.used += length;
        self.offsets.push(self.used as i32);
    }

    #[cold]
    fn grow(&mut self, length: usize) {
        let room = (self.used + length.max(SHORT)).max(self.bytes.len() + self.bytes.len() / 2);
        self.bytes.reserve_exact(room - self.bytes.len());
        self.bytes.resize(room, 0);
    }

    fn get(&self, row: usize) -> &[u8] {
        &self.bytes[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    fn take_array(&mut self) -> Option<ArrayRef> {
        let (offsets, texts) = (&self.offsets[..], &self.bytes[..self.used]);
        let in_pages = pages::copy(offsets, texts);
        let (offsets, texts) =
            in_pages.unwrap_or_else(|| (Buffer::from_slice_ref(offsets), Buffer::from_slice_ref(texts)));
        self.clear();
        array(offsets.into(), texts)
    }

    fn clear(&mut self) {
        self.used = 0;
        self.offsets.clear();
        self.offsets.push(0);
    }
}
