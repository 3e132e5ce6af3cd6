//! Tables from CSV: what is read, what is refused, and where the error points.
#![cfg(test)]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use rosenblatt_data::read::ReadOptions;
use rosenblatt_data::{ColumnData, ColumnKind, HeaderLine, Input, MISSING, Table, TableOptions};
use rosenblatt_tensor::{Error, ErrorKind};

/// Reads a table without looking at how it was read.
fn read(input: &Input, options: &TableOptions) -> Result<Table, Error> {
    Table::read(input, options).map(|(table, _)| table)
}

fn table(text: &[u8]) -> Result<Table, Error> {
    read(&Input::memory("t.csv", text.to_vec()), &TableOptions::default())
}

fn error(text: &[u8]) -> Error {
    table(text).expect_err(&text.escape_ascii().to_string())
}

fn numbers(table: &Table, name: &str) -> Vec<f64> {
    match &table.column(name).unwrap().data {
        ColumnData::Numeric(values) => values.to_vec(),
        ColumnData::Categorical(_) => panic!("{name} is categorical"),
    }
}

fn texts<'a>(table: &'a Table, name: &str) -> Vec<Option<&'a str>> {
    match &table.column(name).unwrap().data {
        ColumnData::Numeric(_) => panic!("{name} is numeric"),
        ColumnData::Categorical(texts) => texts
            .codes()
            .iter()
            .map(|&code| (code != MISSING).then(|| texts.levels().get(code as usize)))
            .collect(),
    }
}

#[test]
fn delimiters_marks_and_line_ends() {
    for text in [
        "a,b\n1,x\n2,y\n",
        "a,b\r\n1,x\r\n2,y\r\n",
        "\u{feff}a,b\n1,x\n2,y",
        "a\tb\n1\tx\n2\ty\n",
        "a;b\n1;x\n2;y\n",
        "\n\na,b\n\n1,x\r\n\r\n2,y\n\n",
        " a , b \n 1 , x \n 2 , y \n",
        "\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\"",
    ] {
        let table = table(text.as_bytes()).unwrap();
        assert_eq!(table.names().collect::<Vec<_>>(), ["a", "b"], "{text:?}");
        assert_eq!(numbers(&table, "a"), [1.0, 2.0]);
        assert_eq!(texts(&table, "b"), [Some("x"), Some("y")]);
    }
}

#[test]
fn gzip_is_recognized_by_content() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(b"a\n1\n2\n").unwrap();
    let bytes = packed.finish().unwrap();
    assert_eq!(numbers(&table(&bytes).unwrap(), "a"), [1.0, 2.0]);
    let cut = error(&bytes[..bytes.len() - 6]);
    assert_eq!(cut.kind(), ErrorKind::Data, "{cut:?}");
}

#[test]
fn missing_cells() {
    let table = table(b"n,c\nNA,\n1,NaN\n,?\nnull,x\n?,NA\n").unwrap();
    let present: Vec<bool> = numbers(&table, "n").iter().map(|x| !x.is_nan()).collect();
    assert_eq!(present, [false, true, false, false, false]);
    assert_eq!(texts(&table, "c"), [None, None, None, Some("x"), None]);
}

#[test]
fn a_column_is_numeric_only_if_all_its_cells_are() {
    let table = table(b"late,early,zip,empty\n007,x,1,\n1e3,2,2,\nfar,3,?,\n").unwrap();
    assert_eq!(
        texts(&table, "late"),
        [Some("007"), Some("1e3"), Some("far")],
        "the texts as they stand"
    );
    assert_eq!(texts(&table, "early"), [Some("x"), Some("2"), Some("3")]);
    assert_eq!(numbers(&table, "zip")[..2], [1.0, 2.0]);
    assert!(numbers(&table, "empty").iter().all(|x| x.is_nan()));
}

#[test]
fn a_given_kind_is_kept() {
    let kinds = [
        ("zip".to_owned(), ColumnKind::Categorical),
        ("n".to_owned(), ColumnKind::Numeric),
    ]
    .into();
    let options = TableOptions {
        kinds,
        missing: vec!["-".into()],
        ..TableOptions::default()
    };
    let good = read(&Input::memory("t.csv", *b"zip,n\n007,1\n010,-\n"), &options).unwrap();
    assert_eq!(texts(&good, "zip"), [Some("007"), Some("010")]);
    assert!(numbers(&good, "n")[1].is_nan());
    let error = read(&Input::memory("t.csv", *b"zip,n\n007,1\n010,many\n"), &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv:3:2: column `n`: expected a number, got `many`"
    );
}

#[test]
fn numbers_may_stand_for_missing() {
    let options = TableOptions {
        missing: vec!["-999".into(), "0.0".into()],
        ..TableOptions::default()
    };
    let table = read(&Input::memory("t.csv", *b"a,b\n1.5,-999\n-999,0\n0.0,2\n"), &options).unwrap();
    let present = |name| {
        numbers(&table, name)
            .into_iter()
            .filter(|x| !x.is_nan())
            .collect::<Vec<_>>()
    };
    assert_eq!((present("a"), present("b")), (vec![1.5], vec![0.0, 2.0]));
}

#[test]
fn a_given_delimiter_is_used_and_nonsense_refused() {
    let read = |delimiter| {
        let options = TableOptions {
            read: ReadOptions {
                delimiter: Some(delimiter),
                ..ReadOptions::default()
            },
            ..TableOptions::default()
        };
        read(&Input::memory("t.csv", *b"a,a|b,b\n1,1|x\n"), &options)
    };
    assert_eq!(read(b'|').unwrap().names().collect::<Vec<_>>(), ["a,a", "b,b"]);
    for nonsense in [b'"', b'\n', b'a', 0x1e, 0xff] {
        assert_eq!(read(nonsense).unwrap_err().kind(), ErrorKind::Config);
    }
}

#[test]
fn errors_point_at_their_place() {
    for (text, expected) in [
        ("", "t.csv:1: is empty, expected a header line"),
        ("\n\n", "t.csv:1: is empty, expected a header line"),
        ("a,b\n1,2\n3\n", "t.csv:3: 1 cell, but the header has 2"),
        ("a,b\r\n1,2\r\n\r\n3,4,5\r\n", "t.csv:4: 3 cells, but the header has 2"),
        ("a,b\n\"x\ny\",2\n\n3\n", "t.csv:5: 1 cell, but the header has 2"),
        (
            "a,b,a\n",
            "t.csv:1:3: column `a` is listed twice in the header, as cells 1 and 3",
        ),
        (
            "\na, b,b\n",
            "t.csv:2:3: column `b` is listed twice in the header, as cells 2 and 3",
        ),
        (
            "a,b\n1,2\n3,1e999\n",
            "t.csv:3:2: column `b`: `1e999` is out of range, expected a finite number",
        ),
        (
            "a,b\n1,2\n3,-inf\n",
            "t.csv:3:2: column `b`: `-inf` is out of range, expected a finite number",
        ),
        (
            "a,b\n1,\"2\n3,4\n5,6\n",
            "t.csv:2:2: a quote opened here is never closed",
        ),
        ("a,\"b\n1,2\n", "t.csv:1:2: a quote opened here is never closed"),
        (
            "a,b\n1,2\n\n3,4\n\n5,\"6",
            "t.csv:6:2: a quote opened here is never closed",
        ),
    ] {
        let error = error(text.as_bytes());
        assert_eq!(
            (error.to_string().as_str(), error.kind()),
            (expected, ErrorKind::Data),
            "{text:?}"
        );
    }
    assert_eq!(
        error(b"a,b\n1,x\0\n").to_string(),
        "t.csv:2:2: a NUL byte, expected text"
    );
}

/// A number out of range in a column that turns out to be text is just a text.
#[test]
fn out_of_range_does_not_matter_among_texts() {
    let table = table(b"a\n1e999\nx\n").unwrap();
    assert_eq!(texts(&table, "a"), [Some("1e999"), Some("x")]);
}

#[test]
fn nothing_is_lost_in_small_tables() {
    assert_eq!(table(b"a").unwrap().len(), 0);
    assert_eq!(table(b"a,b\n").unwrap().len(), 0);
    assert_eq!(numbers(&table(b"a\n5").unwrap(), "a"), [5.0]);
    assert_eq!(
        table(b"a\n\"\"\n\n\"\"\r\n\r\n\"\"").unwrap().len(),
        3,
        "blank lines are no rows, quoted cells are"
    );
    assert_eq!(
        table(b",b,\n1,2,3\n").unwrap().names().collect::<Vec<_>>(),
        ["unnamed_1", "b", "unnamed_3"]
    );
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: std::path::PathBuf| read(&Input::file(path), &TableOptions::default()).unwrap_err();
    assert_eq!(read(folder.path().join("none.csv")).kind(), ErrorKind::Io);
    assert_eq!(read(folder.path().to_owned()).kind(), ErrorKind::Data);
}

/// A cell as a writer may put it down: quoted or, where that is possible, bare.
fn quoted(text: &str, always: bool) -> String {
    let needs = text.is_empty() || text.contains(['"', ',', '\n', '\r']);
    if needs || always {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Texts without white space at their ends, which is not part of a cell.
fn cell() -> impl Strategy<Value = String> {
    "([a-z0-9\"',;\t\r\n \u{e4}\u{1f427}-]{0,8})".prop_map(|text| text.trim().to_owned())
}

/// Bytes that mean something to a reader.
const TELLING: &[u8] = b"a1,;\t\"\r\n \xef\xbb\xbf\x1e.e-?N";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn texts_survive_any_quoting(
        rows in prop::collection::vec(((cell(), any::<bool>()), (cell(), any::<bool>())), 0..12),
        crlf in any::<bool>(),
        last_end in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("a,b{end}");
        for ((a, quote_a), (b, quote_b)) in &rows {
            text += &(quoted(a, *quote_a) + "," + &quoted(b, *quote_b) + end);
        }
        if !last_end {
            text.truncate(text.len() - end.len());
        }
        let kinds = ["a", "b"].map(|name| (name.to_owned(), ColumnKind::Categorical)).into();
        let options = TableOptions { read: ReadOptions { delimiter: Some(b','), header: HeaderLine::First, ..ReadOptions::default() }, kinds, exact: vec!["a".into(), "b".into()], ..TableOptions::default() };
        let table = read(&Input::memory("t.csv", text.into_bytes()), &options).unwrap();
        fn some(text: &str) -> Option<&str> {
            (!text.is_empty()).then_some(text)
        }
        prop_assert_eq!(texts(&table, "a"), rows.iter().map(|((a, _), _)| some(a)).collect::<Vec<_>>());
        prop_assert_eq!(texts(&table, "b"), rows.iter().map(|(_, (b, _))| some(b)).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_survive_exactly(values in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 1..20)) {
        let text = values.iter().fold("x".to_owned(), |text, value| format!("{text}\n{value:e}"));
        let table = table(text.as_bytes()).unwrap();
        prop_assert_eq!(numbers(&table, "x"), values);
    }

    /// Any bytes are a table or an error.
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(prop::sample::select(TELLING.to_vec()), 0..60)) {
        if let Err(error) = table(&bytes) {
            prop_assert!(error.to_string().starts_with("t.csv"), "{}", error);
        }
    }
}
