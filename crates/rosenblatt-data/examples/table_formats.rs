//! Writes a table in other formats, for `cargo xtask prove readers` and `reading`.
//!
//! `table_formats CSV FOLDER` reads a CSV file with columns of numbers, texts, bools and days, and writes what programs
//! write: delimited texts, packed ones, JSON, ARFF, aligned columns, Parquet, Arrow, and the rows in two files.
//! `table_formats CSV FILE.parquet` writes one file, packed with Snappy, as other programs do.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::DataType;
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as Codec;
use parquet::file::properties::WriterProperties;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The cells of a row as the file has them; empty where missing.
type Row = csv::StringRecord;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, to] = &words[..] else {
        return Err("usage: table_formats CSV FOLDER|FILE.parquet".into());
    };
    let bytes = fs::read(file)?;
    let rows: Vec<Row> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(&bytes[..])
        .records()
        .collect::<Result<_, _>>()?;
    let (header, rows) = rows.split_first().ok_or("an empty file")?;
    let to = Path::new(to);
    if to.extension().is_some_and(|extension| extension == "parquet") {
        fs::write(to, parquet(&batch(header, rows)?)?)?;
        return Ok(());
    }
    write_all(&bytes, (header, rows), to)
}

fn write_all(bytes: &[u8], (header, rows): (&Row, &[Row]), folder: &Path) -> Outcome {
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes);
    write("comma.csv", bytes.to_vec())?;
    write("tab.tsv", delimited(header, rows, b'\t', '.')?)?;
    write("semicolon.csv", delimited(header, rows, b';', ',')?)?;
    write("packed.csv.gz", gzip(bytes)?)?;
    write("packed.csv.zst", zstd::encode_all(bytes, 3)?)?;
    write("packed.zip", zip(bytes)?)?;
    write("records.json", format!("[{}]", json(header, rows).join(",\n")).into())?;
    write("lines.jsonl", json(header, rows).join("\n").into())?;
    write("table.arff", arff(header, rows)?.into())?;
    write("aligned.txt", aligned(header, rows)?.into())?;
    let batch = batch(header, rows)?;
    write("table.parquet", parquet(&batch)?)?;
    write("file.arrow", arrow_file(&batch)?)?;
    write("stream.arrow", arrow_stream(&batch)?)?;
    fs::create_dir_all(folder.join("parts"))?;
    let (first, second) = rows.split_at(rows.len() / 3);
    write("parts/1.csv", delimited(header, first, b',', '.')?)?;
    write("parts/2.csv", delimited(header, second, b',', '.')?)?;
    Ok(())
}

/// Whether a cell is a number.
fn is_number(cell: &str) -> bool {
    cell.parse::<f64>().is_ok_and(f64::is_finite)
}

fn delimited(header: &Row, rows: &[Row], delimiter: u8, mark: char) -> Outcome<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| match is_number(cell) {
            true => cell.replace('.', &mark.to_string()),
            false => cell.to_owned(),
        }))?;
    }
    Ok(writer.into_inner()?)
}

fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

fn zip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("table.csv", zip::write::SimpleFileOptions::default())?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?.into_inner())
}

/// A record for each row.
fn json(header: &Row, rows: &[Row]) -> Vec<String> {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let value = |cell: &str| match cell {
        "" => "null".to_owned(),
        cell if is_number(cell) || ["true", "false"].contains(&cell) => cell.to_owned(),
        cell => text(cell),
    };
    let record = |row: &Row| {
        let cells = header.iter().zip(row);
        let cells: Vec<String> = cells
            .map(|(name, cell)| format!("{}:{}", text(name), value(cell)))
            .collect();
        format!("{{{}}}", cells.join(","))
    };
    rows.iter().map(record).collect()
}

fn arff(header: &Row, rows: &[Row]) -> Outcome<String> {
    let mut text = "% made by us\n@relation table\n".to_owned();
    for (at, name) in header.iter().enumerate() {
        let cells = || rows.iter().map(|row| &row[at]).filter(|cell| !cell.is_empty());
        let kind = if cells().all(is_number) { "numeric" } else { "string" };
        writeln!(text, "@attribute {name} {kind}")?;
    }
    text += "@data\n";
    let cell = |cell: &str| match cell {
        "" => "?".to_owned(),
        number if is_number(number) => number.to_owned(),
        other => format!("'{}'", other.replace('\\', "\\\\").replace('\'', "\\'")),
    };
    for row in rows {
        writeln!(text, "{}", row.iter().map(cell).collect::<Vec<_>>().join(","))?;
    }
    Ok(text)
}

/// Columns as wide as their widest cell, as `R` prints them.
fn aligned(header: &Row, rows: &[Row]) -> Outcome<String> {
    let cell = |cell: &str| match cell {
        "" => "NA".to_owned(),
        text if text.contains([' ', '"', '\'']) => format!("\"{}\"", text.replace('"', "\\\"")),
        text => text.to_owned(),
    };
    let lines: Vec<Vec<String>> = [header]
        .into_iter()
        .chain(rows)
        .map(|row| row.iter().map(cell).collect())
        .collect();
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}"));
        writeln!(text, "{}", cells.collect::<Vec<_>>().join(" "))?;
    }
    Ok(text)
}

/// The table with types: numbers, bools, days, texts.
fn batch(header: &Row, rows: &[Row]) -> Outcome<RecordBatch> {
    let column = |at: usize| -> Outcome<ArrayRef> {
        let cells: StringArray = rows
            .iter()
            .map(|row| Some(&row[at]).filter(|cell| !matches!(*cell, "" | "NA")))
            .collect();
        let all = |is: fn(&str) -> bool| cells.iter().flatten().all(is);
        let whole = |cell: Option<&str>| cell.map_or(Some(None), |cell| cell.parse::<i64>().ok().map(Some));
        let whole: Option<Vec<Option<i64>>> = cells.iter().map(whole).collect();
        Ok(if let Some(whole) = whole {
            Arc::new(Int64Array::from(whole))
        } else if all(is_number) {
            let numbers: Result<Vec<_>, _> = cells.iter().map(|cell| cell.map(str::parse).transpose()).collect();
            Arc::new(Float64Array::from(numbers?))
        } else if all(|cell| ["true", "false"].contains(&cell)) {
            let values = cells.iter().map(|cell| cell.map(|cell| cell == "true"));
            Arc::new(BooleanArray::from_iter(values))
        } else if all(|cell| cell.len() == 10 && cell.is_char_boundary(4) && cell[..4].parse::<u16>().is_ok()) {
            let days = cast(&cells, &DataType::Date32)?;
            Arc::new(Date32Array::from(days.to_data()))
        } else {
            Arc::new(cells)
        })
    };
    let columns: Vec<ArrayRef> = (0..header.len()).map(column).collect::<Outcome<_>>()?;
    let columns = header.iter().zip(columns).map(|(name, column)| (name, column, true));
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

fn parquet(batch: &RecordBatch) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    let packed = WriterProperties::builder().set_compression(Codec::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(packed))?;
    writer.write(batch)?;
    writer.close()?;
    Ok(bytes)
}

fn arrow_file(batch: &RecordBatch) -> Outcome<Vec<u8>> {
    let mut writer = FileWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(batch)?;
    writer.finish()?;
    Ok(writer.into_inner()?)
}

fn arrow_stream(batch: &RecordBatch) -> Outcome<Vec<u8>> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(batch)?;
    writer.finish()?;
    Ok(writer.into_inner()?)
}
