//! What the compiler does to a graph, one rewrite a file.
//!
//! A rewrite drops loads, stores, buffers or barriers, and never changes a bit: tests switch each off alone and see
//! the same results. To add one: write `rewrites/<name>.rs` and add its lines here. Rewrites of the graph and of the
//! groups run in this order; what a rewrite knows about a pair of ops stays in its file. What is decided later, about
//! memory alone, is a choice ([`super::choices`]).

mod common_subexpressions;
mod constant_folding;
mod dead_code;
mod elementwise_fusion;
mod product_epilogue;
mod scalar_inlining;
mod update_in_epilogue;

use rosenblatt_tensor::Result;

use super::groups::Groups;
use super::ir::Ir;

/// A registry entry.
pub struct Rewrite {
    /// Its name: file, key of [`super::Options::without`].
    pub name: &'static str,
    /// What it saves.
    pub saves: &'static str,
    pub(crate) pass: Pass,
}

/// When a rewrite runs and what it works on.
pub(crate) enum Pass {
    /// On the nodes.
    Graph(fn(&mut Ir) -> Result<()>),
    /// On the groups of nodes that become tasks.
    Groups(fn(&mut Groups) -> Result<()>),
}

/// Every rewrite, in the order they run.
pub static REWRITES: &[Rewrite] = &[
    constant_folding::REWRITE,
    common_subexpressions::REWRITE,
    dead_code::REWRITE,
    elementwise_fusion::REWRITE,
    product_epilogue::REWRITE,
    update_in_epilogue::REWRITE,
    scalar_inlining::REWRITE,
];
