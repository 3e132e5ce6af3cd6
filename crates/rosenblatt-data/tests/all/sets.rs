//! The named data sets against scikit-learn's copies (`fixtures/data.json`).
#![cfg(test)]

use std::collections::BTreeMap;

use rosenblatt_data::sets::{Content, SETS, find};
use rosenblatt_data::{Column, ColumnData, DataOptions, Input, MISSING, Table, load};
use rosenblatt_tensor::DType;
use rosenblatt_testkit::fixture;
use serde_json::Value;

fn table(name: &str) -> Table {
    let Content::Csv(bytes) = find(name).unwrap().content else {
        panic!("{name} is no table")
    };
    Table::read(&Input::embedded(name, bytes), &Default::default())
        .unwrap()
        .0
}

fn weighted_sum(values: &[f64]) -> f64 {
    values
        .iter()
        .enumerate()
        .filter(|(_, x)| !x.is_nan())
        .map(|(i, x)| x * (i + 1) as f64)
        .sum()
}

fn class_counts(column: &Column) -> BTreeMap<String, u64> {
    let texts: Vec<String> = match &column.data {
        ColumnData::Numeric(values) => values.iter().map(|x| x.to_string()).collect(),
        ColumnData::Categorical(texts) => texts.iter().flatten().map(str::to_owned).collect(),
    };
    texts.into_iter().fold(BTreeMap::new(), |mut counts, text| {
        *counts.entry(text).or_default() += 1;
        counts
    })
}

fn assert_close(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() <= 1e-12 * b.abs(), "{what}: {a} and {b}");
}

#[test]
fn embedded_tables_equal_scikit_learns() {
    let tables = fixture("data.json")["tables"].clone();
    let mut compared = 0;
    for expected in tables.as_array().unwrap() {
        let name = expected["name"].as_str().unwrap();
        let (set, table) = (find(name).unwrap(), table(name));
        assert_eq!(
            (table.len() as u64, set.rows),
            (expected["rows"].as_u64().unwrap(), table.len()),
            "{name}"
        );
        let numeric: Vec<Vec<f64>> = (table.columns().iter().filter(|column| column.name != set.target))
            .filter_map(|column| {
                if let ColumnData::Numeric(values) = &column.data {
                    Some(values.to_vec())
                } else {
                    None
                }
            })
            .collect();
        let sums = expected["weighted_sums"].as_array().unwrap();
        assert_eq!(numeric.len(), sums.len(), "{name}");
        for (values, (sum, missing)) in numeric
            .iter()
            .zip(sums.iter().zip(expected["missing"].as_array().unwrap()))
        {
            assert_close(weighted_sum(values), sum.as_f64().unwrap(), name);
            assert_eq!(
                values.iter().filter(|x| x.is_nan()).count() as u64,
                missing.as_u64().unwrap()
            );
        }
        let target = table.column(set.target).unwrap();
        match &expected["classes"] {
            Value::Null => {
                let ColumnData::Numeric(values) = &target.data else {
                    panic!("{name}")
                };
                assert_close(
                    weighted_sum(&values.to_vec()),
                    expected["target_weighted_sum"].as_f64().unwrap(),
                    name,
                );
                assert_eq!(set.task, "regression");
            }
            counts => {
                assert_eq!(serde_json::to_value(class_counts(target)).unwrap(), *counts, "{name}");
                let ends = [0, set.rows as u64 - 1].map(|row| class_counts(&target.select(&[row])).into_keys().next());
                assert_eq!(
                    serde_json::to_value(ends).unwrap(),
                    expected["first_and_last"],
                    "{name}"
                );
            }
        }
        compared += 1;
    }
    assert_eq!(
        compared,
        SETS.iter().filter(|set| matches!(set.content, Content::Csv(_))).count()
    );
}

#[test]
fn what_is_said_about_a_set_is_so() {
    for set in SETS.iter().filter(|set| matches!(set.content, Content::Csv(_))) {
        let data = load(&DataOptions::new(set.name), 0).unwrap();
        let test = data.test.as_ref().unwrap();
        assert_eq!(data.train.len() + test.len(), set.rows, "{}", set.name);
        assert_eq!(test.len(), (set.rows as f64 * 0.2).round() as usize, "{}", set.name);
        assert_eq!(
            data.schema.task.classes().is_some(),
            set.task == "classification",
            "{}",
            set.name
        );
        assert!(set.description.ends_with('.') && !set.licence.is_empty() && !set.source.is_empty());
        assert_eq!(data.train.features().dtype(), DType::F32);
        let again = load(&DataOptions::new(set.name), 99).unwrap();
        let bits = |d: &rosenblatt_data::Dataset| d.features().to_vec::<f32>().unwrap();
        assert_eq!(
            bits(again.test.as_ref().unwrap()),
            bits(test),
            "{}: the test rows depend on the run",
            set.name
        );
    }
}

/// Test rows never change: figures published with one version can be compared with those of another.
#[test]
fn test_rows_are_those_of_a_second_program() {
    for expected in fixture("data.json")["held_out"].as_array().unwrap() {
        let name = expected["name"].as_str().unwrap();
        let set = find(name).unwrap();
        let rows: Vec<u64> = expected["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row.as_u64().unwrap())
            .collect();
        assert_eq!(set.held_out().unwrap().unwrap(), rows, "{name}");
    }
}

#[test]
fn all_embedded_files_together_are_small() {
    let bytes: usize = SETS
        .iter()
        .map(|set| {
            if let Content::Csv(bytes) = set.content {
                bytes.len()
            } else {
                0
            }
        })
        .sum();
    assert!(bytes < 300_000, "{bytes}");
}

#[test]
fn penguins_have_their_gaps() {
    let table = table("penguins");
    let ColumnData::Categorical(texts) = &table.column("sex").unwrap().data else {
        panic!()
    };
    assert_eq!(texts.levels().to_vec(), ["female", "male"]);
    assert_eq!(texts.codes().iter().filter(|&&code| code == MISSING).count(), 11);
}

#[test]
fn fashion_mnist_keeps_its_bytes_and_its_official_test_part() {
    let data = match load(&DataOptions::new("fashion-mnist"), 0) {
        Ok(data) => data,
        Err(error) => {
            println!("skipped: {error:?}");
            return;
        }
    };
    let test = data.test.unwrap();
    assert_eq!(
        (&data.train.features().shape()[..], &test.features().shape()[..]),
        (&[60_000, 28, 28][..], &[10_000, 28, 28][..])
    );
    assert_eq!(data.train.features().dtype(), DType::U8);
    assert_eq!(data.train.pixel_scale(), Some(255.0));
    let labels = test.targets().unwrap().to_vec::<i64>().unwrap();
    assert!((0..10).all(|class| labels.iter().filter(|&&label| label == class).count() == 1000));
    assert_eq!(data.schema.task.classes().unwrap()[9], "Ankle boot");
}
