//! `rosenblatt find-lr`.

use crate::common;

use common::Sandbox;

#[test]
fn a_learning_rate_is_suggested_and_trains_better_than_others() {
    let folder = Sandbox::new();
    let settings = "digits --preset plain --optimizer sgd --batch-size 64";
    let found = folder.json(&format!(
        "find-lr {settings} --steps 60 --min-lr 1e-4 --max-lr 1000 --plot rates.svg"
    ));
    let number = |name: &str| found[name].as_f64().unwrap_or_else(|| panic!("{name}: {found}"));
    assert!(number("suggested") < number("diverged") && number("minimum_over_10") < number("diverged"));
    assert_eq!(found["suggested"], found["steepest"]);
    assert_eq!(number("minimum_over_10"), number("minimum") / 10.0);
    assert_eq!(found["points"].as_array().unwrap().len() as f64, number("steps"));
    assert!(
        String::from_utf8(folder.read("rates.svg"))
            .unwrap()
            .contains("steepest")
    );
    let loss = |rate: f64| {
        let json = folder.json(&format!("train {settings} --lr {rate} --epochs 1 --quiet -o m --force"));
        json["epochs"][0]["train"]["loss"].as_f64().unwrap()
    };
    let suggested = loss(number("suggested"));
    assert!(suggested < loss(number("suggested") / 100.0) && suggested < loss(number("diverged")));
}

#[test]
fn the_text_has_a_table_and_no_file_is_left() {
    let folder = Sandbox::new();
    let text = folder.ok("find-lr iris --steps 30 --threads 2").stdout;
    for part in ["smoothed", "suggested", "minimum / 10", "use it with --lr "] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(text, folder.ok("find-lr iris --steps 30 --execution dynamic").stdout);
    assert_eq!(std::fs::read_dir(folder.path(".")).unwrap().count(), 0);
    let flat = folder
        .ok("find-lr iris --steps 10 --min-lr 1e-30 --max-lr 1e-29 --batch-size 1000")
        .stdout;
    assert!(flat.contains("the loss did not fall at any learning rate"), "{flat}");
}
