//! Keys of the run file on the command line.

use crate::common;

use common::{Sandbox, flowers};
use serde_json::Value;

/// What a preset chose in a run.
fn choices(run: &Value) -> Vec<&str> {
    let choices = run["choices"].as_array().unwrap().iter();
    choices.map(|choice| choice["key"].as_str().unwrap()).collect()
}

/// The JSON of a short run with one key set, which may have blanks in it.
fn with(folder: &Sandbox, set: &str) -> Value {
    let ran = folder.run_with("train iris --quiet --epochs 2 --format json --set", [set]);
    assert_eq!(ran.code, Some(0), "{set}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_key_takes_the_place_of_what_a_preset_chose() {
    let folder = Sandbox::new();
    let run = folder.json("train iris --quiet --set train.epochs=2 --set train.learning_rate=0.01");
    assert_eq!(run["epochs"].as_array().unwrap().len(), 2);
    let chosen: Vec<&str> = run["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["key"].as_str().unwrap())
        .collect();
    assert!(
        !chosen.contains(&"epochs") && !chosen.contains(&"lr") && chosen.contains(&"batch-size"),
        "{chosen:?}"
    );
}

#[test]
fn the_seed_of_a_key_draws_the_split_too() {
    let folder = Sandbox::new();
    folder.ok("train iris --quiet --epochs 1 --seed 5 -o a");
    folder.ok("train iris --quiet --epochs 1 --set train.seed=5 -o b");
    assert!(folder.read("a") == folder.read("b"));
    folder.ok("train iris --quiet --epochs 1 -o c");
    assert!(folder.read("a") != folder.read("c"));
}

/// However a key is spelled, it is what was run, what is recorded, and no longer what a preset chose.
#[test]
fn blanks_around_a_key_say_nothing() {
    let folder = Sandbox::new();
    for (set, key, chosen) in [
        (" train.learning_rate=0.5", "learning_rate", "lr"),
        ("train . learning_rate = 0.5", "learning_rate", "lr"),
        ("\ttrain.batch_size =\t7 ", "batch_size", "batch-size"),
    ] {
        let run = with(&folder, set);
        assert!(["0.5", "7"].contains(&&*run["spec"]["train"][key].to_string()), "{set}");
        assert!(!choices(&run).contains(&chosen), "{set}: {:?}", choices(&run));
    }
    for set in [
        "data.valid_fraction=0.25",
        " data.valid_fraction=0.25",
        "data .valid_fraction=0.25",
    ] {
        let run = with(&folder, set);
        assert_eq!(
            (&run["valid_rows"], &run["spec"]["data"]["valid_fraction"]),
            (&30.into(), &0.25.into()),
            "{set}"
        );
        assert!(!choices(&run).contains(&"valid-fraction"), "{set}");
    }
    let seeds = ["train.seed=5", " train.seed=5", "train. seed=5", "train.seed=6"].map(|set| {
        let run = with(&folder, set);
        folder.read(run["model"].as_str().unwrap())
    });
    assert!(seeds[0] == seeds[1] && seeds[0] == seeds[2] && seeds[0] != seeds[3]);
}

/// It would give all other keys their defaults, after the data was read and the preset has chosen.
#[test]
fn a_whole_part_is_refused_before_anything_is_read() {
    let folder = Sandbox::new();
    for (part, key) in [("data", "source"), ("model", "layers"), ("train", "loss")] {
        for set in [
            format!("{part}={{epochs=3}}"),
            format!(" {part} = {{}}"),
            format!("{part}=3"),
        ] {
            let ran = folder.run_with("train nowhere.csv --quiet --set", [&set]);
            let expected = format!(
                "error: --set: `{part}` has many keys, expected one of them\nhint: set each by itself: `{part}.{key}=…`\n"
            );
            assert_eq!((ran.code, ran.stderr), (Some(2), expected), "{set}");
        }
    }
}

#[test]
fn a_key_that_is_none_is_told_before_anything_is_read() {
    let folder = Sandbox::new();
    for (set, words) in [
        ("trian.epochs=3", ["unknown key `trian`", "did you mean `train`?"]),
        (
            "train.epoch=3",
            ["train: unknown key `epoch`", "did you mean `epochs`?"],
        ),
        (
            "train.epoch.x=3",
            ["train: unknown key `epoch`", "did you mean `epochs`?"],
        ),
        ("train.=3", ["train: unknown key ``", "there are `loss`"]),
        ("=3", ["expected `key=value`, got `=3`", "`train.epochs=20`"]),
        ("train", ["expected `key=value`, got `train`", "`train.epochs=20`"]),
        ("", ["expected `key=value`, got ``", "`train.epochs=20`"]),
    ] {
        let ran = folder.run_with("train nowhere.csv --quiet --set", [set]);
        assert_eq!(ran.code, Some(2), "{set}");
        for word in words {
            assert!(ran.stderr.contains(word), "{set}: {word} is not in {}", ran.stderr);
        }
    }
}

/// A key inside a value that was set is not the run file's fault.
#[test]
fn what_is_inside_a_value_is_not_blamed_on_the_run_file() {
    let folder = Sandbox::new();
    folder.write("t.csv", "a,y\n1,2.5\n2,3.5\n3,4.5\n4,1.5\n");
    folder.write("s.toml", "[data]\nsource = 't.csv'\ntarget = 'y'\n");
    let ran = folder.run_with("train --config s.toml --set", ["data.columns={zz=\"date\"}"]);
    assert!(
        ran.stderr.contains("data.columns.zz") && !ran.stderr.contains("s.toml"),
        "{}",
        ran.stderr
    );
}

/// A value that goes over several lines must not set further keys.
#[test]
fn a_value_is_one_value() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(40));
    let ran = folder.run_with("train flowers.csv --quiet --set", ["data.target='kind'\nx = 3"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("there is no column `'kind'"), "{}", ran.stderr);
}

/// A flag that changes what a preset chose takes it from the list, which lists what was run.
#[test]
fn a_part_of_a_choice_is_a_choice() {
    let folder = Sandbox::new();
    let all = folder.json("train iris --quiet --epochs 1 -o a");
    assert!(choices(&all).contains(&"optimizer") && choices(&all).contains(&"schedule"));
    let run = folder.json("train iris --quiet --epochs 1 --weight-decay 0.5 --warmup 3 -o b");
    assert!(
        !choices(&run).contains(&"optimizer") && !choices(&run).contains(&"schedule"),
        "{:?}",
        choices(&run)
    );
}

/// Columns and classes may have any name.
#[test]
fn a_name_with_a_dot_is_quoted() {
    let folder = Sandbox::new();
    let row = |row: usize| format!("{},{},{}\n", row % 3, row % 7, ["yes.no", "no"][row % 2]);
    folder.write("t.csv", format!("a.b,c,y\n{}", (0..40).map(row).collect::<String>()));
    let train = "train t.csv --target y --quiet --epochs 1 --format json --set";
    let column = "data.columns.\"a.b\"=categorical";
    let ran = folder.run_with(train, [column, "--set", "train.class_weight.'yes.no'=3"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let run: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(run["spec"]["data"]["columns"]["a.b"], "categorical");
    assert_eq!(run["spec"]["train"]["class_weight"]["yes.no"], 3.0);
    // Three categories and a number.
    assert_eq!(run["features"], 4);
    let unquoted = folder.run_with(train, ["data.columns.a.b=categorical"]);
    assert_eq!(unquoted.code, Some(2), "{}", unquoted.stderr);
}
