//! Several warnings as one line, and as JSON.

use super::*;

fn missing(column: &str, count: usize, in_training: bool, imputed: Imputed) -> Warning {
    Warning::MissingValues {
        column: column.to_owned(),
        count,
        in_training,
        imputed,
        part: None,
    }
}

fn texts(warnings: &[Warning]) -> Vec<String> {
    Warning::lines(warnings).into_iter().map(|line| line.text).collect()
}

#[test]
fn missing_values_of_many_columns_are_one_line() {
    let all = [
        missing("a", 1, true, Imputed::Median),
        missing("b", 2, false, Imputed::Median),
        missing("c", 3, true, Imputed::UnknownCategory),
        missing("d", 4, false, Imputed::Mean),
    ];
    assert_eq!(
        texts(&all),
        [
            "10 missing values: `a` 1, `b` 2 (none in training), `c` 3, `d` 4 (none in training); imputed: numbers with \
             the training median, dates with the training mean, categories as unknown"
        ]
    );
    assert_eq!(
        all[0].to_string(),
        "1 missing value: `a` 1; imputed: numbers with the training median"
    );
}

#[test]
fn a_line_names_so_many_columns() {
    let constant = |n: usize| vec![Warning::ConstantColumn { column: "x".to_owned() }; n];
    assert!(!texts(&constant(12))[0].contains("more"));
    assert!(texts(&constant(13))[0].ends_with(" and 1 more column"));
    assert!(texts(&constant(99))[0].ends_with(" and 87 more columns"));
}

#[test]
fn parts_do_not_share_a_line() {
    let of = |part| Warning::MissingValues {
        column: "a".to_owned(),
        count: 1,
        in_training: false,
        imputed: Imputed::Median,
        part: Some(part),
    };
    let lines = texts(&[of(Part::Valid), of(Part::Test), of(Part::Valid)]);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("validation rows: 2 missing values: "), "{lines:?}");
}

#[test]
fn json_has_the_kind_and_the_fields() {
    let warning = Warning::UnseenCategories {
        column: "c".to_owned(),
        count: 2,
        text: "z".to_owned(),
        row: 7,
        part: None,
    };
    let expected = serde_json::json!({ "kind": "unseen_categories", "column": "c", "count": 2, "text": "z", "row": 7 });
    assert_eq!(serde_json::to_value(&warning).unwrap(), expected);
    assert_eq!(expected["kind"], warning.kind());
}
