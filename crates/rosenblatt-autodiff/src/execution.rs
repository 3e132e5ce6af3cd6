//! The two ways to run a graph.

use std::fmt;
use std::str::FromStr;

use rosenblatt_tensor::{Error, Result};

/// The two ways to run; both give the same bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Execution {
    /// The graph is compiled once and run many times.
    #[default]
    Static,
    /// Each operation is computed as the program reaches it.
    Dynamic,
}

impl fmt::Display for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static => "static",
            Self::Dynamic => "dynamic",
        })
    }
}

impl FromStr for Execution {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "static" => Ok(Self::Static),
            "dynamic" => Ok(Self::Dynamic),
            other => Err(Error::config(format!("expected `static` or `dynamic`, got `{other}`"))),
        }
    }
}
