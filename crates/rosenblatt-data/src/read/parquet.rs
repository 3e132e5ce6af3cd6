//! Parquet files, some rows at a time.

use std::fs::File;
use std::sync::Arc;

use arrow_schema::{DataType, FieldRef, Fields, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
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

/// About so many cells are read at once from a small file, or with a limit of memory; of a large one as many as it has groups of
/// four bytes, so that most columns come in one piece.
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
    let cells = match options.memory {
        None => CELLS.max((source.len() / 4) as usize),
        Some(_) => CELLS,
    };
    let (schema, mut reader) = guarded(|| reader(source, cells)).map_err(failed)?;
    let next = move || reader.next().transpose().map_err(|e| e.to_string());
    Ok(Box::new(Batches::new(name, WHAT, &schema, options, Box::new(next))?))
}

/// The types of the columns, and their cells.
fn reader<S: Source>(source: S, cells: usize) -> std::result::Result<(SchemaRef, ParquetRecordBatchReader), String> {
    let failed = |error: ParquetError| error.to_string();
    let pages = source.again().map_err(|e| e.to_string())?;
    let found = ArrowReaderMetadata::load(&source, ArrowReaderOptions::new()).map_err(failed)?;
    parquet_pages::check(found.metadata(), &pages)?;
    let options = ArrowReaderOptions::new().with_schema(with_dictionaries(found.schema(), found.metadata()));
    // A schema that does not fit the file after all is one that nobody needs.
    let kept = ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options).unwrap_or(found);
    let schema = Arc::clone(kept.schema());
    let rows = (cells / schema.fields().len().max(1)).max(1 << 8);
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(source, kept);
    let reader = builder.with_batch_size(rows).build().map_err(failed)?;
    Ok((schema, reader))
}

/// The same types, but texts that are stored as dictionaries stay so.
fn with_dictionaries(schema: &SchemaRef, metadata: &ParquetMetaData) -> SchemaRef {
    let is_stored = |column: usize| {
        let chunks = metadata.row_groups().iter().map(|group| group.column(column));
        chunks.into_iter().all(|chunk| {
            let mask = chunk.page_encoding_stats_mask();
            let is_only = |encoding| mask.is_some_and(|mask| mask.is_only(encoding));
            is_only(Encoding::PLAIN_DICTIONARY) || is_only(Encoding::RLE_DICTIONARY)
        })
    };
    // With columns inside columns, the numbers of fields are others.
    let is_flat = metadata.file_metadata().schema_descr().num_columns() == schema.fields().len();
    let field = |(column, field): (usize, &FieldRef)| {
        let is_text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8);
        match is_flat && is_text && is_stored(column) {
            true => {
                let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                Arc::new(field.as_ref().clone().with_data_type(kind))
            }
            false => Arc::clone(field),
        }
    };
    let fields: Fields = schema.fields().iter().enumerate().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}
