//! Façade: define, train, explain and serve feed-forward networks on ordinary CPUs.

#![warn(clippy::unwrap_used)]
