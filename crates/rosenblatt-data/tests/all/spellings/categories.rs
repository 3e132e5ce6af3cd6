//! Spellings of one category, `NA` as a value, and the way from classes to numbers and back.

use rosenblatt_data::{ColumnKind, Purpose, apply};

use super::*;

fn of(name: &str, cells: &[&str], repeat: usize) -> String {
    let line = |row: usize| format!("{},{row}\n", cells[row % cells.len()]);
    format!("{name},y\n{}", (0..cells.len() * repeat).map(line).collect::<String>())
}

#[test]
fn spellings_of_one_category_are_one_and_told() {
    for (cells, names) in [
        (&["Yes", "yes", "Yes", "no", "NO", "no"][..], &["Yes", "no"][..]),
        (&["True", "TRUE", "True", "False"], &["False", "True"]),
        (&["Oslo", "oslo ", "OSLO", "Oslo", "Bergen"], &["Bergen", "Oslo"]),
        (&["Köln", "Ko\u{308}ln", "Köln", "Bonn"], &["Bonn", "Köln"]),
        (
            &["New York", "New  York", "New\u{a0}York", "New York", "Rome"],
            &["New York", "Rome"],
        ),
    ] {
        let (table, warnings) = read(of("x", cells, 10)).unwrap();
        let mut found = texts(&table, "x");
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, names);
        assert_eq!(
            warnings.iter().map(Warning::kind).collect::<Vec<_>>(),
            ["merged_spellings"],
            "{cells:?}"
        );
        let exact = TableOptions {
            exact: vec!["x".into()],
            ..TableOptions::default()
        };
        let (table, warnings) = read_as(of("x", cells, 10), &exact).unwrap();
        let mut kept = texts(&table, "x");
        kept.sort_unstable();
        kept.dedup();
        assert!(kept.len() > names.len() && warnings.is_empty(), "{kept:?}");
    }
}

#[test]
fn new_data_may_spell_categories_otherwise() {
    for (training, new, told_of) in [
        (&["4", "5", "6"][..], &["4.0", "5.0", "6.0"][..], true),
        (&["02100", "02200", "1"], &["2100", "2200", "01"], true),
        (&["no", "yes"], &["FALSE", "TRUE"], true),
        (&["no", "yes"], &["0", "1"], true),
        (&["Köln", "Bonn"], &["Ko\u{308}ln", "BONN"], true),
        (&["red", "blue"], &["red", "blue"], false),
    ] {
        let (folder, data) = prepared(&of("x", training, 20), |options| {
            options.target = Some("y".into());
            options.columns.insert("x".into(), ColumnKind::Categorical);
        });
        let data = data.unwrap();
        let features = |cells: &[&str]| {
            let path = folder.path().join("new.csv");
            std::fs::write(&path, of("x", cells, 1)).unwrap();
            let path = path.to_str().unwrap();
            let applied = apply(&data.schema, &data.preprocessing, path, Purpose::Predict).unwrap();
            (applied.dataset.features().to_vec::<f32>().unwrap(), applied.warnings)
        };
        let (expected, _) = features(training);
        let (found, warnings) = features(new);
        assert_eq!(found, expected, "{new:?}");
        let kinds: Vec<&str> = warnings.iter().map(Warning::kind).collect();
        assert_eq!(kinds.contains(&"other_spellings"), told_of, "{kinds:?}");
        assert!(!kinds.contains(&"unseen_categories"), "{kinds:?}");
    }
}

#[test]
fn classes_of_new_data_may_be_spelled_otherwise() {
    let (folder, data) = prepared(&of("x", &["no", "yes"], 20), |options| {
        options.target = Some("x".into())
    });
    let data = data.unwrap();
    let path = folder.path().join("new.csv");
    std::fs::write(&path, "x,y\nYES,1\nNo,2\n").unwrap();
    let applied = apply(
        &data.schema,
        &data.preprocessing,
        path.to_str().unwrap(),
        Purpose::Evaluate,
    )
    .unwrap();
    assert_eq!(applied.dataset.targets().unwrap().to_vec::<i64>().unwrap(), [1, 0]);
}

#[test]
fn na_is_a_value_by_request() {
    for marker in ["NA", "null", "NaN", "?", "N/A"] {
        let text = of("region", &["EU", marker, "AS"], 10);
        let (table, _) = read(text.clone()).unwrap();
        assert_eq!(texts(&table, "region")[1], "", "{marker}");
        let options = TableOptions {
            not_missing: vec![marker.into()],
            ..TableOptions::default()
        };
        let (table, _) = read_as(text, &options).unwrap();
        assert_eq!(texts(&table, "region")[1], marker);
    }
}

#[test]
fn one_class_and_missing_cells_name_the_setting() {
    let text = of("label", &["EU", "NA", "EU"], 10);
    let (_folder, data) = prepared(&text, |options| options.target = Some("label".into()));
    let error = data.unwrap_err();
    assert!(error.to_string().contains("has one class only, `EU`"), "{error}");
    let hint = error.hint_text().unwrap().to_owned();
    assert!(
        hint.contains("10 rows without") && hint.contains("data.not_missing"),
        "{hint}"
    );
}

#[test]
fn the_other_task_is_named_where_there_is_one() {
    let other = |text: &str, target: &str| {
        let (_folder, data) = prepared(text, |options| options.target = Some(target.into()));
        data.unwrap().other_task().map(|advice| advice.as_str().to_owned())
    };
    let grades = of("x", &["1", "2", "3", "4"], 20);
    assert_eq!(
        other(&grades, "x").unwrap(),
        "for numbers instead of classes: `data.columns.x = numeric`"
    );
    assert_eq!(
        other(&grades, "y").unwrap(),
        "for classes instead of numbers: `data.columns.y = categorical`"
    );
    assert_eq!(other(&plain(), "price"), None);
    assert_eq!(other(&plain(), "city"), None);
}
