//! Where bytes come from: a file, standard input, or the program itself.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use rosenblatt_tensor::{Error, Result};

use crate::foreign;
use crate::places::read_error;

/// Something that can be read from its start, more than once; gzip is recognised by its content and unpacked.
#[derive(Clone)]
pub struct Input {
    name: String,
    content: Content,
}

#[derive(Clone)]
enum Content {
    File(PathBuf),
    Memory(Arc<[u8]>),
    Embedded(&'static [u8]),
}

/// A reader at the start of an input.
pub(crate) struct Opened {
    /// The bytes, unpacked.
    pub reader: Box<dyn BufRead>,
    /// Length of what is stored: packed, if it is packed.
    pub stored: u64,
    /// Whether it is packed.
    pub packed: bool,
}

impl Input {
    /// A file, opened when it is read.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.display().to_string(),
            content: Content::File(path),
        }
    }

    /// Bytes in memory; errors call them `name`.
    #[must_use]
    pub fn memory(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self {
            name: name.into(),
            content: Content::Memory(bytes.into()),
        }
    }

    /// Bytes that are part of the program.
    #[must_use]
    pub fn embedded(name: impl Into<String>, bytes: &'static [u8]) -> Self {
        Self {
            name: name.into(),
            content: Content::Embedded(bytes),
        }
    }

    /// All of standard input, read now, since it can be read only once.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read.
    pub fn stdin() -> Result<Self> {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|e| read_error("stdin", &e))?;
        Ok(Self::memory("stdin", bytes))
    }

    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A reader at its start.
    pub(crate) fn open(&self) -> Result<Opened> {
        let (mut raw, stored): (Box<dyn BufRead>, u64) = match &self.content {
            Content::File(path) => open_file(path)?,
            Content::Memory(bytes) => (Box::new(Cursor::new(bytes.clone())), bytes.len() as u64),
            Content::Embedded(bytes) => (Box::new(*bytes), bytes.len() as u64),
        };
        let start = raw.fill_buf().map_err(|e| read_error(&self.name, &e))?;
        foreign::refuse(start).map_err(|error| error.within(&self.name))?;
        let packed = start.starts_with(&[0x1f, 0x8b]);
        let reader = if packed {
            Box::new(BufReader::new(MultiGzDecoder::new(raw)))
        } else {
            raw
        };
        Ok(Opened { reader, stored, packed })
    }
}

fn open_file(path: &Path) -> Result<(Box<dyn BufRead>, u64)> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let (metadata, file) = opened.map_err(|e| read_error(&path.display().to_string(), &e))?;
    if metadata.is_dir() {
        return Err(Error::data("is a folder, expected a file").within(path.display().to_string()));
    }
    Ok((Box::new(BufReader::with_capacity(1 << 16, file)), metadata.len()))
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
