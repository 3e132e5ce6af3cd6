//! An allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fs, io};

static ALL_THREADS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    // Constant and without a destructor, so reading it never allocates.
    static THIS_THREAD: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting every request for memory (also those that grow or shrink a block).
///
/// # Example
/// ```
/// use rosenblatt_testkit::{CountingAllocator, count};
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator = CountingAllocator;
///
/// let (sum, allocations) = count(|| (0..10).sum::<u64>());
/// assert_eq!((sum, allocations.this_thread), (45, 0));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

fn note() {
    ALL_THREADS.fetch_add(1, Ordering::Relaxed);
    // A thread about to end may have no such variable any more; its last requests count only globally.
    let _ = THIS_THREAD.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every method hands its arguments to `System` unchanged and returns what it returned; counting touches an
// atomic and a constant-initialized thread-local, so it neither allocates nor unwinds.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note();
        // SAFETY: `block` came from `System` with this layout, and the caller keeps the contract of `realloc`.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

/// How many requests for memory were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocations {
    /// By the thread that counted.
    pub this_thread: u64,
    /// By all threads of the process, that one included (and whatever other tests run meanwhile).
    pub all_threads: u64,
}

impl Allocations {
    /// All since the process, or the thread, began.
    #[must_use]
    pub fn so_far() -> Self {
        Self {
            this_thread: THIS_THREAD.get(),
            all_threads: ALL_THREADS.load(Ordering::Relaxed),
        }
    }
}

/// Waits until all other threads of the process sleep: that of the test harness, which asks for memory after it has started
/// a test, and those that have only just been started, which do so before their first work. Where the system does not say what
/// threads do, it returns at once.
///
/// # Panics
/// If one of them is still busy after 10 seconds.
pub fn wait_for_other_threads() {
    let deadline = Instant::now() + Duration::from_secs(10);
    while are_others_busy().unwrap_or(false) {
        assert!(Instant::now() < deadline, "another thread does not come to rest");
        sleep(Duration::from_millis(1));
    }
}

fn are_others_busy() -> io::Result<bool> {
    let own = fs::read_link("/proc/thread-self")?;
    for thread in fs::read_dir("/proc/self/task")? {
        let thread = thread?;
        // A thread that has ended has no file any more. After the name in parentheses comes the state.
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let is_busy = stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('S'));
        if is_busy && own.file_name() != Some(&thread.file_name()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs `work` and counts the requests for memory made meanwhile.
///
/// # Panics
/// If [`CountingAllocator`] is not the `#[global_allocator]` of this binary: every count would be 0.
#[track_caller]
pub fn count<R>(work: impl FnOnce() -> R) -> (R, Allocations) {
    let probe = Allocations::so_far();
    drop(black_box(Box::new(0_u8)));
    assert!(
        Allocations::so_far() != probe,
        "CountingAllocator is not the global allocator of this test"
    );
    let before = Allocations::so_far();
    let result = work();
    let after = Allocations::so_far();
    let allocations = Allocations {
        this_thread: after.this_thread - before.this_thread,
        all_threads: after.all_threads - before.all_threads,
    };
    (result, allocations)
}
