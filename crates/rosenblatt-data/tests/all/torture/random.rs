//! Random tables in random dialects come back as they went out; damaged ones never end the program.

use rosenblatt_data::read::{Encoding, ReadOptions};
use rosenblatt_data::{Column, ColumnKind, HeaderLine, Input, Table, TableOptions};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Error, ErrorKind};
use rosenblatt_testkit::seeded_cases;

use crate::common;

/// What cells are made of: all that means something to a reader, too.
const LETTERS: [char; 16] = [
    'a', 'b', 'Z', '7', '0', '.', ',', ';', '\t', '|', '"', '\n', '\r', '\'', 'é', '🐧',
];

/// A table as a writer of some dialect puts it down.
struct Written {
    bytes: Vec<u8>,
    cells: Vec<Vec<String>>,
    delimiter: char,
}

fn written(seed: u64) -> Written {
    let mut draw = Rng::new(seed).purpose("tables").stream();
    let mut below = |n: usize| draw.below(n as u64) as usize;
    let (rows, columns) = (below(8), 1 + below(4));
    let delimiter = [',', ';', '\t', '|'][below(4)];
    let end = ["\n", "\r\n"][below(2)];
    let cells: Vec<Vec<String>> = (0..rows)
        .map(|_| {
            let mut cell = || (0..below(6)).map(|_| LETTERS[below(LETTERS.len())]).collect::<String>();
            (0..columns).map(|_| cell().trim().to_owned()).collect()
        })
        .collect();
    let header = (0..columns).map(|i| format!("c{i}")).collect::<Vec<_>>();
    let mut text = ["", "\u{feff}"][below(2)].to_owned() + &header.join(&delimiter.to_string());
    for row in &cells {
        text += end;
        for (i, cell) in row.iter().enumerate() {
            let special = cell.is_empty() || cell.starts_with('"') || cell.contains([delimiter, '\n', '\r']);
            text += &if i > 0 { delimiter.to_string() } else { String::new() };
            text += &if special || below(2) == 0 {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            };
        }
    }
    text += ["", end][below(2)];
    let bytes = match below(3) {
        0 => {
            let text = text.trim_start_matches('\u{feff}');
            [0xfeff]
                .into_iter()
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect()
        }
        _ => text.into_bytes(),
    };
    Written {
        bytes,
        cells,
        delimiter,
    }
}

/// Reads a table without looking at how it was read.
fn read(input: &Input, options: &TableOptions) -> Result<Table, Error> {
    Table::read(input, options).map(|(table, _)| table)
}

#[test]
fn random_tables_in_random_dialects_come_back() {
    for seed in seeded_cases(20_000) {
        let Written {
            bytes,
            cells,
            delimiter,
        } = written(seed);
        let columns = cells.first().map_or(0, Vec::len);
        let names: Vec<String> = (0..columns).map(|i| format!("c{i}")).collect();
        let options = TableOptions {
            read: ReadOptions {
                delimiter: (columns == 1).then_some(delimiter as u8),
                header: HeaderLine::First,
                encoding: Encoding::named("utf-8").ok(),
                ..ReadOptions::default()
            },
            exact: names.clone(),
            kinds: names
                .iter()
                .map(|name| (name.clone(), ColumnKind::Categorical))
                .collect(),
            ..TableOptions::default()
        };
        let found = read(&Input::memory("t.csv", bytes.clone()), &options).unwrap_or_else(|e| panic!("{seed}: {e}"));
        assert_eq!(found.len(), cells.len(), "{seed}");
        for (i, name) in names.iter().enumerate() {
            let cells = cells.iter().map(|row| Some(&*row[i]).filter(|cell| !cell.is_empty()));
            let expected = Column::categorical(name.as_str(), cells);
            assert_eq!(
                found.column(name).unwrap(),
                &expected,
                "seed {seed}: {}",
                bytes.escape_ascii()
            );
        }
    }
}

/// Where both accept a table, the splitting agrees with a reader that others wrote.
#[test]
fn cells_are_those_of_another_reader() {
    for seed in seeded_cases(20_000) {
        let bytes = common::mutant(b"a,b\n1,\"x,y\"\n2,\"p\"\"q\"\n\"3\",z z\n4,\"u\nv\"\n", seed);
        let categories = ["a", "b"].map(|name| (name.to_owned(), ColumnKind::Categorical));
        let options = TableOptions {
            read: ReadOptions {
                delimiter: Some(b','),
                header: HeaderLine::First,
                encoding: Encoding::named("utf-8").ok(),
                ..ReadOptions::default()
            },
            kinds: categories.into(),
            exact: vec!["a".into(), "b".into()],
            ..TableOptions::default()
        };
        let Ok(found) = read(&Input::memory("t.csv", bytes.clone()), &options) else {
            continue;
        };
        if bytes.contains(&0x1a) {
            continue; // The mark that DOS ends a file with is no row.
        }
        if found.names().collect::<Vec<_>>() != ["a", "b"] || bytes.windows(2).any(|pair| pair == b" \"") {
            continue; // There white space before a quote makes it a character.
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut other = csv::ReaderBuilder::new().flexible(true).from_reader(text);
        let rows: Vec<csv::StringRecord> = other.records().map(Result::unwrap).collect();
        let column = |i: usize, name: &str| {
            let cells = rows.iter().map(|row| row.get(i).map(str::trim));
            Column::categorical(name, cells.map(|cell| cell.filter(|cell| !["", "?"].contains(cell))))
        };
        let expected = Table::new("t.csv", vec![column(0, "a"), column(1, "b")]).unwrap();
        assert_eq!(
            found.columns(),
            expected.columns(),
            "seed {seed}: {}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn damaged_tables_are_read_or_refused() {
    for seed in seeded_cases(20_000) {
        let original = written(seed / 4);
        let bytes = common::mutant(&original.bytes, seed);
        if let Err(error) = read(&Input::memory("t.csv", bytes), &TableOptions::default()) {
            assert_eq!(error.kind(), ErrorKind::Data, "{error:?}");
            assert!(error.to_string().starts_with("t.csv"), "{error}");
        }
    }
}
