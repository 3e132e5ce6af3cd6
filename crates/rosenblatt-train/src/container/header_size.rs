//! How large the header of a model file becomes, before any of it is made.

use std::io::{self, Write};

use rosenblatt_tensor::{Error, Result};
use serde::Serialize;

use super::{MAX_HEADER, MAX_PARTS};

/// The size of a part of a header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HeaderSize {
    /// Its length: JSON inside JSON, where quotes and backslashes take two bytes.
    pub bytes: u64,
    /// Its parts: see [`MAX_PARTS`].
    pub parts: usize,
}

impl HeaderSize {
    /// The size of a section, or of a part of one.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn of(content: &impl Serialize) -> Result<Self> {
        let mut size = Self::default();
        let written = serde_json::to_writer(&mut size, content);
        written.map_err(|error| Error::config(error.to_string()))?;
        Ok(size)
    }

    /// The larger share of what a header may have: above 1 it is too much.
    pub fn share(self) -> f64 {
        (self.bytes as f64 / MAX_HEADER as f64).max(self.parts as f64 / MAX_PARTS as f64)
    }
}

impl Write for HeaderSize {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let escaped = text.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        self.bytes += (text.len() + escaped) as u64;
        self.parts += text.iter().filter(|&&byte| byte == b',').count();
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
