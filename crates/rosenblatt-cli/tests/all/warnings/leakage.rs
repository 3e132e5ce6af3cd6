//! Held out rows that are easier to predict than new ones will be.

use serde_json::{Value, json};

use super::{Case, table};
use crate::common::Sandbox;

/// A day for each row, in order; none in the row of line 5 if `gap`.
fn day(i: usize, gap: bool) -> String {
    match i {
        3 if gap => String::new(),
        _ => format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28),
    }
}

pub(super) fn cases() -> Vec<Case> {
    let case = |kind, command, message, fields: Value, prepare: fn(&Sandbox)| Case {
        kind,
        prepare,
        command,
        fields,
        message,
    };
    const TRAIN: &str = "train t.csv --target y --preset plain --valid-fraction 0.25 --epochs 1 -o model --force";
    vec![
        case(
            "repeated_ids",
            TRAIN,
            "validation rows: 10 of 10 have a value of `patient` that training rows have: they do not show how well rows with \
             new values are predicted; `--split group=patient` holds out all rows of a value, `--split random` is without this \
             warning",
            json!({ "column": "patient", "count": 10, "rows": 10, "part": "valid" }),
            |folder| folder.write("t.csv", table("patient,a", |i| format!("p{},{}.5", i / 4, i * 7 % 11))),
        ),
        case(
            "sorted_by_time",
            TRAIN,
            "the rows are sorted by `d`: rows held out at random do not show how well later ones are predicted; \
             `--split time=d` holds out the latest rows, `--split random` is without this warning",
            json!({ "column": "d" }),
            |folder| folder.write("t.csv", table("d", |i| day(i, false))),
        ),
        case(
            "running_number",
            TRAIN,
            "`nr` numbers the rows, which are sorted by the target: it gives `y` away; `--drop nr` leaves it out",
            json!({ "column": "nr", "target": "y" }),
            |folder| {
                let row = |i: usize| format!("{i},{}.5,{}\n", i * 7 % 11, ["no", "yes"][i / 20]);
                folder.write("t.csv", "nr,a,y\n".to_owned() + &(0..40).map(row).collect::<String>());
            },
        ),
        case(
            "target_leakage",
            TRAIN,
            "`c` gives the target `y` away: each of its 2 values has a class of its own; `--drop c` leaves it out",
            json!({ "column": "c", "target": "y", "reason": "each of its 2 values has a class of its own" }),
            |folder| {
                let name = |i: usize| ["N", "J"][i % 2];
                folder.write("t.csv", table("a,c", |i| format!("{}.5,{}", i * 7 % 11, name(i))));
            },
        ),
        case(
            "missing_groups",
            "train t.csv --target y --split group=patient --epochs 1 -o model --force",
            "1 row is a group of its own, without a value in `patient`",
            json!({ "column": "patient", "count": 1 }),
            |folder| {
                let patient = |i: usize| if i == 3 { String::new() } else { format!("p{}", i / 4) };
                folder.write(
                    "t.csv",
                    table("patient,a", |i| format!("{},{}.5", patient(i), i * 7 % 11)),
                );
            },
        ),
        case(
            "missing_times",
            "train t.csv --target y --split time=d --epochs 1 -o model --force",
            "1 row without a time in `d`: not held out",
            json!({ "column": "d", "count": 1 }),
            |folder| folder.write("t.csv", table("d", |i| day(i, true))),
        ),
    ]
}
