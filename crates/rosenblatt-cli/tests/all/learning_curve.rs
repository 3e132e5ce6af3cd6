//! `rosenblatt learning-curve`.

use crate::common;

use common::Sandbox;

/// A line through little noise: a few rows are as good as many. Two classes in strips: more rows help.
#[test]
fn it_says_whether_more_rows_would_help() {
    let folder = Sandbox::new();
    let line = (0..200)
        .map(|i| format!("{},{}\n", i % 29, 3 * (i % 29) + i % 2))
        .collect::<String>();
    folder.write("line.csv", format!("x,y\n{line}"));
    let strip = |i: usize| i * 7919 % 2003;
    let strips = (0..400).map(|i| format!("{},{}\n", strip(i), ["no", "yes"][strip(i) / 100 % 2]));
    folder.write("strips.csv", format!("x,y\n{}", strips.collect::<String>()));
    let settings = "--preset plain --valid-fraction 0.3 --lr 0.03 --epochs 20 --repeats 2 --plot curve.svg --force";
    let few = folder.json(&format!("learning-curve line.csv --target y --model linear {settings}"));
    assert_eq!(few["more_rows"], "no_help", "{few}");
    let many = folder.json(&format!(
        "learning-curve strips.csv --target y --hidden 64,64 {settings}"
    ));
    assert_eq!(many["more_rows"], "help", "{many}");
    let points = many["points"].as_array().unwrap();
    assert_eq!(
        (points.len(), points[4]["rows"].as_u64()),
        (5, many["train_rows"].as_u64())
    );
    assert_eq!(points[0]["valid"]["loss"]["values"].as_array().unwrap().len(), 2);
    let svg = String::from_utf8(folder.read("curve.svg")).unwrap();
    assert!(svg.contains("training rows") && svg.contains("validation"));
}

#[test]
fn the_text_has_a_table_and_a_verdict_and_no_file_is_left() {
    let folder = Sandbox::new();
    let command = "learning-curve iris --epochs 3 --train-sizes 0.5,1 --repeats 2";
    let text = folder.ok(&format!("{command} --threads 2")).stdout;
    for part in [
        "rows",
        "training loss",
        "training accuracy",
        " ± ",
        "more training rows would",
        "validation loss ",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(text, folder.ok(&format!("{command} --execution dynamic")).stdout);
    assert_eq!(std::fs::read_dir(folder.path(".")).unwrap().count(), 0);
}
