//! Columns of dates, times of day and durations on their way from a file to features: the inputs of `tests/cases/`, which
//! hold one fault of older versions each, and others of their kinds.
#![cfg(test)]

mod held;

use std::fmt::Write as _;
use std::path::PathBuf;

use rosenblatt_data::preprocess::DateOrder;
use rosenblatt_data::schema::{FieldKind, Inferred, Overview};
use rosenblatt_data::{ColumnKind, DataOptions, Input, Prepared, Table, TableOptions, Warning, load};
use rosenblatt_tensor::{ErrorKind, Result};
use tempfile::TempDir;

fn case(name: &str) -> DataOptions {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/cases", name].iter().collect();
    DataOptions::new(path.to_str().unwrap()).target("y")
}

fn is_date(options: &mut DataOptions) {
    options.columns.insert("when".to_owned(), ColumnKind::Date);
}

/// The features of the column `when`, and what was said of it.
fn of_when(data: &Prepared) -> (Vec<&str>, Option<&str>) {
    assert!(
        data.schema
            .columns
            .iter()
            .any(|field| field.name == "when" && field.kind == FieldKind::Date)
    );
    assert!(
        data.warnings.iter().all(|warning| warning.column() != Some("when")),
        "{:?}",
        data.warnings
    );
    let names = data.train.feature_names().iter();
    let parts = names.filter_map(|name| name.strip_prefix("when_")).collect();
    let said = data.summary.iter().find_map(|line| line.strip_prefix("`when`: "));
    (parts, said)
}

const DAYS: [&str; 6] = ["elapsed_days", "year", "month", "day", "weekday", "day_of_year"];
const TIMES: [&str; 3] = ["hour", "minute", "second"];

#[test]
fn cases_are_read() {
    let months = ["elapsed_days", "year", "month"];
    let clock = ["time_of_day", "hour", "minute"];
    for (name, parts, said) in [
        ("date_month_name.csv.gz", &DAYS[..], None),
        (
            "date_am_pm.csv.gz",
            &[&DAYS[..], &TIMES].concat(),
            Some("dates, month first"),
        ),
        ("date_month_only.csv.gz", &months, Some("months")),
        ("time_of_day.csv.gz", &clock, Some("times of day")),
    ] {
        let data = load(&case(name), 0).unwrap();
        assert_eq!(of_when(&data), (parts.to_vec(), said), "{name}");
    }
}

/// The values of a feature in the order of the rows, scaled.
fn feature(data: &Prepared, name: &str) -> Vec<f32> {
    let at = data
        .train
        .feature_names()
        .iter()
        .position(|other| other == name)
        .unwrap();
    let width = data.train.feature_names().len();
    let all = data.train.features().to_vec::<f32>().unwrap();
    all.into_iter().skip(at).step_by(width).collect()
}

#[test]
fn an_ambiguous_column_says_how_to_decide() {
    let mut options = case("date_ambiguous.csv.gz");
    let data = load(&options, 0).unwrap();
    let reason = "its dates do not show whether the day or the month comes first";
    assert_eq!(data.left_out("when"), Some(reason));
    let about: Vec<&Warning> = data
        .warnings
        .iter()
        .filter(|warning| warning.column() == Some("when"))
        .collect();
    let [warning] = about[..] else {
        panic!("one warning, got {about:?}");
    };
    assert_eq!(warning.kind(), "column_dropped");
    let advice = "`data.date_order = day_first` or `data.date_order = month_first` says which comes first";
    assert_eq!(warning.advice().unwrap().as_str(), advice);

    is_date(&mut options);
    let error = load(&options, 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    let message = "date_ambiguous.csv.gz:2:1: column `when`: `06/12/2020` is a date, but it is ambiguous whether the day or the \
                   month comes first in this column";
    assert!(error.to_string().ends_with(message), "{error}");
    assert_eq!(error.hint_text(), Some(advice));

    let with = |order, given: bool| {
        let mut options = case("date_ambiguous.csv.gz");
        options.date_order = Some(order);
        if given {
            is_date(&mut options);
        }
        load(&options, 0).unwrap()
    };
    let [day, month] = [DateOrder::DayFirst, DateOrder::MonthFirst].map(|order| with(order, false));
    assert_eq!(of_when(&day), (DAYS.to_vec(), Some("dates, day first")));
    assert_eq!(of_when(&month), (DAYS.to_vec(), Some("dates, month first")));
    assert_eq!(with(DateOrder::DayFirst, true).preprocessing, day.preprocessing);
    assert_ne!(feature(&day, "when_elapsed_days"), feature(&month, "when_elapsed_days"));
    let mut options = case("date_ambiguous.csv.gz");
    options.date_formats.insert("when".to_owned(), "%d/%m/%Y".to_owned());
    let by_format = load(&options, 0).unwrap();
    assert_eq!(
        feature(&by_format, "when_elapsed_days"),
        feature(&day, "when_elapsed_days")
    );
    assert_eq!(of_when(&by_format).1, Some("dates of the format `%d/%m/%Y`"));
}

/// A table of forty rows with a column of these texts, in turn.
fn table(when: &dyn Fn(usize) -> String) -> String {
    (0..40).fold("when,x,y\n".to_owned(), |mut csv, i| {
        writeln!(csv, "{},{},{}.5", when(i), i * i % 17, i % 7).unwrap();
        csv
    })
}

fn written(texts: &str, change: impl FnOnce(&mut DataOptions)) -> (TempDir, Result<Prepared>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, texts).unwrap();
    let mut options = DataOptions::new(path.to_str().unwrap()).target("y");
    change(&mut options);
    let data = load(&options, 0);
    (folder, data)
}

fn day(i: usize) -> usize {
    1 + i % 28
}

const NAMES: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[test]
fn other_inputs_of_the_kind() {
    let name = |i: usize| NAMES[i % 12];
    let long = DAYS.iter().chain(&TIMES[..2]).copied().collect::<Vec<_>>();
    type Texts<'a> = &'a dyn Fn(usize) -> String;
    let cases: [(Texts<'_>, Vec<&str>, Option<&str>); 14] = [
        (
            &|i| format!("{} {}, {}", name(i), day(i), 2019 + i % 3).replace(", ", " "),
            DAYS.to_vec(),
            None,
        ),
        (
            &|i| format!("{:02}{}{}", day(i), name(i).to_uppercase(), 2019 + i % 3),
            DAYS.to_vec(),
            None,
        ),
        (
            &|i| format!("Mon {} {} 2020 1{}:{:02}", day(i), name(i), i % 10, i),
            without(&long, "year"),
            None,
        ),
        (
            &|i| format!("{}/{}/{:02}", 1 + i % 12, day(i), 18 + i % 4),
            DAYS.to_vec(),
            Some("dates, month first"),
        ),
        (
            &|i| format!("{}.{}.{:02}", day(i), 1 + i % 12, 98 + i % 2),
            DAYS.to_vec(),
            Some("dates, day first"),
        ),
        (
            &|i| format!("{} {}", name(i), 2019 + i % 3),
            vec!["elapsed_days", "year", "month"],
            Some("months"),
        ),
        (
            &|i| format!("{:02}/{}", 1 + i % 12, 2019 + i % 3),
            vec!["elapsed_days", "year", "month"],
            Some("months"),
        ),
        (
            &|i| format!("{}:{:02} {}", 1 + i % 12, i, ["AM", "PM"][i % 2]),
            vec!["time_of_day", "hour", "minute"],
            Some("times of day"),
        ),
        (
            &|i| format!("{}:15:{:02}", i, i),
            vec!["total_seconds"],
            Some("durations"),
        ),
        (
            &|i| format!("{} days {:02}:05:06", i % 3, i % 24),
            vec!["total_seconds"],
            Some("durations"),
        ),
        (
            &|i| format!("{}h {}m", i % 5, i),
            vec!["total_seconds"],
            Some("durations"),
        ),
        (
            &|i| format!("P{}DT{}H", i % 3, i % 24),
            vec!["total_seconds"],
            Some("durations"),
        ),
        (
            &|i| format!("2024-07-{:02} 1{}:{:02} Europe/Berlin", day(i), i % 10, i),
            without(&without(&long, "year"), "month"),
            None,
        ),
        (
            &|i| ["2024-02-07", "5 Jul 2021", "20230115", "\"Nov 9, 2022\""][i % 4].to_owned(),
            DAYS.to_vec(),
            None,
        ),
    ];
    for (texts, parts, said) in cases {
        let (_folder, data) = written(&table(texts), |_| ());
        assert_eq!(of_when(&data.unwrap()), (parts, said), "{}", texts(0));
    }
}

fn without<'a>(names: &[&'a str], name: &str) -> Vec<&'a str> {
    names.iter().copied().filter(|other| *other != name).collect()
}

#[test]
fn numbers_are_dates_by_request_and_a_warning_says_so() {
    let days = table(&|i| format!("2020{:02}{:02}", 1 + i % 12, day(i)));
    let (_folder, data) = written(&days, |_| ());
    let data = data.unwrap();
    let warning = data
        .warnings
        .iter()
        .find(|warning| warning.kind() == "numeric_dates")
        .unwrap();
    assert_eq!(
        warning.to_string(),
        "`when` is read as numbers, but they look like dates, such as `20200101`"
    );
    let advice = warning.advice().unwrap();
    assert!(
        advice
            .as_str()
            .starts_with("`data.columns.when = date` reads them as dates"),
        "{}",
        advice.as_str()
    );
    let unix = table(&|i| (1_593_950_400 + 90_061 * i).to_string());
    let milliseconds = table(&|i| (1_593_950_400_000_usize + 90_061_001 * i).to_string());
    let years = table(&|i| (1990 + i).to_string());
    for (texts, parts, said) in [
        (&days, without(&DAYS, "year"), "dates written as digits"),
        (
            &unix,
            [without(&DAYS, "year"), TIMES.to_vec()].concat(),
            "UNIX times in seconds",
        ),
        (
            &milliseconds,
            [without(&DAYS, "year"), TIMES.to_vec()].concat(),
            "UNIX times in milliseconds",
        ),
        (&years, vec!["year"], "years"),
    ] {
        let (_folder, data) = written(texts, is_date);
        assert_eq!(of_when(&data.unwrap()), (parts, Some(said)));
    }
    let (_folder, data) = written(&days, |options| {
        options.columns.insert("when".to_owned(), ColumnKind::Numeric);
    });
    assert!(data.unwrap().warnings.is_empty());
    let (_folder, data) = written(&table(&|i| (40_000 + i).to_string()), is_date);
    assert!(
        data.unwrap_err()
            .to_string()
            .ends_with("t.csv:2:1: column `when`: expected a date, got `40000`")
    );
}

#[test]
fn a_given_column_that_cannot_be_read_names_the_cell_and_the_way_on() {
    let iso = |i: usize| format!("2024-01-{:02}", day(i));
    let one_word = table(&|i| if i == 9 { "soon".to_owned() } else { iso(i) });
    let other_order = table(&|i| {
        if i == 9 {
            "01/31/2024".to_owned()
        } else {
            format!("{}/01/2024", day(i))
        }
    });
    for (texts, message, hint) in [
        (
            &one_word,
            "column `when`: expected a date, got `soon`",
            "if it marks a missing value",
        ),
        (
            &one_word,
            "column `when`: expected a date, got `soon`",
            "data.date_formats.when",
        ),
        (
            &other_order,
            "column `when`: `01/31/2024` is not a date with the day first, as others are",
            "data.date_order",
        ),
    ] {
        let (_folder, data) = written(texts, is_date);
        let error = data.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
        assert!(
            error.to_string().ends_with(&format!("t.csv:11:1: {message}")),
            "{error}"
        );
        assert!(error.hint_text().unwrap().contains(hint), "{:?}", error.hint_text());
    }
    let (_folder, data) = written(&one_word, |options| {
        options.date_formats.insert("when".to_owned(), "%Y-%m-%d".to_owned());
    });
    let message = data.unwrap_err().to_string();
    assert!(
        message.contains("t.csv:11:1: column `when`: `soon` is not of the format `%Y-%m-%d`: "),
        "{message}"
    );

    for (change, place) in [
        (
            &(|options: &mut DataOptions| {
                options.date_formats.insert("wen".to_owned(), "%Y".to_owned());
            }) as &dyn Fn(&mut DataOptions),
            "data.date_formats.wen",
        ),
        (
            &|options: &mut DataOptions| {
                options.date_formats.insert("when".to_owned(), "%F".to_owned());
                options.columns.insert("when".to_owned(), ColumnKind::Numeric);
            },
            "data.date_formats.when",
        ),
    ] {
        let (_folder, data) = written(&table(&iso), |options| change(options));
        let error = data.unwrap_err();
        assert!(
            error.kind() == ErrorKind::Config && error.to_string().contains(place),
            "{error}"
        );
    }
}

#[test]
fn that_a_duration_is_not_a_number_is_no_news() {
    let texts = table(&|i| format!("1h {i}m"));
    let input = Input::memory("t.csv", texts.into_bytes());
    let (table, info) = Table::read(&input, &TableOptions::default()).unwrap();
    let overview = Overview::of(&table, &info);
    assert_eq!(
        (overview.columns[0].kind, overview.columns[0].reason.as_str()),
        (Inferred::Date, "durations")
    );
    assert!(overview.warnings.is_empty(), "{:?}", overview.warnings);
}
