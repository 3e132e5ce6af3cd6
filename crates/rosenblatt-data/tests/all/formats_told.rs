//! What formats store in ways of their own, and what is said of it.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use rosenblatt_data::read::ReadOptions;
use rosenblatt_data::{Frame, Input, Table, TableOptions, read};

use crate::formats::{ARFF, CSV, LINES, arrow, cells, parquet, zip};

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
