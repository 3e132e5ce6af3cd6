//! Preprocessing against scikit-learn (`fixtures/data.json`), and where the two must differ.
#![cfg(test)]

use rosenblatt_data::preprocess::{MedianImpute, Preprocessing, Standardise};
use rosenblatt_data::schema::Wishes;
use rosenblatt_data::{Column, Schema, Table};
use rosenblatt_testkit::fixture;
use serde_json::Value;

fn floats(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap_or(f64::NAN))
        .collect()
}

fn assert_close(a: f64, b: f64, relative: f64, what: &str) {
    assert!((a - b).abs() <= relative * a.abs().max(b.abs()), "{what}: {a} and {b}");
}

fn fit(columns: Vec<Column>, rows: &[u64]) -> (Table, Schema, Preprocessing, Vec<String>) {
    let table = Table::new("t", columns).unwrap();
    let kinds = table
        .names()
        .map(|name| (name.to_owned(), table.column(name).unwrap().data.kind()))
        .collect();
    let (schema, _) = Schema::infer(
        &table,
        Wishes {
            target: "y",
            drop: &[],
            kinds: &kinds,
            sample_weight: None,
        },
    )
    .unwrap();
    let (preprocessing, notes) = Preprocessing::fit(&schema, &table, rows).unwrap();
    (table, schema, preprocessing, notes)
}

fn target(n: usize) -> Column {
    Column::categorical("y", (0..n).map(|i| Some(["a", "b"][i % 2])))
}

#[test]
fn columns_as_scikit_learn_scales_them() {
    for case in fixture("data.json")["columns"].as_array().unwrap() {
        let (name, values) = (case["name"].as_str().unwrap(), floats(&case["values"]));
        let impute = MedianImpute::fit(&values);
        let filled = impute.fill(&values);
        let scale = Standardise::fit(&filled);
        assert_eq!(impute.median, case["median"].as_f64().unwrap(), "{name}");
        assert_eq!(impute.indicator, case["indicator"].as_bool().unwrap(), "{name}");
        assert_close(scale.mean, case["mean"].as_f64().unwrap(), 1e-14, name);
        assert_close(scale.std, case["std"].as_f64().unwrap(), 1e-10, name);
        for (x, expected) in filled.iter().zip(floats(&case["result"])) {
            assert_close(scale.scale(*x), expected, 1e-9, name);
        }
    }
}

#[test]
fn a_whole_table_as_scikit_learn_does() {
    let file = include_bytes!("../data/penguins.csv");
    let input = rosenblatt_data::Input::embedded("penguins", file);
    let table = rosenblatt_data::csv::read(&input, &Default::default()).unwrap();
    let wishes = Wishes {
        target: "species",
        drop: &[],
        kinds: &Default::default(),
        sample_weight: None,
    };
    let (schema, _) = Schema::infer(&table, wishes).unwrap();
    let rows: Vec<u64> = (0..344).collect();
    let (preprocessing, notes) = Preprocessing::fit(&schema, &table, &rows).unwrap();
    assert!(notes.is_empty());
    let matrix = preprocessing.transform(&table, &rows).unwrap();
    let expected = &fixture("data.json")["penguins"];
    assert_eq!(serde_json::to_value(&matrix.names).unwrap(), expected["names"]);
    let expected: Vec<f64> = expected["rows"].as_array().unwrap().iter().flat_map(floats).collect();
    assert_eq!(expected.len(), 12 * matrix.names.len());
    for (i, (&got, want)) in matrix.values.iter().zip(expected).enumerate() {
        assert!((f64::from(got) - want).abs() <= 1e-6, "{i}: {got} and {want}");
    }
}

#[test]
fn only_the_training_rows_are_looked_at() {
    let columns = |last: f64, category: &'static str| {
        let cells = [Some("u"), Some("v"), Some("u"), Some(category)];
        vec![
            Column::numeric("x", vec![1.0, 2.0, 6.0, last]),
            Column::categorical("c", cells),
            target(4),
        ]
    };
    let (_, _, plain, _) = fit(columns(3.0, "u"), &[0, 1, 2]);
    let (table, _, other, _) = fit(columns(1e9, "w"), &[0, 1, 2]);
    assert_eq!(plain, other);
    let matrix = other.transform(&table, &[3]).unwrap();
    assert_eq!(matrix.names, ["x", "c=u", "c=v"]);
    assert_eq!(matrix.values[1..], [0.0, 0.0]);
    assert_eq!(
        matrix.notes,
        ["`c`: 1 cell with a category not seen in training, such as `w`"]
    );
}

#[test]
fn fitted_numbers_survive_json_bit_for_bit() {
    let values: Vec<f64> = (1..40).map(|i| 1.0 / f64::from(i) * 10f64.powi(i - 20)).collect();
    let cells: Vec<_> = (0..39).map(|i| (i % 3 > 0).then_some(["ä\"", "b"][i % 2])).collect();
    let columns = vec![
        Column::numeric("x", values),
        Column::categorical("c", cells),
        target(39),
    ];
    let (table, schema, preprocessing, _) = fit(columns, &(0..39).collect::<Vec<_>>());
    let text = serde_json::to_string(&preprocessing).unwrap();
    let again: Preprocessing = serde_json::from_str(&text).unwrap();
    assert_eq!(again, preprocessing);
    let rows: Vec<u64> = (0..39).collect();
    let bits = |p: &Preprocessing| {
        p.transform(&table, &rows)
            .unwrap()
            .values
            .iter()
            .map(|v| v.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&again), bits(&preprocessing));
    assert_eq!(
        serde_json::from_str::<Schema>(&serde_json::to_string(&schema).unwrap()).unwrap(),
        schema
    );
    let unknown = text.replacen("\"median\"", "\"medain\"", 1);
    assert!(serde_json::from_str::<Preprocessing>(&unknown).is_err());
}

#[test]
fn hard_columns_give_finite_features() {
    let nan = f64::NAN;
    let columns = vec![
        Column::numeric("constant", vec![0.1; 4]),
        Column::numeric("nothing", vec![nan; 4]),
        Column::numeric("late", vec![nan, nan, nan, 5.0]),
        Column::numeric("one", vec![nan, 3.0, nan, nan]),
        Column::categorical("silent", [None, None, None, Some("z")]),
        Column::numeric("huge", vec![f64::MAX, -f64::MAX, 0.0, f64::MAX]),
        target(4),
    ];
    let (table, _, preprocessing, notes) = fit(columns, &[0, 1, 2]);
    let left_out =
        ["nothing", "late", "silent"].map(|name| format!("left out `{name}`: no value in the training rows"));
    assert_eq!(notes, left_out);
    let matrix = preprocessing.transform(&table, &[0, 1, 2, 3]).unwrap();
    assert_eq!(matrix.names, ["constant", "one", "one_missing", "huge"]);
    assert!(matrix.values.iter().all(|value| value.is_finite()));
    let column = |at: usize| matrix.values.iter().skip(at).step_by(4).copied().collect::<Vec<_>>();
    assert_eq!(column(0), [0.0; 4]);
    assert_eq!(column(1), [0.0; 4]);
    assert_eq!(column(2), [1.0, 0.0, 1.0, 1.0]);
}

#[test]
fn a_value_out_of_reach_is_an_error_with_its_row() {
    let columns = vec![Column::numeric("x", vec![1.0, 2.0, 1e300]), target(3)];
    let (table, _, preprocessing, _) = fit(columns, &[0, 1]);
    let error = preprocessing.transform(&table, &[0, 2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t: row 3: `x`: the value is too far from those seen in training"
    );
}

#[test]
fn no_rows_and_no_columns() {
    let (table, schema, preprocessing, _) = fit(vec![Column::numeric("x", vec![1.0, 2.0]), target(2)], &[0, 1]);
    let matrix = preprocessing.transform(&table, &[]).unwrap();
    assert_eq!((matrix.values.len(), matrix.names), (0, vec!["x".to_owned()]));
    assert!(
        Preprocessing::fit(&schema, &table, &[]).is_err(),
        "nothing can be fitted on no rows"
    );
}

#[test]
fn a_column_of_the_wrong_kind_is_an_error() {
    let (_, _, preprocessing, _) = fit(vec![Column::numeric("x", vec![1.0, 2.0]), target(2)], &[0, 1]);
    let other = Table::new("p.csv", vec![Column::categorical("x", [Some("a")])]).unwrap();
    let error = preprocessing.transform(&other, &[0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "p.csv: column `x` holds texts, but numbers in training"
    );
}
