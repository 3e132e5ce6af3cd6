//! Everything this crate promises, in one binary; `pool_allocations` counts those of all threads, so it has a process of its own.

mod batches;
mod kernels;
mod machine;
mod pool;
mod rng;
mod rng_distribution;
mod updates;
