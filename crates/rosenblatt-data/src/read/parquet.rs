//! Parquet files, some rows at a time.

use std::fs::File;

use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;
use rosenblatt_tensor::Result;

use super::batches::{Batches, damaged, guarded};
use super::unpack::whole;
use super::{Dialect, Format, Opened, ReadOptions, Reader, Stored, parquet_pages};

pub(super) const FORMAT: Format = Format {
    name: "parquet",
    takes: &["data.names"],
    recognize: |start, _| start.starts_with(b"PAR1\x15"),
    open,
};

/// What a file is called in errors.
const WHAT: &str = "Parquet file";

/// About so many cells are read at once.
const CELLS: usize = 1 << 18;

fn open(opened: Opened, options: &ReadOptions, _: &mut Dialect) -> Result<Box<dyn Reader>> {
    let name = opened.name;
    // Its end says where its beginning is: what comes from a pipe is kept as it comes.
    match opened.stored {
        Some(Stored::File(file)) => batches(name, file, options),
        stored => {
            let bytes = whole(&name, opened.reader, stored)?;
            batches::<Bytes>(name, bytes, options)
        }
    }
}

/// Reads from a file or from memory.
trait Source: ChunkReader + Sized + 'static {
    /// The same once more.
    fn again(&self) -> std::io::Result<Self>;
}

impl Source for File {
    fn again(&self) -> std::io::Result<Self> {
        self.try_clone()
    }
}

impl Source for Bytes {
    fn again(&self) -> std::io::Result<Self> {
        Ok(self.clone())
    }
}

fn batches<S: Source>(name: String, source: S, options: &ReadOptions) -> Result<Box<dyn Reader>> {
    let failed = |error: String| damaged(&name, WHAT, &error);
    let (schema, mut reader) = guarded(|| reader(source)).map_err(failed)?;
    let next = move || reader.next().transpose().map_err(|e| e.to_string());
    Ok(Box::new(Batches::new(name, WHAT, &schema, options, Box::new(next))?))
}

/// The types of the columns, and their cells.
fn reader<S: Source>(source: S) -> std::result::Result<(SchemaRef, ParquetRecordBatchReader), String> {
    let pages = source.again().map_err(|e| e.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(source).map_err(|e| e.to_string())?;
    parquet_pages::check(builder.metadata(), &pages)?;
    let schema = builder.schema().clone();
    let rows = (CELLS / schema.fields().len().max(1)).clamp(1 << 8, 1 << 16);
    let reader = builder.with_batch_size(rows).build().map_err(|e| e.to_string())?;
    Ok((schema, reader))
}
