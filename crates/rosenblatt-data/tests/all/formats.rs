//! One table in every format is one table; what is damaged or empty is refused with its place.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::DataType;
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rosenblatt_data::read::{ReadInfo, ReadOptions, formats};
use rosenblatt_data::{ColumnData, Frame, Input, MISSING, Table, TableOptions, Warning, read};

const CSV: &str = "size,count,city,done,day
0.1,1,Lyon,true,2024-07-05
-2.5,2,\"Oslo, north\",false,2024-07-06
,3,Ålesund,true,1999-12-31
1e300,4,,true,
3,,\"O'Brien \"\"x\"\"\",false,2000-02-29
123456.789,6,Lyon,,2024-07-05
";

const LINES: &str = r#"{"size":0.1,"count":1,"city":"Lyon","done":true,"day":"2024-07-05"}
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

const ARFF: &str = r#"% a comment
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

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
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

fn table(bytes: Vec<u8>) -> rosenblatt_tensor::Result<(Table, ReadInfo)> {
    Table::read(&Input::memory("t", bytes), &TableOptions::default())
}

/// Numbers to the bit, texts, and `_` where a cell is missing.
fn cells(table: &Table) -> Vec<String> {
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

/// Texts that a Parquet file stores by number mean what they mean one by one: numbers, dates, gaps, spellings of one category.
#[test]
fn texts_stored_by_number() {
    let of = |cells: [Option<&str>; 6]| {
        let column: ArrayRef = Arc::new(StringArray::from(cells.to_vec()));
        let batch = RecordBatch::try_from_iter_with_nullable([("x", column, true)]).unwrap();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes
    };
    for texts in [
        [Some("red"), None, Some(" blue"), Some("Red"), Some("red"), Some("NA")],
        [Some("1"), Some("2.5"), Some("-"), None, Some("$3"), Some("1")],
        [
            Some("2024-01-05"),
            Some("2024-02-05"),
            None,
            Some("2024-02-05"),
            Some("2024-02-06"),
            Some("2024-02-05"),
        ],
        [Some("a"), Some("a"), Some("b"), Some("1"), Some("a"), Some("4 kg")],
        [None, None, None, None, None, None],
    ] {
        let (stored, _) = read::read(&Input::memory("t", of(texts)), &ReadOptions::default()).unwrap();
        assert!(matches!(
            stored.arrays("x").unwrap()[0].data_type(),
            DataType::Dictionary(..)
        ));
        let one_by_one = Frame::from_columns("t", [("x", texts.map(|text| text.map(str::to_owned)).to_vec().into())]);
        let [(of_stored, warnings), (expected, others)] =
            [stored, one_by_one.unwrap()].map(|frame| Table::of(frame, &TableOptions::default()).unwrap());
        assert_eq!((cells(&of_stored), warnings), (cells(&expected), others), "{texts:?}");
    }
}

/// What says how a text is written is an error for a file that is none, unless another file of the same table takes it.
#[test]
fn options_that_a_format_does_not_take_are_refused() {
    let text = |name: &str, bytes: &[u8]| Input::memory(name, bytes);
    let inputs = [
        text("t.json", LINES.as_bytes()),
        text("t.arff", ARFF.as_bytes()),
        text("t.parquet", &parquet(parquet::basic::Compression::SNAPPY)),
        text("t.arrow", &arrow(None)),
    ];
    let options = |key| ReadOptions {
        asked: vec![key],
        ..ReadOptions::default()
    };
    for key in ["data.delimiter", "data.header", "data.skip_lines", "data.comment"] {
        for input in &inputs {
            let error = read::read(input, &options(key)).unwrap_err();
            let start = format!("{key}: {}: does not apply to the format `", input.name());
            assert!(error.to_string().starts_with(&start), "{error}");
            assert_eq!(error.kind(), rosenblatt_tensor::ErrorKind::Config);
        }
        let csv = text("t.csv", CSV.as_bytes());
        assert!(read::read(&csv, &options(key)).is_ok());
        let mixed = Input::several(vec![csv, inputs[2].clone()]);
        assert!(read::read(&mixed, &options(key)).is_ok());
        let none = Input::several(inputs.to_vec());
        assert!(read::read(&none, &options(key)).is_err());
    }
    let encoding = |input: &Input| read::read(input, &options("data.encoding")).is_ok();
    assert_eq!(inputs.each_ref().map(encoding), [true, true, false, false]);
    let names = |input: &Input| read::read(input, &options("data.names")).is_ok();
    assert_eq!(inputs.each_ref().map(names), [true; 4]);
}

/// Where rows have no lines, a warning names the row.
#[test]
fn warnings_name_rows_where_there_are_no_lines() {
    let texts = |odd: &str| {
        let cells = (0..30).map(|i| if i == 4 { odd.to_owned() } else { format!("{}.5", i % 7) });
        cells.collect::<Vec<_>>()
    };
    let of_columns = |odd: &str| format!("{{\"a\":{:?}}}", texts(odd)).into_bytes();
    let of_batch = |odd: &str| {
        let column: ArrayRef = Arc::new(StringArray::from(texts(odd)));
        let batch = RecordBatch::try_from_iter([("a", column)]).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    };
    let csv = |odd: &str| ("a\n".to_owned() + &texts(odd).join("\n")).into_bytes();
    for (odd, kind) in [("007", "read_as_text"), ("#DIV/0!", "not_numbers")] {
        for (bytes, place) in [
            (of_columns(odd), "row 5"),
            (of_batch(odd), "row 5"),
            (csv(odd), "line 6"),
        ] {
            let input = Input::memory("t", bytes);
            let (_, info) = Table::read(&input, &TableOptions::default()).unwrap();
            let warning = info.warnings.iter().find(|warning| warning.kind() == kind).unwrap();
            assert!(warning.to_string().contains(&format!("in {place}")), "{warning}");
            let json = serde_json::to_value(warning).unwrap();
            let (key, number) = place.split_once(' ').unwrap();
            assert_eq!(json[key].to_string(), number);
            assert!(json.get(if key == "row" { "line" } else { "row" }).is_none(), "{json}");
        }
    }
}

/// A workbook of sheets with these names, and the rows of their XML.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |id: usize, kind: &str, target: &str| {
        format!("<Relationship Id=\"rId{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |all: String| format!("<Relationships xmlns=\"{PACKAGE}\">{all}</Relationships>");
    let numbered = || (1..).zip(sheets);
    let named = numbered().map(|(id, (name, _))| format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>"));
    let named: String = named.collect();
    let targets = numbered().map(|(id, _)| relation(id, "worksheet", &format!("worksheets/sheet{id}.xml")));
    let mut members = vec![
        ("[Content_Types].xml".to_owned(), "<Types/>".to_owned()),
        (
            "_rels/.rels".to_owned(),
            relations(relation(1, "officeDocument", "xl/workbook.xml")),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{named}</sheets></workbook>"),
        ),
        ("xl/_rels/workbook.xml.rels".to_owned(), relations(targets.collect())),
    ];
    members.extend(numbered().map(|(id, (_, rows))| {
        let sheet = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
        (format!("xl/worksheets/sheet{id}.xml"), sheet)
    }));
    let members: Vec<(&str, &[u8])> = members
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    zip(&members)
}

#[test]
fn sheets_without_cells_are_named() {
    let table = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>2</v></c></row>";
    let blank = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v> </v></c></row>";
    let rows = |sheets: &[(&str, &str)]| {
        let read = read::read(&Input::memory("b.xlsx", workbook(sheets)), &ReadOptions::default());
        read.map(|(frame, _)| frame.len()).map_err(|error| error.to_string())
    };
    assert_eq!(
        rows(&[("Data", "")]),
        Err("b.xlsx: no sheet has a cell: `Data`".to_owned())
    );
    assert_eq!(
        rows(&[("Data", ""), ("Notes", blank)]),
        Err("b.xlsx: no sheet has a cell: `Data`, `Notes`".to_owned())
    );
    assert_eq!(rows(&[("Data", table)]), Ok(1));
    assert_eq!(rows(&[("Empty", ""), ("Blank", blank), ("Data", table)]), Ok(1));
}
