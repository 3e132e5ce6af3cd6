//! Algorithms that no public item shows: their files need nothing else of the crate, and are compiled here again.

mod barriers;
mod pace;
mod tiles;
