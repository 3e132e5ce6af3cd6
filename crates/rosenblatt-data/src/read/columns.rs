//! Cells of some rows, column by column, copied once from the records that they come in.

use arrow_array::ArrayRef;
use arrow_buffer::Buffer;

use super::cells::{Cells, array};
use super::rows::Span;

/// Cells of some rows by column. It is used again for the next rows, so that only what is handed on is new memory.
pub(super) struct Columns(Vec<Texts>);

/// The texts of a column.
struct Texts {
    /// Room for texts; those before `used` are there.
    bytes: Vec<u8>,
    used: usize,
    /// The end of each.
    ends: Vec<i32>,
}

/// Texts up to this length are copied together with what is behind them: a copy of fixed length takes less time.
const SHORT: usize = 32;

impl Columns {
    pub fn new(width: usize) -> Self {
        let texts = || Texts {
            bytes: Vec::new(),
            used: 0,
            ends: Vec::new(),
        };
        Self(std::iter::repeat_with(texts).take(width).collect())
    }

    /// Adds a row.
    pub fn push(&mut self, record: &[u8], cells: &[Span]) {
        for (texts, &cell) in self.0.iter_mut().zip(cells) {
            texts.push(record, cell);
        }
    }

    pub fn rows(&self) -> usize {
        self.0.first().map_or(0, |texts| texts.ends.len())
    }

    /// Whether all texts are ASCII.
    pub fn are_ascii(&self) -> bool {
        self.0.iter().all(|texts| texts.bytes[..texts.used].is_ascii())
    }

    /// The columns; none if a cell is not UTF-8.
    pub fn arrays(&mut self) -> Option<Vec<ArrayRef>> {
        self.0.iter_mut().map(Texts::array).collect()
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
        for texts in &mut self.0 {
            texts.used = 0;
            texts.ends.clear();
        }
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
        self.ends.push(self.used as i32);
    }

    #[cold]
    fn grow(&mut self, length: usize) {
        let room = (self.used + length.max(SHORT)).max(self.bytes.len() + self.bytes.len() / 2);
        self.bytes.reserve_exact(room - self.bytes.len());
        self.bytes.resize(room, 0);
    }

    fn get(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start as usize..self.ends[row] as usize]
    }

    fn array(&mut self) -> Option<ArrayRef> {
        let texts = Buffer::from_vec(self.bytes[..self.used].to_vec());
        let mut offsets = Vec::with_capacity(self.ends.len() + 1);
        offsets.push(0);
        offsets.extend_from_slice(&self.ends);
        array(offsets.into(), texts)
    }
}
