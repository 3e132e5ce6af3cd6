//! A table from any bytes; what is refused has file and place, and the same file twice is every row twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rosenblatt_data::{Input, Table, TableOptions};

/// A row takes at least a line break; packed bytes hold more than one sees.
fn most_rows(bytes: &[u8]) -> usize {
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => usize::MAX,
        false => 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count(),
    }
}

/// Some rows, in a form that can be compared: NaN is NaN.
fn shown(table: &Table, rows: std::ops::Range<usize>) -> Vec<String> {
    let rows: Vec<u64> = rows.map(|row| row as u64).collect();
    let columns = table.columns().iter();
    columns.map(|column| format!("{:?}", column.select(&rows))).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let (input, options) = (Input::memory("file", bytes.to_vec()), TableOptions::default());
    match Table::read(&input, &options) {
        Ok((table, _)) => {
            let rows = table.len();
            assert!(rows <= most_rows(bytes), "{rows} rows");
            assert!(table.columns().iter().all(|column| column.data.len() == rows));
            let twice = Input::several(vec![input.clone(), input]);
            let (twice, _) = Table::read(&twice, &options).expect("what can be read can be read twice");
            assert_eq!(twice.len(), 2 * rows);
            let once = shown(&table, 0..rows);
            assert_eq!(shown(&twice, 0..rows), once);
            assert_eq!(shown(&twice, rows..2 * rows), once);
        }
        Err(error) => assert!(error.to_string().starts_with("file:"), "{error}"),
    }
});
