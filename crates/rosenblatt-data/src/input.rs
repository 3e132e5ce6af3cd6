//! Where bytes come from: a file, standard input, or the program itself.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use rosenblatt_tensor::{Error, Result};

use crate::foreign;
use crate::places::{count, read_error};

/// Something that can be read from its start, more than once; gzip is recognized by its content and unpacked.
///
/// It may have several parts, files that together are one table.
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
    /// At least two.
    Several(Arc<[Input]>),
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

    /// Files that together are one table; errors call them by the first one.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::{Input, csv};
    /// let month = |name: &str, bytes: &'static [u8]| Input::embedded(name, bytes);
    /// let both = Input::several(vec![month("may.csv", b"day,rain\n1,0.5\n"), month("june.csv", b"rain,day\n2,7\n")]);
    /// assert_eq!(both.name(), "may.csv and 1 more file");
    /// assert_eq!(csv::read(&both, &csv::CsvOptions::default())?.len(), 2);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    pub fn several(mut parts: Vec<Self>) -> Self {
        let name = match &parts[..] {
            [first, _, ..] => format!("{} and {}", first.name, count(parts.len() - 1, "more file")),
            _ => return parts.pop().unwrap_or_else(|| Self::embedded("no file", b"")),
        };
        Self {
            name,
            content: Content::Several(parts.into()),
        }
    }

    /// The tables of a folder as one, in the order of their names: files that end in `.csv` or `.tsv`, packed or not.
    /// `None` if it has none.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the folder cannot be read.
    pub fn tables_in(folder: &Path) -> Result<Option<Self>> {
        let of_folder = |error: io::Error| read_error(&folder.display().to_string(), &error);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(of_folder)? {
            let path = entry.map_err(of_folder)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            let bare = name.strip_suffix(".gz").unwrap_or(&name);
            let is_table = bare.ends_with(".csv") || bare.ends_with(".tsv");
            if is_table && !name.starts_with('.') && path.is_file() {
                files.push(path);
            }
        }
        files.sort_unstable();
        let files: Vec<Self> = files.into_iter().map(Self::file).collect();
        Ok((!files.is_empty()).then(|| Self::several(files)))
    }

    /// The files that together are the table: itself, if it is one.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match &self.content {
            Content::Several(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }

    /// All of standard input, read now, since it can be read only once.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read.
    pub fn stdin() -> Result<Self> {
        let mut bytes = Vec::new();
        io::stdin()
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
            Content::Several(_) => {
                return Err(Error::data("several files, expected one").within(&self.name));
            }
        };
        let start = raw.fill_buf().map_err(|e| read_error(&self.name, &e))?;
        foreign::refuse(start).map_err(|error| error.within(&self.name))?;
        let packed = start.starts_with(&[0x1f, 0x8b]);
        let reader = if packed {
            Box::new(BufReader::new(Unpacking {
                decoder: MultiGzDecoder::new(raw),
                bytes: 0,
            }))
        } else {
            raw
        };
        Ok(Opened { reader, stored, packed })
    }
}

/// Unpacks, and says in errors how far it came.
struct Unpacking<R> {
    decoder: MultiGzDecoder<R>,
    bytes: u64,
}

impl<R: BufRead> Read for Unpacking<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.decoder.read(buffer) {
            Ok(read) => {
                self.bytes += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(io::Error::new(
                error.kind(),
                format!("{error} (behind {} unpacked bytes)", self.bytes),
            )),
        }
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
