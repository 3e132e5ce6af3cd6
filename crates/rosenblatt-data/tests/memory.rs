//! A table in memory takes about as much as its file, also while it is read and prepared.
//! A binary of its own, since memory is measured for the whole process.
#![cfg(all(test, target_os = "linux"))]

use std::fmt::Write as _;

use rosenblatt_data::schema::Overrides;
use rosenblatt_data::{Column, Input, Preprocessing, Schema, Table, TableOptions};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_testkit::{PeakAllocator, peak_bytes, peak_resident_bytes};

#[global_allocator]
static ALLOCATOR: PeakAllocator = PeakAllocator;

const ROWS: usize = 300_000;

/// Rows that are made into features.
const FEATURE_ROWS: usize = 60_000;

/// Numbers of all kinds, categories, gaps, quotes.
fn table() -> String {
    let mut draw = Rng::new(0).purpose("memory").stream();
    let mut text = "count,price,share,exact,town,answer,late\n".to_owned();
    for row in 0..ROWS {
        let price = draw.below(10_000_000) as f64 / 100.0;
        let share = draw.below(1_000_000) as f64 / 1e6;
        let exact = draw.below(1 << 52) as f64 / 3.0;
        let town = draw.below(300);
        let answer = ["yes", "no", ""][draw.below(3) as usize];
        let late = if row == ROWS - 1 { "never" } else { "12.5" };
        writeln!(text, "{row},{price},{share},{exact},\"Town, {town}\",{answer},{late}").unwrap();
    }
    text
}

/// The memory that a table takes at most while it is read: what is allocated, or all pages together if they are more.
fn peak(text: &str) -> (Table, f64) {
    let input = Input::memory("t.csv", text.as_bytes());
    let read = || Table::read(&input, &TableOptions::default()).unwrap().0;
    let ((table, allocated), pages) = peak_resident_bytes(|| peak_bytes(read));
    // The program itself has pages, too.
    let pages = pages.saturating_sub(4 << 20);
    (table, allocated.max(pages) as f64 / text.len() as f64)
}

/// One test, since all threads of a process share its memory.
#[test]
fn tables_take_little_memory() {
    let text = table();
    let (read, share) = peak(&text);
    assert_eq!(read.len(), ROWS);
    // The texts, four bytes a cell, and eight for a number while a column is read; further what is read at once.
    assert!(share < 2.2, "{share} of the file");

    // One character a cell, so that the four bytes and the eight count most: eight bytes for two are four times the file already. What
    // is read at once is 16 MiB at most.
    for (cells, most) in [("1,2,3\n", 5.0), ("x,y,z\n", 4.0), ("x\n", 4.0)] {
        const MANY: usize = 1_000_000;
        let header = &"a,b,c"[..cells.len() - 1];
        let text = format!("{header}\n{}", cells.repeat(MANY));
        let (read, share) = peak(&text);
        assert_eq!(read.len(), MANY);
        let most = most + (1 << 24) as f64 / text.len() as f64;
        assert!(share < most, "{cells:?}: {share} of the file, expected at most {most}");
    }

    odd_inputs_take_little_memory();

    // Four bytes a feature, and the columns on their way there one by one.
    let (features, bytes) = features_of_twenty_columns();
    assert_eq!(features, 20 * FEATURE_ROWS);
    assert!(bytes < 6 * features, "{bytes} bytes for {features} features");
}

/// How many there are, and the memory in use at most while they are made.
fn features_of_twenty_columns() -> (usize, usize) {
    let numbers = |i: usize| {
        Column::numeric(
            format!("x{i}"),
            (0..FEATURE_ROWS).map(|row| (row * i % 97) as f64).collect(),
        )
    };
    let answers = Column::categorical("y", (0..FEATURE_ROWS).map(|row| Some(["no", "yes"][row % 2])));
    let table = Table::new("t", (1..=20).map(numbers).chain([answers]).collect()).unwrap();
    let (schema, _) = Schema::infer(&table, Overrides::of("y")).unwrap();
    let rows: Vec<u64> = (0..FEATURE_ROWS as u64).collect();
    let (preprocessing, _) = Preprocessing::fit(&schema, &table, &rows).unwrap();
    let (matrix, bytes) = peak_bytes(|| preprocessing.transform(&table, &rows).unwrap());
    (matrix.values().len(), bytes)
}

/// Headers, rows and cells unlike those of tables: four times the input at most, and what is read at once.
fn odd_inputs_take_little_memory() {
    const AT_ONCE: usize = 16 << 20;
    const MANY: usize = 4 << 20;
    let (commas, long) = (",".repeat(MANY), "k".repeat(2 * MANY));
    for (name, text) in [
        ("a header of commas", format!("{commas}\n1,2\n")),
        ("a header of commas that ends the file", commas.clone()),
        ("a header of names", "ab,".repeat(MANY / 3) + "\n"),
        ("a row of commas", format!("a,y\n{commas}\n")),
        (
            "the last of many rows",
            "a,y\n".to_owned() + &"1,2\n".repeat(MANY / 4) + &commas,
        ),
        ("a row of empty quotes", "a,y\n".to_owned() + &"\"\",".repeat(MANY / 3)),
        ("a long cell", format!("a,y\n1,{long}\n2,x\n")),
        ("a long cell in quotes", format!("a,y\n1,\"{long}\"\n2,x\n")),
        ("a quote that is never closed", format!("a,y\n1,\"{long}\n2,x\n")),
        ("a long name", format!("{long},y\n1,2\n3,4\n")),
        ("a long line of blanks", format!("a  y\n1  2\n{}x\n", " ".repeat(MANY))),
        ("a long key in JSON", format!("[{{\"{long}\":1}}]")),
        ("nested brackets in JSON", format!("[{{\"a\":{}", "[".repeat(MANY))),
    ] {
        let input = Input::memory("t", text.as_bytes());
        let (_, bytes) = peak_bytes(|| drop(Table::read(&input, &TableOptions::default())));
        assert!(
            bytes <= 4 * text.len() + AT_ONCE,
            "{name}: {bytes} bytes for {}",
            text.len()
        );
    }
}
