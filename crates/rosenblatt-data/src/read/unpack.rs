//! Files that are packed: gzip, zstd, and zip archives with one table. Unpacked while they are read, never as a whole.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use bytes::Bytes;
use flate2::Crc;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use rosenblatt_tensor::{Error, Result};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{Opened, Stored};
use crate::foreign;
use crate::places::{listing, read_error};

/// How much is read at once.
pub(crate) const BUFFER: usize = 1 << 16;

/// How much of a file is looked at to know what it is.
const START: usize = 1 << 10;

/// The largest window of zstd, as its own program has it: so much memory it may take.
const ZSTD_WINDOW_LOG: u32 = 27;

/// The bytes of a file, unpacked if they are packed; `stored` are all of them, where they can be had in any order.
///
/// # Errors
/// It cannot be read, or is of a kind that is no table.
pub(crate) fn unpack(name: &str, raw: Box<dyn BufRead + Send>, length: u64, stored: Option<Stored>) -> Result<Opened> {
    let (start, raw) = peek(raw, START).map_err(|e| read_error(name, &e))?;
    let of_file = |error: Error| error.within(name);
    let opened = |reader, packing, stored| Opened {
        name: name.to_owned(),
        reader,
        length,
        packing,
        stored,
    };
    let unpacking: (Box<dyn Read + Send>, _) = if start.starts_with(&[0x1f, 0x8b]) {
        (Box::new(MultiGzDecoder::new(raw)), "gzip")
    } else if start.starts_with(b"\x28\xb5\x2f\xfd") {
        let mut decoder = zstd::Decoder::with_buffer(raw).map_err(|e| read_error(name, &e))?;
        let set = decoder.window_log_max(ZSTD_WINDOW_LOG);
        set.map_err(|e| read_error(name, &e))?;
        (Box::new(decoder), "zstd")
    } else if start.starts_with(b"PK\x03\x04") {
        let bytes = whole(name, raw, stored)?;
        match only_member(bytes.clone()).map_err(of_file)? {
            Some(member) => (member, "zip"),
            None => {
                return Ok(opened(
                    Box::new(Cursor::new(bytes.clone())),
                    None,
                    Some(Stored::Bytes(bytes)),
                ));
            }
        }
    } else {
        foreign::refuse(&start).map_err(of_file)?;
        return Ok(opened(raw, None, stored));
    };
    let (decoder, packing) = unpacking;
    let reader: Box<dyn BufRead + Send> = Box::new(BufReader::with_capacity(BUFFER, Unpacking { decoder, bytes: 0 }));
    Ok(opened(reader, Some(packing), None))
}

/// The first bytes, and all of them.
pub(super) fn peek(
    mut source: Box<dyn BufRead + Send>,
    length: usize,
) -> io::Result<(Vec<u8>, Box<dyn BufRead + Send>)> {
    let there = source.fill_buf()?;
    if there.len() >= length {
        return Ok((there[..length].to_vec(), source));
    }
    let mut start = Vec::new();
    source.by_ref().take(length as u64).read_to_end(&mut start)?;
    Ok((start.clone(), Box::new(Cursor::new(start).chain(source))))
}

/// All bytes of a file.
pub(super) fn whole(name: &str, mut reader: Box<dyn BufRead + Send>, stored: Option<Stored>) -> Result<Bytes> {
    if let Some(Stored::Bytes(bytes)) = stored {
        return Ok(bytes);
    }
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|e| read_error(name, &e))?;
    bytes.shrink_to_fit();
    Ok(bytes.into())
}

/// Unpacks, and says in errors how far it came.
struct Unpacking {
    decoder: Box<dyn Read + Send>,
    bytes: u64,
}

impl Read for Unpacking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.decoder.read(buffer) {
            Ok(read) => {
                self.bytes += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            // Some packers call damaged data an error of another kind.
            Err(error) => Err(io::Error::new(
                match error.kind() {
                    io::ErrorKind::Other if error.to_string().contains("not enough memory") => {
                        io::ErrorKind::OutOfMemory
                    }
                    io::ErrorKind::Other => io::ErrorKind::InvalidData,
                    kind => kind,
                },
                format!("{error} (behind {} unpacked bytes)", self.bytes),
            )),
        }
    }
}

/// Whether an archive is a spreadsheet by the names of its members.
fn is_spreadsheet(name: &str) -> bool {
    matches!(
        name,
        "[Content_Types].xml" | "mimetype" | "content.xml" | "xl/workbook.xml"
    )
}

/// Checks what the members of a spreadsheet claim to hold: they are read as a whole.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if it is far more than tables are packed to.
pub(super) fn check_members(bytes: &Bytes) -> Result<()> {
    const FREE: u64 = 16 << 20;
    const RATIO: u64 = 100;
    if !bytes.starts_with(b"PK") {
        return Ok(());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut claimed: u64 = 0;
    for at in 0..archive.len() {
        claimed = claimed.saturating_add(archive.by_index_raw(at).map_err(damaged)?.size());
    }
    let length = bytes.len() as u64;
    match claimed > FREE + RATIO * length {
        true => Err(
            Error::data(format!("a spreadsheet of {length} bytes that claims to hold {claimed}"))
                .hint("save it as CSV"),
        ),
        false => Ok(()),
    }
}

fn damaged(error: ZipError) -> Error {
    Error::data(format!("damaged or cut short zip archive: {error}")).hint("copy or download the file again")
}

/// The only file of an archive; `None` if the archive is a spreadsheet.
fn only_member(bytes: Bytes) -> Result<Option<Box<dyn Read + Send>>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes.clone())).map_err(damaged)?;
    let mut found = Vec::new();
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at).map_err(damaged)?;
        let name = member.name().map_err(damaged)?.into_owned();
        if is_spreadsheet(&name) {
            return Ok(None);
        }
        // What macOS adds to every archive.
        let is_extra = name.starts_with("__MACOSX/") || name.ends_with(".DS_Store");
        if !member.is_dir() && !is_extra {
            found.push((at, name));
        }
    }
    let [(at, name)] = &found[..] else {
        let names = listing(found.iter().map(|(_, name)| name.as_str()));
        return Err(match found.len() {
            0 => Error::data("a zip archive without a file, expected one table in it"),
            many => Error::data(format!("a zip archive of {many} files, expected one table: {names}"))
                .hint("unpack it, and name the file that is the table, or several with the same columns"),
        });
    };
    let member = archive.by_index_raw(*at).map_err(damaged)?;
    if member.encrypted() {
        let error = Error::data(format!(
            "`{}` in the zip archive is encrypted",
            crate::places::short(name)
        ));
        return Err(error.hint("unpack it with its password first"));
    }
    let cut = || Error::data("damaged or cut short zip archive: a file lies beyond its end");
    let start = usize::try_from(member.data_start().ok_or_else(cut)?).map_err(|_| cut())?;
    let length = usize::try_from(member.compressed_size()).map_err(|_| cut())?;
    let end = start
        .checked_add(length)
        .filter(|&end| end <= bytes.len())
        .ok_or_else(cut)?;
    let stored = Cursor::new(bytes.slice(start..end));
    let reader: Box<dyn Read + Send> = match member.compression() {
        CompressionMethod::Stored => Box::new(stored),
        CompressionMethod::Deflated => Box::new(DeflateDecoder::new(stored)),
        other => {
            let error = Error::data(format!("packed with {other:?} in a zip archive, expected deflate"));
            return Err(error.hint("unpack it first"));
        }
    };
    Ok(Some(Box::new(Checked {
        reader,
        crc: Crc::new(),
        expected: member.crc32(),
    })))
}

/// Bytes with a checksum at their end.
struct Checked {
    reader: Box<dyn Read + Send>,
    crc: Crc,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.crc.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "wrong checksum in the zip archive",
            ));
        }
        Ok(read)
    }
}

impl Stored {
    /// A file, opened once more for reading in any order.
    pub fn file(file: &File) -> Option<Self> {
        file.try_clone().ok().map(Self::File)
    }
}
