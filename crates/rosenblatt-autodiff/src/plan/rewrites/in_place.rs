//! A chain writes over an operand nobody reads later.
//!
//! Legal because a chain reads and writes the same element at the same moment.

use super::{Pass, Rewrite};

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "in_place",
    saves: "a buffer, and cache lines that would be written anew",
    pass: Pass::Placement,
};
