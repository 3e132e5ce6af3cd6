//! Steps and evaluations allocate nothing: one test alone in its process, since it counts for all threads.

mod common;

use common::{Job, alone};
use rosenblatt_testkit::{CountingAllocator, count};
use rosenblatt_train::{RunOptions, fit};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn further_epochs_allocate_nothing() {
    // Five steps, the last one of 10 rows.
    allocates_nothing(Job::with_everything(), 5);
    allocates_nothing(Job::with_weights(), 5);
    allocates_nothing(Job::with_embedding(), 6);
}

fn allocates_nothing(mut job: Job, steps: u64) {
    for threads in [1, 2] {
        let options = RunOptions { threads, ..alone() };
        let mut allocations = |epochs| {
            job.spec.train.epochs = epochs;
            let run = || fit(&job.spec, &job.data, &options, &mut []);
            let (trained, allocations) = count(run);
            assert_eq!(trained.unwrap().steps, steps * epochs as u64);
            allocations.all_threads
        };
        allocations(1); // what is made once for the process
        assert_eq!(allocations(3), allocations(9), "{threads} threads");
    }
}
