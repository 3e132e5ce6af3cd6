//! Everything this crate promises, in one binary; `memory` and `mutants` measure peaks, so each has a process of its own.

#![cfg(test)]

mod allocations;
mod common;
mod csv;
mod dates;
mod files;
mod formats;
mod formats_told;
mod idx;
mod load;
mod load_refused;
mod on_disk;
mod pieces;
mod places;
mod preprocess;
mod schema;
mod sets;
mod spellings;
mod split;
mod splits_by_column;
mod torture;
mod transforms;
mod weights;
