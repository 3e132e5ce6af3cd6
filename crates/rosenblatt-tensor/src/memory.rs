//! What happens when there is no more memory.
//!
//! Where a user decides how much is needed at once (a layer, a batch), [`try_reserve`] makes a lack of it an error. Everywhere else the
//! standard library ends a program by aborting it. A program with [`ReportingAllocator`] says what happened, and ends as it wants.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt;

use crate::{Error, Result};

/// A number of bytes, shown as `1.5 GiB`, `64.0 MiB`, `3.2 KiB` or `17 bytes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size(pub f64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: f64 = 1024.0;
        match self.0 {
            bytes if bytes < KIB => write!(f, "{bytes} bytes"),
            bytes if bytes < KIB * KIB => write!(f, "{:.1} KiB", bytes / KIB),
            bytes if bytes < KIB * KIB * KIB => write!(f, "{:.1} MiB", bytes / (KIB * KIB)),
            bytes => write!(f, "{:.1} GiB", bytes / (KIB * KIB * KIB)),
        }
    }
}

thread_local! {
    /// Whether this thread can go on without the memory it asks for.
    static MAY_FAIL: Cell<bool> = const { Cell::new(false) };
}

/// The system's allocator, which calls a function before the program would be aborted for lack of memory.
///
/// # Example
/// ```
/// use rosenblatt_tensor::memory::ReportingAllocator;
///
/// fn exhausted(bytes: usize) {
///     eprintln!("error: there is no memory for {bytes} bytes more");
///     std::process::exit(1);
/// }
///
/// #[global_allocator]
/// static ALLOCATOR: ReportingAllocator = ReportingAllocator::new(exhausted);
///
/// assert_eq!(vec![1; 1000].len(), 1000);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReportingAllocator {
    exhausted: fn(usize),
}

impl ReportingAllocator {
    /// An allocator that calls `exhausted` with the bytes that could not be had.
    ///
    /// The function is called on the thread that asked for them. It may end the process; if it returns, the process is aborted. There is
    /// little memory while it runs, and other threads go on. A panic in it is an abort.
    #[must_use]
    pub const fn new(exhausted: fn(usize)) -> Self {
        Self { exhausted }
    }

    /// Passes a block on, after a look at whether there is one.
    fn checked(&self, block: *mut u8, bytes: usize) -> *mut u8 {
        if block.is_null() {
            report(self, bytes);
        }
        block
    }
}

/// Calls the function unless the thread can go on, or is in that function already.
///
/// A panic must not leave an allocator: it ends the process where a function of C begins.
#[cold]
extern "C" fn report(allocator: &ReportingAllocator, bytes: usize) {
    if !MAY_FAIL.replace(true) {
        (allocator.exhausted)(bytes);
        MAY_FAIL.set(false);
    }
}

// SAFETY: every method hands its arguments to `System` unchanged and returns what it returned; `report` does not unwind.
unsafe impl GlobalAlloc for ReportingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        self.checked(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is the same.
        self.checked(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: `block` came from `System` with this layout, and the caller keeps the contract of `realloc`.
        self.checked(unsafe { System.realloc(block, layout, new_size) }, new_size)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Makes room for `count` more values at once, a number that comes from outside.
///
/// # Errors
/// [`crate::ErrorKind::Unsupported`] if the system does not have so much.
///
/// # Example
/// ```
/// use rosenblatt_tensor::memory::try_reserve;
/// let mut values: Vec<f64> = Vec::new();
/// try_reserve(&mut values, 10)?;
/// assert!(values.capacity() >= 10);
/// assert!(try_reserve(&mut values, 1 << 58).is_err());
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn try_reserve<T>(values: &mut Vec<T>, count: usize) -> Result<()> {
    let before = MAY_FAIL.replace(true);
    let reserved = values.try_reserve_exact(count);
    MAY_FAIL.set(before);
    reserved.map_err(|_| {
        let size = Size(count as f64 * size_of::<T>() as f64);
        Error::unsupported(format!("there is no memory for {size} at once"))
    })
}
