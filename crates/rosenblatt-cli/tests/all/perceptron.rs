//! `--model perceptron`, `--pocket` and `--prove`.

use crate::common;

use common::Sandbox;

/// Rows of one column, of the second class from 3 on; `odd` makes one of them an exception.
fn table(odd: bool) -> String {
    let row = |x: i32| format!("{x},{}\n", if (x > 2) != (odd && x == 9) { "yes" } else { "no" });
    format!("x,y\n{}", (0..12).map(row).collect::<String>())
}

#[test]
fn a_perceptron_says_after_how_many_updates_the_rows_are_separated() {
    let folder = Sandbox::new();
    folder.write("t.csv", table(false));
    let run = "train t.csv --target y --model perceptron --prove --quiet";
    let text = folder.ok(&format!("{run} -o a")).stdout;
    assert!(text.contains("perceptron: separated after "), "{text}");
    assert!(
        text.contains("linearly separable: yes (a plane was found, and checked on all 12 rows)"),
        "{text}"
    );
    let json = folder.json(&format!("{run} -o b"));
    assert_eq!(
        (&json["pocket"]["separated"], &json["pocket"]["misclassified"]),
        (&true.into(), &0.into())
    );
    assert_eq!(json["separability"]["result"], "separable");
    let epochs = json["epochs"].as_array().unwrap();
    assert_eq!(epochs.last().unwrap()["train"]["misclassified"], 0.0);
    // One row in twelve for each of the updates that an epoch needed.
    let wrong = |epoch: &serde_json::Value| (1.0 - epoch["train"]["accuracy"].as_f64().unwrap()) * 12.0;
    let updates: f64 = epochs.iter().map(wrong).sum();
    assert_eq!(json["pocket"]["mistakes"].as_f64().unwrap(), updates.round());
    assert_eq!(json["valid_rows"], serde_json::Value::Null);
    let origin = |key: &str| {
        let all = json["settings"].as_array().unwrap();
        all.iter().find(|setting| setting["key"] == key).unwrap()["origin"]["flag"].clone()
    };
    for key in [
        "model.layers",
        "model.init",
        "train.loss",
        "train.pocket",
        "train.batch_size",
    ] {
        assert_eq!(origin(key), "--model", "{key}");
    }
    let accuracy = &folder.json("evaluate a t.csv")["metrics"]["accuracy"];
    assert_eq!(accuracy, 1.0);
}

#[test]
fn rows_that_are_not_separable_are_said_to_be_so() {
    let folder = Sandbox::new();
    folder.write("t.csv", table(true));
    let run = "train t.csv --target y --model perceptron --epochs 20 --quiet";
    let text = folder.ok(&format!("{run} -o a")).stdout;
    assert!(
        text.contains(" updates (20 passes over the training rows); the best weights misclassify "),
        "{text}"
    );
    assert!(text.contains("whether any would be enough: --prove"), "{text}");
    let json = folder.json(&format!("{run} --prove -o b"));
    assert_eq!(json["separability"]["result"], "not_separable");
    // A row between two others, in one dimension.
    assert_eq!(json["separability"]["conflicting_rows"].as_array().unwrap().len(), 3);
    let kept = json["pocket"]["misclassified"].as_f64().unwrap();
    let errors = json["epochs"].as_array().unwrap().iter();
    assert!(
        errors
            .clone()
            .all(|epoch| epoch["train"]["misclassified"].as_f64().unwrap() >= kept)
    );
    let accuracy = folder.json("evaluate b t.csv")["metrics"]["accuracy"].as_f64().unwrap();
    assert_eq!(((1.0 - accuracy) * 12.0).round(), kept);
}
