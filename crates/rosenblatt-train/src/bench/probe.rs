//! How many operations the machine can do: fused multiply-adds that depend on nothing but themselves.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::isa::Loop;

/// Multiply-adds of each chain between two looks at the clock.
const STEPS: usize = 4096;
/// Multiplication and addition.
const OPERATIONS: f64 = 2.0;
/// How often each loop is tried.
const ROUNDS: u32 = 5;

/// Loops over so many lanes of so many vectors. Which of them a compiler turns into registers depends on the width of
/// the instruction set; the best one counts.
const LOOPS: [fn(Isa) -> usize; 4] = [run::<8, 12>, run::<64, 3>, run::<96, 1>, run::<192, 1>];

/// Operations a second that `threads` threads do together with `isa` in f32: the best of some tries, which take `length`
/// together.
#[must_use]
pub fn peak(isa: Isa, threads: usize, length: Duration) -> f64 {
    let each = length / (ROUNDS * LOOPS.len() as u32);
    let tries = LOOPS.iter().flat_map(|run| (0..ROUNDS).map(move |_| *run));
    tries.map(|run| together(isa, threads, run, each)).fold(0.0, f64::max)
}

/// Operations a second of a loop on all threads at once.
fn together(isa: Isa, threads: usize, run: fn(Isa) -> usize, length: Duration) -> f64 {
    thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|_| scope.spawn(move || rate(isa, run, length)))
            .collect();
        started.into_iter().filter_map(|thread| thread.join().ok()).sum()
    })
}

/// Operations a second of a loop on this thread.
fn rate(isa: Isa, run: fn(Isa) -> usize, length: Duration) -> f64 {
    run(isa); // before the clock starts, so that the processor has woken up
    let (start, mut operations) = (Instant::now(), 0.0);
    loop {
        operations += OPERATIONS * run(isa) as f64;
        let elapsed = start.elapsed();
        if elapsed >= length {
            return operations / elapsed.as_secs_f64();
        }
    }
}

fn run<const LANES: usize, const VECTORS: usize>(isa: Isa) -> usize {
    isa.run(Chains::<LANES, VECTORS>);
    STEPS * LANES * VECTORS
}

/// The loop that is timed.
struct Chains<const LANES: usize, const VECTORS: usize>;

impl<const LANES: usize, const VECTORS: usize> Loop for Chains<LANES, VECTORS> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (factor, shift) = (black_box([0.999_f32; LANES]), black_box([0.001_f32; LANES]));
        let mut chains = black_box([[1.0_f32; LANES]; VECTORS]);
        for _ in 0..STEPS {
            for chain in &mut chains {
                // A copy, which the compiler can keep in registers.
                let mut next = *chain;
                for ((x, factor), shift) in next.iter_mut().zip(&factor).zip(&shift) {
                    *x = x.mul_add(*factor, *shift);
                }
                *chain = next;
            }
        }
        black_box(chains);
    }
}
