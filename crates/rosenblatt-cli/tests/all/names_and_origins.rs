//! Where the value of a setting comes from, and by which names it is given.

use crate::common;

use common::{Sandbox, flowers};

/// Every setting with its value and where it comes from, one line each, as text and as JSON.
#[test]
fn verbose_names_the_origin_of_every_setting() {
    let folder = Sandbox::new();
    folder.write("run.toml", "[data]\nsource = 'iris'\n[train]\nlearning_rate = 0.05\n");
    let command = "--epochs 2 --hidden 5 --set train.batch_size=16 --verbose";
    let auto = folder.ok(&format!("train iris {command}")).stderr;
    let file = folder.ok(&format!("train --config run.toml {command}")).stderr;
    let line = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(key));
        let line = line.unwrap_or_else(|| panic!("{key} is not in {text}"));
        assert!(line.chars().count() <= 80, "{line}");
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    for (key, in_auto, in_file) in [
        ("data.source", "iris DATA", "iris run file"),
        ("data.valid_fraction", "0.2 preset auto", "not set default"),
        ("model.embedding_dim", "8 default", "8 default"),
        ("model.layers.1", "gelu --hidden", "relu --hidden"),
        ("train.learning_rate", "0.001 preset auto", "0.05 run file"),
        ("train.epochs", "2 --epochs", "2 --epochs"),
        ("train.batch_size", "16 --set", "16 --set"),
        ("train.seed", "0 default", "0 default"),
    ] {
        assert_eq!((&*line(&auto, key), &*line(&file, key)), (in_auto, in_file), "{key}");
    }
    let json = folder.json("train iris --quiet --epochs 2");
    let settings = json["settings"].as_array().unwrap();
    let origin = |key: &str| settings.iter().find(|one| one["key"] == key).unwrap()["origin"].clone();
    assert_eq!(origin("train.epochs"), serde_json::json!({ "flag": "--epochs" }));
    assert_eq!(origin("train.clip_norm"), "default");
    assert!(origin("train.optimizer")["preset"]["reason"].is_string());
}

/// The name of the key, its short name, and earlier names; the latter with a note.
#[test]
fn a_flag_has_the_name_of_its_key() {
    let folder = Sandbox::new();
    folder.write("t.csv", flowers(40));
    let train = "train t.csv --target kind --epochs 1 --force -o";
    folder.ok(&format!("{train} a --quiet --lr 0.5 --missing red --max-one-hot 2"));
    let said = folder
        .ok(&format!("{train} b --learning-rate 0.5 --na red --max_one_hot=2"))
        .stderr;
    assert!(folder.read("a") == folder.read("b"));
    for note in [
        "`--na` is now called `--missing`",
        "`--max_one_hot` is now called `--max-one-hot`",
    ] {
        assert!(said.contains(&format!("note: {note}\n")), "{said}");
    }
    folder.write(
        "run.toml",
        "[data]\nsource = 'iris'\nmost_one_hot = 3\nnumeric = 'standardise'\n",
    );
    let said = folder
        .ok("train --config run.toml --epochs 1 --set data.most_one_hot=4")
        .stderr;
    for note in [
        "`most_one_hot` is now called `max_one_hot`",
        "`standardise` is now called `standardize`",
    ] {
        assert!(said.contains(&format!("note: {note}\n")), "{said}");
    }
}

/// A value that excludes another one is where that comes from.
#[test]
fn a_removed_value_names_what_removed_it() {
    let folder = Sandbox::new();
    folder.write("t.csv", flowers(40));
    folder.write("v.csv", flowers(20));
    folder.write(
        "run.toml",
        "[data]\nsource = 't.csv'\ntarget = 'kind'\nvalid_fraction = 0.2\n[train]\nepochs = 1\n",
    );
    let json = folder.json("train --config run.toml --valid v.csv --early_stopping 3 --quiet -o a");
    let settings = json["settings"].as_array().unwrap();
    let removed = settings.iter().find(|one| one["key"] == "data.valid_fraction").unwrap();
    assert_eq!(removed["origin"], serde_json::json!({ "flag": "--valid" }), "{removed}");
}
