//! Preprocessing against scikit-learn (`fixtures/data.json`), and where the two must differ.
#![cfg(test)]

use rosenblatt_data::preprocess::{Fitted, MedianImpute, Preprocessing, Standardize};
use rosenblatt_data::schema::Overrides;
use rosenblatt_data::{Column, DataOptions, NumericScale, Schema, Table, Warning};
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

fn texts(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(Warning::to_string).collect()
}

fn fit(columns: Vec<Column>, rows: &[u64]) -> (Table, Schema, Preprocessing, Vec<Warning>) {
    let table = Table::new("t", columns).unwrap();
    let kinds = table
        .names()
        .map(|name| (name.to_owned(), table.column(name).unwrap().data.kind()))
        .collect();
    let (schema, _) = Schema::infer(
        &table,
        Overrides {
            kinds: &kinds,
            ..Overrides::of("y")
        },
    )
    .unwrap();
    let (preprocessing, warnings) = Preprocessing::fit(&schema, &table, rows).unwrap();
    (table, schema, preprocessing, warnings)
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
        let scale = Standardize::fit(&filled);
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
    let file = include_bytes!("../../data/penguins.csv");
    let input = rosenblatt_data::Input::embedded("penguins", file);
    let (table, _) = Table::read(&input, &Default::default()).unwrap();
    let (schema, _) = Schema::infer(&table, Overrides::of("species")).unwrap();
    let rows: Vec<u64> = (0..344).collect();
    let (preprocessing, remarks) = Preprocessing::fit(&schema, &table, &rows).unwrap();
    assert!(remarks.is_empty());
    let matrix = preprocessing.transform(&table, &rows).unwrap();
    let expected = &fixture("data.json")["penguins"];
    assert_eq!(serde_json::to_value(&matrix.names).unwrap(), expected["names"]);
    let expected: Vec<f64> = expected["rows"].as_array().unwrap().iter().flat_map(floats).collect();
    assert_eq!(expected.len(), 12 * matrix.names.len());
    for (i, (&got, want)) in matrix.values().iter().zip(expected).enumerate() {
        assert!((f64::from(got) - want).abs() <= 1e-6, "{i}: {got} and {want}");
    }
}

/// Half of the cells are missing: filled, they would bring the quartiles of the others together.
#[test]
fn gaps_do_not_move_the_quartiles() {
    let values = [&[f64::NAN; 6][..], &[1.0, 2.0, 3.0, 4.0, 50.0]].concat();
    let rows: Vec<u64> = (0..values.len() as u64).collect();
    let (table, schema, _, _) = fit(vec![Column::numeric("x", values), target(rows.len())], &rows);
    let options = DataOptions {
        numeric_scale: NumericScale::RobustScale,
        ..DataOptions::default()
    };
    let (robust, _) = Preprocessing::fit_with(&schema, &table, &rows, &options).unwrap();
    let [Fitted::MedianImpute(impute), Fitted::RobustScale(scale)] = &robust.columns[0].steps[..] else {
        panic!("{robust:?}")
    };
    assert_eq!((impute.median, scale.median, scale.spread), (3.0, 3.0, 2.0));
    let filled = robust.transform(&table, &[0]).unwrap();
    assert_eq!(filled.values(), [0.0, 1.0]);
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
    assert_eq!(matrix.values()[1..], [0.0, 0.0]);
    assert_eq!(
        texts(&matrix.warnings),
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
            .values()
            .to_vec()
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
    let (table, _, preprocessing, warnings) = fit(columns, &[0, 1, 2]);
    let left_out = ["nothing", "late", "silent"].map(|name| format!("dropped `{name}`: no value in the training rows"));
    assert_eq!(texts(&warnings), left_out);
    let matrix = preprocessing.transform(&table, &[0, 1, 2, 3]).unwrap();
    assert_eq!(matrix.names, ["constant", "one", "one_missing", "huge"]);
    assert!(matrix.values().iter().all(|value| value.is_finite()));
    let column = |at: usize| matrix.values().iter().skip(at).step_by(4).copied().collect::<Vec<_>>();
    assert_eq!(column(0), [0.0; 4]);
    assert_eq!(column(1), [0.0; 4]);
    assert_eq!(column(2), [1.0, 0.0, 1.0, 1.0]);
}

#[test]
fn a_value_out_of_reach_is_an_error_with_its_row() {
    let columns = vec![Column::numeric("x", vec![1.0, 2.0, 1e300]), target(3)];
    let (table, _, preprocessing, _) = fit(columns, &[0, 1]);
    let error = preprocessing.transform(&table, &[0, 2]).unwrap_err();
    let cell = error.cell().unwrap();
    assert_eq!((cell.row, &*cell.column), (2, "x"));
    assert_eq!(
        error.to_string(),
        "row 3: column `x`: 1e300 is too far from the values seen in training"
    );
}

#[test]
fn no_rows_and_no_columns() {
    let (table, schema, preprocessing, _) = fit(vec![Column::numeric("x", vec![1.0, 2.0]), target(2)], &[0, 1]);
    let matrix = preprocessing.transform(&table, &[]).unwrap();
    assert_eq!((matrix.values().len(), matrix.names), (0, vec!["x".to_owned()]));
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

/// `count` distinct values, each in three rows.
fn many(name: &str, count: usize) -> Column {
    let texts: Vec<String> = (0..count).map(|i| format!("{name}{i:03}")).collect();
    Column::categorical(name, (0..3 * count).map(|row| Some(texts[row % count].as_str())))
}

#[test]
fn few_categories_become_a_feature_each_and_many_become_codes() {
    for (count, codes) in [(2, false), (160, false), (161, true), (300, true)] {
        let rows = 3 * count;
        let columns = vec![Column::numeric("x", vec![1.0; rows]), many("c", count), target(rows)];
        let all: Vec<u64> = (0..rows as u64).collect();
        let (table, _, preprocessing, _) = fit(columns, &all);
        let matrix = preprocessing.transform(&table, &all).unwrap();
        match codes {
            false => {
                assert!(preprocessing.codes().is_empty());
                assert_eq!(matrix.names.len(), 1 + count);
            }
            true => {
                assert_eq!(preprocessing.codes(), [count + 1]);
                assert_eq!(matrix.names, ["c", "x"], "codes come first");
                let found: Vec<f32> = matrix.values().iter().step_by(2).copied().collect();
                let expected: Vec<f32> = (0..rows).map(|row| (1 + row % count) as f32).collect();
                assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn only_training_rows_count_as_many() {
    let columns = vec![many("c", 200), target(600)];
    let train: Vec<u64> = (0..600).filter(|row| row % 200 < 150).collect();
    let (_, _, preprocessing, _) = fit(columns, &train);
    assert!(preprocessing.codes().is_empty());
}

#[test]
fn codes_survive_json_and_later_files() {
    let columns = vec![
        many("a", 200),
        Column::numeric("x", vec![1.0; 600]),
        many("b", 170).select(&(0..600).map(|row| row % 510).collect::<Vec<_>>()),
        target(600),
    ];
    let (_, schema, preprocessing, _) = fit(columns, &(0..600).collect::<Vec<_>>());
    let order: Vec<&str> = preprocessing
        .columns
        .iter()
        .map(|steps| steps.column.as_str())
        .collect();
    assert_eq!(order, ["a", "b", "x"]);
    let again: Preprocessing = serde_json::from_str(&serde_json::to_string(&preprocessing).unwrap()).unwrap();
    assert_eq!((again.codes(), &again), (vec![201, 171], &preprocessing));
    let later = vec![
        Column::categorical("b", [Some("new"), Some("b003"), None]),
        Column::numeric("x", vec![1.0; 3]),
        Column::categorical("a", [Some("a000"), Some("a199"), Some("x")]),
    ];
    let later = Table::new("later.csv", later).unwrap();
    let matrix = again.transform(&later, &[0, 1, 2]).unwrap();
    assert_eq!(matrix.values(), [1.0, 0.0, 0.0, 200.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(
        texts(&matrix.warnings),
        [
            "`a`: 1 cell with a category not seen in training, such as `x`",
            "`b`: 1 cell with a category not seen in training, such as `new`",
            "1 missing value: `b` 1; imputed: categories as unknown",
        ]
    );
    assert_eq!(schema.columns[0].name, "a", "the schema keeps the order of the file");
}

#[test]
fn features_belong_to_the_column_they_came_from_whatever_they_are_called() {
    let nan = f64::NAN;
    let columns = vec![
        Column::numeric("a", vec![1.0, nan, 3.0, 4.0]),
        Column::numeric("a_missing", vec![1.0, 2.0, 3.0, 4.0]),
        Column::categorical("c", [Some("x"), Some("y"), None, Some("z")]),
        Column::numeric("c=x", vec![0.5, 2.0, 3.0, 4.0]),
        target(4),
    ];
    let (table, schema, preprocessing, _) = fit(columns, &[0, 1, 2, 3]);
    let names = preprocessing.transform(&table, &[0]).unwrap().names;
    let found = preprocessing.features_of_columns(&schema).unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|found| (&*found.column, names[found.places.clone()].join(" ")))
        .collect();
    assert_eq!(
        found,
        [
            ("a", "a a_missing".to_owned()),
            ("a_missing", "a_missing".to_owned()),
            ("c", "c=x c=y c=z c=(other)".to_owned()),
            ("c=x", "c=x".to_owned()),
        ]
    );
    let mut stranger = schema;
    stranger.columns.remove(0);
    assert!(preprocessing.features_of_columns(&stranger).is_err());
}

#[test]
fn how_many_categories_become_features_can_be_said() {
    let rows: Vec<u64> = (0..12).collect();
    let letters = ["a", "b", "c", "d"];
    let column = Column::categorical("x", (0..12).map(|row| Some(letters[row % 4])));
    let (table, schema, _, _) = fit(vec![column, target(rows.len())], &rows);
    for (most, is_code) in [(None, false), (Some(4), false), (Some(3), true), (Some(0), true)] {
        let options = DataOptions {
            max_one_hot: most,
            ..DataOptions::default()
        };
        let (fitted, _) = Preprocessing::fit_with(&schema, &table, &rows, &options).unwrap();
        assert_eq!(fitted.codes().len(), usize::from(is_code), "{most:?}");
    }
}
