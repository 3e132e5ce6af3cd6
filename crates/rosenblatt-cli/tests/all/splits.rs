//! `--split`, and warnings about columns and rows that make validation easier than what comes after.

use crate::common;

use common::Sandbox;
use serde_json::Value;

/// Numbers from 0 to below 1, the same every time.
struct Units(u64);

impl Units {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64
    }

    /// Of mean 0 and deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Rows of patients: each has numbers of its own, which change little from row to row and say nothing of the illness.
fn patients(numbers: std::ops::Range<usize>, name: impl Fn(usize) -> String) -> String {
    let mut units = Units(3);
    let mut text = "patient,a,b,c,d,y\n".to_owned();
    for patient in 0..numbers.end {
        let own: Vec<f64> = (0..4).map(|_| 3.0 * units.normal()).collect();
        let ill = units.next() < 0.5;
        for _ in 0..8 {
            let cells: Vec<String> = own
                .iter()
                .map(|own| format!("{:.3}", own + 0.1 * units.normal()))
                .collect();
            if numbers.contains(&patient) {
                let ill = if ill { "sick" } else { "well" };
                text += &format!("{},{},{ill}\n", name(patient), cells.join(","));
            }
        }
    }
    text
}

fn p(patient: usize) -> String {
    format!("p{patient}")
}

fn accuracy(folder: &Sandbox, command: &str, part: &str) -> f64 {
    let document = folder.json(command);
    let metrics = match part {
        "" => &document["metrics"],
        part => &document[part],
    };
    metrics["accuracy"].as_f64().unwrap_or_else(|| panic!("{document}"))
}

/// Warnings about held out rows and columns that make them easy: the models here are trained too shortly for others.
fn kinds(document: &Value) -> Vec<String> {
    const ABOUT: [&str; 5] = [
        "repeated_ids",
        "sorted_by_time",
        "running_number",
        "target_leakage",
        "column_dropped",
    ];
    let warnings = document["warnings"].as_array().unwrap().iter();
    let kinds = warnings.map(|warning| warning["kind"].as_str().unwrap());
    let mut kinds: Vec<String> = kinds.filter(|kind| ABOUT.contains(kind)).map(str::to_owned).collect();
    kinds.sort();
    kinds
}

const TRAIN: &str = "train t.csv --target y --seed 1 -o model --force";

#[test]
fn rows_of_new_patients_are_what_a_split_by_groups_shows() {
    let folder = Sandbox::new();
    folder.write("t.csv", patients(0..80, p));
    folder.write("new.csv", patients(80..160, p));
    let train = format!("{TRAIN} --valid-fraction 0.3 --hidden 16 --epochs 60");
    let document = folder.json(&train);
    assert_eq!(kinds(&document), ["repeated_ids"]);
    let random = document["valid"]["accuracy"].as_f64().unwrap();
    let by_groups = folder.json(&format!("{train} --split group=patient"));
    assert_eq!(kinds(&by_groups), [""; 0]);
    let grouped = by_groups["valid"]["accuracy"].as_f64().unwrap();
    let new = accuracy(&folder, "evaluate model new.csv", "");
    assert!(random > 0.95, "{random}");
    assert!((grouped - new).abs() < 0.25 && random - new > 0.3, "{grouped} {new}");
    assert!(folder.ok("inspect model").stdout.contains("split = \"group=patient\""));
    // The column may be missing.
    let without: String = patients(80..90, p)
        .lines()
        .map(|line| line.split_once(',').unwrap().1.to_owned() + "\n")
        .collect();
    folder.write("without.csv", without);
    folder.ok("predict model without.csv -o out.csv");
    folder.ok("evaluate model without.csv");
    let threads: Vec<_> = ["1", "2"]
        .map(|threads| folder.json(&format!("{train} --split group=patient --threads {threads}"))["valid"].clone())
        .into();
    assert_eq!(threads[0], threads[1]);
}

#[test]
fn subjects_are_told_of_however_they_are_written() {
    let told = |text: String| {
        let folder = Sandbox::new();
        folder.write("t.csv", text);
        let train = kinds(&folder.json(&format!("{TRAIN} --epochs 1")));
        (train, kinds(&folder.json("inspect t.csv")))
    };
    let repeated = vec!["repeated_ids".to_owned()];
    assert_eq!(
        told(patients(0..50, |patient| patient.to_string())),
        (repeated.clone(), repeated.clone())
    );
    assert_eq!(
        told(patients(0..50, |patient| format!("{patient:03}"))),
        (repeated.clone(), repeated.clone())
    );
    // By what the rows have in common, which is known with the target only.
    let unnamed = patients(0..50, p).replacen("patient", "who", 1);
    assert_eq!(told(unnamed), (repeated, Vec::new()));
    let visits = patients(0..50, |patient| format!("2024-01-{:02}", 1 + patient * 7 % 28));
    assert_eq!(told(visits).0, [""; 0]);
    let folder = Sandbox::new();
    folder.write("t.csv", patients(0..50, p));
    for split in ["random", "stratified"] {
        let document = folder.json(&format!("{TRAIN} --epochs 1 --split {split}"));
        assert_eq!(kinds(&document), [""; 0], "who asks for it knows");
    }
}

/// A table of numbers with `y` and a further column.
fn with_column(header: &str, cell: impl Fn(usize, f64) -> String, y: impl Fn(usize, f64) -> String) -> String {
    let mut units = Units(11);
    let mut text = format!("a,b,{header},y\n");
    for row in 0..120 {
        let (a, b) = (units.normal(), units.normal());
        let target = a - 2.0 * b + 0.3 * units.normal();
        text += &format!("{a:.3},{b:.3},{},{}\n", cell(row, target), y(row, target));
    }
    text
}

fn told(text: &str) -> Vec<String> {
    let folder = Sandbox::new();
    folder.write("t.csv", text);
    kinds(&folder.json(&format!("{TRAIN} --epochs 1")))
}

fn number(_: usize, target: f64) -> String {
    format!("{target:.4}")
}

fn class(_: usize, target: f64) -> String {
    if target > 0.0 { "yes" } else { "no" }.to_owned()
}

#[test]
fn a_column_that_is_the_target_is_told() {
    let leaks = ["target_leakage"];
    assert_eq!(told(&with_column("y_copy", number, number)), leaks);
    assert_eq!(
        told(&with_column("y2", |_, y| format!("{:.9}", 32.0 + 1.8 * y), number)),
        leaks
    );
    assert_eq!(
        told(&with_column(
            "cost",
            |_, y| format!("${:.4}", 5000.0 + 100.0 * y),
            number
        )),
        leaks
    );
    assert_eq!(
        told(&with_column(
            "gone",
            |_, y| if y > 0.0 { "J" } else { "N" }.to_owned(),
            class
        )),
        leaks
    );
    assert_eq!(
        told(&with_column("gone", |_, y| u8::from(y > 0.0).to_string(), class)),
        leaks
    );
    let noisy = |row: usize, y: f64| format!("{:.12}", y + 1e-9 * (row % 7) as f64);
    assert_eq!(told(&with_column("y3", noisy, |_, y| format!("{y:.12}"))), leaks);
    // What only goes with it.
    let rough = |row: usize, y: f64| format!("{:.4}", y + 0.3 * (row % 7) as f64);
    assert_eq!(told(&with_column("x", rough, number)), [""; 0]);
    let nearly = |row: usize, y: f64| if row == 5 || y > 0.0 { "J" } else { "N" }.to_owned();
    assert_eq!(
        told(&with_column("x", nearly, |row, y| if row == 5 {
            "no".to_owned()
        } else {
            class(row, y)
        })),
        [""; 0]
    );
}

#[test]
fn rows_that_are_sorted_are_told() {
    let day = |row: usize, _: f64| format!("2024-{:02}-{:02}", 1 + row / 28, 1 + row % 28);
    assert_eq!(told(&with_column("when", day, number)), ["sorted_by_time"]);
    assert_eq!(
        told(&with_column("when", move |row, y| day(119 - row, y), number)),
        ["sorted_by_time"]
    );
    assert_eq!(
        told(&with_column("when", move |row, y| day(row * 7 % 120, y), number)),
        [""; 0]
    );
    let nr = |row: usize, _: f64| (row + 1).to_string();
    let blocks = |row: usize, _: f64| ["a", "b", "c"][row / 40].to_owned();
    assert_eq!(told(&with_column("nr", nr, blocks)), ["running_number"]);
    assert_eq!(told(&with_column("nr", nr, class)), [""; 0]);
    // It is dropped.
    assert_eq!(told(&with_column("id", nr, blocks)), ["column_dropped"]);
}

#[test]
fn the_latest_rows_validate_a_split_by_time() {
    let folder = Sandbox::new();
    let day = |row: usize, _: f64| format!("{:02}.{:02}.2024", 1 + row % 28, 1 + row / 28);
    folder.write("t.csv", with_column("when", day, number));
    let ran = folder.ok(&format!("{TRAIN} --epochs 1 --split time=when --valid-fraction 0.3"));
    let line = "split: by time of `when`: training 01.01.2024 to 28.03.2024, validation 01.04.2024 to 08.05.2024";
    assert!(
        format!("{}{}", ran.stdout, ran.stderr).contains(line),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(!ran.stderr.contains("sorted"), "{}", ran.stderr);
}

#[test]
fn images_and_given_rows_have_no_columns_to_split_by() {
    let folder = Sandbox::new();
    folder.write("t.csv", patients(0..50, p));
    folder.write("v.csv", patients(50..60, p));
    let error = folder.fails(2, &format!("{TRAIN} --valid v.csv --split group=patient"));
    assert!(
        error.contains("--split: `group=patient` says how rows are drawn, and none are"),
        "{error}"
    );
    let error = folder.fails(2, &format!("{TRAIN} --split grop=patient"));
    assert!(
        error.contains(
            "expected `random`, `stratified` (classes only), `group=COLUMN` or `time=COLUMN`, got `grop=patient`"
        ),
        "{error}"
    );
    let error = folder.fails(2, &format!("{TRAIN} --split group=patent"));
    assert!(
        error.contains("--split: t.csv: there is no column `patent`") && error.contains("did you mean `patient`?"),
        "{error}"
    );
}

#[test]
fn the_parts_of_a_table_are_written_and_train_as_they_were_drawn() {
    let folder = Sandbox::new();
    folder.write("t.csv", patients(0..50, p));
    std::fs::create_dir(folder.path("parts")).unwrap();
    let split = "split t.csv --target y --split group=patient --valid-fraction 0.2 --test-fraction 0.2 --seed 3 --output-dir parts";
    let ran = folder.ok(split);
    let next = "next: rosenblatt train parts/t.train.csv --valid parts/t.valid.csv --test parts/t.test.csv --target y --drop patient";
    assert!(ran.stdout.contains(next), "{}", ran.stdout);
    let read = |name: &str| String::from_utf8(folder.read(name)).unwrap();
    let lines = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let parts = ["train", "valid", "test"].map(|part| lines(&read(&format!("parts/t.{part}.csv"))));
    let (mut all, mut expected) = (parts.concat(), lines(&read("t.csv")));
    all.sort();
    expected.sort();
    assert_eq!(all, expected, "every row as it was");
    let document = folder.json(&format!("{split} --force"));
    assert_eq!(document["parts"][0]["rows"], parts[0].len());
    let error = folder.fails(2, split);
    assert!(error.contains("exists already"), "{error}");
    let metrics = |command: &str| {
        let document = folder.json(&format!("{command} --epochs 3 -o model --force"));
        [document["valid"].clone(), document["test"].clone()]
    };
    let drawn =
        metrics("train t.csv --target y --split group=patient --valid-fraction 0.2 --test-fraction 0.2 --seed 3");
    let given = metrics(&format!("{} --seed 3", next.strip_prefix("next: rosenblatt ").unwrap()));
    assert_eq!(drawn, given);
}
