//! What the pages of a Parquet file claim to hold, before memory is taken for them.

use std::io::{BufReader, Read};

use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;

/// A page of up to so many bytes is taken for one, however few it is packed in.
const SMALL: i64 = 8 << 20;

/// Checks every page.
///
/// # Errors
/// A page that claims to hold more than its bytes can, or lies outside the file.
pub(super) fn check<S: ChunkReader>(metadata: &ParquetMetaData, source: &S) -> Result<(), String> {
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let start = column.dictionary_page_offset().filter(|&at| at > 0);
        let start = start.unwrap_or(i64::MAX).min(column.data_page_offset());
        let end = start.saturating_add(column.compressed_size());
        let (start, end) = (start.max(0) as u64, end.max(0) as u64);
        if end > source.len() {
            return Err("a column lies outside the file".to_owned());
        }
        check_column(source, start..end, ratio(column.compression()))?;
    }
    Ok(())
}

/// How many bytes a packed one can hold at most.
fn ratio(compression: Compression) -> i64 {
    match compression {
        Compression::UNCOMPRESSED => 1,
        Compression::SNAPPY => 64,
        Compression::LZ4 | Compression::LZ4_RAW => 256,
        _ => 1100,
    }
}

fn check_column<S: ChunkReader>(source: &S, bytes: std::ops::Range<u64>, ratio: i64) -> Result<(), String> {
    let mut at = bytes.start;
    while at < bytes.end {
        let reader = source.get_read(at).map_err(|e| e.to_string())?;
        let mut header = Thrift {
            reader: BufReader::with_capacity(512, reader.take(bytes.end - at)),
            read: 0,
        };
        let [holds, packed] = header.sizes().ok_or("a page has no header")?;
        let left = bytes.end - at;
        let length = u64::try_from(packed).map_err(|_| "a page of negative length".to_owned())?;
        if holds < 0 || holds > SMALL.max(ratio.saturating_mul(packed)) || header.read + length > left {
            return Err(format!("a page of {packed} bytes claims to hold {holds}"));
        }
        at += header.read + length;
    }
    Ok(())
}

/// The compact protocol of Thrift, as far as headers of pages need it.
struct Thrift<R> {
    reader: R,
    read: u64,
}

/// Headers are shallow.
const MAX_DEPTH: usize = 16;

impl<R: Read> Thrift<R> {
    /// Fields 2 and 3 of the header: bytes unpacked and packed.
    fn sizes(&mut self) -> Option<[i64; 2]> {
        let (mut sizes, mut field) = ([None; 2], 0);
        loop {
            let (kind, step) = self.field()?;
            if kind == 0 {
                return Some([sizes[0]?, sizes[1]?]);
            }
            field = step.map_or_else(|| self.zigzag(), |step| Some(field + step))?;
            match field {
                2 | 3 if kind == 5 => sizes[field as usize - 2] = Some(self.zigzag()?),
                _ => self.skip(kind, 0)?,
            }
        }
    }

    /// The kind of the next field, and how far its number is from that of the field before, if that is short.
    fn field(&mut self) -> Option<(u8, Option<i64>)> {
        let byte = self.byte()?;
        Some((byte & 15, (byte >> 4 > 0).then_some(i64::from(byte >> 4))))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            1 | 2 => Some(()),
            3 => self.byte().map(drop),
            4..=6 => self.varint().map(drop),
            7 => self.pass(8),
            8 => self.varint().and_then(|length| self.pass(length)),
            9 | 10 if depth < MAX_DEPTH => {
                let byte = self.byte()?;
                let count = match byte >> 4 {
                    15 => self.varint()?,
                    count => u64::from(count),
                };
                // True and false take a byte each in lists.
                let kind = if matches!(byte & 15, 1 | 2) { 3 } else { byte & 15 };
                (0..count).try_for_each(|_| self.skip(kind, depth + 1))
            }
            12 if depth < MAX_DEPTH => loop {
                let (kind, step) = self.field()?;
                if kind == 0 {
                    return Some(());
                }
                if step.is_none() {
                    self.varint()?;
                }
                self.skip(kind, depth + 1)?;
            },
            _ => None,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.reader.read_exact(&mut byte).ok()?;
        self.read += 1;
        Some(byte[0])
    }

    fn pass(&mut self, length: u64) -> Option<()> {
        let passed = std::io::copy(&mut self.reader.by_ref().take(length), &mut std::io::sink());
        self.read += length;
        (passed.ok()? == length).then_some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        self.varint().map(|value| (value >> 1) as i64 ^ -((value & 1) as i64))
    }
}
