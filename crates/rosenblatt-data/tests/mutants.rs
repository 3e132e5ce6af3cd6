//! Damaged tables all the way from bytes to features.
#![cfg(test)]

mod common;

use rosenblatt_data::csv::{self, CsvOptions};
use rosenblatt_data::schema::Wishes;
use rosenblatt_data::{Input, Preprocessing, Schema};
use rosenblatt_tensor::{Error, ErrorKind};
use rosenblatt_testkit::seeded_cases;

/// Rows and features, or what was wrong.
fn prepare(bytes: Vec<u8>) -> Result<usize, Error> {
    let table = csv::read(&Input::memory("t.csv", bytes), &CsvOptions::default())?;
    let wishes = Wishes {
        target: "species",
        drop: &[],
        kinds: &Default::default(),
        sample_weight: None,
    };
    let (schema, _) = Schema::infer(&table, wishes)?;
    let target = table.column("species")?;
    let rows = target.present_rows();
    let (preprocessing, _) = Preprocessing::fit(&schema, &table, &rows)?;
    let matrix = preprocessing.transform(&table, &rows)?;
    assert!(matrix.values.iter().all(|value| value.is_finite()));
    assert_eq!(matrix.values.len(), rows.len() * matrix.names.len());
    schema.task.encode(target, &rows)?;
    Ok(matrix.values.len())
}

#[test]
fn three_thousand_damaged_tables_never_panic() {
    let penguins = include_bytes!("../data/penguins.csv");
    let original = penguins.iter().copied().take(2000).collect::<Vec<_>>();
    let (mut read_well, mut refused) = (0, 0);
    for seed in seeded_cases(3000) {
        match prepare(common::mutant(&original, seed)) {
            Ok(_) => read_well += 1,
            Err(error) => {
                let (place, kind) = match error.to_string().starts_with("data.target: ") {
                    true => ("data.target: t.csv: there is no column `species`", ErrorKind::Config),
                    false => ("t.csv", ErrorKind::Data),
                };
                assert_eq!(error.kind(), kind, "{error:?}");
                assert!(error.to_string().starts_with(place), "{error}");
                refused += 1;
            }
        }
    }
    assert!(read_well > 0 && refused > 0, "{read_well} read, {refused} refused");
}
