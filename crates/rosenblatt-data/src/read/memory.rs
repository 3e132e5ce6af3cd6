//! Tables that are in memory already.

use std::sync::Arc;

use arrow_array::Array as _;
use rosenblatt_tensor::Result;

use super::{Dialect, ReadOptions, Reader, Rows, given_names};
use crate::Frame;
use crate::warning::Warning;

/// The columns of a frame, array by array.
pub(super) struct InMemory {
    frame: Arc<Frame>,
    names: Arc<[String]>,
    /// The number of the next array of each column.
    at: usize,
}

impl InMemory {
    /// At the first row.
    pub fn new(frame: &Arc<Frame>, options: &ReadOptions) -> Result<Self> {
        let names = frame.names().map(str::to_owned).collect();
        Ok(Self {
            names: given_names(names, options, frame.name())?,
            frame: Arc::clone(frame),
            at: 0,
        })
    }
}

impl Reader for InMemory {
    fn names(&self) -> Arc<[String]> {
        Arc::clone(&self.names)
    }

    fn next(&mut self) -> Result<Option<Rows>> {
        let mut columns = Vec::with_capacity(self.names.len());
        for name in self.frame.names() {
            columns.extend(self.frame.arrays(name)?.get(self.at).map(Arc::clone));
        }
        self.at += 1;
        let rows = columns.first().map(|array| array.len());
        Ok(rows.map(|rows| Rows {
            columns,
            rows,
            lines: Vec::new(),
        }))
    }

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    fn describe(&self, _: &mut Dialect) {}
}
