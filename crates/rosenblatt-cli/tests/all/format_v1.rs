//! Model files, a checkpoint and runs of the first program that wrote format 1: they load for ever, and every bit is as
//! it was. See `fixtures/make_models.py`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::Sandbox;
use rosenblatt_testkit::fixture;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

const MODELS: [&str; 6] = ["classes", "dates", "embedding", "images", "logit", "regression"];
/// Another way to compute the same bits.
const PLAIN: &str = "--isa portable --execution dynamic --threads 1";

fn v1(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/models/v1")
        .join(name)
}

/// What is known of a model or a run.
fn known(file: &str, name: &str) -> Value {
    fixture(&format!("models/v1/{file}"))[name].take()
}

fn text<'a>(known: &'a Value, key: &str) -> &'a str {
    known[key].as_str().unwrap_or_else(|| panic!("{key}: {known}"))
}

/// A new folder with a copy of all files.
fn copied(name: &str) -> Sandbox {
    let folder = Sandbox::new();
    copy(&v1(name), &folder.path(""));
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Holds a model file against the names, shapes and bytes of its tensors. The header may say other things.
#[track_caller]
fn assert_tensors(file: &[u8], known: &Value, key: &str) {
    let length = u64::from_le_bytes(file[..8].try_into().unwrap());
    let (header, data) = file[8..].split_at(usize::try_from(length).unwrap());
    let mut header: Map<String, Value> = serde_json::from_slice(header).unwrap();
    header.remove("__metadata__").unwrap();
    let shapes: Map<String, Value> = header
        .into_iter()
        .map(|(name, mut tensor)| (name, tensor["shape"].take()))
        .collect();
    assert_eq!(Value::from(shapes), known["tensors"]);
    assert_eq!(sha256(data), text(known, key), "{}", text(known, "train"));
}

/// What the preset `auto` chooses now and did not then.
const AS_THEN: &str = "--set data.soft_clip=false --set train.calibrate=false --quantiles-from 1000000 --set model.clip_predictions=false --set \
                       model.linear_path=false";

#[test]
fn every_model_predicts_the_same_bytes() {
    for name in MODELS {
        let (folder, known) = (copied(name), known("models.json", name));
        for way in ["", PLAIN] {
            let found = folder.ok(&format!("{} --quiet {way}", text(&known, "predict")));
            assert!(
                found.stdout.as_bytes() == folder.read("predictions.csv"),
                "{name} {way}: {}",
                found.stdout
            );
        }
        assert_tensors(&folder.read("model.safetensors"), &known, "tensors_sha256");
    }
}

#[test]
fn trained_again_every_model_has_the_same_tensors() {
    for name in MODELS {
        let (folder, known) = (copied(name), known("models.json", name));
        folder.ok(&format!("{} --quiet -o again {AS_THEN}", text(&known, "train")));
        // The first program rounded the targets of a regression before it centered them.
        let centered_first = known.get("tensors_sha256_of_centered_targets").is_some();
        let key = ["tensors_sha256", "tensors_sha256_of_centered_targets"][usize::from(centered_first)];
        assert_tensors(&folder.read("again"), &known, key);
    }
}

#[test]
fn the_checkpoint_resumes_to_the_same_tensors() {
    let known = known("models.json", "checkpoint");
    for way in ["--threads 2", PLAIN] {
        let folder = Sandbox::new();
        copy(&v1("checkpoint"), &folder.path("model.safetensors.checkpoint"));
        // How often it is saved changes no bit.
        let train = text(&known, "train").replace("--checkpoint-every 1", "--checkpoint-every 100");
        let resumed = folder.ok(&format!("{train} -o model.safetensors --resume {way} {AS_THEN}"));
        let note = format!("note: resumed after step {}", known["step"]);
        assert!(resumed.stderr.contains(&note), "{}", resumed.stderr);
        assert_tensors(&folder.read("model.safetensors"), &known, "tensors_sha256");
        let found = folder.ok(&format!("{} --quiet", text(&known, "predict"))).stdout;
        assert!(
            found.as_bytes() == fs::read(v1("checkpoint/predictions.csv")).unwrap(),
            "{found}"
        );
    }
}

/// Trains on a built-in data set and predicts its test rows.
fn assert_run(name: &str) {
    let (folder, known) = (Sandbox::new(), known("runs.json", name));
    folder.ok(&format!(
        "{} --quiet -o model.safetensors {AS_THEN}",
        text(&known, "train")
    ));
    assert_tensors(&folder.read("model.safetensors"), &known, "tensors_sha256");
    let found = folder.ok(&format!("{} --quiet", text(&known, "predict"))).stdout;
    assert_eq!(sha256(found.as_bytes()), text(&known, "predictions_sha256"));
}

#[test]
fn penguins_and_digits_are_trained_to_the_same_bits() {
    assert_run("penguins");
    assert_run("digits");
}

#[test]
fn fashion_mnist_is_trained_to_the_same_bits() {
    let found = Sandbox::new().run("inspect fashion-mnist --quiet");
    if found.stderr.contains("dataset-fashion-mnist") {
        println!("skipped: {}", found.stderr);
        return;
    }
    assert_run("fashion-mnist");
}
