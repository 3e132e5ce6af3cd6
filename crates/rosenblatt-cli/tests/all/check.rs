//! `rosenblatt check`: correct networks pass, and what is wrong is named.

use crate::common;

use common::Sandbox;

const RUN_FILE: &str = "[data]\nsource = 'penguins'\n[model]\n\
                        layers = [{ linear = { out_features = 6 } }, 'gelu', { dropout = { p = 0.2 } }]\n";

#[test]
fn a_right_network_passes() {
    let folder = Sandbox::new();
    folder.write("run.toml", RUN_FILE);
    let text = folder.ok("check run.toml").stdout;
    for words in [
        "run.toml: 8 rows of penguins, f64\n",
        "layers.0.weight  [6, 15]",
        "layers.3.bias    [3]",
        "static and dynamic execution give the same bits: ok\n",
        "all numbers finite: ok\n",
        "a step of size 1.0e-7: the loss changes from ",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("FAILED"), "{text}");
    let json = folder.json("check run.toml");
    assert_eq!((&json["passed"], &json["rows"]), (&true.into(), &8.into()));
    let tensors = json["tensors"].as_array().unwrap();
    assert_eq!(tensors.len(), 4);
    assert!(
        tensors.iter().all(|tensor| tensor["error"].as_f64().unwrap() < 1e-6),
        "{json}"
    );
    assert!(folder.path("").read_dir().unwrap().count() == 1, "nothing is written");
}

#[test]
fn a_run_file_without_data_is_checked_with_bundled_rows() {
    let folder = Sandbox::new();
    folder.write("run.toml", "[train]\nloss = 'huber'\n");
    let ran = folder.ok("check run.toml");
    assert!(ran.stdout.contains("rows of diabetes"), "{}", ran.stdout);
    assert!(ran.stderr.contains("names no data"), "{}", ran.stderr);
}

#[test]
fn what_is_wrong_ends_in_1_and_what_does_not_fit_is_explained() {
    let folder = Sandbox::new();
    folder.write(
        "wild.toml",
        "[data]\nsource = 'diabetes'\n[model]\ninit = { constant = { value = 1e38 } }\n",
    );
    let ran = folder.run("check wild.toml");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("FAILED"), "{}", ran.stdout);
    assert!(
        ran.stderr.starts_with("error: wild.toml: ") && ran.stderr.contains("not finite"),
        "{}",
        ran.stderr
    );
    let ran = folder.run("check wild.toml --format json");
    assert!(
        ran.code == Some(1) && ran.stdout.contains("\"passed\": false"),
        "{}",
        ran.stdout
    );

    folder.write(
        "loss.toml",
        "[data]\nsource = 'diabetes'\n[train]\nloss = 'cross_entropy'\n",
    );
    let error = folder.fails(2, "check loss.toml");
    assert!(error.contains("loss.toml: train.loss: "), "{error}");
    assert!(folder.fails(1, "check missing.toml").contains("missing.toml"));
}
