//! The records of all epochs of a run, in a file of its checkpoint folder.
//!
//! Each record is a line of JSON that is added to the file once, so that a save takes the same time however long the run
//! is. A checkpoint says how much of the file belongs to it; what follows is of steps that a resumed run takes again.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::files::{self, Disk, Output};
use crate::model::Record;

/// The name of the file.
pub(crate) const NAME: &str = "epochs.jsonl";

/// Bytes that wait to be written at most.
const PENDING: usize = 1 << 16;

/// How much of the file belongs to a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPosition {
    /// Bytes from its beginning.
    pub bytes: u64,
    /// CRC-32C of those bytes.
    pub checksum: u32,
}

/// The file of a run that goes on.
pub(crate) struct EpochLog {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    /// Where the file is to be continued.
    start: u64,
    output: Option<Box<dyn Output>>,
    pending: Vec<u8>,
    end: LogPosition,
}

impl EpochLog {
    /// Of a run in a folder: a new file, or what a checkpoint says of the one that is there.
    pub(crate) fn new(folder: &Path, disk: &Arc<dyn Disk>, end: LogPosition) -> Self {
        Self {
            path: folder.join(NAME),
            disk: Arc::clone(disk),
            start: end.bytes,
            output: None,
            pending: Vec::new(),
            end,
        }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the file cannot be written.
    pub(crate) fn append(&mut self, record: &Record) -> Result<()> {
        let before = self.pending.len();
        serde_json::to_writer(&mut self.pending, record).map_err(|error| Error::internal(error.to_string()))?;
        self.pending.push(b'\n');
        let line = &self.pending[before..];
        self.end.bytes += line.len() as u64;
        self.end.checksum = crc32c::crc32c_append(self.end.checksum, line);
        if self.pending.len() >= PENDING {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<&mut dyn Output> {
        let output = match self.output.take() {
            Some(output) => output,
            None => {
                let folder = self.path.parent().unwrap_or(Path::new("."));
                files::create_folder(&*self.disk, folder)?;
                files::continued(&*self.disk, &self.path, self.start)?
            }
        };
        let output = self.output.insert(output);
        let written = output.write_all(&self.pending);
        written.map_err(|error| files::failed(&self.path, "cannot be written", &error))?;
        self.pending.clear();
        Ok(&mut **output)
    }

    /// Makes the records so far durable, and says where the file ends.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the file cannot be written.
    pub(crate) fn save(&mut self) -> Result<LogPosition> {
        let synced = files::synced(self.write()?);
        synced.map_err(|error| files::failed(&self.path, "cannot be flushed to the disk", &error))?;
        Ok(self.end)
    }

    /// The records that were there when the run was resumed.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the file cannot be read.
    pub(crate) fn resumed(&self) -> Result<EpochReader> {
        EpochReader::open(&self.path, self.end)
    }

    /// All records, for readers, who may come after the file has lost its name.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if the file cannot be written or read.
    pub(crate) fn finished(mut self) -> Result<EpochReader> {
        self.write()?;
        EpochReader::open(&self.path, self.end)
    }
}

/// The records up to a position of the file.
pub(crate) struct EpochReader {
    path: PathBuf,
    file: File,
    end: LogPosition,
}

impl EpochReader {
    /// Of a folder.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if there is no such file.
    pub(crate) fn of(folder: &Path, end: LogPosition) -> Result<Self> {
        Self::open(&folder.join(NAME), end)
    }

    fn open(path: &Path, end: LogPosition) -> Result<Self> {
        let file = File::open(path).map_err(|error| files::failed(path, "cannot be read", &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            end,
        })
    }

    /// Calls `each` with every record, oldest first.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if the file was changed or shortened.
    pub(crate) fn for_each(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        let place = |error: Error| error.within(self.path.display().to_string());
        let failed = |error: &std::io::Error| files::failed(&self.path, "cannot be read", error);
        let mut file = &self.file;
        file.rewind().map_err(|error| failed(&error))?;
        let mut lines = BufReader::new(file.take(self.end.bytes));
        let (mut read, mut line) = (LogPosition::default(), Vec::new());
        while lines.read_until(b'\n', &mut line).map_err(|error| failed(&error))? > 0 {
            read.bytes += line.len() as u64;
            read.checksum = crc32c::crc32c_append(read.checksum, &line);
            let record = serde_json::from_slice(&line);
            each(record.map_err(|error| place(Error::data(format!("is damaged: {error}"))))?)?;
            line.clear();
        }
        match read == self.end {
            true => Ok(()),
            false => Err(place(Error::data("is not as the checkpoint left it"))),
        }
    }
}

impl fmt::Debug for EpochReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochReader({}, {:?})", self.path.display(), self.end)
    }
}

/// Equal if they hold equal records.
impl PartialEq for EpochReader {
    fn eq(&self, other: &Self) -> bool {
        self.end == other.end
    }
}
