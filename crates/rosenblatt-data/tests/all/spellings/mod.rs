//! Tables as people have them: one table of known cells, written in many ways; it is read as if it were written plainly, and
//! whatever changed is told.
#![cfg(test)]

mod categories;
mod lines;
mod numbers;

use rosenblatt_data::{Column, ColumnData, DataOptions, Input, MISSING, Prepared, Table, TableOptions, Warning, load};
use rosenblatt_tensor::Error;

const ROWS: usize = 120;

const CITIES: [&str; 4] = ["Lyon", "Turku", "Oslo", "Graz"];

/// `size,rooms,city,age,price` of a row; the price follows from the others.
struct House {
    size: f64,
    rooms: usize,
    city: &'static str,
    age: usize,
    price: f64,
}

fn house(row: usize) -> House {
    let size = 20.0 + ((row * 7919) % 18_000) as f64 / 100.0;
    let (rooms, city, age) = (1 + row * 5 % 6, CITIES[row * 7 % 4], row * 13 % 80);
    House {
        size,
        rooms,
        city,
        age,
        // Two decimals, the last of which is never 0.
        price: ((size * 180_000.0).round() + (rooms * 900_000 - age * 10_000 + 1_000_000 + 1 + row % 9) as f64) / 100.0,
    }
}

const HEADER: &str = "size,rooms,city,age,price";

/// The plain table, with the texts of size and price as `number` writes them.
fn written(number: impl Fn(f64) -> String) -> String {
    let quoted = |text: String| match text.contains([',', '"']) {
        true => format!("\"{text}\""),
        false => text,
    };
    let row = |row: usize| {
        let house = house(row);
        let (size, price) = (quoted(number(house.size)), quoted(number(house.price)));
        format!("{size},{},{},{},{price}\n", house.rooms, house.city, house.age)
    };
    format!("{HEADER}\n{}", (0..ROWS).map(row).collect::<String>())
}

fn plain() -> String {
    written(|x| x.to_string())
}

fn read(text: impl Into<Vec<u8>>) -> Result<(Table, Vec<Warning>), Error> {
    read_as(text, &TableOptions::default())
}

fn read_as(text: impl Into<Vec<u8>>, options: &TableOptions) -> Result<(Table, Vec<Warning>), Error> {
    let (table, info) = Table::read(&Input::memory("t.csv", text.into()), options)?;
    Ok((table, info.warnings))
}

/// What is read is what the plain table holds; returns the kinds of the warnings.
#[track_caller]
fn assert_plain(text: impl Into<Vec<u8>>) -> Vec<&'static str> {
    let (found, warnings) = read(text).unwrap();
    let (expected, _) = read(plain()).unwrap();
    for (found, expected) in found.columns().iter().zip(expected.columns()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.columns().len(), expected.columns().len());
    warnings.iter().map(Warning::kind).collect()
}

fn numbers(table: &Table, name: &str) -> Vec<f64> {
    match &table.column(name).unwrap().data {
        ColumnData::Numeric(values) => values.to_vec(),
        ColumnData::Categorical(_) => panic!("{name} holds texts"),
    }
}

fn texts<'t>(table: &'t Table, name: &str) -> Vec<&'t str> {
    match &table.column(name).unwrap().data {
        ColumnData::Numeric(_) => panic!("{name} holds numbers"),
        ColumnData::Categorical(texts) => texts
            .codes()
            .iter()
            .map(|&code| {
                if code == MISSING {
                    ""
                } else {
                    texts.levels().get(code as usize)
                }
            })
            .collect(),
    }
}

fn told(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(Warning::to_string).collect()
}

/// Loads a file for training.
fn prepared(text: &str, change: impl FnOnce(&mut DataOptions)) -> (tempfile::TempDir, Result<Prepared, Error>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).unwrap();
    let mut options = DataOptions::new(path.to_str().unwrap());
    change(&mut options);
    let data = load(&options, 0);
    (folder, data)
}

fn column(table: &Table, name: &str) -> Column {
    table.column(name).unwrap().clone()
}
