//! Damaged tables and images: read, or refused with file and place; never a panic, never much memory. How long one may take
//! is checked by `cargo xtask prove mutants`. A binary of its own, since memory is measured for the whole process.
#![cfg(test)]

use std::io::{Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rosenblatt_data::schema::Overrides;
use rosenblatt_data::{Images, Input, Preprocessing, Schema, Table, TableOptions, idx};
use rosenblatt_tensor::{Error, ErrorKind};
use rosenblatt_testkit::{PeakAllocator, mutant, mutant_seeds, peak_bytes};

#[global_allocator]
static ALLOCATOR: PeakAllocator = PeakAllocator;

/// Memory is that of all threads, so one test at a time may look at it.
static ALONE: Mutex<()> = Mutex::new(());

/// How messages begin that name the setting.
const ASKED: &str = "data.target: ";
/// Memory for any file, besides four times its length.
const SLACK: usize = 16 << 20;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// The length of a file once it is unpacked, as far as it can be.
fn length(bytes: &[u8]) -> usize {
    let mut unpacked = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let _ = MultiGzDecoder::new(bytes).read_to_end(&mut unpacked);
    }
    bytes.len().max(unpacked.len())
}

/// Looks at all mutants, and counts those that are read and those that are refused.
fn check_outcome(
    name: &str,
    make: impl Fn(u64) -> Vec<u8>,
    read: impl Fn(Input) -> Result<(), Error>,
    names_place: impl Fn(&str) -> bool,
) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut read_well, mut refused, mut most) = (0, 0, 0);
    for seed in mutant_seeds() {
        let bytes = make(seed);
        let length = length(&bytes);
        let input = Input::memory("file", bytes);
        let (outcome, memory) = peak_bytes(|| read(input));
        assert!(memory <= 4 * length + SLACK, "seed {seed}: {memory} bytes for {length}");
        most = most.max(memory);
        match outcome {
            Ok(()) => read_well += 1,
            Err(error) => {
                let text = error.to_string();
                // A column that is asked for and not there is the fault of the setting.
                let kind = if text.starts_with(ASKED) {
                    ErrorKind::Config
                } else {
                    ErrorKind::Data
                };
                assert_eq!(error.kind(), kind, "seed {seed}: {text}");
                assert!(text.len() < 1000, "seed {seed}: {} bytes of message", text.len());
                // A file that begins like another format is that one as a whole.
                let is_other_format = text.starts_with("file: this is ");
                assert!(is_other_format || names_place(&text), "seed {seed}: {text}");
                refused += 1;
            }
        }
    }
    println!("cases: {name} mutants read {read_well}");
    println!("cases: {name} mutants refused {refused}");
    println!("{name}: at most {most} bytes of memory for one");
}

/// From bytes to features.
fn prepare(input: Input) -> Result<(), Error> {
    let (table, _) = Table::read(&input, &TableOptions::default())?;
    let (schema, _) = Schema::infer(&table, Overrides::of("species"))?;
    let target = table.column("species")?;
    let rows = target.present_rows();
    let (preprocessing, _) = Preprocessing::fit(&schema, &table, &rows)?;
    let matrix = preprocessing.transform(&table, &rows)?;
    assert!(matrix.values().iter().all(|value| value.is_finite()));
    assert_eq!(matrix.values().len(), rows.len() * matrix.names.len());
    schema.task.encode(target, &rows)?;
    Ok(())
}

/// `file:line:cell: …`, a column by its name, or how much of a packed file could be read.
fn names_line_or_column(text: &str) -> bool {
    let text = text.strip_prefix(ASKED).unwrap_or(text);
    let line = text.strip_prefix("file:").is_some_and(|rest| {
        let number = rest.split(':').next().unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    line || text.starts_with("file: ")
        && (text.contains('`') || text.contains(" line ") || text.contains("unpacked bytes"))
}

#[test]
fn csv() {
    let penguins = include_bytes!("../data/penguins.csv");
    // CompactInts rows: what is damaged is to be the seed's doing alone.
    let plain: Vec<u8> = penguins
        .split_inclusive(|&byte| byte == b'\n')
        .take(40)
        .flatten()
        .copied()
        .collect();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(String::from_utf8_lossy(&plain).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let make = |seed: u64| match seed % 8 {
        0 => packed(&mutant(&plain, seed)),
        1 => mutant(&packed(&plain), seed),
        2 => mutant(&utf16, seed),
        3 => mutant(penguins, seed),
        _ => mutant(&plain, seed),
    };
    check_outcome("csv", make, prepare, names_line_or_column);
}

const RECORDS: &[u8] = br#"[{"species":"a","mass":1.5,"town":"Oslo"},{"species":"b","mass":null,"town":"Lyon \u00e9"},
{"species":"a","mass":2.25e3,"town":"x\"y"},{"species":"b","town":"Oslo","mass":-7},{"species":"a","mass":9,"town":""}]"#;

const ARFF: &[u8] = b"% birds\n@relation birds\n@attribute species {a,b}\n@attribute 'mass' numeric\n@data\n\
    a,1.5\nb,?\n'a',2.25e3\nb, -7\na,9\nb,4\n";

const ALIGNED: &[u8] = b"species  mass  town\n\"a\"  1.5  \"New York\"\nb   NA  Oslo\na  2.25e3  Oslo\nb  -7  Lyon\n";

/// Columns of numbers and texts, in several batches.
fn batches() -> Vec<RecordBatch> {
    let batch = |from: usize| {
        let species = (from..from + 40).map(|i| ["Adelie", "Gentoo"][i % 2]);
        let mass = (from..from + 40).map(|i| (i % 7 > 0).then_some(i as f64 * 1.25));
        let count = (from..from + 40).map(|i| Some(i as i64 % 5));
        let columns: [(&str, ArrayRef); 3] = [
            ("species", Arc::new(species.map(Some).collect::<StringArray>())),
            ("mass", Arc::new(mass.collect::<Float64Array>())),
            ("count", Arc::new(count.collect::<Int64Array>())),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    vec![batch(0), batch(40)]
}

fn arrow(compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let batches = batches();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

fn parquet(compression: parquet::basic::Compression) -> Vec<u8> {
    let (batches, mut bytes) = (batches(), Vec::new());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, batches[0].schema(), Some(properties)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    bytes
}

/// What is damaged is said of the file.
fn names_file(text: &str) -> bool {
    text.starts_with("file: ") || names_line_or_column(text)
}

#[test]
fn other_formats() {
    use parquet::basic::{Compression as Codec, ZstdLevel};
    let originals = [
        RECORDS.to_vec(),
        ARFF.to_vec(),
        ALIGNED.to_vec(),
        arrow(None),
        arrow(Some(CompressionType::LZ4_FRAME)),
        arrow(Some(CompressionType::ZSTD)),
        parquet(Codec::UNCOMPRESSED),
        parquet(Codec::SNAPPY),
        parquet(Codec::LZ4_RAW),
        parquet(Codec::ZSTD(ZstdLevel::default())),
        include_bytes!("cases/small.xlsx").to_vec(),
        include_bytes!("cases/small.ods").to_vec(),
        zstd::encode_all(RECORDS, 3).unwrap(),
    ];
    for original in &originals[..10] {
        prepare(Input::memory("file", original.clone())).unwrap();
    }
    let make = |seed: u64| mutant(&originals[seed as usize % originals.len()], seed);
    check_outcome("other formats", make, prepare, names_file);
}

fn idx_file(code: u8, shape: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, shape.len() as u8];
    shape.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

fn read_idx(input: Input) -> Result<(), Error> {
    let tensor = idx::read(&input)?;
    match tensor.shape().len() {
        1 => idx::labels(&tensor)
            .map(drop)
            .map_err(|error| error.within(input.name())),
        3 => Images::read(&input).map(drop),
        _ => Ok(()),
    }
}

#[test]
fn idx() {
    let originals = [
        idx_file(8, &[4, 5, 5], &[7; 100]),
        idx_file(8, &[60], &[3; 60]),
        idx_file(9, &[30], &[1; 30]),
        idx_file(0xb, &[6], &[1; 12]),
        idx_file(0xc, &[2, 3], &[1; 24]),
        idx_file(0xd, &[1, 2, 3], &[63; 24]),
        idx_file(0xe, &[2, 2], &[63; 32]),
        idx_file(8, &[100, 100, 100], &[0; 1_000_000]),
    ];
    let make = |seed: u64| {
        let original = &originals[seed as usize % originals.len()];
        match seed / 8 % 3 {
            0 => mutant(original, seed),
            1 => packed(&mutant(original, seed)),
            _ => mutant(&packed(original), seed),
        }
    };
    let names_byte =
        |text: &str| text.starts_with("file: byte ") || text.starts_with("file: ") && text.contains("label");
    check_outcome("idx", make, read_idx, names_byte);
}

/// A spreadsheet of these members.
fn spreadsheet(sheet: &str) -> Vec<u8> {
    const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
        <sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    const LINKS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", LINKS),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        writer
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Spreadsheets hold as many cells as they write down.
#[test]
fn far_cells_and_long_sheets_take_no_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let sheet = |rows: &str| {
        format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>
            <sheetData>{rows}</sheetData></worksheet>"#
        )
    };
    let cell = |at: &str| format!(r#"<c r="{at}" t="str"><v>{at}</v></c>"#);
    let row = |number: u32, cells: &str| format!(r#"<row r="{number}">{cells}</row>"#);
    let few = row(1, &(cell("A1") + &cell("B1"))) + &row(2, &(cell("A2") + &cell("B2")));
    let (outcome, memory) = peak_bytes(|| {
        let (table, _) = Table::read(
            &Input::memory("file", spreadsheet(&sheet(&few))),
            &TableOptions::default(),
        )?;
        Ok::<usize, Error>(table.len())
    });
    assert_eq!(outcome.unwrap(), 1);
    assert!(memory < SLACK, "{memory}");
    let rows: String = (1..2000)
        .map(|number| row(number, &cell(&format!("A{number}"))))
        .collect();
    let far = spreadsheet(&sheet(&(rows + &row(1_048_576, &cell("XFD1048576")))));
    let long = spreadsheet(&sheet(&few).replace("</worksheet>", &" ".repeat(64 << 20)));
    for (bytes, text) in [
        (far, "2000 rows of 16384 columns with 2000 cells"),
        (long, "that claims to hold"),
    ] {
        let (outcome, memory) = peak_bytes(|| prepare(Input::memory("file", bytes)));
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
        assert!(memory < SLACK, "{memory}: {error}");
    }
}

/// What is promised decides how much is unpacked, not what comes.
#[test]
fn a_bomb_is_not_unpacked_beyond_its_promise() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let bomb = packed(&vec![0; 64 << 20]);
    let zstd = zstd::encode_all(&vec![0; 64 << 20][..], 3).unwrap();
    let promised = packed(&[&idx_file(8, &[10], &[])[..], &vec![0; 64 << 20]].concat());
    assert!(bomb.len() < 100_000 && promised.len() < 100_000);
    for (bytes, reader) in [
        (bomb.clone(), prepare as fn(Input) -> Result<(), Error>),
        (bomb, read_idx),
        (zstd, prepare),
        (promised, read_idx),
    ] {
        let (outcome, memory) = peak_bytes(|| reader(Input::memory("file", bytes)));
        let error = outcome.unwrap_err();
        assert!(
            error.to_string().starts_with("file: byte ") || error.to_string().starts_with("file:1:"),
            "{error}"
        );
        assert!(memory < SLACK, "{memory}: {error}");
    }
}
