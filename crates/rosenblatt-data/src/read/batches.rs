//! Tables that are stored as columns: record batches of Arrow, one after the other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use rosenblatt_tensor::{Error, Result};

use super::{Dialect, ReadOptions, Reader, Rows, given_names};
use crate::warning::Warning;

/// The next batch, `None` at the end, or what is wrong.
pub(super) type Next = Box<dyn FnMut() -> std::result::Result<Option<RecordBatch>, String>>;

/// A table of record batches while it is read.
pub(super) struct Batches {
    file: String,
    what: &'static str,
    names: Arc<[String]>,
    next: Next,
}

impl Batches {
    /// The table of a file that is `what` is, by its schema and a source of batches.
    pub fn new(file: String, what: &'static str, schema: &Schema, options: &ReadOptions, next: Next) -> Result<Self> {
        let names = schema.fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self {
            names: given_names(names, options, &file)?,
            file,
            what,
            next,
        })
    }
}

/// What a library makes of a file. Damaged files let some of them panic, which is their way of refusing it: nothing of what they
/// held is used afterwards.
pub(super) fn guarded<T>(read: impl FnOnce() -> std::result::Result<T, String>) -> std::result::Result<T, String> {
    std::panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(text.unwrap_or("its parts contradict each other").to_owned())
    })
}

/// The error of a file that is not as its format has it.
pub(super) fn damaged(file: &str, what: &str, error: &str) -> Error {
    const MAX_TEXT: usize = 200;
    let text: String = error.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    let error = Error::data(format!("damaged or cut short {what}: {text}")).within(file);
    error.hint("copy or download the file again")
}

impl Reader for Batches {
    fn names(&self) -> Arc<[String]> {
        Arc::clone(&self.names)
    }

    fn next(&mut self) -> Result<Option<Rows>> {
        let batch = guarded(&mut self.next).map_err(|error| damaged(&self.file, self.what, &error))?;
        Ok(batch.map(|batch| Rows {
            columns: batch.columns().to_vec(),
            rows: batch.num_rows(),
            lines: Vec::new(),
        }))
    }

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    fn describe(&self, _: &mut Dialect) {}
}
