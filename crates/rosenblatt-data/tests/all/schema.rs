//! What is inferred from a table.
#![cfg(test)]

use std::collections::BTreeMap;

use rosenblatt_data::schema::{FieldKind, Overrides, identifies_rows};
use rosenblatt_data::{Column, ColumnKind, Schema, Table, Task, Warning};
use rosenblatt_tensor::{Error, ErrorKind};

fn repeat(values: &[f64], times: usize) -> Column {
    Column::numeric("y", values.iter().copied().cycle().take(values.len() * times).collect())
}

fn classes(column: &Column) -> Option<Vec<String>> {
    Task::infer(column, None).unwrap().classes().map(<[String]>::to_vec)
}

#[test]
fn texts_and_few_whole_numbers_are_classes() {
    let text = Column::categorical("y", [Some("no"), None, Some("yes")]);
    assert_eq!(classes(&text).unwrap(), ["no", "yes"]);
    assert_eq!(classes(&repeat(&[1.0, 0.0], 1)).unwrap(), ["0", "1"]);
    assert_eq!(classes(&repeat(&[-1.0, 1.0], 3)).unwrap(), ["-1", "1"]);
    assert_eq!(
        classes(&repeat(&[10.0, 9.0, 2.0, -0.0, 0.0], 5)).unwrap(),
        ["0", "2", "9", "10"]
    );
    let twenty: Vec<f64> = (0..20).map(f64::from).collect();
    assert_eq!(classes(&repeat(&twenty, 5)).unwrap().len(), 20);
}

#[test]
fn everything_else_is_a_quantity() {
    let twenty_one: Vec<f64> = (0..21).map(f64::from).collect();
    for column in [
        repeat(&[0.5, 1.0], 9),
        repeat(&[1.0, 2.0, 3.0], 4),
        repeat(&twenty_one, 50),
        repeat(&[0.1], 1),
    ] {
        assert_eq!(Task::infer(&column, None).unwrap(), Task::Regression);
    }
    assert_eq!(
        Task::infer(&repeat(&[0.0, 1.0], 9), Some(ColumnKind::Numeric)).unwrap(),
        Task::Regression
    );
    let asked = Task::infer(&repeat(&twenty_one, 1), Some(ColumnKind::Categorical)).unwrap();
    assert_eq!(asked.classes().unwrap().len(), 21);
}

#[test]
fn one_class_or_none_is_an_error() {
    let message = |column: Column| Task::infer(&column, None).unwrap_err().to_string();
    assert_eq!(message(repeat(&[1.0], 9)), "target `y` has one class only, `1`");
    assert_eq!(
        message(Column::categorical("y", [Some("a"), None])),
        "target `y` has one class only, `a`"
    );
    assert_eq!(message(repeat(&[f64::NAN], 3)), "target `y` has no value in any row");
    assert_eq!(
        message(Column::categorical("y", [])),
        "target `y` has no value in any row"
    );
}

#[test]
fn targets_become_numbers() {
    let task = Task::Classification {
        classes: vec!["a".into(), "b".into()],
    };
    let column = Column::categorical("y", [Some("b"), Some("a"), Some("B"), None]);
    assert_eq!(task.encode(&column, &[0, 1]).unwrap().to_vec::<i64>().unwrap(), [1, 0]);
    let unknown = task.encode(&column, &[2]).unwrap_err();
    assert_eq!(unknown.to_string(), "row 3: target `y`: `B` was not seen in training");
    assert_eq!(
        (unknown.cell().unwrap().row, &*unknown.cell().unwrap().column),
        (2, "y")
    );
    assert_eq!(Error::from(unknown).hint_text(), Some("did you mean `b`?"));
    assert_eq!(
        task.encode(&column, &[3]).unwrap_err().to_string(),
        "row 4: target `y`: no value"
    );
    let numbers = Task::Classification {
        classes: vec!["0".into(), "7".into()],
    };
    assert_eq!(
        numbers
            .encode(&repeat(&[7.0, -0.0], 1), &[0, 1])
            .unwrap()
            .to_vec::<i64>()
            .unwrap(),
        [1, 0]
    );
    let regression = Task::Regression;
    assert_eq!(
        regression
            .encode(&repeat(&[0.1], 1), &[0])
            .unwrap()
            .to_vec::<f64>()
            .unwrap(),
        [0.1]
    );
    for (bad, words) in [(f64::NAN, "no value"), (1e300, "1e300 exceeds the largest float32")] {
        let error = Error::from(regression.encode(&repeat(&[0.5, bad], 1), &[0, 1]).unwrap_err());
        let begins = error.to_string().starts_with(&format!("row 2: target `y`: {words}"));
        assert!(begins && error.kind() == ErrorKind::Data, "{error}");
    }
    assert_eq!(regression.encode(&column, &[0]).unwrap_err().cell(), None);
}

#[test]
fn row_numbers_and_identifiers_are_recognized() {
    let counted = |name: &str| Column::numeric(name, (1..40).map(f64::from).collect());
    for name in [
        "id",
        "rowid",
        "ID",
        "row_id",
        "PassengerId",
        "customer_id",
        "index",
        "unnamed_1",
        "Unnamed: 0",
    ] {
        assert!(identifies_rows(&counted(name)).is_some(), "{name}");
    }
    for name in ["year", "humid", "paid", "bid", "x", "GRID"] {
        assert!(identifies_rows(&counted(name)).is_none(), "{name}");
    }
    assert!(identifies_rows(&Column::numeric("id", vec![1.0, 2.0, 2.0])).is_none());
    assert!(identifies_rows(&Column::numeric("id", vec![1.0, 2.5])).is_none());
    let names: Vec<String> = (0..120).map(|i| format!("name {}", i / 2)).collect();
    let texts = |n: usize| Column::categorical("t", names[..n].iter().map(|s| Some(s.as_str())));
    assert!(identifies_rows(&texts(120)).is_none(), "two rows each");
    assert!(identifies_rows(&texts(119)).is_some());
    assert!(identifies_rows(&texts(20)).is_none(), "few");
}

fn table() -> Table {
    let y = Column::categorical("kind", (0..60).map(|i| Some(["cat", "dog"][i % 2])));
    let id = Column::numeric("id", (0..60).map(f64::from).collect());
    let c = Column::categorical("color", (0..60).map(|i| Some(["red", "blue"][i / 30])));
    Table::new("pets.csv", vec![id, y, c, Column::numeric("age", vec![1.5; 60])]).unwrap()
}

fn infer(
    target: &str,
    drop: &[&str],
    kinds: &[(&str, ColumnKind)],
) -> rosenblatt_tensor::Result<(Schema, Vec<Warning>)> {
    let drop: Vec<String> = drop.iter().map(|&name| name.to_owned()).collect();
    let kinds: BTreeMap<String, ColumnKind> = kinds.iter().map(|&(name, kind)| (name.to_owned(), kind)).collect();
    Schema::infer(
        &table(),
        Overrides {
            drop: &drop,
            kinds: &kinds,
            ..Overrides::of(target)
        },
    )
}

#[test]
fn columns_are_used_unless_there_is_a_reason() {
    let (schema, left_out) = infer("kind", &[], &[]).unwrap();
    let names = |schema: &Schema| {
        schema
            .columns
            .iter()
            .map(|field| field.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&schema), ["color", "age"]);
    assert_eq!(
        schema.columns[0].kind,
        FieldKind::Categorical {
            levels: vec!["blue".into(), "red".into()]
        }
    );
    assert_eq!(left_out[0].to_string(), "dropped `id`: it numbers the rows");
    assert_eq!((left_out[0].column(), left_out.len()), (Some("id"), 1));
    let (schema, left_out) = infer("kind", &["age"], &[("id", ColumnKind::Numeric)]).unwrap();
    assert_eq!(names(&schema), ["id", "color"]);
    assert!(left_out.is_empty());
    assert_eq!(schema.kinds()["kind"], ColumnKind::Categorical);
}

#[test]
fn wrong_names_are_answered_with_the_right_ones() {
    for (key, wrong) in [
        ("data.target", infer("knid", &[], &[])),
        ("data.drop", infer("kind", &["colou"], &[])),
        (
            "data.columns.agge",
            infer("kind", &[], &[("agge", ColumnKind::Numeric)]),
        ),
    ] {
        let error = wrong.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().starts_with(&format!("{key}: ")), "{error}");
        assert!(error.hint_text().unwrap().starts_with("did you mean `"), "{error:?}");
    }
    assert!(infer("kind", &["kind"], &[]).is_err());
    assert!(infer("kind", &["age", "color"], &[]).is_err(), "nothing left");
}
