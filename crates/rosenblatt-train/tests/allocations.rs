//! Steps and evaluations allocate nothing: one test alone in its process, since it counts for all threads.

mod common;

use std::ops::ControlFlow;

use common::{Job, alone};
use rosenblatt_tensor::Result;
use rosenblatt_testkit::{CountingAllocator, count};
use rosenblatt_train::callbacks::Callback;
use rosenblatt_train::{Callbacks, Part, Run, RunOptions, fit};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Evaluates after each epoch and keeps nothing.
struct Evaluate;

impl Callback for Evaluate {
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        assert!(run.evaluate(Part::Valid)?.is_some() && run.evaluate(Part::Test)?.is_some());
        Ok(ControlFlow::Continue(()))
    }
}

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
            let run = || fit(&job.spec, &job.data, &options, &mut Callbacks::none().and(Evaluate));
            let (trained, allocations) = count(run);
            assert_eq!(trained.unwrap().steps, steps * epochs as u64);
            allocations.all_threads
        };
        allocations(1); // what is made once for the process
        assert_eq!(allocations(3), allocations(9), "{threads} threads");
    }
}
