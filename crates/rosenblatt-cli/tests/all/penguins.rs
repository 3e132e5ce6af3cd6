//! A named set from one end to the other.

use crate::common;

use common::Sandbox;
use serde_json::Value;

#[test]
fn trains_evaluates_and_predicts_with_nothing_but_a_name() {
    let folder = Sandbox::new();
    let trained = folder.ok("train penguins");
    for words in [
        "task: classification of `species`",
        "rows: 220 training, 55 validation, 69 test",
        "early-stopping",
        "test: accuracy",
    ] {
        assert!(trained.stdout.contains(words), "{words}: {}", trained.stdout);
    }
    let next = "next: rosenblatt evaluate penguins.safetensors penguins\n      \
                rosenblatt predict penguins.safetensors penguins\n";
    assert!(trained.stdout.ends_with(next), "{}", trained.stdout);
    let is_named = |line: &str| {
        let names = [
            "train loss ",
            "train accuracy ",
            "validation loss ",
            "validation accuracy ",
        ];
        line.starts_with("epoch ") && names.iter().all(|name| line.contains(name))
    };
    assert!(trained.stderr.lines().all(is_named), "{}", trained.stderr);
    let best = trained
        .stderr
        .lines()
        .rfind(|line| line.ends_with("  best so far"))
        .unwrap();
    let best = best
        .split(['/', ' '])
        .find_map(|word| word.parse::<usize>().ok())
        .unwrap();
    let of = format!("model: penguins.safetensors (epoch {best} of ");
    assert!(trained.stdout.contains(&of), "{}", trained.stdout);
    assert!(!trained.stderr.contains('\x1b') && !trained.stdout.contains('\x1b'));
    assert!(!folder.exists("penguins.safetensors.checkpoint"));

    let evaluated = folder.json("evaluate penguins.safetensors penguins");
    assert_eq!(evaluated["rows"], 69);
    assert!(
        evaluated["metrics"]["accuracy"].as_f64().unwrap() >= 0.95,
        "{evaluated}"
    );

    let predicted = folder.ok("predict penguins.safetensors penguins");
    let lines: Vec<&str> = predicted.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "prediction,probability_Adelie,probability_Chinstrap,probability_Gentoo"
    );
    assert_eq!(lines.len(), 70);
    for line in &lines[1..] {
        let (name, numbers) = line.split_once(',').unwrap();
        let numbers: Vec<f32> = numbers.split(',').map(|number| number.parse().unwrap()).collect();
        assert!((numbers.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{line}");
        let best = (0..3).max_by(|&a, &b| numbers[a].total_cmp(&numbers[b])).unwrap();
        assert_eq!(name, ["Adelie", "Chinstrap", "Gentoo"][best]);
    }
}

#[test]
fn twice_gives_two_files_with_the_same_bytes() {
    let folder = Sandbox::new();
    assert!(
        folder
            .ok("train penguins --epochs 20 --quiet")
            .stdout
            .contains("model: penguins.safetensors")
    );
    let second = folder.ok("train penguins --epochs 20 --threads 1 --execution dynamic --isa portable");
    assert!(
        second.stdout.contains("model: penguins-2.safetensors"),
        "{}",
        second.stdout
    );
    assert!(folder.read("penguins.safetensors") == folder.read("penguins-2.safetensors"));
}

#[test]
fn quiet_says_results_and_nothing_else() {
    let folder = Sandbox::new();
    let ran = folder.ok("train penguins --preset plain --epochs 40 --quiet");
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("test: accuracy"), "{}", ran.stdout);
}

#[test]
fn the_json_of_train_has_its_keys() {
    let folder = Sandbox::new();
    let document = folder.json("train penguins --epochs 3 --threads 1");
    for (key, value) in [("task", "classification"), ("model", "penguins.safetensors")] {
        assert_eq!(document[key], value, "{key}");
    }
    for (key, value) in [("rows", 220), ("features", 15), ("threads", 1), ("parameters", 5379)] {
        assert_eq!(document[key], value, "{key}");
    }
    assert!(document["isa"].is_string() && document["seconds"].as_f64().unwrap() > 0.0);
    let epochs = document["epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 3);
    for (i, epoch) in epochs.iter().enumerate() {
        assert_eq!(epoch["epoch"], i + 1);
        assert!(epoch["seconds"].is_f64());
        for part in ["train", "valid", "test"] {
            assert!(
                epoch[part]["loss"].is_f64() && epoch[part]["accuracy"].is_f64(),
                "{part}: {epoch}"
            );
        }
    }
    assert!(document["test"]["accuracy"].is_f64() && document["test"]["loss"].is_f64());
    let plain = folder.json("train iris --preset plain --epochs 1");
    assert!(
        plain["epochs"][0].get("valid").is_none() && plain.get("valid").is_none(),
        "nothing was held out"
    );
}

#[test]
fn a_regression_speaks_of_rmse() {
    let folder = Sandbox::new();
    let document = folder.json("train diabetes --epochs 3");
    assert_eq!(document["task"], "regression");
    assert!(document["epochs"][0]["train"]["rmse"].is_f64() && document["test"]["rmse"].is_f64());
    let predicted = folder.ok("predict diabetes.safetensors diabetes");
    let mut lines = predicted.stdout.lines();
    assert_eq!(lines.next(), Some("prediction"));
    assert!(lines.all(|line| line.parse::<f32>().unwrap().is_finite()));
    let json = folder.json("predict diabetes.safetensors diabetes");
    assert!(json["predictions"][0]["prediction"].is_f64());
    assert_eq!(
        json["rows"].as_u64().unwrap() as usize,
        json["predictions"].as_array().unwrap().len()
    );
}

#[test]
fn a_picture_of_the_run() {
    let folder = Sandbox::new();
    folder.ok("train iris --epochs 3 --plot curves.svg");
    let svg = String::from_utf8(folder.read("curves.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(
        svg.matches("<path class=\"curve ").count(),
        12,
        "training, validation and test, loss and accuracy: each a curve and its mark in the legend"
    );
}

#[test]
fn data_sets_are_listed_and_described() {
    let folder = Sandbox::new();
    let list = folder.ok("datasets").stdout;
    for set in rosenblatt_data::sets::SETS {
        assert!(list.lines().any(|line| line.starts_with(set.name)), "{}", set.name);
        let one = folder.ok(&format!("datasets {}", set.name)).stdout;
        assert!(one.contains(set.licence) && one.contains(set.description), "{one}");
    }
    let json = folder.json("datasets");
    assert_eq!(json.as_array().map(Vec::len), Some(rosenblatt_data::sets::SETS.len()));
    assert_eq!(folder.json("datasets iris")["task"], Value::from("classification"));
    assert!(
        folder
            .fails(2, "datasets pinguins")
            .contains("did you mean `penguins`?")
    );
}
