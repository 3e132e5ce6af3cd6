//! Parquet files, some rows at a time.

use std::fs::File;
use std::sync::Arc;

use arrow_schema::{DataType, FieldRef, Fields, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Encoding, Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;
use parquet::schema::types::ColumnDescPtr;
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

/// So many bytes of text at most are read into one array.
const MAX_TEXT: i64 = 1 << 30;

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
    let (schema, mut reader) = guarded(|| reader(source, options.memory.is_none())).map_err(failed)?;
    let next = move || reader.next().transpose().map_err(|e| e.to_string());
    Ok(Box::new(Batches::new(name, WHAT, &schema, options, Box::new(next))?))
}

/// The types of the columns, and their cells.
fn reader<S: Source>(source: S, in_memory: bool) -> std::result::Result<(SchemaRef, ParquetRecordBatchReader), String> {
    let failed = |error: ParquetError| error.to_string();
    let pages = source.again().map_err(|e| e.to_string())?;
    let found = ArrowReaderMetadata::load(&source, ArrowReaderOptions::new()).map_err(failed)?;
    parquet_pages::check(found.metadata(), &pages)?;
    let options = ArrowReaderOptions::new().with_schema(with_dictionaries(found.schema(), found.metadata()));
    // A schema that does not fit the file after all is one that nobody needs.
    let kept = ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options).unwrap_or(found);
    let schema = Arc::clone(kept.schema());
    let rows = rows_at_once(kept.metadata(), if in_memory { source.len() } else { 0 });
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(source, kept);
    let reader = builder.with_batch_size(rows).build().map_err(failed)?;
    Ok((schema, reader))
}

/// How many rows are read at once: of a large file a quarter of its bytes in cells, so that most columns come in one piece.
///
/// An array has 32 bits for the end of a text, so that texts are read so only if the file says how long they are together; and only
/// from one group of rows, as each group has a dictionary of its own.
fn rows_at_once(metadata: &ParquetMetaData, length: u64) -> usize {
    let columns = metadata.file_metadata().schema_descr().columns();
    let groups = metadata.row_groups();
    let text = |column: usize| match groups {
        [group] => group.column(column).unencoded_byte_array_data_bytes(),
        _ => None,
    };
    let fits = |(column, about): (usize, &ColumnDescPtr)| {
        about.physical_type() != Type::BYTE_ARRAY || text(column).is_some_and(|bytes| bytes <= MAX_TEXT)
    };
    let width = columns.len().max(1);
    let few = (CELLS / width).clamp(1 << 8, 1 << 16);
    match columns.iter().enumerate().all(fits) {
        true => few.max((length / 4) as usize / width),
        false => few,
    }
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

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    use super::*;

    /// The rows that are read at once of a large file with such columns and groups of rows.
    fn rows_of(columns: &[(&str, ArrayRef)], group: usize) -> usize {
        let batch = RecordBatch::try_from_iter(columns.iter().cloned()).unwrap();
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(group))
            .build();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        let bytes = Bytes::from(writer.into_inner().unwrap());
        let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).unwrap();
        rows_at_once(metadata.metadata(), 1 << 30)
    }

    /// The offsets of an array of texts are 32 bits.
    #[test]
    fn texts_are_read_in_one_piece_only_where_they_fit() {
        let numbers = || ("number", Arc::new(Int64Array::from(vec![1, 2, 3, 4])) as ArrayRef);
        let texts = || {
            (
                "text",
                Arc::new(StringArray::from(vec!["a", "b", "a", "c"])) as ArrayRef,
            )
        };
        assert_eq!(rows_of(&[numbers()], 4), 1 << 28);
        assert_eq!(rows_of(&[numbers()], 2), 1 << 28);
        assert_eq!(rows_of(&[numbers(), texts()], 4), 1 << 27);
        assert_eq!(
            rows_of(&[numbers(), texts()], 2),
            1 << 16,
            "each group has its dictionary"
        );
    }
}
