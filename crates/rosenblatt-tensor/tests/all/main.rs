//! Everything this crate promises, in one binary; `pool_allocations` counts those of all threads, so it has a process of its own.

mod batches;
mod convert;
mod error;
mod inside;
mod isa;
mod kernels;
mod layout;
mod machine;
mod math;
mod memory;
mod names;
mod pool;
mod product;
mod reduce;
mod rng;
mod rng_distribution;
mod scratch;
mod shape;
mod short_rows;
mod tensor;
mod updates;
mod windows;
