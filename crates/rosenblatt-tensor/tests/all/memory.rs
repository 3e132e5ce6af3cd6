//! What happens when there is no more memory.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering};

use rosenblatt_tensor::ErrorKind;
use rosenblatt_tensor::memory::{ReportingAllocator, Size, try_reserve};

/// More than any machine has.
const TOO_MUCH: usize = 1 << 56;

#[test]
fn an_allocator_reports_what_it_lacks() {
    static REPORTED: AtomicUsize = AtomicUsize::new(0);
    // A lack of memory in the function itself calls nothing.
    fn exhausted(bytes: usize) {
        let allocator = ReportingAllocator::new(|_| panic!("called again"));
        let layout = Layout::from_size_align(TOO_MUCH, 8).unwrap();
        // SAFETY: the layout has a size.
        assert!(unsafe { allocator.alloc_zeroed(layout) }.is_null());
        REPORTED.fetch_add(bytes, Ordering::SeqCst);
    }
    let allocator = ReportingAllocator::new(exhausted);
    let [small, large] = [64, TOO_MUCH].map(|size| Layout::from_size_align(size, 8).unwrap());
    let told = || REPORTED.swap(0, Ordering::SeqCst);
    // SAFETY: the layouts have a size; the block is of this allocator and this layout, also after it could not grow.
    unsafe {
        let block = allocator.alloc(small);
        assert!(!block.is_null() && told() == 0);
        assert!(allocator.realloc(block, small, TOO_MUCH).is_null());
        assert_eq!(told(), TOO_MUCH);
        allocator.dealloc(block, small);
        for failed in [allocator.alloc(large), allocator.alloc_zeroed(large)] {
            assert!(failed.is_null());
        }
    }
    assert_eq!(told(), 2 * TOO_MUCH);
}

#[test]
fn room_that_is_not_there_is_an_error() {
    let mut values: Vec<f64> = vec![1.0];
    try_reserve(&mut values, 100).unwrap();
    assert!(values.capacity() >= 101 && values == [1.0]);
    for (count, words) in [(TOO_MUCH / 8, "67108864.0 GiB"), (usize::MAX, "GiB at once")] {
        let error = try_reserve(&mut values, count).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().starts_with("there is no memory for "), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn sizes_have_a_unit() {
    for (bytes, text) in [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (3 << 10, "3.0 KiB"),
        (64 << 20, "64.0 MiB"),
        (1 << 30, "1.0 GiB"),
        (3 << 29, "1.5 GiB"),
    ] {
        assert_eq!(Size(f64::from(bytes)).to_string(), text);
    }
}
