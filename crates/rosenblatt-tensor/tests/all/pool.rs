//! The pool: every worker runs, barriers separate phases, failures reach the caller and nothing hangs.

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread::sleep;
use std::time::Duration;

use rosenblatt_tensor::pool::{MAX_THREADS, Pool, Worker};

const THREADS: [usize; 5] = [1, 2, 3, 4, 8];

/// Fewer rounds where every step is interpreted.
const ROUNDS: u64 = if cfg!(miri) { 20 } else { 10_000 };

fn pool(threads: usize) -> Pool {
    Pool::new(threads).expect("the system has threads")
}

/// Plain memory, so that a missing happens-before is a data race which tools can see.
struct Plain(UnsafeCell<u64>);

// SAFETY: the tests keep to one writer at a time, by the barriers under test.
unsafe impl Sync for Plain {}

impl Plain {
    fn get(&self) -> u64 {
        // SAFETY: no worker writes this cell in a phase that reads it.
        unsafe { *self.0.get() }
    }

    fn set(&self, value: u64) {
        // SAFETY: this worker alone uses the cell in this phase.
        unsafe { *self.0.get() = value }
    }
}

fn cells(n: usize) -> Vec<Plain> {
    (0..n).map(|_| Plain(UnsafeCell::new(0))).collect()
}

/// The message of the panic that `work` ends with.
fn panic_of(work: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(work)).expect_err("it should have panicked");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast_ref::<&str>().expect("a message").to_string(),
    }
}

#[test]
fn every_worker_runs_once_and_its_writes_are_seen() {
    for threads in THREADS {
        let mut pool = pool(threads);
        let parts = cells(threads);
        for round in 1..=ROUNDS {
            pool.run(&|worker| {
                assert_eq!(worker.threads(), threads);
                let part = &parts[worker.index()];
                part.set(part.get() + round + worker.index() as u64);
            });
            let sum: u64 = parts.iter().map(Plain::get).sum();
            let threads = threads as u64;
            assert_eq!(
                sum,
                threads * round * (round + 1) / 2 + round * threads * (threads - 1) / 2
            );
        }
        assert_eq!(pool.barriers(), 0);
    }
}

#[test]
fn what_is_written_before_a_barrier_is_read_after_it() {
    for threads in THREADS {
        let mut pool = pool(threads);
        let cells = cells(threads);
        pool.run(&|worker| {
            let right = (worker.index() + 1) % threads;
            for round in 1..=ROUNDS {
                cells[worker.index()].set(round * 100 + worker.index() as u64);
                worker.barrier();
                assert_eq!(cells[right].get(), round * 100 + right as u64);
                worker.barrier();
            }
        });
        assert_eq!(pool.barriers(), 2 * ROUNDS);
        pool.run(&|worker| worker.barrier());
        assert_eq!(pool.barriers(), 2 * ROUNDS + 1, "the count goes on in the next run");
    }
}

#[test]
fn one_barrier_a_round_is_enough_with_two_buffers() {
    let mut pool = pool(4);
    let buffers = [cells(4), cells(4)];
    pool.run(&|worker| {
        let mut expected = 0;
        for round in 0..ROUNDS {
            let buffer = &buffers[(round % 2) as usize];
            buffer[worker.index()].set(expected + worker.index() as u64);
            worker.barrier();
            let sum: u64 = buffer.iter().map(Plain::get).sum();
            assert_eq!(sum, 4 * expected + 6);
            expected = sum % 1000;
        }
    });
}

#[test]
fn workers_that_sleep_are_woken() {
    let mut pool = pool(3);
    let met = AtomicUsize::new(0);
    for late in [0, 1, 2] {
        sleep(Duration::from_millis(20)); // between runs
        pool.run(&|worker| {
            if worker.index() == late {
                sleep(Duration::from_millis(20)); // at the barrier
            }
            worker.barrier();
            if worker.index() == late {
                sleep(Duration::from_millis(20)); // at the end of the run
            }
            met.fetch_add(1, Relaxed);
        });
    }
    assert_eq!(met.into_inner(), 9);
}

#[test]
fn a_panic_reaches_the_caller_and_the_pool_goes_on() {
    for threads in THREADS {
        let mut pool = pool(threads);
        for culprit in 0..threads {
            let text = panic_of(|| {
                pool.run(&|worker| {
                    worker.barrier();
                    assert!(worker.index() != culprit, "worker {culprit} fails");
                    worker.barrier();
                    worker.barrier();
                });
            });
            assert_eq!(text, format!("worker {culprit} fails"));
            let before = pool.barriers();
            pool.run(&|worker| worker.barrier());
            assert_eq!(pool.barriers(), before + 1);
        }
    }
}

#[test]
fn a_panic_without_barriers_still_lets_the_others_finish() {
    let mut pool = pool(4);
    let finished = AtomicUsize::new(0);
    let text = panic_of(|| {
        pool.run(&|worker| {
            assert!(worker.index() == 0, "three fail");
            sleep(Duration::from_millis(5));
            finished.fetch_add(1, Relaxed);
        });
    });
    assert_eq!(text, "three fail");
    assert_eq!(finished.into_inner(), 1);
}

/// A payload that panics when dropped must not take a worker, or the caller's borrow, with it.
#[test]
fn panics_in_every_worker_reach_the_caller_once() {
    struct Grenade;
    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let mut pool = pool(4);
    let payload = catch_unwind(AssertUnwindSafe(|| pool.run(&|_| std::panic::panic_any(Grenade))));
    let payload = payload.expect_err("all workers panicked");
    assert!(payload.is::<Grenade>());
    std::mem::forget(payload);
    pool.run(&|worker| worker.barrier());
}

#[test]
fn a_job_that_catches_the_panic_cannot_meet_in_a_broken_run() {
    let mut pool = pool(3);
    let survivors = AtomicUsize::new(0);
    let text = panic_of(|| {
        pool.run(&|worker| {
            assert!(worker.index() != 2, "gone");
            for _ in 0..10 {
                let met = catch_unwind(AssertUnwindSafe(|| worker.barrier()));
                assert!(met.is_err(), "met without worker 2");
            }
            survivors.fetch_add(1, Relaxed);
        });
    });
    assert_eq!(text, "gone");
    assert_eq!((survivors.into_inner(), pool.barriers()), (2, 0));
}

#[test]
fn uneven_barriers_panic_instead_of_waiting_for_ever() {
    for threads in [2, 3, 8] {
        let mut pool = pool(threads);
        for odd in 0..threads {
            for leaver_is_late in [false, true] {
                let job = |worker: Worker<'_>| {
                    worker.barrier();
                    if (worker.index() == odd) == leaver_is_late {
                        sleep(Duration::from_millis(1));
                    }
                    if worker.index() != odd {
                        worker.barrier();
                    }
                };
                let text = panic_of(|| pool.run(&job));
                assert!(text.contains("before a barrier at which others wait"), "{text}");
            }
        }
        pool.run(&|worker| worker.barrier());
    }
}

#[test]
fn a_pool_can_be_dropped_at_any_moment() {
    for threads in THREADS {
        drop(pool(threads)); // before its threads have settled
        let mut used = pool(threads);
        used.run(&|worker| worker.barrier());
        drop(used); // while they are awake
        let asleep = pool(threads);
        sleep(Duration::from_millis(5));
        drop(asleep);
    }
}

#[test]
fn a_pool_may_move_to_another_thread() {
    let mut pool = pool(2);
    pool.run(&|worker| worker.barrier());
    let mut pool = std::thread::spawn(move || {
        pool.run(&|worker| worker.barrier());
        pool
    })
    .join()
    .expect("nothing panicked");
    pool.run(&|worker| worker.barrier());
    assert_eq!(pool.barriers(), 3);
}

#[test]
fn shares_cover_all_items_once_in_order() {
    for threads in THREADS {
        let mut pool = pool(threads);
        for items in [0, 1, 2, 3, 7, 8, 9, 1000, usize::MAX] {
            let sizes: Vec<AtomicU64> = (0..=threads).map(|_| AtomicU64::new(0)).collect();
            pool.run(&|worker| {
                let share = worker.share(items);
                sizes[worker.index()].store(share.len() as u64, Relaxed);
                worker.barrier();
                let before: u64 = sizes[..worker.index()].iter().map(|size| size.load(Relaxed)).sum();
                assert_eq!(share.start as u64, before);
                assert!(share.len().abs_diff(items / threads) <= 1);
                if worker.index() + 1 == threads {
                    assert_eq!(share.end, items);
                }
            });
        }
    }
}

#[test]
fn impossible_numbers_of_threads_are_refused() {
    for threads in [0, MAX_THREADS + 1, usize::MAX] {
        let error = Pool::new(threads).expect_err("no such pool");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(&threads.to_string()), "{error}");
    }
}
