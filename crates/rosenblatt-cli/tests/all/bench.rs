//! `rosenblatt bench`.

use crate::common;

use common::Sandbox;
use serde_json::Value;

fn sum(list: &Value, key: &str) -> f64 {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item[key].as_f64().unwrap())
        .sum()
}

#[test]
fn figures_fit_each_other() {
    let folder = Sandbox::new();
    let found = folder.json("bench --seconds 0.2 --threads 1");
    let figure = |name: &str| found[name].as_f64().unwrap_or_else(|| panic!("{name}: {found}"));
    assert_eq!((figure("batch"), figure("threads")), (256.0, 1.0));
    assert_eq!(figure("parameters"), f64::from(64 * 256 + 256 + 256 * 10 + 10));
    // Forward twice, the gradient of both weights, and of what lies between: a multiply-add is two operations.
    let operations = 2.0 * 256.0 * f64::from(2 * (64 * 256 + 256 * 10) + 256 * 10);
    assert_eq!(figure("operations"), operations);
    assert!(figure("best_seconds") <= figure("seconds"), "{found}");
    let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} {b}: {found}");
    close(figure("steps_per_second") * figure("seconds"), 1.0);
    close(figure("rows_per_second"), 256.0 * figure("steps_per_second"));
    close(figure("gigaflops") * 1e9 * figure("seconds"), operations);
    close(figure("share_of_peak") * figure("peak_gigaflops"), figure("gigaflops"));
    close(sum(&found["tasks"], "share"), 1.0);
    close(sum(&found["phases"], "share"), 1.0);
    let tasks = sum(&found["tasks"], "seconds") + sum(&found["tasks"], "waiting");
    close(sum(&found["phases"], "seconds"), tasks);
    // Machines are shared: this is no measurement, only that both are about the same thing.
    assert!(
        tasks < 20.0 * figure("seconds") && figure("seconds") < 20.0 * tasks,
        "{found}"
    );
}

#[test]
fn the_tasks_are_those_of_the_plan() {
    let folder = Sandbox::new();
    folder.write(
        "run.toml",
        "[data]\nsource = 'iris'\n[model]\nlayers = [{ linear = { out_features = 9 } }, 'tanh']\n",
    );
    let found = folder.json("bench run.toml --seconds 0.05 --threads 1");
    let plan = folder.json("inspect run.toml --plan --threads 1");
    let labels = |list: &Value| -> Vec<String> {
        let tasks = list.as_array().unwrap().iter();
        tasks.map(|task| task["label"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(labels(&found["tasks"]), labels(&plan["plan"]["steps"]));
    let phases: Vec<&str> = found["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["phase"].as_str().unwrap())
        .collect();
    assert!(
        phases.is_sorted_by_key(|phase| *phase == "update" || *phase == "backward"),
        "{phases:?}"
    );
    assert_eq!(
        phases.iter().filter(|phase| **phase == "update").count(),
        4,
        "{phases:?}"
    );
    assert_eq!(phases[0], "gather", "{phases:?}");
}

#[test]
fn the_text_says_the_same_and_dynamic_steps_are_timed_whole() {
    let folder = Sandbox::new();
    let text = folder.ok("bench --seconds 0.05 --threads 2").stdout;
    for words in [
        "a training step on 256 rows of digits",
        "steps/s",
        "matrix products alone",
        "  update ",
        "→ layers.0.weight",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let text = folder.ok("bench --seconds 0.05 --execution dynamic").stdout;
    assert!(
        text.contains("steps/s") && text.contains("dynamic step") && !text.contains("GFLOP"),
        "{text}"
    );
    assert!(
        folder
            .fails(2, "bench --seconds 0")
            .contains("--seconds: expected a number above 0, got `0`")
    );
    assert!(
        folder
            .fails(2, "bench --seconds 1e300")
            .contains("--seconds: expected fewer seconds")
    );
    assert!(folder.fails(1, "bench missing.toml").contains("missing.toml"));
}
