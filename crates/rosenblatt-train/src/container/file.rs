//! The bytes of a model file, of which nothing large is read before its header, its length and its checksum fit each other.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use rosenblatt_tensor::{Error, Result, memory};
use safetensors::tensor::Metadata;

use super::checksum::Place;
use super::{MAX_HEADER, check_parts, foreign};
use crate::absent::MODEL;

/// How much is read at once to compute the checksum.
const PIECE: usize = 1 << 18;

/// Reads a file that may be a model.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read; [`rosenblatt_tensor::ErrorKind::Data`] if it is no model, or damaged;
/// [`rosenblatt_tensor::ErrorKind::Unsupported`] if there is no memory for it.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let unopened = |error| MODEL.unopened(path, &error);
    // Opening a pipe waits until something writes to it.
    if !path.metadata().map_err(unopened)?.is_file() {
        let error = Error::data("expected the file of a model, got a folder, a pipe or a device");
        return Err(error.hint("write what comes from a pipe to a file first"));
    }
    let mut file = File::open(path).map_err(unopened)?;
    let about = file.metadata()?;
    let start = read_header(&mut file, about.len())?;
    let place = Place::of(&start).ok_or_else(|| foreign(&start))?;
    check_length(&start, about.len())?;
    check_sum(&mut file, &start, place)?;
    let mut bytes = Vec::new();
    memory::try_reserve(&mut bytes, usize::try_from(about.len()).unwrap_or(usize::MAX))?;
    file.seek(SeekFrom::Start(0))?;
    file.take(about.len()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The length of the header, and the header.
fn read_header(file: &mut File, length: u64) -> Result<Vec<u8>> {
    let mut start = [0; 9];
    let complete = file.read_exact(&mut start).is_ok();
    let (size, brace) = start.split_at(8);
    let header = size.try_into().map_or(u64::MAX, u64::from_le_bytes);
    if !complete || brace != b"{" || header == 0 || header > MAX_HEADER || header + 8 > length {
        return Err(foreign(size));
    }
    let mut bytes = start.to_vec();
    file.take(header - 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether the tensors that the header describes fill the file.
fn check_length(start: &[u8], length: u64) -> Result<()> {
    check_parts(start)?;
    let damaged = |what: String| Error::data(format!("damaged or cut short: {what}")).within("header");
    let metadata: Metadata = serde_json::from_slice(&start[8..]).map_err(|error| damaged(error.to_string()))?;
    let described = start.len() as u64 + metadata.data_len() as u64;
    match described == length {
        true => Ok(()),
        false => Err(damaged(format!(
            "it describes {described} bytes, and the file has {length}"
        ))),
    }
}

/// Compares the checksum with all of a file that was read to the end of its header, a piece at a time.
fn check_sum(file: &mut File, start: &[u8], place: Place) -> Result<()> {
    let mut sum = place.sum(start);
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return place.check(start, sum),
            Ok(read) => sum = crc32c::crc32c_append(sum, &piece[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
