//! How fast the machine is at this moment.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

/// Long enough to see the clock's step, short enough not to heat the machine.
const LENGTH: Duration = Duration::from_millis(20);
/// Processors the peers use.
const THREADS: usize = 2;
/// Independent chains: enough to hide the latency of a multiplication on any machine.
const CHAINS: usize = 32;
/// Steps between two looks at the clock.
const STEPS: usize = 2000;

/// GFLOP/s of plain multiplications and additions on two threads for 20 ms. The number itself says little (no fused
/// operations, narrow vectors); its changes say how much of the machine one has.
pub fn gigaflops() -> f64 {
    let threads: Vec<_> = (0..THREADS).map(|_| thread::spawn(spin)).collect();
    threads.into_iter().filter_map(|thread| thread.join().ok()).sum()
}

fn spin() -> f64 {
    let start = Instant::now();
    let mut chains = black_box([1.0_f32; CHAINS]);
    let factor = black_box(0.999_f32);
    let mut operations = 0;
    while start.elapsed() < LENGTH {
        for _ in 0..STEPS {
            for value in &mut chains {
                *value = *value * factor + 0.001;
            }
        }
        chains = black_box(chains);
        operations += 2 * STEPS * CHAINS;
    }
    operations as f64 / start.elapsed().as_secs_f64() / 1e9
}
