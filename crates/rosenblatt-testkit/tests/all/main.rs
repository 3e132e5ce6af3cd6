//! Everything this crate promises, in one binary; `allocations` needs the allocator that `no_allocator` must do without.

#![cfg(test)]

mod cases;
mod comparisons;
mod files;
mod guarded;
mod mutants;
mod no_allocator;
