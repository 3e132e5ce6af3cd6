//! Rows and classes that do not count alike.

use crate::common;

use common::{Sandbox, flowers};

/// The table of flowers with a weight for each row, by its number.
fn weighted(rows: usize, weight: impl Fn(usize) -> String) -> String {
    let mut lines = flowers(rows).lines().map(str::to_owned).collect::<Vec<_>>().into_iter();
    let header = lines.next().unwrap() + ",w\n";
    header
        + &lines
            .enumerate()
            .map(|(row, line)| format!("{line},{}\n", weight(row)))
            .collect::<String>()
}

const TRAIN: &str = "train flowers.csv --target kind --drop id --preset plain --hidden 8 --epochs 3 --quiet";

#[test]
fn weights_are_a_column_of_training_and_evaluation_alone() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", weighted(120, |row| (1 + row % 4).to_string()));
    let trained = folder.json(&format!("{TRAIN} --sample-weight w --class-weight balanced -o m"));
    assert_eq!(trained["spec"]["data"]["sample_weight"], "w");
    assert_eq!(trained["spec"]["train"]["class_weight"], "balanced");
    let evaluated = folder.json("evaluate m flowers.csv");
    assert_eq!(evaluated["weighted_by"], "w");
    assert!(folder.ok("evaluate m flowers.csv").stdout.contains("weighted by"));
    folder.write("plain.csv", flowers(120));
    let plain = folder.ok("evaluate m plain.csv --format json");
    assert!(
        plain.stderr.contains("no column `w` of sample weights"),
        "{}",
        plain.stderr
    );
    assert!(!plain.stdout.contains("weighted_by"));
    let predicted = folder.ok("predict m plain.csv");
    assert!(!predicted.stderr.contains("`w`"), "{}", predicted.stderr);
    assert_eq!(predicted.stdout, folder.ok("predict m flowers.csv").stdout);

    folder.write(
        "run.toml",
        "[data]\nsource = 'flowers.csv'\ntarget = 'kind'\nsample_weight = 'w'\n[train]\nclass_weight = { rose = 2 }\n",
    );
    let by_file = folder.json("train --config run.toml --quiet --epochs 1 -o n");
    assert_eq!(by_file["spec"]["train"]["class_weight"]["rose"], 2.0);
    assert!(folder.ok("inspect run.toml").stdout.contains("sample_weight = \"w\""));
}

#[test]
fn what_is_no_weight_is_told_with_its_place() {
    let folder = Sandbox::new();
    let at = |cell: &'static str| move |row: usize| if row == 7 { cell.to_owned() } else { "1".to_owned() };
    for (cell, words) in [
        ("", "missing"),
        ("-2", "negative"),
        ("x", "got `x`"),
        ("1e39", "too large"),
    ] {
        folder.write("flowers.csv", weighted(40, at(cell)));
        let error = folder.fails(1, &format!("{TRAIN} --sample-weight w"));
        assert!(
            error.contains("flowers.csv:9:6") && error.contains(words),
            "{cell}: {error}"
        );
    }
    folder.write("flowers.csv", weighted(40, |row| (1 + row % 4).to_string()));
    for (flags, words) in [
        (
            "--sample-weight v",
            ["--sample-weight: flowers.csv: there is no column `v`", "`w`"],
        ),
        (
            "--sample-weight kind",
            ["both the sample weight and the target", "`kind`"],
        ),
        (
            "--class-weight ros=2",
            ["there is no class `ros`", "did you mean `rose`?"],
        ),
        (
            "--class-weight rose",
            ["--class-weight: expected `balanced`", "got `rose`"],
        ),
        ("--class-weight rose=0", ["--class-weight: `rose`", "from 1e-12"]),
        (
            "--set train.class_weight=fair",
            ["--set: train: class_weight", "got `fair`"],
        ),
    ] {
        let error = folder.fails(2, &format!("{TRAIN} {flags}"));
        words
            .iter()
            .for_each(|word| assert!(error.contains(word), "{flags}: {error}"));
    }
    assert!(!folder.exists("flowers.safetensors"));
}
