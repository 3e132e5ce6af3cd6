//! Splits by groups and by time: disjoint, complete, never through a group or a moment, near the fraction that is asked for.
#![cfg(test)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use rosenblatt_data::split::{Draw, HeldOut, Parts, split, split_groups, split_random, split_time};
use rosenblatt_data::{DataOptions, Frame, Prepared, Warning, load, load_input};
use rosenblatt_tensor::{Error, ErrorKind, Result};

fn rows(n: usize) -> Vec<u64> {
    (0..n as u64).collect()
}

fn all(parts: &Parts) -> Vec<u64> {
    let mut all = [&parts.rest[..], &parts.held_out].concat();
    all.sort_unstable();
    all
}

fn of_rows<T: Copy + Ord>(values: &[T], rows: &[u64]) -> BTreeSet<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}

fn largest<T: PartialEq + Copy + Ord>(values: &[T]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(<[T]>::len).max().unwrap_or(0)
}

fn draw(fraction: f64, seed: u64) -> Draw {
    let part = HeldOut::Valid;
    Draw { fraction, part, seed }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn groups_stay_together(
        groups in prop::collection::vec(0u64..30, 2..200),
        fraction in 0.01f64..0.99,
        seed in any::<u64>(),
    ) {
        prop_assume!(of_rows(&groups, &rows(groups.len())).len() > 1);
        let n = groups.len();
        let parts = split_groups(&rows(n), &groups, &vec![0; n], draw(fraction, seed)).unwrap();
        prop_assert!(parts.rest.is_sorted() && parts.held_out.is_sorted());
        prop_assert_eq!(all(&parts), rows(n));
        prop_assert!(!parts.rest.is_empty() && !parts.held_out.is_empty());
        prop_assert!(of_rows(&groups, &parts.rest).is_disjoint(&of_rows(&groups, &parts.held_out)));
        let missed = (parts.held_out.len() as f64 - fraction * n as f64).abs();
        prop_assert!(missed <= largest(&groups) as f64, "{} of {}", parts.held_out.len(), n);
        // What groups are called decides nothing.
        let renamed: Vec<u64> = groups.iter().map(|group| 1000 - 7 * group).collect();
        prop_assert_eq!(split_groups(&rows(n), &renamed, &vec![0; n], draw(fraction, seed)).unwrap(), parts);
    }

    #[test]
    fn every_class_keeps_a_row_of_some_group(
        cells in prop::collection::vec((0u64..20, 0i64..3), 2..100),
        fraction in 0.01f64..0.99,
        seed in any::<u64>(),
    ) {
        let (groups, classes): (Vec<u64>, Vec<i64>) = cells.into_iter().unzip();
        let n = groups.len();
        match split_groups(&rows(n), &groups, &classes, draw(fraction, seed)) {
            Ok(parts) => {
                prop_assert_eq!(of_rows(&classes, &parts.rest), of_rows(&classes, &rows(n)));
                prop_assert!(of_rows(&groups, &parts.rest).is_disjoint(&of_rows(&groups, &parts.held_out)));
            }
            // Each group has all rows of some class.
            Err(_) => for group in of_rows(&groups, &rows(n)) {
                let others: Vec<u64> = rows(n).into_iter().filter(|&row| groups[row as usize] != group).collect();
                prop_assert!(of_rows(&classes, &others) != of_rows(&classes, &rows(n)), "{}", group);
            }
        }
    }

    #[test]
    fn the_latest_rows_are_held_out(
        times in prop::collection::vec(prop::option::weighted(0.9, -20i64..20), 2..200),
        fraction in 0.01f64..0.99,
    ) {
        let known: Vec<i64> = times.iter().copied().flatten().collect();
        prop_assume!(known.iter().collect::<BTreeSet<_>>().len() > 1);
        let n = times.len();
        let moments: Vec<f64> = times.iter().map(|time| time.map_or(f64::NAN, |time| time as f64)).collect();
        let parts = split_time(&rows(n), &moments, draw(fraction, 0)).unwrap();
        prop_assert_eq!(all(&parts), rows(n));
        let (early, late) = (of_rows(&times, &parts.rest), of_rows(&times, &parts.held_out));
        // A missing time is the smallest one.
        prop_assert!(early.last() < late.first() && early.last().is_some_and(Option::is_some));
        let missed = parts.held_out.len() as f64 - fraction * n as f64;
        // Below, only if no more moments are left.
        let none_left = early.iter().flatten().count() == 1;
        prop_assert!(missed.abs() <= largest(&known) as f64 || missed < 0.0 && none_left, "{} of {}", parts.held_out.len(), n);
    }

    #[test]
    fn rows_at_random_leave_every_class_a_row(
        classes in prop::collection::vec(0i64..4, 2..100),
        fraction in 0.01f64..0.99,
        seed in any::<u64>(),
    ) {
        let n = classes.len();
        match split_random(&rows(n), &classes, draw(fraction, seed)) {
            Ok(parts) => {
                prop_assert_eq!(all(&parts), rows(n));
                prop_assert_eq!(of_rows(&classes, &parts.rest), of_rows(&classes, &rows(n)));
                let wanted = ((n as f64 * fraction).round() as usize).max(1);
                let can = n - of_rows(&classes, &rows(n)).len();
                prop_assert_eq!(parts.held_out.len(), wanted.min(can));
            }
            Err(_) => prop_assert_eq!(largest(&classes), 1),
        }
        // Of numbers it is what it always was.
        let of_numbers = split_random(&rows(n), &vec![0; n], draw(fraction, seed)).unwrap();
        prop_assert_eq!(of_numbers, split(&rows(n), None, fraction, HeldOut::Valid, seed).unwrap());
    }
}

/// A group of half of the rows is held out only if nothing else is there.
#[test]
fn large_groups() {
    let groups: Vec<u64> = (0..100).map(|i| if i < 50 { 0 } else { i }).collect();
    for seed in 0..20 {
        let parts = split_groups(&rows(100), &groups, &[0; 100], draw(0.2, seed)).unwrap();
        assert_eq!((parts.held_out.len(), parts.held_out[0] >= 50), (20, true));
    }
    let halves: Vec<u64> = (0..100).map(|i| i / 50).collect();
    let held = |seed| {
        split_groups(&rows(100), &halves, &[0; 100], draw(0.1, seed))
            .unwrap()
            .held_out
    };
    assert_eq!(held(0).len(), 50);
    assert!((1..20).any(|seed| held(seed) != held(0)), "by the seed");
}

const DAYS: [&str; 6] = [
    "2024-03-01",
    "2024-03-02",
    "2024-03-02",
    "2024-03-05",
    "2024-04-01",
    "2024-04-01",
];

/// Sixty rows of twelve patients, ten days and two classes.
fn loaded(split: &str, change: impl Fn(&mut DataOptions)) -> Result<Prepared> {
    let patient: Vec<String> = (0..60).map(|i| format!("p{}", i % 12)).collect();
    let number: Vec<f64> = (0..60).map(|i| f64::from(i % 12)).collect();
    let gaps: Vec<Option<String>> = (0..60).map(|i| (i % 15 > 0).then(|| format!("p{}", i % 12))).collect();
    let day: Vec<&str> = (0..60).map(|i| DAYS[i % 6]).collect();
    let frame = Frame::from_columns(
        "rows",
        [
            (
                "x",
                (0..60).map(|i| f64::from(i * 7 % 11) + 0.5).collect::<Vec<_>>().into(),
            ),
            ("patient", patient.iter().map(String::as_str).collect::<Vec<_>>().into()),
            ("number", number.into()),
            ("gaps", gaps.into()),
            ("half", (0..60).map(|i| ["a", "b"][i % 2]).collect::<Vec<_>>().into()),
            ("when", day.into()),
            ("size", (0..60).map(|i| f64::from(i * i)).collect::<Vec<_>>().into()),
            ("y", (0..60).map(|i| ["no", "yes"][i % 2]).collect::<Vec<_>>().into()),
        ],
    )?;
    let mut options = DataOptions::default().target("y").valid_fraction(0.25);
    options.split = Some(split.parse()?);
    change(&mut options);
    load_input(&frame.into(), &options, 7)
}

/// The rows of a part, by `x`.
fn xs(data: &rosenblatt_data::Dataset) -> Vec<f32> {
    let at = data.feature_names().iter().position(|name| name == "x").unwrap();
    let all = data.features().to_vec::<f32>().unwrap();
    all.chunks(data.feature_names().len()).map(|row| row[at]).collect()
}

#[test]
fn a_column_of_groups_is_no_feature_and_may_be_text_or_numbers() {
    let texts = loaded("group=patient", |_| ()).unwrap();
    let numbers = loaded("group=number", |_| ()).unwrap();
    assert_eq!(texts.valid.as_ref().unwrap().len(), 15);
    let line = "split: by groups of `patient`, which is not a feature: 9 training, 3 validation";
    assert!(texts.summary.iter().any(|said| said == line), "{:?}", texts.summary);
    assert!(texts.schema.columns.iter().all(|field| field.name != "patient"));
    assert!(numbers.schema.columns.iter().all(|field| field.name != "number"));
    let rows = |data: &Prepared| (xs(&data.train), xs(data.valid.as_ref().unwrap()));
    // Scales are fitted on the same rows.
    assert_eq!(rows(&texts), rows(&numbers));
}

#[test]
fn rows_without_a_group_are_groups_of_their_own() {
    let data = loaded("group=gaps", |_| ()).unwrap();
    let warning = Warning::MissingGroups {
        column: "gaps".to_owned(),
        count: 4,
    };
    assert!(data.warnings.contains(&warning), "{:?}", data.warnings);
    assert_eq!(data.valid.unwrap().len() + data.train.len(), 60);
}

#[test]
fn test_rows_follow_validation_rows_follow_training_rows() {
    let data = loaded("time=when", |options| options.test_fraction = Some(0.3)).unwrap();
    // A third of the rows has the last day, a sixth the one before it.
    assert_eq!(
        [data.train.len(), data.valid.unwrap().len(), data.test.unwrap().len()],
        [30, 10, 20]
    );
    let line = "split: by time of `when`: training 2024-03-01 to 2024-03-02, validation 2024-03-05 to 2024-03-05, \
                test 2024-04-01 to 2024-04-01";
    assert!(data.summary.iter().any(|said| said == line), "{:?}", data.summary);
    assert!(
        data.schema.columns.iter().any(|field| field.name == "when"),
        "still a feature"
    );
    let data = loaded("time=size", |_| ()).unwrap();
    assert_eq!((data.train.len(), data.valid.unwrap().len()), (45, 15));
    assert!(
        data.summary
            .iter()
            .any(|said| said.ends_with("training 0 to 1936, validation 2025 to 3481"))
    );
}

fn refused(split: &str, change: impl Fn(&mut DataOptions)) -> Error {
    loaded(split, change).unwrap_err()
}

#[test]
fn what_cannot_be_a_split_is_refused() {
    let none = |_: &mut DataOptions| ();
    for (split, message, hint) in [
        (
            "group=patent",
            "data.split: rows: there is no column `patent`",
            "did you mean `patient`?",
        ),
        (
            "group",
            "data.split: expected a column, as in `group=COLUMN`, got `group=`",
            "name one of its columns: `x`, `patient`, `number`",
        ),
        ("time=y", "data.split: `y` is the target", "name another column"),
        (
            "time=patient",
            "data.split: rows: expected a column of dates or numbers, but `patient` holds texts",
            "",
        ),
    ] {
        let error = refused(split, none);
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, message));
        assert!(
            error.hint_text().unwrap_or_default().starts_with(hint),
            "{:?}",
            error.hint_text()
        );
    }
    let error = refused("group=half", none).to_string();
    let message =
        "rows: data.split: 2 groups: none can be held out as validation rows, since every class keeps a training row";
    assert_eq!(error, message);
    let error = refused("stratified", |options| options.target = Some("size".to_owned())).to_string();
    assert_eq!(
        error,
        "data.split: rows are stratified by class, and the target is a number"
    );
    let error = refused("random", |options| options.valid_fraction = None);
    assert!(
        error
            .to_string()
            .starts_with("data.split: `random` says how rows are drawn, and none are")
    );
}

#[test]
fn random_and_stratified_rows_of_classes() {
    let shares = |split: &str| {
        let valid = loaded(split, |_| ()).unwrap().valid.unwrap();
        let classes = valid.targets().unwrap().to_vec::<i64>().unwrap();
        (classes.len(), classes.iter().sum::<i64>())
    };
    assert!([(15, 7), (15, 8)].contains(&shares("stratified")));
    assert_eq!(shares("random").0, 15);
}

#[test]
fn images_are_split_by_row_only() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, head: &[u8], cells: Vec<u8>| {
        std::fs::write(folder.path().join(name), [head, &cells].concat()).unwrap();
    };
    let pixels = [0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 1];
    write("train-images-idx3-ubyte", &pixels, (0..12).collect());
    let labels = [0, 0, 8, 1, 0, 0, 0, 12];
    write("train-labels-idx1-ubyte", &labels, (0..12).map(|i| i % 3).collect());
    let split = |method: &str| {
        let mut options = DataOptions::new(folder.path().to_str().unwrap()).valid_fraction(0.25);
        options.split = Some(method.parse().unwrap());
        load(&options, 0)
    };
    for method in ["random", "stratified"] {
        assert_eq!(split(method).unwrap().valid.unwrap().len(), 3);
    }
    let error = split("time=day").unwrap_err();
    let message = "data.split: `time=day` names a column, and images have none";
    assert!(error.to_string().ends_with(message), "{error}");
    assert_eq!(error.hint_text(), Some("use `random` or `stratified`"));
}
