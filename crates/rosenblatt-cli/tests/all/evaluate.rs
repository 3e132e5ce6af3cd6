//! Metrics next to those of a baseline, classes and their confusions, and what is told of them.

use crate::common;

use common::{Sandbox, flowers};
use serde_json::Value;

/// Rows whose answer does not depend on the features: one in ten is `yes`.
fn unrelated(rows: usize) -> String {
    let line = |row: usize| {
        format!(
            "{},{},{}\n",
            row * 7919 % 101,
            row * 104_729 % 97,
            ["no", "yes"][usize::from(row % 10 == 3)]
        )
    };
    "a,b,answer\n".to_owned() + &(0..rows).map(line).collect::<String>()
}

fn kinds(document: &Value) -> Vec<&str> {
    let warnings = document["warnings"].as_array().unwrap();
    warnings
        .iter()
        .map(|warning| warning["kind"].as_str().unwrap())
        .collect()
}

#[test]
fn the_baseline_is_that_of_counting_rows() {
    let folder = Sandbox::new();
    let text = flowers(300);
    folder.write("t.csv", &text);
    folder.ok("train t.csv --target kind --drop id --epochs 30 --threads 1 --quiet -o m");
    let evaluated = folder.json("evaluate m t.csv");
    let count = |kind: &str| text.lines().filter(|line| line.ends_with(kind)).count();
    let counts = ["aster", "rose", "tulip"].map(count);
    let (most, name) = counts.into_iter().zip(["aster", "rose", "tulip"]).max().unwrap();
    assert_eq!(evaluated["baseline"]["answer"], name);
    let accuracy = |of: &Value| of["metrics"]["accuracy"].as_f64().unwrap();
    assert!((accuracy(&evaluated["baseline"]) - most as f64 / 300.0).abs() < 1e-12);
    assert!(accuracy(&evaluated) > accuracy(&evaluated["baseline"]));
    assert!(!kinds(&evaluated).contains(&"no_better_than_baseline"));

    // All counts say the same.
    let classes = evaluated["classes"].as_array().unwrap();
    let pairs = evaluated["confusion"].as_array().unwrap();
    let sum = |pairs: &mut dyn Iterator<Item = &Value>| pairs.map(|pair| pair["rows"].as_u64().unwrap()).sum::<u64>();
    for (class, count) in classes.iter().zip(counts) {
        assert_eq!(class["support"], count);
        let of = |key: &'static str| pairs.iter().filter(move |pair| pair[key] == class["name"]);
        assert_eq!(sum(&mut of("class")), count as u64);
        assert_eq!(class["predicted"], sum(&mut of("predicted")));
    }
    let correct = sum(&mut pairs.iter().filter(|pair| pair["class"] == pair["predicted"]));
    assert!((accuracy(&evaluated) - correct as f64 / 300.0).abs() < 1e-12);
    let shown = folder.ok("evaluate m t.csv").stdout;
    for part in [
        "model   baseline",
        "class, predicted as",
        "precision",
        &format!("always `{name}`"),
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn a_model_that_has_learned_nothing_is_told() {
    let folder = Sandbox::new();
    folder.write("t.csv", unrelated(400));
    let train = "train t.csv --target answer --preset plain --epochs 200 --test-fraction 0.25 --threads 1 -o m";
    let trained = folder.json(train);
    assert_eq!(kinds(&trained), ["no_better_than_baseline", "classes_never_predicted"]);
    assert_eq!(trained["baseline"]["metrics"]["accuracy"], 0.9);
    // Also for those who asked for silence.
    let quiet = folder.ok(&format!("{train} --force --quiet")).stderr;
    assert!(
        quiet.contains("accuracy 0.9000 is no better than 0.9000, which always answering `no` has"),
        "{quiet}"
    );
    assert!(
        quiet.contains("never predicted: `yes`, which 10 rows have; train with `--class-weight balanced`"),
        "{quiet}"
    );
    assert_eq!(
        kinds(&folder.json("evaluate m t.csv")),
        ["no_better_than_baseline", "classes_never_predicted"]
    );
}

#[test]
fn numbers_are_compared_with_their_mean() {
    let folder = Sandbox::new();
    let line = |row: usize| format!("{},{}\n", row % 17, 3 * (row % 17) + 1);
    folder.write("t.csv", "a,y\n".to_owned() + &(0..170).map(line).collect::<String>());
    folder.ok("train t.csv --target y --numeric y --epochs 40 --threads 1 --quiet -o m");
    let evaluated = folder.json("evaluate m t.csv");
    // The mean of 1, 4, … 49 is 25, and the mean square of -24, -21, … 24 is 216.
    let rmse = evaluated["baseline"]["metrics"]["rmse"].as_f64().unwrap();
    assert!((rmse - 216_f64.sqrt()).abs() < 1e-9, "{rmse}");
    assert_eq!(evaluated["baseline"]["answer"], "25.0");
    assert!(evaluated.get("classes").is_none() && kinds(&evaluated).is_empty());
}
