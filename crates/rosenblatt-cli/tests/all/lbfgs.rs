//! `rosenblatt train --optimizer lbfgs`.

use crate::common;

use common::Sandbox;

const LINEAR: &str = "train iris --model linear --preset plain --optimizer lbfgs --l2 0.01 -o m --force";

#[test]
fn evaluations_are_counted_and_the_end_is_said_in_words() {
    let folder = Sandbox::new();
    let ran = folder.ok(&format!("{LINEAR} --epochs 500 --format json"));
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let epochs = json["epochs"].as_array().unwrap();
    let evaluations = epochs.iter().map(|epoch| epoch["evaluations"].as_u64().unwrap());
    assert_eq!(json["solver"]["evaluations"], evaluations.sum::<u64>());
    assert!(["gradient", "no_progress"].contains(&json["solver"]["ended"].as_str().unwrap()));
    assert!(epochs.len() < 100, "{}", epochs.len());
    let losses: Vec<f64> = epochs
        .iter()
        .map(|epoch| epoch["train"]["loss"].as_f64().unwrap())
        .collect();
    assert!(losses.is_sorted_by(|before, after| after <= before), "{losses:?}");

    let text = |more: &str| folder.ok(&format!("{LINEAR} {more}")).stdout;
    assert!(text("--epochs 3").contains("lbfgs: not converged after "));
    let ended = text("--epochs 500");
    assert!(
        ended.contains("lbfgs: converged after ") || ended.contains("the line search found no lower loss"),
        "{ended}"
    );
    let loose = text("--epochs 500 --set train.optimizer.lbfgs.tolerance_grad=0.01");
    assert!(loose.contains("lbfgs: converged after "), "{loose}");
    // Without a solver there is nothing of it.
    let adam = folder.json("train iris --preset plain --epochs 1 -o m --force");
    assert!(adam["solver"].is_null() && adam["epochs"][0]["evaluations"].is_null());
}

#[test]
fn the_run_file_that_is_written_trains_the_same_model() {
    let folder = Sandbox::new();
    folder.ok("init-config iris --optimizer lbfgs --epochs 5 -o run.toml");
    folder.ok("train --config run.toml -o by_file --quiet");
    folder.ok("train iris --optimizer lbfgs --epochs 5 -o by_flags --quiet --threads 2");
    assert!(folder.read("by_file") == folder.read("by_flags"));
    let error = folder.fails(2, "bench run.toml");
    assert!(error.contains("`lbfgs` has no step on a batch to be timed"), "{error}");
    folder.ok("check run.toml");
}
