//! Robust scaling against scikit-learn, limits and quantiles against NumPy and SciPy, parts of dates against Python's datetime (`fixtures/transforms.json`); and dates
//! on their way from a file to features and back again.
#![cfg(test)]

use rosenblatt_data::preprocess::{DatePart, Quantiles, RobustScale, SoftClip};
use rosenblatt_data::schema::FieldKind;
use rosenblatt_data::{ColumnKind, DataOptions, Dataset, NumericScale, Prepared, Purpose, apply, load};
use rosenblatt_testkit::fixture;
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn columns_as_scikit_learn_scales_them_robustly() {
    let cases = fixture("transforms.json")["robust"].clone();
    for case in cases.as_array().unwrap() {
        let (name, fitted) = (&case["name"], RobustScale::fit(&floats(case, "values")));
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()), "{name}: {a} and {b}");
        close(fitted.median, case["median"].as_f64().unwrap());
        close(fitted.spread, case["spread"].as_f64().unwrap());
        let results = floats(case, "values").into_iter().zip(floats(case, "result"));
        for (x, expected) in results.filter(|(x, _)| !x.is_nan()) {
            // Near the median the difference keeps fewer digits.
            assert!(
                (fitted.scale(x) - expected).abs() <= 1e-9 * expected.abs().max(1e-3),
                "{name}: {x}"
            );
        }
    }
}

/// The numbers under a key of a case.
fn floats(case: &Value, key: &str) -> Vec<f64> {
    let numbers = case[key].as_array().unwrap().iter();
    numbers.map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

/// The numbers of the column of a case, which `robust` holds.
fn column(case: &Value) -> Vec<f64> {
    let columns = fixture("transforms.json")["robust"].clone();
    let column = columns
        .as_array()
        .unwrap()
        .iter()
        .find(|column| column["name"] == case["name"]);
    floats(column.unwrap(), "values")
}

#[test]
fn absurd_numbers_are_drawn_in_as_numpy_does() {
    let cases = fixture("transforms.json")["soft_clip"].clone();
    for case in cases.as_array().unwrap() {
        let (name, fitted) = (&case["name"], SoftClip::fit(&column(case)));
        let close = |a: f64, b: f64| {
            let size = a.abs().max(b.abs()).max(fitted.unit);
            assert!((a - b).abs() <= 1e-12 * size, "{name}: {a} and {b}");
        };
        let [lower, upper, unit] = ["lower", "upper", "unit"].map(|key| case[key].as_f64().unwrap());
        close(fitted.unit, unit);
        close(fitted.lower, lower);
        close(fitted.upper, upper);
        let results = floats(case, "asked").into_iter().zip(floats(case, "result"));
        for (x, expected) in results {
            match expected.is_nan() {
                true => assert!(fitted.clip(x).is_nan(), "{name}: {x}"),
                false => close(fitted.clip(x), expected),
            }
        }
    }
}

#[test]
fn ranks_are_quantiles_as_scipy_finds_them() {
    let cases = fixture("transforms.json")["quantiles"].clone();
    assert!(cases.as_array().unwrap().len() > 5);
    for case in cases.as_array().unwrap() {
        let values = column(case);
        let fitted = Quantiles::fit(&values).unwrap();
        let present = values.into_iter().filter(|x| !x.is_nan());
        for (x, expected) in present.zip(floats(case, "result")) {
            assert!((fitted.of(x) - expected).abs() < 1e-12, "{}: {x}", case["name"]);
        }
    }
}

#[test]
fn numbers_have_quantiles_from_so_many_rows_on_and_absurd_ones_are_drawn_in() {
    let cell = |i: usize| if i == 5 { 1e9 } else { (i * i % 61) as f64 };
    let rows = (0..50).fold("x,flag,sold\n".to_owned(), |csv, i| {
        format!("{csv}{},{},{i}.5\n", cell(i), i % 2)
    });
    let folder = folder_with(&[("sales.csv", &rows)]);
    let with = |quantiles_from, soft_clip| {
        let options = DataOptions {
            quantiles_from,
            soft_clip,
            ..DataOptions::default()
        };
        trained(&folder, options).train
    };
    let names = |rows: &Dataset| rows.feature_names().join(" ");
    assert_eq!(names(&with(Some(51), None)), "x flag");
    assert_eq!(names(&with(Some(50), None)), "x x_quantile flag");
    let spread = |rows: &Dataset| {
        let features = rows.features().to_vec::<f32>().unwrap();
        let x: Vec<f32> = features
            .chunks(2)
            .enumerate()
            .filter(|(row, _)| *row != 5)
            .map(|(_, row)| row[0])
            .collect();
        x.iter().copied().fold(f32::MIN, f32::max) - x.iter().copied().fold(f32::MAX, f32::min)
    };
    assert!(spread(&with(None, None)) < 1e-5);
    assert!(spread(&with(None, Some(true))) > 0.5);
}

#[test]
fn parts_of_dates_as_pythons_datetime_finds_them() {
    let cases = fixture("transforms.json")["dates"].clone();
    assert!(cases.as_array().unwrap().len() > 400);
    for case in cases.as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let expected: Vec<f64> = serde_json::from_value(case["parts"].clone()).unwrap();
        let found = DatePart::ALL.map(|part| part.of(text).unwrap());
        assert!(
            (found[0] - expected[0]).abs() < 1e-9,
            "{text}: {} {}",
            found[0],
            expected[0]
        );
        assert_eq!(found[1..], expected[1..], "{text}");
    }
}

/// Sixty days, of which one is missing.
fn sales() -> String {
    (0..60).fold("day,shop,sold\n".to_owned(), |csv, i| {
        let day = if i == 7 {
            String::new()
        } else {
            format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28)
        };
        format!("{csv}{day},{},{}.5\n", ["a", "b"][i % 2], i * i % 17)
    })
}

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn at(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

fn trained(folder: &TempDir, options: DataOptions) -> Prepared {
    let source = at(folder, "sales.csv");
    load(&DataOptions { source, ..options }.target("sold"), 0).unwrap()
}

#[test]
fn dates_are_recognized_taken_apart_and_read_again() {
    let new = "day,shop\n2024-02-01,a\nsoon,b\n,a\n2030-07-01T12:00,b\n";
    let folder = folder_with(&[("sales.csv", &sales()), ("new.csv", new)]);
    let data = trained(&folder, DataOptions::default());
    assert_eq!(data.schema.columns[0].kind, FieldKind::Date);
    let names = ["elapsed_days", "month", "day", "weekday", "day_of_year", "missing"].map(|part| format!("day_{part}"));
    assert_eq!(data.train.feature_names()[..6], names);
    assert_eq!(
        data.summary[1],
        "features: 8 from 2 columns (0 numeric, 1 categorical, 1 date)"
    );
    let applied = apply(
        &data.schema,
        &data.preprocessing,
        &at(&folder, "new.csv"),
        Purpose::Predict,
    )
    .unwrap();
    assert_eq!(
        applied.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "`day`: 1 cell is not a date, such as `soon`: counted as missing",
            "1 missing value: `day` 1; imputed: dates with the training mean",
        ]
    );
    let features: Vec<f32> = applied.dataset.features().to_vec().unwrap();
    assert!(features.iter().all(|x| x.is_finite()));
    let missing: Vec<f32> = features.iter().skip(5).step_by(8).copied().collect();
    assert_eq!(missing, [0.0, 1.0, 1.0, 0.0]);
    assert_eq!(features[8..13], [0.0; 5]);

    let text = serde_json::to_string(&(&data.schema, &data.preprocessing)).unwrap();
    assert_eq!(
        serde_json::from_str::<(rosenblatt_data::Schema, rosenblatt_data::Preprocessing)>(&text).unwrap(),
        (data.schema, data.preprocessing)
    );
}

#[test]
fn a_given_kind_is_kept() {
    let folder = folder_with(&[("sales.csv", &sales())]);
    let kind_of_day = |kind: ColumnKind| {
        let columns = [("day".to_owned(), kind)].into();
        let data = trained(
            &folder,
            DataOptions {
                columns,
                ..DataOptions::default()
            },
        );
        data.schema.columns[0].kind.clone()
    };
    assert!(matches!(
        kind_of_day(ColumnKind::Categorical),
        FieldKind::Categorical { .. }
    ));
    assert_eq!(kind_of_day(ColumnKind::Date), FieldKind::Date);

    let compact = folder_with(&[("sales.csv", "day,sold\n20240131,1.5\n20240201,2\n20240203,3\n")]);
    let columns: std::collections::BTreeMap<_, _> = [("day".to_owned(), ColumnKind::Date)].into();
    let source = at(&compact, "sales.csv");
    let error = load(
        &DataOptions {
            source,
            columns,
            ..DataOptions::default()
        }
        .target("day"),
        0,
    )
    .unwrap_err();
    assert_eq!(error.message(), "`day` is the target, and dates cannot be predicted");
}

#[test]
fn one_date_alone_says_nothing_and_is_dropped() {
    let on_one_day = |line: &str| match line.split_once(',') {
        Some((day, rest)) if day != "day" => format!("2024-02-01,{rest}\n"),
        _ => format!("{line}\n"),
    };
    let one: String = sales().lines().map(on_one_day).collect();
    let folder = folder_with(&[("sales.csv", &one)]);
    let data = trained(&folder, DataOptions::default());
    assert_eq!(
        data.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "42 duplicate rows, equal in every column",
            "dropped `day`: no two training rows differ in their date"
        ]
    );
    assert_eq!(data.train.feature_names(), ["shop=a", "shop=b"]);
}

/// The dates of [`sales`], written as `order` says.
fn sales_written(order: impl Fn(&str, &str, &str) -> String) -> String {
    let line = |line: &str| match line.split_once(',') {
        Some((day, rest)) if day.starts_with('2') => format!("{},{rest}\n", order(&day[..4], &day[5..7], &day[8..])),
        _ => format!("{line}\n"),
    };
    sales().lines().map(line).collect()
}

#[test]
fn days_come_first_if_the_column_says_so() {
    let usual = trained(&folder_with(&[("sales.csv", &sales())]), DataOptions::default());
    let day_first = sales_written(|year, month, day| format!("{day}/{month}/{year}"));
    let month_first = sales_written(|year, month, day| format!("{month}.{day}.{year}"));
    for (table, note) in [
        (day_first, "`day`: dates, day first"),
        (month_first, "`day`: dates, month first"),
    ] {
        let new = "day,shop\n01/02/2024,a\n01.02.2024,a\n";
        let folder = folder_with(&[("sales.csv", &table), ("new.csv", new)]);
        let data = trained(&folder, DataOptions::default());
        assert_eq!(data.summary.last().unwrap(), note);
        assert!(data.warnings.is_empty());
        assert_eq!(data.schema, usual.schema);
        let features = |data: &Prepared| data.train.features().to_vec::<f32>().unwrap();
        assert_eq!(features(&data), features(&usual));
        let text = serde_json::to_string(&data.preprocessing).unwrap();
        let stored = serde_json::from_str(&text).unwrap();
        let applied = apply(&data.schema, &stored, &at(&folder, "new.csv"), Purpose::Predict).unwrap();
        assert!(applied.warnings.is_empty(), "{:?}", applied.warnings);
        assert_eq!(applied.dataset.feature_names()[1], "day_month");
        let month = applied.dataset.features().to_vec::<f32>().unwrap()[1];
        assert_eq!(month < 0.0, note.contains("month first"), "January is below the mean");
    }
}

/// A date whose day may be its month.
fn either(year: &str, month: &str, day: &str) -> String {
    let day = day.parse::<u32>().unwrap() % 12 + 1;
    format!("{day:02}/{month}/{year}")
}

#[test]
fn what_keeps_a_column_from_being_one_of_dates_is_a_warning() {
    let ambiguous = sales_written(either);
    let one_word = sales().replace("2024-01-03", "soon");
    let first_word = sales().replace("2024-01-01", "-");
    let other_order = sales_written(|year, month, day| match day {
        "20" if month == "01" => format!("{month}/{day}/{year}"),
        _ => format!("{day}/{month}/{year}"),
    });
    for (table, note) in [
        (one_word, "`day` is read as text: `soon` in line 4 is not a date"),
        (first_word, "`day` is read as text: `-` in line 2 is not a date"),
        (
            other_order,
            "`day` is read as text: `01/20/2024` in line 21 is not a date with the day first, as others are",
        ),
        (
            ambiguous,
            "`day` is read as text: `02/01/2024` in line 2 is a date, but it is ambiguous whether the day or the month \
             comes first in this column",
        ),
    ] {
        let folder = folder_with(&[("sales.csv", &table)]);
        let data = trained(&folder, DataOptions::default());
        let said: Vec<String> = data.warnings.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|text| text == note), "{said:?}");
        assert!(!data.schema.columns.iter().any(|field| field.kind == FieldKind::Date));
    }
}

#[test]
fn numbers_are_scaled_as_the_options_say() {
    let rows: String = (0..50).fold("x,sold\n".to_owned(), |csv, i| format!("{csv}{},{}.5\n", i * i * i, i));
    let folder = folder_with(&[("sales.csv", &rows)]);
    let options = |numeric| DataOptions {
        numeric_scale: numeric,
        ..DataOptions::default()
    };
    let robust = trained(&folder, options(NumericScale::RobustScale));
    let usual = trained(&folder, DataOptions::default());
    let most = |data: &Prepared| {
        data.train
            .features()
            .to_vec::<f32>()
            .unwrap()
            .into_iter()
            .fold(0.0, f32::max)
    };
    assert!(most(&robust) < 3.0 && most(&robust) > 1.5, "{}", most(&robust));
    assert_ne!(most(&robust), most(&usual));
    let steps = serde_json::to_string(&robust.preprocessing).unwrap();
    assert!(
        steps.contains("robust_scale") && !steps.contains("\"standardize\""),
        "{steps}"
    );
    let text = serde_json::to_string(&options(NumericScale::RobustScale)).unwrap();
    assert_eq!(text, r#"{"source":"","numeric_scale":"robust_scale"}"#);
    assert_eq!(
        serde_json::to_string(&DataOptions::default()).unwrap(),
        r#"{"source":""}"#
    );
}
