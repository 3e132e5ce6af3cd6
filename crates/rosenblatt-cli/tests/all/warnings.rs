//! Each kind of warning reaches stderr (also with `--quiet`), the JSON and the report.

mod checkpoints;
mod leakage;

use crate::common;

use std::collections::BTreeSet;

use common::{Sandbox, words};
use serde_json::{Value, json};

/// How to provoke a warning.
struct Case {
    kind: &'static str,
    /// Writes files and runs what must be run before.
    prepare: fn(&Sandbox),
    /// The command; flags for its output are added.
    command: &'static str,
    /// Fields of the object, besides `kind` and `message`.
    fields: Value,
    /// What is said.
    message: &'static str,
}

const TRAIN: &str = "train t.csv --target y --preset plain --epochs 1 -o model --force";

/// A table with a header, and rows 0 to 39 with `cells` and a class.
fn table(header: &str, cells: impl Fn(usize) -> String) -> String {
    let row = |i: usize| format!("{},{}\n", cells(i), ["no", "yes"][i % 2]);
    format!("{header},y\n") + &(0..40).map(row).collect::<String>()
}

/// A number, or `text` in the row of line 5.
fn odd(i: usize, text: &str) -> String {
    match i {
        3 => text.to_owned(),
        _ => format!("{}.5", i % 7),
    }
}

/// Two columns: a number and a color, `blue` once.
fn plain(i: usize) -> String {
    format!(
        "{}.5,{}",
        i * 7 % 11,
        if i == 3 { "blue" } else { ["red", "green"][i % 3 / 2] }
    )
}

/// A model of [`plain`], and new rows.
fn trained(folder: &Sandbox, new: &str) {
    folder.write("t.csv", table("a,c", plain));
    folder.ok(&format!("{TRAIN} --quiet"));
    folder.write("new.csv", new);
}

/// Forty images of four pixels for training, none for tests.
fn images(folder: &Sandbox) {
    let header = |magic: u8| [0, 0, 8, magic, 0, 0, 0, 40];
    let pixels = (0..160u8).map(|i| i.wrapping_mul(37));
    let images: Vec<u8> = header(3)
        .into_iter()
        .chain([0, 0, 0, 2, 0, 0, 0, 2])
        .chain(pixels)
        .collect();
    let labels: Vec<u8> = header(1).into_iter().chain((0..40).map(|i| i % 2)).collect();
    std::fs::create_dir(folder.path("pixels")).unwrap();
    folder.write("pixels/train-images-idx3-ubyte", images);
    folder.write("pixels/train-labels-idx1-ubyte", labels);
    folder.ok("train pixels --preset plain --epochs 1 -o model --quiet");
}

fn cases() -> Vec<Case> {
    usual_cases().into_iter().chain(leakage::cases()).collect()
}

fn usual_cases() -> Vec<Case> {
    let case = |kind, command, message, fields, prepare| Case {
        kind,
        prepare,
        command,
        fields,
        message,
    };
    let train = |kind, message, fields, prepare| case(kind, TRAIN, message, fields, prepare);
    let evaluate = |kind, message, fields, prepare| case(kind, "evaluate model new.csv", message, fields, prepare);
    vec![
        train(
            "column_dropped",
            "dropped `id`: it numbers the rows",
            json!({ "column": "id", "reason": "it numbers the rows" }),
            |folder| folder.write("t.csv", table("id,a", |i| format!("{i},{}.5", i * 7 % 11))),
        ),
        train(
            "read_as_text",
            "`a` is read as text: `007` in line 5 starts with 0",
            json!({ "column": "a", "line": 5, "cell": 1, "text": "007", "reason": "starts with 0" }),
            |folder| folder.write("t.csv", table("a,b", |i| format!("{},{}.5", odd(i, "007"), i * 7 % 11))),
        ),
        train(
            "not_numbers",
            "`a`: 1 cell is not a number and counted as missing: `#DIV/0!`, first in line 5; `--missing '#DIV/0!'` is for such a \
             mark, `--categorical a` makes each text a category",
            json!({ "column": "a", "count": 1, "texts": ["#DIV/0!"], "line": 5 }),
            |folder| {
                folder.write(
                    "t.csv",
                    table("a,b", |i| format!("{},{}.5", odd(i, "#DIV/0!"), i * 7 % 11)),
                )
            },
        ),
        train(
            "mixed_numbers",
            "`a` is read as text: some numbers have the unit `g`, others `kg`; write them in one way, or `--drop a` leaves the \
             column out",
            json!({ "column": "a", "reason": "some numbers have the unit `g`, others `kg`" }),
            |folder| {
                folder.write(
                    "t.csv",
                    table("a,b", |i| format!("{} {},{}.5", 1 + i, ["kg", "g"][i % 2], i * 7 % 11)),
                )
            },
        ),
        train(
            "merged_spellings",
            "`c`: 10 cells in another spelling of a category, such as `red`, `Red`; `--exact c` keeps them apart",
            json!({ "column": "c", "count": 10, "categories": 1, "spellings": ["red", "Red"] }),
            |folder| {
                let color = |i: usize| ["red", "blue", "red", "Red"][i % 4];
                folder.write("t.csv", table("a,c", |i| format!("{}.5,{}", i * 7 % 11, color(i))));
            },
        ),
        evaluate(
            "other_spellings",
            "`c`: 1 cell in another spelling than in training, such as `RED` for `red`; `--exact c` keeps them apart",
            json!({ "column": "c", "count": 1, "text": "RED", "category": "red" }),
            |folder| trained(folder, "a,c,y\n0.5,RED,no\n1.5,green,yes\n"),
        ),
        train(
            "skipped_lines",
            "skipped 1 line before the header; line 1 is `A title`; if the first of them names the columns, add `--header first`",
            json!({ "count": 1, "line": 1, "text": "A title" }),
            |folder| folder.write("t.csv", "A title\n\n".to_owned() + &table("a,c", plain)),
        ),
        train(
            "comments",
            "skipped 2 lines of comments",
            json!({ "count": 2 }),
            |folder| folder.write("t.csv", "# by us\n# in May\n".to_owned() + &table("a,c", plain)),
        ),
        train(
            "units_row",
            "line 2 holds units, `kg`, and is skipped",
            json!({ "line": 2, "text": "kg" }),
            |folder| folder.write("t.csv", table("a,c", plain).replacen('\n', "\nkg,,\n", 1)),
        ),
        train(
            "repeated_header",
            "skipped 1 line equal to the header, first line 42",
            json!({ "count": 1, "line": 42 }),
            |folder| folder.write("t.csv", table("a,c", plain) + "a,c,y\n0.5,red,no\n"),
        ),
        train(
            "end_mark",
            "skipped the end mark of DOS in line 42",
            json!({ "line": 42 }),
            |folder| folder.write("t.csv", table("a,c", plain) + "\u{1a}"),
        ),
        train(
            "decoded",
            "the file is not UTF-8: it is read as windows-1252; another encoding is named with `--encoding`",
            json!({ "encoding": "windows-1252" }),
            |folder| {
                let text = table("a,c", plain).replace("green", "gr\u{fc}n");
                folder.write("t.csv", text.chars().map(|c| c as u8).collect::<Vec<u8>>());
            },
        ),
        train(
            "row_names",
            "rows have a cell more than the header: the first is taken for the name of the row, `row_names`",
            json!({}),
            |folder| {
                let named = |(i, line)| {
                    if i > 0 {
                        format!("r{i},{line}\n")
                    } else {
                        format!("{line}\n")
                    }
                };
                let rows: String = table("a,c", plain).lines().enumerate().map(named).collect();
                folder.write("t.csv", rows);
            },
        ),
        train(
            "trailing_delimiter",
            "rows end with a delimiter, the header does not: it is skipped",
            json!({}),
            |folder| {
                folder.write(
                    "t.csv",
                    table("a,c", plain).replace("no\n", "no,\n").replace("yes\n", "yes,\n"),
                )
            },
        ),
        train(
            "outliers",
            "`a`: 1 number is far outside all others, 1000000000 in row 4; the others are from 0.5 to 6.5; correct or remove what \
             is wrong; `--missing 1000000000` is for a mark of missing values",
            json!({ "column": "a", "count": 1, "number": "1000000000", "row": 4, "least": "0.5", "most": "6.5" }),
            |folder| folder.write("t.csv", table("a,b", |i| format!("{},{}.5", odd(i, "1e9"), i * 7 % 11))),
        ),
        case(
            "absurd_targets",
            "train t.csv --target y --preset plain --set data.soft_clip=true --epochs 1 -o model --force",
            "training rows: dropped 1 row with a target `y` far outside all others, such as 10000000.25; correct them, or `--set \
             data.soft_clip=false` learns them as they are",
            json!({ "column": "y", "count": 1, "number": "10000000.25", "part": "train" }),
            |folder| {
                let row = |i: usize| format!("{}.5,{}.25\n", i * 7 % 11, if i == 3 { 10_000_000 } else { i * 5 % 13 });
                folder.write("t.csv", "a,y\n".to_owned() + &(0..40).map(row).collect::<String>());
            },
        ),
        case(
            "outside_range",
            "evaluate model new.csv",
            "`a`: 2 numbers are far outside the training range, such as 100.5, and clipped or counted as missing",
            json!({ "column": "a", "count": 2, "number": "100.5", "row": 2 }),
            |folder| {
                folder.write("t.csv", table("a,c", plain));
                folder.ok(&format!("{TRAIN} --set data.soft_clip=true --quiet"));
                folder.write(
                    "new.csv",
                    "a,c,y\n0.5,red,no\n100.5,green,yes\n-100.5,red,no\n12.5,red,yes\n",
                );
            },
        ),
        train(
            "numeric_dates",
            "`a` is read as numbers, but they look like dates, such as `20240701`; `--date a` reads them as \
             dates, `--numeric a` keeps them as numbers without this warning",
            json!({ "column": "a", "text": "20240701" }),
            |folder| {
                folder.write(
                    "t.csv",
                    table("a,b", |i| format!("{},{}.5", 20_240_701 + i % 28, i * 7 % 11)),
                )
            },
        ),
        train(
            "missing_target",
            "dropped 2 rows without a value in the target `y`",
            json!({ "column": "y", "count": 2 }),
            |folder| folder.write("t.csv", table("a,c", plain) + "1.5,red,\n2.5,red,NA\n"),
        ),
        case(
            "zero_weight",
            "train t.csv --target y --sample-weight w --preset plain --epochs 1 -o model --force",
            "dropped 4 rows of weight 0 in `w`",
            json!({ "column": "w", "count": 4 }),
            |folder| folder.write("t.csv", table("a,w", |i| format!("{}.5,{}", i * 7 % 11, i % 10))),
        ),
        evaluate(
            "no_sample_weight",
            "there is no column `w` of sample weights: all rows have the same weight",
            json!({ "column": "w" }),
            |folder| {
                folder.write("t.csv", table("a,w", |i| format!("{}.5,{}", i * 7 % 11, 1 + i % 9)));
                folder.ok(&format!("{TRAIN} --sample-weight w --quiet"));
                folder.write("new.csv", "a,y\n0.5,no\n1.5,yes\n");
            },
        ),
        evaluate(
            "missing_values",
            "1 missing value: `a` 1 (none in training); imputed: numbers with the training median",
            json!({ "column": "a", "count": 1, "in_training": false, "imputed": "median" }),
            |folder| trained(folder, "a,c,y\n,red,no\n1.5,red,yes\n"),
        ),
        evaluate(
            "unseen_categories",
            "`c`: 2 cells with a category not seen in training, such as `pink`",
            json!({ "column": "c", "count": 2, "text": "pink", "row": 2 }),
            |folder| trained(folder, "a,c,y\n0.5,red,\n0.5,pink,no\n1.5,gold,yes\n"),
        ),
        evaluate(
            "rare_categories",
            "1 cell of a category too rare in training to be distinguished: `c` 1",
            json!({ "column": "c", "count": 1 }),
            |folder| {
                let row = |i: usize| format!("c{},{}\n", if i < 399 { i % 190 } else { 400 }, ["no", "yes"][i % 2]);
                folder.write("t.csv", "c,y\n".to_owned() + &(0..400).map(row).collect::<String>());
                folder.ok(&format!("{TRAIN} --quiet --categorical c"));
                folder.write("new.csv", "c,y\nc400,no\nc1,yes\n");
            },
        ),
        evaluate(
            "invalid_dates",
            "`d`: 1 cell is not a date, such as `soon`: counted as missing",
            json!({ "column": "d", "count": 1, "text": "soon", "row": 1 }),
            |folder| {
                folder.write("t.csv", table("d", |i| format!("2024-0{}-1{}", 1 + i % 7, i % 9)));
                folder.ok(&format!("{TRAIN} --quiet"));
                folder.write("new.csv", "d,y\nsoon,no\n2024-01-01,yes\n");
            },
        ),
        train(
            "nearly_unique",
            "nearly as many categories as the 40 training rows: `b` 20; `--drop b` leaves it out, `--categorical b` keeps it \
             without this warning",
            json!({ "column": "b", "count": 20, "rows": 40 }),
            |folder| folder.write("t.csv", table("a,b", |i| format!("{}.5,n{}", i * 7 % 11, i % 20))),
        ),
        case(
            "no_test_images",
            "evaluate model pixels",
            "`pixels` has no test images: these are its training images",
            json!({ "file": "pixels" }),
            images,
        ),
        train(
            "constant_column",
            "constant columns, from which nothing can be learned: `b`",
            json!({ "column": "b" }),
            |folder| folder.write("t.csv", table("a,b", |i| format!("{}.5,7", i * 7 % 11))),
        ),
        train(
            "numeric_column_name",
            "the name of a column is a number, `5.1`: is the first line a header? \
             `--header none` reads it as a row, `--columns` names the columns",
            json!({ "column": "5.1" }),
            |folder| folder.write("t.csv", table("5.1,c", plain)),
        ),
        train(
            "duplicate_rows",
            "18 duplicate rows, equal in every column",
            json!({ "count": 18 }),
            |folder| folder.write("t.csv", table("a", |i| format!("{}.5", i % 11))),
        ),
        train(
            "mixed_line_endings",
            "some lines end in CRLF (1), others in LF (41)",
            json!({ "count": 1, "lf": 41 }),
            |folder| folder.write("t.csv", table("a,c", plain) + "1.5,red,no\r\n"),
        ),
        train(
            "blank_lines",
            "1 blank line is skipped",
            json!({ "count": 1 }),
            |folder| folder.write("t.csv", table("a,c", plain) + "\n1.5,red,no\n"),
        ),
        train(
            "checkpoints_replaced",
            "the checkpoints of an unfinished run in model.checkpoint are replaced; `--resume` continues that run",
            json!({ "file": "model.checkpoint" }),
            |folder| {
                folder.write("t.csv", table("a,c", plain));
                std::fs::create_dir(folder.path("model.checkpoint")).unwrap();
                folder.write("model.checkpoint/step-000000000001.safetensors", "");
            },
        ),
    ]
}

/// Kinds with a test of their own, and one that depends on the clock.
const ELSEWHERE: [&str; 5] = [
    "checkpoint_skipped",
    "checkpoints_slow",
    "classes_never_predicted",
    "no_better_than_baseline",
    "other_sheets",
];

#[test]
fn every_warning_reaches_every_surface() {
    let wrong: Vec<String> = cases().iter().flat_map(Case::wrong).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_kind_is_provoked() {
    let kinds_of = |source: &str| {
        let arms = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \""));
        arms.map(|(_, kind)| kind.trim_end_matches("\",").to_owned())
            .collect::<BTreeSet<String>>()
    };
    let data = kinds_of(include_str!("../../../rosenblatt-data/src/warning/mod.rs"));
    let train = kinds_of(include_str!("../../../rosenblatt-train/src/warning.rs"));
    let provoked = cases().into_iter().map(|case| case.kind.to_owned());
    let provoked: BTreeSet<String> = provoked.chain(ELSEWHERE.map(str::to_owned)).collect();
    assert_eq!(data.union(&train).cloned().collect::<BTreeSet<_>>(), provoked);
}

impl Case {
    /// Where the warning is missing.
    fn wrong(&self) -> Vec<String> {
        let run = |more: &str| {
            let folder = Sandbox::new();
            (self.prepare)(&folder);
            let ran = folder.ok(&format!("{} {more}", self.command));
            (folder, ran)
        };
        let (folder, text) = run("--report page.html");
        let page = words(&String::from_utf8(folder.read("page.html")).unwrap());
        let (_, quiet) = run("--report page.html --quiet");
        let (_, json) = run("--report page.html --format json --quiet");
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        let line = format!("warning: {}\n", self.message);
        let mut object = self.fields.clone();
        object["kind"] = self.kind.into();
        object["message"] = self.message.into();
        let checks = [
            ("stderr", text.stderr.contains(&line), &text.stderr),
            ("--quiet", quiet.stderr.contains(&line), &quiet.stderr),
            (
                "JSON",
                json["warnings"].as_array().is_some_and(|all| all.contains(&object)),
                &json["warnings"].to_string(),
            ),
            ("page", page.contains(&self.message.replace('`', "")), &page),
        ];
        let missing = checks.iter().filter(|(_, found, _)| !found);
        missing
            .map(|(place, _, got)| format!("{}: {place}: {got}", self.kind))
            .collect()
    }
}
