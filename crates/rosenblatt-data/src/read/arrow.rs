//! Arrow's own files and streams (Feather of version 2), a message at a time.
//!
//! A file is a stream between two marks, and is read as one. What a message claims to hold is compared with what is there before
//! memory is taken for it.

use std::collections::VecDeque;
use std::io::{BufRead, Read};

use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{CompressionType, Message, MessageHeader, RecordBatch};
use rosenblatt_tensor::Result;

use super::batches::{Batches, damaged, guarded};
use super::{Dialect, Format, Opened, ReadOptions, Reader};

pub(super) const FORMAT: Format = Format {
    name: "arrow",
    takes: &["data.names"],
    recognize: |start, _| start.starts_with(MAGIC) || is_stream(start),
    open,
};

/// How a file begins.
const MAGIC: &[u8] = b"ARROW1\0\0";

/// How a message begins.
const CONTINUATION: &[u8] = &[0xff; 4];

/// What a file is called in errors.
const WHAT: &str = "Arrow file";

type Source = Box<dyn BufRead + Send>;

/// Whether a stream of messages begins here: the first one is short, and is no text.
fn is_stream(start: &[u8]) -> bool {
    let length = start.get(4..8).and_then(|bytes| bytes.try_into().ok());
    let length = length.map_or(0, u32::from_le_bytes);
    start.starts_with(CONTINUATION) && length > 0 && length % 8 == 0
}

fn open(opened: Opened, options: &ReadOptions, _: &mut Dialect) -> Result<Box<dyn Reader>> {
    let (name, mut source) = (opened.name, opened.reader);
    let failed = |error: String| damaged(&name, WHAT, &error);
    let is_file = source.fill_buf().is_ok_and(|start| start.starts_with(&MAGIC[..6]));
    if is_file {
        exactly(&mut source, MAGIC.len()).map_err(failed)?;
        // Some writers fill up to a multiple of 64 bytes.
        while source.fill_buf().is_ok_and(|bytes| bytes.first() == Some(&0)) {
            source.consume(1);
        }
    }
    let mut batches = Decoded {
        messages: Messages { source, ended: false },
        decoder: StreamDecoder::new(),
        ready: VecDeque::new(),
    };
    while batches.decoder.schema().is_none() && guarded(|| batches.more()).map_err(failed)? {}
    let Some(schema) = batches.decoder.schema() else {
        return Err(failed("it has no schema".to_owned()));
    };
    let next = move || batches.next();
    Ok(Box::new(Batches::new(name, WHAT, &schema, options, Box::new(next))?))
}

/// Record batches as they are decoded.
struct Decoded {
    messages: Messages,
    decoder: StreamDecoder,
    ready: VecDeque<arrow_array::RecordBatch>,
}

impl Decoded {
    /// Decodes a message; false if there is none. A message may make the one before it ready.
    fn more(&mut self) -> std::result::Result<bool, String> {
        let Some(mut message) = self.messages.next()? else {
            self.decoder.finish().map_err(|e| e.to_string())?;
            return Ok(false);
        };
        while let Some(batch) = self.decoder.decode(&mut message).map_err(|e| e.to_string())? {
            self.ready.push_back(batch);
        }
        Ok(true)
    }

    fn next(&mut self) -> std::result::Result<Option<arrow_array::RecordBatch>, String> {
        while self.ready.is_empty() && self.more()? {}
        Ok(self.ready.pop_front())
    }
}

/// Messages, one after the other.
struct Messages {
    source: Source,
    /// Whether the mark of their end was read: all writers write it, and without it a file may be cut short.
    ended: bool,
}

impl Messages {
    /// The bytes of the next message.
    fn next(&mut self) -> std::result::Result<Option<Buffer>, String> {
        if self.ended {
            return Ok(None);
        }
        let mut bytes = exactly(&mut self.source, 8)?;
        let length = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
        if !bytes.starts_with(CONTINUATION) {
            return Err("a message does not begin as it should".to_owned());
        }
        if length == 0 {
            self.ended = true;
            return Ok(Some(Buffer::from_vec(bytes)));
        }
        bytes.extend(exactly(&mut self.source, length)?);
        let message = arrow_ipc::root_as_message(&bytes[8..]).map_err(|e| e.to_string())?;
        let length = usize::try_from(message.bodyLength()).map_err(|_| "a negative length".to_owned())?;
        let body = exactly(&mut self.source, length)?;
        check_claims(&message, &body)?;
        bytes.extend(body);
        Ok(Some(Buffer::from_vec(bytes)))
    }
}

/// So many bytes; memory is taken for those that come.
fn exactly(source: &mut Source, length: usize) -> std::result::Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = source.take(length as u64).read_to_end(&mut bytes);
    read.map_err(|e| e.to_string())?;
    match bytes.len() == length {
        true => Ok(bytes),
        false => Err("it ends within a message".to_owned()),
    }
}

/// Checks what packed arrays claim to hold.
fn check_claims(message: &Message<'_>, body: &[u8]) -> std::result::Result<(), String> {
    let batch = match message.header_type() {
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
        _ => None,
    };
    let Some(batch) = batch else { return Ok(()) };
    check_rows(&batch, body.len())?;
    for buffer in batch.buffers().iter().flatten() {
        let range = usize::try_from(buffer.offset())
            .ok()
            .zip(usize::try_from(buffer.length()).ok())
            .and_then(|(start, length)| body.get(start..start.checked_add(length)?));
        let packed = range.ok_or("an array lies outside its message")?;
        let (Some(compression), Some((claim, packed))) = (batch.compression(), packed.split_first_chunk::<8>()) else {
            continue;
        };
        let claim = i64::from_le_bytes(*claim);
        if claim > holds_at_most(compression.codec(), packed, claim) {
            return Err(format!("an array of {} bytes claims to hold {claim}", packed.len()));
        }
    }
    Ok(())
}

/// Rows without any bytes are claims.
fn check_rows(batch: &RecordBatch<'_>, bytes: usize) -> std::result::Result<(), String> {
    let rows = u64::try_from(batch.length()).unwrap_or(u64::MAX);
    match batch.compression().is_none() && rows > 64 * (bytes as u64 + (1 << 16)) {
        true => Err(format!("a message of {bytes} bytes claims to hold {rows} rows")),
        false => Ok(()),
    }
}

/// How much packed bytes can hold, if they claim to hold this much.
fn holds_at_most(codec: CompressionType, packed: &[u8], claim: i64) -> i64 {
    const SMALL: i64 = 1 << 20;
    const RATIO_OF_LZ4: i64 = 255;
    let length = packed.len() as i64;
    if claim <= SMALL.max(16 * length) {
        return claim;
    }
    if codec == CompressionType::LZ4_FRAME {
        return RATIO_OF_LZ4 * length;
    }
    // It is unpacked once to know: whoever claims much for few bytes has to pay with time, not memory.
    let unpacked = zstd::Decoder::with_buffer(packed).map(|decoder| decoder.take(claim as u64));
    let counted = unpacked.and_then(|mut source| std::io::copy(&mut source, &mut std::io::sink()));
    counted.map_or(0, |bytes| bytes as i64)
}
