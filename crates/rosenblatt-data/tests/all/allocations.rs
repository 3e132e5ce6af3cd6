//! No memory is asked for once training has begun. Only this thread is counted, so other tests may run meanwhile.
#![cfg(test)]

use rosenblatt_data::{Batch, Batches, DataOptions, RowSource, load};
use rosenblatt_testkit::{CountingAllocator, count};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn epochs_after_the_first_batch_ask_for_none() {
    let data = load(&DataOptions::new("penguins"), 0).unwrap().train;
    let mut batches = Batches::new(data.len(), 32, 0).unwrap();
    let mut batch = Batch::new();
    data.take(batches.get(0).unwrap(), &mut batch).unwrap();
    let (rows, allocations) = count(|| {
        let mut rows = 0;
        for epoch in 0..3 {
            batches.shuffle(epoch);
            for batch_rows in batches.iter() {
                data.take(batch_rows, &mut batch).unwrap();
                rows += batch.len();
            }
        }
        rows
    });
    assert_eq!((rows, allocations.this_thread), (3 * data.len(), 0));
}
