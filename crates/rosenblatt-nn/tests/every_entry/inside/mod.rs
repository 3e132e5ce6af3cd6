//! Algorithms that no public item shows: each is a file that needs nothing of its crate, and is compiled here again.

mod clip;
