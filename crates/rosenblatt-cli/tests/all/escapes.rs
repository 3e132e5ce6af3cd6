//! Names from outside cannot look like lines of the program, whatever is printed.
#![cfg(unix)]

use crate::common;

use common::Sandbox;

/// Ends that would be lines of their own.
const FORGED: [&str; 2] = ["\nhint: forged", "\nerror: forged\u{1b}[2J"];

/// A table whose names, categories and classes all hold line ends.
fn table() -> String {
    let [one, other] = FORGED;
    let line = |i: usize| {
        let (kind, class) = ([one, other, "x"][i % 3], [one, "no"][i % 2]);
        format!("{}.5,\"c{kind}\",\"k{class}\"\n", i * i % 17)
    };
    format!("\"a{one}\",\"b{other}\",\"y{one}\"\n") + &(0..40).map(line).collect::<String>()
}

#[test]
fn names_stay_on_their_lines() {
    let folder = Sandbox::new();
    let [one, other] = FORGED;
    let (data, model, target) = (format!("t{one}.csv"), format!("m{other}"), format!("y{one}"));
    folder.write(&data, table());
    let record = |i: usize| {
        format!(
            "{{{:?}: {}, \"y\": {:?}}}\n",
            format!("a{one}"),
            i % 7,
            format!("c{}", FORGED[i % 2])
        )
    };
    let records: String = (0..40).map(record).collect();
    folder.write("t.jsonl", records.replace("\\u{1b}", "\\u001b"));
    let train = [
        "train",
        &data,
        "--target",
        &target,
        "--epochs",
        "2",
        "--force",
        "--verbose",
        "-o",
        &model,
    ];
    let (feature, gone) = (format!("a{one}"), format!("gone{one}"));
    let gone_file = format!("{gone}.csv");
    let commands: [&[&str]; 20] = [
        &train,
        &["train", &data, "--target", &gone],
        &["train", &data, "--target", &target, "--drop", &gone],
        &["train", &data, "--target", &target, "--exact", &gone],
        &["train", &data, "--target", &target, "--exact", &feature],
        &["train", &data, "--target", &target, "-o", &format!("{gone}/m")],
        &[
            "train",
            "t.jsonl",
            "--target",
            "y",
            "--epochs",
            "1",
            "--report",
            &format!("r{one}.html"),
        ],
        &["train", &gone_file, "--target", "y"],
        &["inspect", &data],
        &["inspect", "t.jsonl"],
        &["inspect", &gone_file],
        &["inspect", &model],
        &["inspect", &model, "--plan"],
        &["predict", &model, &data, "-o", &format!("p{one}.csv")],
        &["predict", &model, &data, "--keep", &gone],
        &["predict", &model, "t.jsonl"],
        &["predict", &gone, &data],
        &["evaluate", &model, &data, "--report", &format!("e{one}.html")],
        &[
            "init-config",
            &data,
            "--target",
            &target,
            "-o",
            &format!("run{one}.toml"),
        ],
        &["find-lr", &data, "--target", &target, "--plot", &format!("f{one}.svg")],
    ];
    for arguments in commands {
        let ran = folder.run_with("", arguments);
        assert!(matches!(ran.code, Some(0..=2)), "{arguments:?}: {}", ran.stderr);
        let printed = ran.stdout + &ran.stderr;
        assert!(!printed.is_empty(), "{arguments:?}");
        for line in printed.lines() {
            let start = line.trim_start();
            assert!(
                !start.starts_with("hint: forged") && !start.starts_with("error: forged"),
                "{arguments:?}: {printed}"
            );
            assert!(
                !line.contains(|c: char| c.is_control() && c != '\t'),
                "{arguments:?}: {printed:?}"
            );
        }
    }
    assert!(folder.exists(&model), "the commands did what they say");
}
