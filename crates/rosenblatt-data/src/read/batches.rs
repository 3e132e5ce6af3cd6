//! Tables that are stored as columns: record batches of Arrow, one after the other.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Once};

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

thread_local! {
    /// Whether a panic of this thread is an error that is told in its own words.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// From now on a panic that becomes an error is not printed besides; all others are, as before.
fn print_others_only() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                print(panic);
            }
        }));
    });
}

/// What a library makes of a file. Damaged files let some of them panic, which is their way of refusing it: nothing of what they
/// held is used afterwards.
pub(super) fn guarded<T>(read: impl FnOnce() -> std::result::Result<T, String>) -> std::result::Result<T, String> {
    print_others_only();
    let before = IS_GUARDED.replace(true);
    let result = std::panic::catch_unwind(AssertUnwindSafe(read));
    IS_GUARDED.set(before);
    result.unwrap_or_else(|panic| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_alone() {
        let failed = guarded::<()>(|| {
            assert!(IS_GUARDED.get());
            assert_eq!(guarded(|| Ok(1)), Ok(1));
            assert!(IS_GUARDED.get(), "also behind another one");
            panic!("of a library");
        });
        assert_eq!(failed, Err("of a library".to_owned()));
        assert!(!IS_GUARDED.get());
    }
}
