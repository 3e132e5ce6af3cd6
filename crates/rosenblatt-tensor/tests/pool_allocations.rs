//! Running a job and meeting at barriers allocate nothing, on any thread, awake or asleep.
//! A binary of its own, since allocations of all threads are counted.

use std::thread::sleep;
use std::time::Duration;

use rosenblatt_tensor::pool::{Pool, Worker};
use rosenblatt_testkit::{CountingAllocator, count, wait_for_other_threads};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn runs_and_barriers_allocate_nothing() {
    let mut pool = Pool::new(3).expect("the system has threads");
    let job = |worker: Worker<'_>| {
        worker.barrier();
        if worker.index() == 1 {
            sleep(Duration::from_millis(2)); // the others fall asleep at the barrier
        }
        worker.barrier();
        if worker.index() == 2 {
            sleep(Duration::from_millis(2)); // the caller falls asleep at the end
        }
    };
    wait_for_other_threads();
    pool.run(&job); // each thread's first time
    let ((), allocations) = count(|| {
        for _ in 0..20 {
            pool.run(&job);
            sleep(Duration::from_millis(1)); // the workers fall asleep between runs
        }
    });
    assert_eq!(allocations.all_threads, 0);
}
