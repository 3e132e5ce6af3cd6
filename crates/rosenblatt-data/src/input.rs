//! Where tables come from: a file, standard input, or the program itself.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use rosenblatt_tensor::{Error, Result};

use crate::Frame;
use crate::places::{count, read_error, short};
use crate::read::{BUFFER, Opened, Stored, unpack};

/// Something that can be read from its start, or a [`Frame`]; what is packed with gzip, zstd or zip is recognized by its content and unpacked.
///
/// Pipes and standard input are read once. It may have several parts, files that together are one table.
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
    /// What can be read only once.
    Stream(Arc<Mutex<Stream>>),
    /// At least two.
    Several(Arc<[Input]>),
    /// A table that is in memory already.
    Frame(Arc<Frame>),
}

/// Where a stream is.
enum Stream {
    /// A pipe or a device that is not open yet.
    Path(PathBuf),
    /// Open, at its start.
    Open(Opened),
    /// Read.
    Used,
}

impl Input {
    /// A file, opened when it is read; a pipe is read once.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let is_pipe = std::fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        Self {
            name: path.display().to_string(),
            content: match is_pipe {
                true => Content::Stream(Arc::new(Mutex::new(Stream::Path(path)))),
                false => Content::File(path),
            },
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
    /// use rosenblatt_data::{Input, read};
    /// let month = |name: &str, bytes: &'static [u8]| Input::embedded(name, bytes);
    /// let both = Input::several(vec![month("may.csv", b"day,rain\n1,0.5\n"), month("june.csv", b"rain,day\n2,7\n")]);
    /// assert_eq!(both.name(), "may.csv and 1 more file");
    /// assert_eq!(read::read(&both, &read::ReadOptions::default())?.0.len(), 2);
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

    /// Whether a file is called as tables are, packed or not; texts (`.txt`) may be something else.
    #[must_use]
    pub fn is_table_name(name: &str) -> bool {
        ends_as_table(name, &ENDINGS)
    }

    /// The tables of a folder as one, in the order of their names: files that end as tables do, packed or not.
    /// Those that end in `.txt` are taken if there are no others.
    /// `None` if it has none.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the folder cannot be read.
    pub fn tables_in(folder: &Path) -> Result<Option<Self>> {
        let of_folder = |error: io::Error| read_error(&folder.display().to_string(), &error);
        let (mut files, mut texts) = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(folder).map_err(of_folder)? {
            let path = entry.map_err(of_folder)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            if name.starts_with('.') || !path.is_file() {
                continue;
            }
            if Self::is_table_name(&name) {
                files.push(path);
            } else if ends_as_table(&name, &[".txt"]) {
                texts.push(path);
            }
        }
        // Beside other tables they are notes.
        Ok(Self::of_files(if files.is_empty() { texts } else { files }))
    }

    /// The files whose names match a pattern such as `data/*.csv` as one table, in the order of their names.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it is no pattern; [`rosenblatt_tensor::ErrorKind::Io`] if no file matches, or a
    /// folder cannot be read.
    pub fn matching(pattern: &str) -> Result<Self> {
        let of_pattern = |message: String| Error::config(message).within(short(pattern));
        let found = glob::glob(pattern).map_err(|error| of_pattern(error.msg.to_owned()))?;
        let mut files = Vec::new();
        for path in found {
            let path = path.map_err(|error| read_error(&error.path().display().to_string(), error.error()))?;
            if path.is_file() {
                files.push(path);
            }
        }
        Self::of_files(files).ok_or_else(|| Error::io("no file matches").within(short(pattern)))
    }

    fn of_files(mut files: Vec<PathBuf>) -> Option<Self> {
        files.sort_unstable();
        let files: Vec<Self> = files.into_iter().map(Self::file).collect();
        (!files.is_empty()).then(|| Self::several(files))
    }

    /// The files that together are the table: itself, if it is one.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match &self.content {
            Content::Several(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }

    /// The table, if it is in memory already.
    pub(crate) fn frame(&self) -> Option<&Arc<Frame>> {
        match &self.content {
            Content::Frame(frame) => Some(frame),
            _ => None,
        }
    }

    /// Standard input, which is read once.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read; [`rosenblatt_tensor::ErrorKind::Data`] if it begins as no table does.
    pub fn stdin() -> Result<Self> {
        let name = "stdin".to_owned();
        let opened = unpack(&name, Box::new(BufReader::with_capacity(BUFFER, io::stdin())), 0, None)?;
        let content = Content::Stream(Arc::new(Mutex::new(Stream::Open(opened))));
        Ok(Self { name, content })
    }

    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A reader at its start.
    ///
    /// # Errors
    /// It cannot be read, begins as no table does, or can be read only once and was.
    pub(crate) fn open(&self) -> Result<Opened> {
        let in_memory = |bytes: Bytes| -> (Box<dyn BufRead + Send>, u64, Option<Stored>) {
            let length = bytes.len() as u64;
            (Box::new(Cursor::new(bytes.clone())), length, Some(Stored::Bytes(bytes)))
        };
        let (raw, length, stored) = match &self.content {
            Content::File(path) => open_file(path)?,
            Content::Memory(bytes) => in_memory(Bytes::from_owner(Arc::clone(bytes))),
            Content::Embedded(bytes) => in_memory(Bytes::from_static(bytes)),
            Content::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                match std::mem::replace(&mut *stream, Stream::Used) {
                    Stream::Open(opened) => return Ok(opened),
                    Stream::Path(path) => open_file(&path)?,
                    Stream::Used => {
                        let error = Error::io("can be read only once, and was read").within(&self.name);
                        return Err(error.hint("write it to a file first"));
                    }
                }
            }
            Content::Several(_) => {
                return Err(Error::data("several files, expected one").within(&self.name));
            }
            Content::Frame(_) => return Err(Error::data("a table in memory, expected a file").within(&self.name)),
        };
        unpack(&self.name, raw, length, stored)
    }

    /// Its first bytes, unpacked; they can be read again.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub(crate) fn start(&self, bytes: u64) -> Result<Vec<u8>> {
        let mut opened = self.open()?;
        let mut start = Vec::new();
        let mut reader = opened.reader.by_ref().take(bytes);
        reader.read_to_end(&mut start).map_err(|e| read_error(&self.name, &e))?;
        if let Content::Stream(stream) = &self.content {
            opened.reader = Box::new(Cursor::new(start.clone()).chain(opened.reader));
            *stream.lock().unwrap_or_else(PoisonError::into_inner) = Stream::Open(opened);
        }
        Ok(start)
    }
}

impl From<Frame> for Input {
    /// A table that is in memory already.
    fn from(frame: Frame) -> Self {
        Self {
            name: frame.name().to_owned(),
            content: Content::Frame(Arc::new(frame)),
        }
    }
}

/// How names of tables end.
const ENDINGS: [&str; 14] = [
    ".arff", ".arrow", ".csv", ".feather", ".json", ".jsonl", ".ndjson", ".ods", ".parquet", ".tab", ".tsv", ".xls",
    ".xlsm", ".xlsx",
];

fn ends_as_table(name: &str, endings: &[&str]) -> bool {
    let packed = [".gz", ".zst", ".zip"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    let bare = packed.unwrap_or(name);
    endings.iter().any(|ending| bare.ends_with(ending))
}

fn open_file(path: &Path) -> Result<(Box<dyn BufRead + Send>, u64, Option<Stored>)> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let (metadata, file) = opened.map_err(|e| read_error(&path.display().to_string(), &e))?;
    if metadata.is_dir() {
        return Err(Error::data("is a folder, expected a file").within(path.display().to_string()));
    }
    let stored = metadata.is_file().then(|| Stored::file(&file)).flatten();
    Ok((Box::new(BufReader::with_capacity(BUFFER, file)), metadata.len(), stored))
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
