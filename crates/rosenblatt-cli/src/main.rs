//! The binary `rosenblatt`.
#![warn(clippy::unwrap_used)]

fn main() {}
