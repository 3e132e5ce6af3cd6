//! Loops over numbers, compiled once per instruction set, the same bits on each.

pub mod isa;
pub mod product;
pub mod reduce;
