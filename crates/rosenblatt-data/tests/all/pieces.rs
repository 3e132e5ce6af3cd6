//! Columns in one piece and in several are read alike, and arrays that others hold stay as they are.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use rosenblatt_data::{ColumnData, Frame, Table, TableOptions};

/// Whole numbers with a gap, numbers, days, and keys that all differ but two.
fn batch(rows: i64) -> RecordBatch {
    let present = |row: i64| (row % 7 != 3).then_some(row - 4);
    let key = |row: i64| {
        format!(
            "{}{:05}",
            ["C", "CA", "x"][row as usize % 3],
            (row * 7919) % (rows - 1).max(1)
        )
    };
    let columns: [(&str, ArrayRef); 4] = [
        ("whole", Arc::new((0..rows).map(present).collect::<Int64Array>())),
        (
            "number",
            Arc::new((0..rows).map(|row| Some(row as f64 / 3.0)).collect::<Float64Array>()),
        ),
        (
            "day",
            Arc::new((0..rows).map(|row| Some((row % 400) as i32)).collect::<Date32Array>()),
        ),
        (
            "key",
            Arc::new((0..rows).map(|row| Some(key(row))).collect::<StringArray>()),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn columns(batches: &[RecordBatch]) -> Vec<Vec<String>> {
    columns_of(Frame::from_batches("t", batches).unwrap())
}

fn columns_of(frame: Frame) -> Vec<Vec<String>> {
    let (table, warnings) = Table::of(frame, &TableOptions::default()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let cells = |data: &ColumnData| match data {
        ColumnData::Numeric(numbers) => numbers.iter().map(|x| format!("{x:?}")).collect(),
        ColumnData::Categorical(texts) => texts.iter().map(|text| format!("{text:?}")).collect(),
    };
    table.columns().iter().map(|column| cells(&column.data)).collect()
}

#[test]
fn one_piece_or_several() {
    for rows in [1, 2, 50, 9000] {
        let shared = batch(rows);
        let whole = columns(std::slice::from_ref(&shared));
        let half = rows as usize / 2;
        let parts = [shared.slice(0, half), shared.slice(half, rows as usize - half)];
        assert_eq!(whole, columns(&parts), "{rows}");
        assert_eq!(shared, batch(rows), "what others hold stays as it is");
        // Nobody else holds these.
        assert_eq!(
            whole,
            columns_of(Frame::from_batches("t", &[batch(rows)]).unwrap()),
            "{rows}"
        );
        // The gaps are those of the array, and days are as they are written.
        assert_eq!(
            (&whole[0][0], &whole[2][0]),
            (&"-4.0".to_owned(), &"Some(\"1970-01-01\")".to_owned())
        );
        assert!(rows < 4 || whole[0][3] == "NaN");
    }
}
