//! For developers: `cargo xtask test|prove|bench|fixtures`.
fn main() {}
