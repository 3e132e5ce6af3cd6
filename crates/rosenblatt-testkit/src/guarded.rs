//! A buffer between two pages that must not be touched.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

/// A slice with an untouchable page on either side: one element too far ends the process (SIGSEGV).
///
/// [`Guarded::ending`] puts the last element right before the page behind, [`Guarded::starting`] the first right after
/// the page in front; a kernel should be tried with both. The addresses are aligned for `T` and, at the start, for a
/// page; at the end for nothing more than `T`.
///
/// # Example
/// ```
/// use rosenblatt_testkit::Guarded;
/// let mut x = Guarded::ending(&[1.0_f32, 2.0, 3.0]);
/// x[2] += 1.0; // x[3] is a page fault, even without a bounds check
/// assert_eq!(*x, [1.0, 2.0, 4.0]);
/// ```
#[derive(Debug)]
pub struct Guarded<T: Copy> {
    map: NonNull<u8>,
    map_bytes: usize,
    data: NonNull<T>,
    len: usize,
    owns: PhantomData<T>,
}

// SAFETY: the map belongs to this value alone, like the block of a `Vec`.
unsafe impl<T: Copy + Send> Send for Guarded<T> {}
// SAFETY: shared access gives only `&[T]`, as for a `Vec`.
unsafe impl<T: Copy + Sync> Sync for Guarded<T> {}

impl<T: Copy> Guarded<T> {
    /// A copy of `values` whose end touches the page behind it.
    ///
    /// # Panics
    /// If the system gives no memory, or if `T` has no size or wants more alignment than a page has.
    #[track_caller]
    pub fn ending(values: &[T]) -> Self {
        Self::new(values, |room, used| room - used)
    }

    /// A copy of `values` whose start touches the page in front of it.
    ///
    /// # Panics
    /// As [`Guarded::ending`].
    #[track_caller]
    pub fn starting(values: &[T]) -> Self {
        Self::new(values, |_, _| 0)
    }

    /// `place(room, used)` is the offset of the data in the accessible bytes.
    #[track_caller]
    fn new(values: &[T], place: fn(usize, usize) -> usize) -> Self {
        let page = page_size();
        assert!(
            size_of::<T>() > 0 && align_of::<T>() <= page,
            "no guard for elements of this size or alignment"
        );
        let used = size_of_val(values);
        let room = used.next_multiple_of(page);
        let map_bytes = room + 2 * page;
        let map = map_untouchable(map_bytes);
        // SAFETY: `page + room` is inside the map.
        let inner = unsafe { map.add(page) };
        if room > 0 {
            // SAFETY: the range is whole pages inside the map made above, which nothing else uses yet.
            let refused = unsafe { libc::mprotect(inner.as_ptr().cast(), room, libc::PROT_READ | libc::PROT_WRITE) };
            assert_eq!(refused, 0, "mprotect: {}", std::io::Error::last_os_error());
        }
        // SAFETY: the offset is at most `room`. It is 0 or `room - used`, both multiples of the alignment of `T`: that
        // divides a page as a power of two not above it, and the size of `T`.
        let data = unsafe { inner.add(place(room, used)) }.cast::<T>();
        // SAFETY: `used` accessible bytes start at `data`, aligned as shown above and apart from `values`.
        unsafe { ptr::copy_nonoverlapping(values.as_ptr(), data.as_ptr(), values.len()) };
        Self {
            map,
            map_bytes,
            data,
            len: values.len(),
            owns: PhantomData,
        }
    }
}

fn page_size() -> usize {
    // SAFETY: a query without pointers.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("the system knows its page size")
}

/// Fresh address space of `bytes` that faults on every access.
#[track_caller]
fn map_untouchable(bytes: usize) -> NonNull<u8> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: no address is asked for, so no existing map is replaced.
    let map = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
    assert_ne!(map, libc::MAP_FAILED, "mmap: {}", std::io::Error::last_os_error());
    NonNull::new(map.cast()).expect("a successful map has an address")
}

impl<T: Copy> Deref for Guarded<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `len` initialized elements live at `data` until `self` is dropped.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
}

impl<T: Copy> DerefMut for Guarded<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and `self` is borrowed for writing.
        unsafe { std::slice::from_raw_parts_mut(self.data.as_ptr(), self.len) }
    }
}

impl<T: Copy> Drop for Guarded<T> {
    fn drop(&mut self) {
        // SAFETY: the whole map made in `new`, once.
        unsafe { libc::munmap(self.map.as_ptr().cast(), self.map_bytes) };
    }
}
