//! Flags, run files, and what is wrong with them.

use crate::common;

use std::io::Write;
use std::process::Stdio;

use common::{Sandbox, flowers};

const RUN_FILE: &str = r#"
[data]
source = "iris"

[model]
layers = [{ linear = { out_features = 6 } }, "tanh"]

[train]
optimizer = { sgd = { momentum = 0.9 } }
learning_rate = 0.05
epochs = 7
"#;

#[test]
fn a_run_file_is_overridden_by_flags_and_keys() {
    let folder = Sandbox::new();
    folder.write("run.toml", RUN_FILE);
    let run = |more: &str| folder.json(&format!("train --config run.toml --quiet {more}"));
    let plain = run("");
    assert_eq!(plain["epochs"].as_array().unwrap().len(), 7);
    assert_eq!(plain["model"], "iris.safetensors");
    assert_eq!(plain["parameters"], 4 * 6 + 6 + 6 * 3 + 3);
    assert_eq!(plain["spec"]["train"]["optimizer"]["sgd"]["momentum"], 0.9);
    let flags = run("--epochs 2 --hidden 5 --lr 0.5 --valid-fraction 0.25");
    assert_eq!(flags["epochs"].as_array().unwrap().len(), 2);
    assert_eq!(flags["parameters"], 4 * 5 + 5 + 5 * 3 + 3);
    assert_eq!(flags["spec"]["train"]["learning_rate"], 0.5);
    assert_eq!((&flags["valid_rows"], &flags["rows"]), (&30.into(), &90.into()));
    let keys = run(
        "--epochs 2 --set train.epochs=3 --set model.layers.0.linear.out_features=4 --set data.valid_fraction=0.25",
    );
    assert_eq!(keys["epochs"].as_array().unwrap().len(), 3);
    assert_eq!(keys["parameters"], 4 * 4 + 4 + 4 * 3 + 3);
    assert_eq!(keys["valid_rows"], 30);
    let other = folder.json("train digits --config run.toml --quiet --set train.epochs=1");
    assert_eq!(other["data"], "digits");
}

#[test]
fn unknown_names_come_with_the_nearest_one() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(40));
    folder.write("run.toml", RUN_FILE.replace("epochs", "epoch"));
    for (code, command, words) in [
        (2, "train pengins", ["`pengins`", "did you mean `penguins`?"]),
        (1, "train penguins.csv", ["no such file", "called `penguins`"]),
        (
            2,
            "train iris --hidden 8 --activation rellu",
            ["--activation", "did you mean `relu`?"],
        ),
        (
            2,
            "train iris --optimizer adamm",
            ["--optimizer", "did you mean `adam`?"],
        ),
        (
            2,
            "train iris --optimizer sgd:momentun=0.9",
            ["--optimizer: sgd", "did you mean `momentum`?"],
        ),
        (2, "train iris --loss mse", ["--loss: ", "is for regression only"]),
        (
            2,
            "train iris --schedule cosin",
            ["--schedule", "did you mean `cosine`?"],
        ),
        (
            2,
            "train iris --init he_unifrom",
            ["--init", "did you mean `he_uniform`?"],
        ),
        (2, "train iris --preset fast", ["--preset", "`auto` or `plain`"]),
        (2, "train iris --hidden eight", ["--hidden", "`256,128`"]),
        (2, "train iris --isa sse9", ["--isa", "`portable`"]),
        (
            2,
            "train iris --execution eager",
            ["--execution", "`static` or `dynamic`"],
        ),
        (2, "train iris --threads 0", ["--threads", "at least 1"]),
        (
            2,
            "train iris --checkpoint-every never",
            ["--checkpoint-every", "`30s`"],
        ),
        (2, "train iris --set train.epoch=3", ["--set", "did you mean `epochs`?"]),
        (2, "train iris --set train.epochs", ["--set", "key=value"]),
        (2, "train iris --lr -1", ["--lr", "above 0"]),
        (
            2,
            "train iris --preset plain --early-stopping 3",
            ["--early-stopping: ", "--valid-fraction 0.2"],
        ),
        (
            2,
            "train iris --preset plain --activation gelu",
            ["`activation`", "add `--hidden 64`"],
        ),
        (
            2,
            "train --config run.toml",
            ["run.toml: train", "did you mean `epochs`?"],
        ),
        (2, "train flowers.csv", ["no target column is given", "`kind`"]),
        (
            2,
            "train flowers.csv --target kin",
            [
                "--target: flowers.csv: there is no column `kin`",
                "did you mean `kind`?",
            ],
        ),
        (2, "train iris --resume", ["no checkpoint", "--resume"]),
    ] {
        let error = folder.fails(code, &format!("{command} --quiet"));
        for word in words {
            assert!(error.contains(word), "{command}: {word} is not in {error}");
        }
    }
    assert!(!folder.exists("iris.safetensors") && !folder.exists("iris.safetensors.checkpoint"));
}

/// Whoever refuses a value, the parser, the run file's reader or a layer: the flag, what was expected, what came.
#[test]
fn a_refused_value_is_told_in_one_line() {
    let folder = Sandbox::new();
    folder.write("model", "");
    for (command, error) in [
        ("train iris --lr abc", "--lr: expected a number above 0, got `abc`"),
        ("train iris --lr -1", "--lr: expected a number above 0, got `-1`"),
        ("train iris --lr=-1", "--lr: expected a number above 0, got `-1`"),
        ("train iris --lr nan", "--lr: expected a number above 0, got `nan`"),
        (
            "train iris --epochs 3x",
            "--epochs: expected a whole number of at least 1, got `3x`",
        ),
        (
            "train iris --epochs 0",
            "--epochs: expected a whole number of at least 1, got `0`",
        ),
        (
            "train iris --batch-size -5",
            "--batch-size: expected a whole number of at least 1, got `-5`",
        ),
        (
            "train iris --early-stopping -1",
            "--early-stopping: expected a whole number of at least 0, got `-1`",
        ),
        (
            "train iris --seed 99999999999999999999",
            "--seed: expected at most 18446744073709551615, got `99999999999999999999`",
        ),
        (
            "train iris --dropout 1",
            "--dropout: expected a number of at least 0 and below 1, got `1`",
        ),
        (
            "train iris --warmup 1.5",
            "--warmup: expected a whole number of steps, or a share of them below 1, got `1.5`",
        ),
        (
            "train iris --weight-decay -1",
            "--weight-decay: expected a number of at least 0, got `-1`",
        ),
        (
            "train iris --clip-norm 0",
            "--clip-norm: expected a number above 0, got `0`",
        ),
        (
            "train iris --valid-fraction 7",
            "--valid-fraction: expected a number between 0 and 1, got `7`",
        ),
        (
            "train iris --delimiter ;;",
            "--delimiter: expected one character, or `tab`, got `;;`",
        ),
        (
            "predict model iris --threads -1",
            "--threads: expected a whole number of at least 1, got `-1`",
        ),
        (
            "evaluate model iris --threads many",
            "--threads: expected a whole number of at least 1, got `many`",
        ),
        (
            "train iris --format xml",
            "--format: expected `text` or `json`, got `xml`",
        ),
        (
            "train iris --set train.epochs=abc",
            "--set: train: epochs: expected a whole number of at least 1, got `abc`",
        ),
        (
            "train iris --set train.epochs=-1",
            "--set: train: epochs: expected a whole number of at least 1, got `-1`",
        ),
        (
            "train iris --set train.learning_rate=fast",
            "--set: train: learning_rate: expected a number above 0, got `fast`",
        ),
        (
            "train iris --set train.early_stopping.patience=1.5",
            "--set: train: early_stopping: patience: expected a whole number of at least 1, got `1.5`",
        ),
        (
            "train iris --set model.scale_target=yes",
            "--set: model: scale_target: expected `true` or `false`, got `yes`",
        ),
        (
            "train iris --set data.valid_fraction=x",
            "--set: data: valid_fraction: expected a number between 0 and 1, got `x`",
        ),
    ] {
        assert_eq!(folder.fails(2, command), format!("error: {error}\n"), "{command}");
    }
}

#[test]
fn a_column_that_a_setting_names_is_the_settings_fault() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(40));
    let source = "[data]\nsource = 'flowers.csv'\n";
    folder.write("run.toml", format!("{source}target = 'kin'\n"));
    let train = "train flowers.csv --target kind";
    for (command, place) in [
        ("train flowers.csv --target kin", "--target"),
        ("train iris --target kin", "--target"),
        ("train --config run.toml", "run.toml: data.target"),
        ("train --config run.toml --set data.target=kin", "data.target"),
        ("train flowers.csv --set data.target=kin", "data.target"),
        ("train flowers.csv --target kind --set data.target=kin", "data.target"),
        ("inspect run.toml", "run.toml: data.target"),
        (&format!("{train} --drop id,kin"), "--drop"),
        (&format!("{train} --categorical kin"), "--categorical"),
    ] {
        let error = folder.fails(2, command);
        assert!(
            error.starts_with(&format!("error: {place}: ")) && error.contains("there is no column `kin`\nhint: "),
            "{command}: {error}"
        );
    }
    let mut child = folder.command("train - --target kin");
    let mut child = child.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(flowers(40).as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(2));
    // No one named a column of this file.
    folder.write("valid.csv", flowers(40).replace("kind", "sort"));
    let error = folder.fails(1, &format!("{train} --valid valid.csv"));
    assert!(error.contains("valid.csv: there is no column `kind`"), "{error}");
}

#[test]
fn patience_follows_the_epochs_that_are_wished_for() {
    let folder = Sandbox::new();
    let patience = |flags: &str, wait: u64, reason: &str| {
        let run = folder.json(&format!("train iris --quiet {flags}"));
        assert_eq!(run["spec"]["train"]["early_stopping"]["patience"], wait, "{flags}");
        let choices = run["choices"].as_array().unwrap();
        let choice = choices.iter().find(|choice| choice["key"] == "early-stopping").unwrap();
        assert_eq!(choice["value"], wait.to_string(), "{flags}");
        assert!(choice["reason"].as_str().unwrap().contains(reason), "{flags}: {choice}");
    };
    patience("--epochs 5", 5, "too few epochs");
    patience("--set train.epochs=5", 5, "too few epochs");
    patience("--epochs 30 --set train.epochs=20", 10, "ten of the 20 epochs");
    patience("--epochs 60", 12, "a fifth of the 60 epochs");
    let stopped = folder.json("train iris --quiet --epochs 5 --early-stopping 2");
    assert_eq!(stopped["spec"]["train"]["early_stopping"]["patience"], 2);
}

#[test]
fn what_the_parser_refuses_is_a_wrong_command_line() {
    let folder = Sandbox::new();
    for (command, words) in [
        ("trian penguins", "'train'"),
        ("train", "DATA"),
        ("train iris --epoch 3", "--epochs"),
        ("train iris --epochs many", "--epochs"),
        ("train iris --precision f16", "f32"),
        ("train iris --quiet --verbose", "--verbose"),
        ("train iris --config run.toml --preset plain", "--preset"),
        ("train x.csv --valid a.csv --valid-fraction 0.1", "--valid-fraction"),
    ] {
        let error = folder.fails(2, command);
        assert!(error.contains(words), "{command}: {error}");
    }
}

/// Whatever trains can be shown, written and trained again.
#[test]
fn the_largest_numbers_are_numbers() {
    let folder = Sandbox::new();
    let most = u64::MAX;
    let run = folder.json(&format!(
        "train iris --quiet --epochs 1 --seed {most} --batch-size {most} -o a"
    ));
    assert_eq!(
        (&run["seed"], &run["spec"]["train"]["batch_size"]),
        (&most.into(), &most.into())
    );
    let flags = format!("--seed {most} --batch-size {most} --epochs 1");
    let printed = folder.ok(&format!("train iris --verbose {flags} -o b")).stderr;
    let shown = folder.ok("inspect a").stdout;
    folder.ok(&format!("init-config iris {flags} -o run.toml"));
    let written = String::from_utf8(folder.read("run.toml")).unwrap();
    for text in [printed, shown, written] {
        assert!(text.contains(&most.to_string()), "{text}");
    }
    folder.ok("train --config run.toml --quiet -o c");
    assert!(folder.read("a") == folder.read("c"));
}

#[test]
fn a_run_that_leaves_the_numbers_fails_and_says_where() {
    let folder = Sandbox::new();
    let error =
        folder.run("train diabetes --preset plain --hidden 32 --optimizer sgd --lr 1e6 --checkpoint-every 1 --quiet");
    assert_eq!(error.code, Some(1));
    assert!(
        error.stderr.contains("step ") && error.stderr.contains("layers."),
        "{}",
        error.stderr
    );
    assert!(!folder.exists("diabetes.safetensors"));
}

#[test]
fn flags_about_the_machine_change_no_bit() {
    let folder = Sandbox::new();
    let train = "train digits --preset plain --hidden 32 --dropout 0.1 --epochs 2 --quiet -o";
    folder.ok(&format!("{train} a --threads 1"));
    for (i, flags) in [
        "--threads 3",
        "--execution dynamic",
        "--isa portable",
        "--checkpoint-every 7 --verbose",
    ]
    .iter()
    .enumerate()
    {
        let quiet = if flags.contains("--verbose") {
            train.replace("--quiet ", "")
        } else {
            train.to_owned()
        };
        folder.ok(&format!("{quiet} b{i} {flags}"));
        assert!(folder.read("a") == folder.read(&format!("b{i}")), "{flags}");
    }
}
