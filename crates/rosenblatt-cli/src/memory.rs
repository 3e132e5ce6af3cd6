//! The end of memory: an error like others, in place of an abort.

use std::io::{self, Write};

use rosenblatt_tensor::memory::{ReportingAllocator, Size};
use rosenblatt_train::files::remove_unfinished;
use signal_hook::low_level::exit;

#[global_allocator]
static ALLOCATOR: ReportingAllocator = ReportingAllocator::new(exhausted);

/// Says so, removes what is half written, and ends the process. Files that are complete stay as they are.
fn exhausted(bytes: usize) {
    let size = Size(bytes as f64);
    let _ = writeln!(
        io::stderr(),
        "error: there is no memory for {size} more\nhint: a smaller table or network needs less"
    );
    remove_unfinished();
    exit(i32::from(crate::app::FAILED));
}
