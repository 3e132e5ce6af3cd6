//! The binary `rosenblatt`.
fn main() {}
