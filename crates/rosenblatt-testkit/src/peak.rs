//! An allocator that knows how much memory is in use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, adding up the bytes in use, of all threads together.
///
/// A block that grows counts twice while it may be moved, so the figure is what a system without tricks would need.
///
/// # Example
/// ```
/// use std::hint::black_box;
/// use rosenblatt_testkit::{PeakAllocator, peak_bytes};
///
/// #[global_allocator]
/// static ALLOCATOR: PeakAllocator = PeakAllocator;
///
/// let (length, bytes) = peak_bytes(|| {
///     let first = black_box(vec![0_u8; 1000]).len(); // Given back here.
///     first + black_box(vec![0_u8; 500]).len()
/// });
/// assert_eq!((length, bytes), (1500, 1000));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PeakAllocator;

fn taken(bytes: usize) {
    let now = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(now, Ordering::Relaxed);
}

fn given_back(bytes: usize) {
    IN_USE.fetch_sub(bytes, Ordering::Relaxed);
}

// SAFETY: every method hands its arguments to `System` unchanged and returns what it returned; counting touches atomics
// only, so it neither allocates nor unwinds.
unsafe impl GlobalAlloc for PeakAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            taken(layout.size());
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is the same.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            taken(layout.size());
        }
        block
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: `block` came from `System` with this layout, and the caller keeps the contract of `realloc`.
        let moved = unsafe { System.realloc(block, layout, new_size) };
        if !moved.is_null() {
            taken(new_size);
            given_back(layout.size());
        }
        moved
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        given_back(layout.size());
        // SAFETY: `block` came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Runs `work` and returns the most bytes in use meanwhile, above those in use before.
///
/// Other threads count too: let the test be the only one of its binary.
///
/// # Panics
/// If [`PeakAllocator`] is not the `#[global_allocator]` of this binary: every peak would be 0.
#[track_caller]
pub fn peak_bytes<R>(work: impl FnOnce() -> R) -> (R, usize) {
    assert_counted();
    let before = IN_USE.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = work();
    (result, MOST.load(Ordering::Relaxed) - before)
}

/// Runs `work` and returns the most bytes of memory that the process had meanwhile, above those before: pages that no allocator counts
/// are among them. Memory that was given back earlier but is still the process's own is not.
///
/// # Panics
/// If Linux does not tell.
#[cfg(target_os = "linux")]
pub fn peak_resident_bytes<R>(work: impl FnOnce() -> R) -> (R, usize) {
    const RESET_PEAK: &str = "5";
    let read = |key: &str| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        let kibibytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
        kibibytes * 1024
    };
    std::fs::write("/proc/self/clear_refs", RESET_PEAK).unwrap();
    let before = read("VmRSS:");
    let result = work();
    (result, read("VmHWM:").saturating_sub(before))
}

/// The bytes in use now, of all threads together.
///
/// # Panics
/// If [`PeakAllocator`] is not the `#[global_allocator]` of this binary: it would always be 0.
#[track_caller]
pub fn bytes_in_use() -> usize {
    assert_counted();
    IN_USE.load(Ordering::Relaxed)
}

#[track_caller]
fn assert_counted() {
    let probe = MOST.load(Ordering::Relaxed);
    drop(black_box(vec![0_u8; probe + 1]));
    assert!(
        MOST.load(Ordering::Relaxed) > probe,
        "PeakAllocator is not the global allocator of this test"
    );
}
