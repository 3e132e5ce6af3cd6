//! The counting allocator counts, and says so when it is not there.
//! A binary of its own, since allocations of all threads are counted.

use std::hint::black_box;

use rosenblatt_testkit::{CountingAllocator, count};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn making_and_growing_count_and_freeing_does_not() {
    let (mut numbers, made) = count(|| black_box(Vec::<u64>::with_capacity(4)));
    assert_eq!(made.this_thread, 1);
    let ((), grown) = count(|| numbers.reserve_exact(100));
    assert_eq!(grown.this_thread, 1);
    let ((), zeroed) = count(|| drop(black_box(vec![0_u64; 10])));
    assert_eq!(zeroed.this_thread, 1);
    let ((), freed) = count(|| drop(numbers));
    assert_eq!(freed.this_thread, 0);
}

#[test]
fn other_threads_count_globally_only() {
    let (_, allocations) = count(|| std::thread::spawn(|| drop(black_box(vec![1_u8; 1000]))).join());
    let (_, without) = count(|| std::thread::spawn(|| ()).join());
    assert_eq!(
        allocations.this_thread, without.this_thread,
        "only what starting a thread costs"
    );
    assert!(allocations.all_threads > allocations.this_thread);
}
