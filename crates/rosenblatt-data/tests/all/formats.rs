//! One table in every format is one table; what is damaged or empty is refused with its place.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rosenblatt_data::read::{ReadInfo, ReadOptions, formats};
use rosenblatt_data::{ColumnData, Input, MISSING, Table, TableOptions, Warning, read};

pub const CSV: &str = "size,count,city,done,day
0.1,1,Lyon,true,2024-07-05
-2.5,2,\"Oslo, north\",false,2024-07-06
,3,Ålesund,true,1999-12-31
1e300,4,,true,
3,,\"O'Brien \"\"x\"\"\",false,2000-02-29
123456.789,6,Lyon,,2024-07-05
";

pub const LINES: &str = r#"{"size":0.1,"count":1,"city":"Lyon","done":true,"day":"2024-07-05"}
{"size":-2.5,"count":2,"city":"Oslo, north","done":false,"day":"2024-07-06"}
{"size":null,"count":3,"city":"\u00c5lesund","done":true,"day":"1999-12-31"}

{"count":4,"size":1e300,"done":true}
{"size":3,"count":NaN,"city":"O'Brien \"x\"","done":false,"day":"2000-02-29"}
{"size":123456.789,"count":6,"city":"Lyon","done":null,"day":"2024-07-05"}
"#;

const COLUMNS: &str = r#"{"size":[0.1,-2.5,null,1e300,3,123456.789],"count":[1,2,3,4,null,6],
"city":["Lyon","Oslo, north","Ålesund",null,"O'Brien \"x\"","Lyon"],"done":[true,false,true,true,false,null],
"day":["2024-07-05","2024-07-06","1999-12-31",null,"2000-02-29","2024-07-05"]}"#;

const BY_ROW: &str = r#"{"size":{"0":0.1,"1":-2.5,"2":null,"3":1e300,"4":3,"5":123456.789},"count":{"0":1,"1":2,"2":3,"3":4,"4":null,"5":6},
"city":{"0":"Lyon","1":"Oslo, north","2":"Ålesund","3":null,"4":"O'Brien \"x\"","5":"Lyon"},
"done":{"0":true,"1":false,"2":true,"3":true,"4":false,"5":null},
"day":{"0":"2024-07-05","1":"2024-07-06","2":"1999-12-31","3":null,"4":"2000-02-29","5":"2024-07-05"}}"#;

const SPLIT: &str = r#"{"columns":["size","count","city","done","day"],"index":[0,1,2,3,4,5],"data":[
[0.1,1,"Lyon",true,"2024-07-05"],[-2.5,2,"Oslo, north",false,"2024-07-06"],[null,3,"Ålesund",true,"1999-12-31"],
[1e300,4,null,true,null],[3,null,"O'Brien \"x\"",false,"2000-02-29"],[123456.789,6,"Lyon",null,"2024-07-05"]]}"#;

pub const ARFF: &str = r#"% a comment
@RELATION 'six rows'
@attribute size numeric
@attribute 'count' INTEGER
@attribute city string
@attribute done {true, false}
@attribute day date 'yyyy-MM-dd'

@DATA
0.1,1,Lyon,true,2024-07-05
-2.5, 2, 'Oslo, north', false, '2024-07-06'
?,3,Ålesund,true,1999-12-31
% another
1e300,4,?,true,?
3,?,'O\'Brien "x"',false,2000-02-29
123456.789,6,Lyon,?,2024-07-05
"#;

const ALIGNED: &str = r#"      size  count           city   done        day
       0.1      1           Lyon   true 2024-07-05
      -2.5      2  "Oslo, north"  false 2024-07-06
        NA      3        Ålesund   true 1999-12-31
     1e300      4             NA   true         NA
         3     NA "O'Brien \"x\""  false 2000-02-29
123456.789      6           Lyon     NA 2024-07-05
"#;

/// The table as Arrow has it.
fn batch() -> RecordBatch {
    let size = vec![Some(0.1), Some(-2.5), None, Some(1e300), Some(3.0), Some(123_456.789)];
    let count = vec![Some(1), Some(2), Some(3), Some(4), None, Some(6)];
    let city = vec![
        Some("Lyon"),
        Some("Oslo, north"),
        Some("Ålesund"),
        None,
        Some("O'Brien \"x\""),
        Some("Lyon"),
    ];
    let done = vec![Some(true), Some(false), Some(true), Some(true), Some(false), None];
    let day = vec![
        Some(19_909),
        Some(19_910),
        Some(10_956),
        None,
        Some(11_016),
        Some(19_909),
    ];
    let columns: [(&str, ArrayRef); 5] = [
        ("size", Arc::new(Float64Array::from(size))),
        ("count", Arc::new(Int64Array::from(count))),
        ("city", Arc::new(StringArray::from(city))),
        ("done", Arc::new(BooleanArray::from(done))),
        ("day", Arc::new(Date32Array::from(day))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

pub fn parquet(compression: parquet::basic::Compression) -> Vec<u8> {
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch().schema(), Some(properties)).unwrap();
    writer.write(&batch()).unwrap();
    writer.close().unwrap();
    bytes
}

pub fn arrow(compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch().schema(), options).unwrap();
    writer.write(&batch().slice(0, 2)).unwrap();
    writer.write(&batch().slice(2, 4)).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

fn arrow_stream() -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch().schema()).unwrap();
    writer.write(&batch()).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Each format, how the table is packed in it, and its bytes.
fn files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    use parquet::basic::{Compression as Codec, GzipLevel, ZstdLevel};
    let array = format!(
        "[{}]",
        LINES.replace('\n', ",").replace("},,", "},").trim_end_matches(',')
    );
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    vec![
        ("aligned", "", ALIGNED.into()),
        ("arff", "", ARFF.into()),
        ("arff", "", ARFF.replace('\n', "\r\n").into()),
        ("arrow", "", arrow(None)),
        ("arrow", "", arrow(Some(CompressionType::ZSTD))),
        ("arrow", "", arrow(Some(CompressionType::LZ4_FRAME))),
        ("arrow", "", arrow_stream()),
        ("arrow", "gzip", gzip(&arrow(None))),
        ("delimited", "", CSV.into()),
        ("delimited", "gzip", gzip(CSV.as_bytes())),
        ("delimited", "zstd", zstd::encode_all(CSV.as_bytes(), 3).unwrap()),
        (
            "delimited",
            "zip",
            zip(&[("a/b.csv", CSV.as_bytes()), ("__MACOSX/a/._b.csv", b"\0")]),
        ),
        ("json", "", LINES.into()),
        ("json", "", array.clone().into()),
        ("json", "", utf16(&array)),
        ("json", "", COLUMNS.into()),
        ("json", "", BY_ROW.into()),
        ("json", "zstd", zstd::encode_all(SPLIT.as_bytes(), 3).unwrap()),
        ("parquet", "", parquet(Codec::UNCOMPRESSED)),
        ("parquet", "", parquet(Codec::SNAPPY)),
        ("parquet", "", parquet(Codec::LZ4_RAW)),
        ("parquet", "", parquet(Codec::GZIP(GzipLevel::default()))),
        (
            "parquet",
            "zip",
            zip(&[("t.parquet", &parquet(Codec::ZSTD(ZstdLevel::default())))]),
        ),
        ("spreadsheet", "", include_bytes!("../cases/small.xlsx").to_vec()),
        ("spreadsheet", "", include_bytes!("../cases/small.ods").to_vec()),
    ]
}

pub fn table(bytes: Vec<u8>) -> rosenblatt_tensor::Result<(Table, ReadInfo)> {
    Table::read(&Input::memory("t", bytes), &TableOptions::default())
}

/// Numbers to the bit, texts, and `_` where a cell is missing.
pub fn cells(table: &Table) -> Vec<String> {
    let of_column = |column: &rosenblatt_data::Column| {
        let cells: Vec<String> = match &column.data {
            ColumnData::Numeric(values) => {
                let bits = |x: f64| {
                    if x.is_nan() {
                        "_".into()
                    } else {
                        format!("{:x}", x.to_bits())
                    }
                };
                values.iter().map(bits).collect()
            }
            ColumnData::Categorical(texts) => {
                let (codes, levels) = (texts.codes(), texts.levels());
                let text = |&code: &u32| {
                    if code == MISSING {
                        "_".into()
                    } else {
                        levels.get(code as usize).to_string()
                    }
                };
                codes.iter().map(text).collect()
            }
        };
        format!("{}: {}", column.name, cells.join("|"))
    };
    table.columns().iter().map(of_column).collect()
}

#[test]
fn every_format() {
    let files = files();
    for format in formats() {
        assert!(files.iter().any(|(name, ..)| *name == format), "{format} is not tested");
    }
    let expected = cells(&table(CSV.into()).unwrap().0);
    assert!(
        expected[2].ends_with("Lyon|Oslo, north|Ålesund|_|O'Brien \"x\"|Lyon"),
        "{expected:?}"
    );
    for (format, packing, bytes) in files {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let (table, info) = table(bytes).unwrap_or_else(|error| panic!("{format}: {start}: {error:?}"));
        assert_eq!(cells(&table), expected, "{format}: {start}");
        assert_eq!(
            (info.dialect.format, info.dialect.packing.unwrap_or_default()),
            (format, packing)
        );
        let others = info
            .warnings
            .iter()
            .any(|warning| matches!(warning, Warning::OtherSheets { .. }));
        assert_eq!(others, format == "spreadsheet", "{:?}", info.warnings);
    }
}

#[test]
fn rows_keep_their_lines() {
    for (bytes, expected) in [
        (
            ARFF.replace("Lyon,?", "Lyon,?,5"),
            "t:16: 6 cells, but the header has 5",
        ),
        (
            ALIGNED.replace("Lyon     NA", "Lyon"),
            "t:7: 4 cells, but the header has 5",
        ),
        (
            LINES.replace("123456.789", "[1]"),
            "t:7: `size` holds an array, expected a number, a text, true, false or null",
        ),
        (
            LINES.replace("\"done\":true}", "\"done\":true"),
            "t:5: damaged JSON: a record is never closed",
        ),
        (
            ARFF.replace("1e300,4", "{1 4}"),
            "t:14:1: a sparse row, `{1 x, 5 y}`, expected a value for each attribute",
        ),
        (
            "{\"a\":1,\"a\":2}".into(),
            "t:1: the key `a` is there twice in a record",
        ),
        (
            "[[1,2],[3,4]]".into(),
            "t:1: a row without names, expected a record such as `{\"name\": 1}`",
        ),
        (
            "[{\"a\":1} {\"a\":2}]".into(),
            "t:1: damaged JSON: expected `,` or `]` behind a record",
        ),
        (
            "{\"a\":{\"x\":1},\"b\":{\"x\":2}}".into(),
            "t:1: `a` holds an object with the key `x`, expected a cell",
        ),
        (
            "{\"a\":[1,2],\"b\":[1]}".into(),
            "t:1: `b` has 1 rows, but the column before has 2",
        ),
        ("[]".into(), "t: is empty, expected rows with named columns"),
        (
            "<!DOCTYPE html><html>".into(),
            "t: this is a page (HTML), expected a table",
        ),
        (
            "version https://git-lfs.github.com/spec/v1\n".into(),
            "t: this is a pointer of git-lfs, not the file itself, expected a table",
        ),
        (
            "<?xml version=\"1.0\"?>".into(),
            "t: this is an XML document, expected a table",
        ),
        (
            "{\\rtf1}".into(),
            "t: this is a formatted document (RTF), expected a table",
        ),
        (
            "1 1:0.5 3:2\n-1 2:1\n".into(),
            "t: this is a sparse matrix (libsvm: `1 3:0.5 7:2`), expected a table",
        ),
    ] {
        let error = table(bytes.clone().into_bytes())
            .map(|(table, _)| cells(&table))
            .unwrap_err();
        assert_eq!(error.to_string(), expected, "{bytes}");
    }
}

#[test]
fn archives_hold_one_table() {
    let two = zip(&[("a.csv", b"a\n1\n"), ("b.csv", b"a\n2\n")]);
    let error = table(two).unwrap_err().to_string();
    assert!(
        error.contains("2 files") && error.contains("`a.csv`") && error.contains("`b.csv`"),
        "{error}"
    );
    let mut damaged = zip(&[("a.csv", CSV.as_bytes())]);
    damaged[40] ^= 1;
    assert!(
        table(damaged)
            .unwrap_err()
            .to_string()
            .starts_with("t: damaged or cut short")
    );
    let twice = zip(&[("a.csv.gz", &gzip(CSV.as_bytes()))]);
    assert_eq!(
        table(twice).unwrap_err().to_string(),
        "t: this is packed twice, expected a table"
    );
}

/// No row, one row, and cut anywhere.
#[test]
fn short_files() {
    for (bytes, rows) in [
        ("a  b\n1  2\n3  4\n", 2),
        ("@relation r\n@attribute a numeric\n@data\n", 0),
        ("@relation r\n@attribute a numeric\n@data\n1", 1),
        ("{\"a\":1}", 1),
        ("[{\"a\":1}]", 1),
        ("{\"a\":[]}", 0),
    ] {
        let (frame, _) = read::read(&Input::memory("t", bytes.as_bytes()), &ReadOptions::default()).unwrap();
        assert_eq!((frame.len(), frame.names().next()), (rows, Some("a")), "{bytes}");
    }
    for (format, _, bytes) in files() {
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
            let outcome = table(bytes[..cut].to_vec());
            let text = matches!(format, "aligned" | "arff" | "delimited" | "json");
            let whole = outcome.as_ref().is_ok_and(|(table, _)| table.len() == 6);
            assert!(text || outcome.is_err() || whole, "{format}, cut at {cut}");
        }
    }
}

#[test]
fn single_columns_of_words_are_not_split() {
    let first = |text: &str| {
        let (frame, _) = read::read(&Input::memory("t", text.as_bytes()), &ReadOptions::default()).unwrap();
        frame.names().map(str::to_owned).collect::<Vec<_>>().join("|")
    };
    assert_eq!(first("full name\nJohn Smith\nAnna Lee\n"), "full name");
    assert_eq!(
        first("\"size\" \"kind\"\n\"1\" 3 \"a b\"\n\"2\" 4 \"c\"\n"),
        "row_names|size|kind"
    );
    assert_eq!(first("x y\n1 2\n3 4\n"), "x|y");
    assert_eq!(first("# made by us\nx   y\n1   b\n3   c\n"), "x|y");
    assert_eq!(first("a b,c d\n1 2,3 4\n1 2,3 4\n"), "a b|c d");
}

/// A folder takes tables of all formats, a pattern those whose names match; texts beside tables are notes.
#[test]
fn folders_and_patterns() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.csv"), CSV).unwrap();
    std::fs::write(path("b.jsonl.gz"), gzip(LINES.as_bytes())).unwrap();
    std::fs::write(path("c.parquet"), parquet(parquet::basic::Compression::SNAPPY)).unwrap();
    std::fs::write(path("notes.txt"), "about the table").unwrap();
    let rows = |input: &Input| read::read(input, &ReadOptions::default()).map(|(frame, _)| frame.len());
    let all = Input::tables_in(folder.path()).unwrap().unwrap();
    assert_eq!((all.parts().len(), rows(&all).unwrap()), (3, 18));
    let pattern = |name: &str| Input::matching(path(name).to_str().unwrap());
    assert_eq!(rows(&pattern("*.[cp]*").unwrap()).unwrap(), 12);
    assert!(pattern("*.ods").unwrap_err().to_string().contains("no file matches"));
    let named = rosenblatt_data::resolve(path("*.csv").to_str().unwrap()).unwrap();
    assert!(matches!(named, rosenblatt_data::DataRef::Pattern(_)));
}

#[test]
fn aligned_columns_as_programs_print_them() {
    let bytes = include_bytes!("../cases/aligned_spaces.txt.gz").to_vec();
    for delimiter in [None, Some(b' ')] {
        let options = ReadOptions {
            delimiter,
            ..ReadOptions::default()
        };
        let (frame, info) = read::read(&Input::memory("t", bytes.clone()), &options).unwrap();
        assert_eq!(
            frame.names().collect::<Vec<_>>(),
            ["size", "rooms", "city", "age", "price"]
        );
        assert_eq!((frame.len(), info.dialect.format), (300, "aligned"));
        assert_eq!(frame.texts("city").unwrap()[1], "Turku");
    }
}
