//! Steps and evaluations allocate nothing: one test alone in its process, since it counts for all threads.

mod common;

use std::ops::ControlFlow;

use common::{Job, alone};
use rosenblatt_tensor::Result;
use rosenblatt_testkit::{Allocations, CountingAllocator, count, wait_for_other_threads};
use rosenblatt_train::{Callback, HeldOut, Run, RunOptions, fit};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// What an evaluation takes, however many batches it has: a map with two names, the batch_weight, and a list of arrays.
const RECORD: u64 = 7;

/// Counts what is allocated between the steps of an epoch, and by evaluations.
#[derive(Default)]
struct Counted {
    last: Option<u64>,
    steps: u64,
}

impl Callback for Counted {
    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let now = Allocations::so_far().all_threads;
        // Each plan places its memory in its first run.
        if let Some(last) = self.last.filter(|_| run.epoch() > 0) {
            assert_eq!(now - last, 0, "step {}", run.step());
            self.steps += 1;
        }
        self.last = Some(Allocations::so_far().all_threads);
        Ok(ControlFlow::Continue(()))
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        wait_for_other_threads();
        for part in [HeldOut::Valid, HeldOut::Test] {
            let (metrics, allocations) = count(|| run.evaluate(part));
            assert!(metrics?.is_some());
            let first = run.epoch() == 1;
            assert!(first || allocations.all_threads <= RECORD, "{part:?}: {allocations:?}");
        }
        self.last = None;
        Ok(ControlFlow::Continue(()))
    }
}

#[test]
fn steps_and_evaluations_allocate_nothing() {
    wait_for_other_threads();
    // What is made once for the process.
    Job::with_everything().train(&alone()).unwrap();
    // Five steps, the last one of 10 rows.
    allocates_nothing(Job::with_everything(), 5);
    allocates_nothing(Job::with_weights(), 5);
    allocates_nothing(Job::with_embedding(), 6);
    allocates_nothing(Job::with_images(), 3);
}

fn allocates_nothing(mut job: Job, steps: u64) {
    job.spec.train.epochs = 3;
    for threads in [1, 2] {
        let options = RunOptions { threads, ..alone() };
        let mut counted = Counted::default();
        let trained = fit(&job.spec, &job.data, &options, &mut [&mut counted]).unwrap();
        assert_eq!(trained.history.steps, 3 * steps);
        assert!(counted.steps == 2 * (steps - 1), "{} steps were counted", counted.steps);
    }
}
