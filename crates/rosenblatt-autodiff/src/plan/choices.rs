//! What a plan chooses about memory when nodes and groups are settled.
//!
//! A choice drops loads, stores or buffers and never changes a bit; tests switch each off alone, as they do rewrites
//! ([`super::rewrites`]). To add one: its line in [`CHOICES`], its field here, and its code in a file of its own.

use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};

use super::Options;
use super::rewrites::REWRITES;

/// A choice that can be switched off.
pub struct Choice {
    /// Its name: key of [`Options::without`].
    pub name: &'static str,
    /// What it saves.
    pub saves: &'static str,
}

/// Every choice, in alphabetical order.
pub static CHOICES: &[Choice] = &[
    Choice {
        name: "arena",
        saves: "memory: values that never live at the same time share it",
    },
    Choice {
        name: "in_place",
        saves: "a buffer, where a chain writes over an operand that nothing reads later",
    },
    Choice {
        name: "one_loop_update",
        saves: "loads and stores of parameters and optimizer state, and between the operations of a rule",
    },
    Choice {
        name: "packed_weights",
        saves: "packing a right operand in every product",
    },
];

/// Which choices are on.
#[derive(Clone, Copy)]
pub(super) struct Choices {
    pub(super) arena: bool,
    pub(super) in_place: bool,
    pub(super) one_loop_update: bool,
    pub(super) packed_weights: bool,
}

impl Choices {
    pub(super) fn of(options: &Options) -> Self {
        Self {
            arena: options.has("arena"),
            in_place: options.has("in_place"),
            one_loop_update: options.has("one_loop_update"),
            packed_weights: options.has("packed_weights"),
        }
    }
}

impl Options {
    /// Whether a rewrite or choice is wanted.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.without.iter().any(|off| off == name)
    }

    /// # Errors
    /// A name is that of no rewrite and no choice.
    pub(super) fn check(&self) -> Result<()> {
        let known = || {
            REWRITES
                .iter()
                .map(|rewrite| rewrite.name)
                .chain(CHOICES.iter().map(|choice| choice.name))
        };
        let Some(name) = self.without.iter().find(|name| !known().any(|known| known == *name)) else {
            return Ok(());
        };
        Err(Error::config(format!("no rewrite or choice of a plan is called `{name}`")).hint(meant(name, known())))
    }
}
