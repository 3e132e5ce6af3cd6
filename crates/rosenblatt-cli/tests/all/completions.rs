//! Scripts for shells.

use crate::common;

use std::process::Command;

use common::{Sandbox, ran};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

#[test]
fn every_script_knows_every_command() {
    let folder = Sandbox::new();
    for shell in SHELLS {
        let script = folder.ok(&format!("completions {shell}")).stdout;
        for word in ["train", "predict", "completions", "delimiter", "early-stopping"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let error = folder.fails(2, "completions csh");
    assert!(error.contains("expected `bash` or `elvish`"), "{error}");
}

/// What bash would offer for the last of some words.
fn offered(folder: &Sandbox, words: &[&str]) -> Vec<String> {
    let line = words
        .iter()
        .map(|word| format!("'{word}'"))
        .collect::<Vec<_>>()
        .join(" ");
    let script = format!(
        "source ./script && COMP_WORDS=({line}) && COMP_CWORD={} && _rosenblatt rosenblatt '{}' '{}' \
         && printf '%s\\n' \"${{COMPREPLY[@]}}\" && complete -p rosenblatt",
        words.len() - 1,
        words[words.len() - 1],
        words[words.len() - 2],
    );
    let ran = ran(Command::new("bash")
        .args(["--norc", "-c", &script])
        .current_dir(folder.path(""))
        .output()
        .unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("-F _rosenblatt"), "{}", ran.stdout);
    let mut lines: Vec<_> = ran.stdout.lines().map(str::to_owned).collect();
    lines.pop();
    lines
}

#[test]
fn bash_completes_commands_flags_and_values() {
    if Command::new("bash").arg("--version").output().is_err() {
        println!("skipped: there is no bash");
        return;
    }
    let folder = Sandbox::new();
    folder.write("script", folder.ok("completions bash").stdout);
    assert_eq!(offered(&folder, &["rosenblatt", "tr"]), ["train"]);
    assert_eq!(
        offered(&folder, &["rosenblatt", "train", "--early"]),
        ["--early-stopping"]
    );
    assert_eq!(
        offered(&folder, &["rosenblatt", "predict", "--format", ""]),
        ["text", "json"]
    );
    assert_eq!(offered(&folder, &["rosenblatt", "completions", "z"]), ["zsh"]);
    for (words, expected) in [
        (["train", "--preset", ""], &["auto", "plain"][..]),
        (["train", "--norm", "l"], &["layer"]),
        (
            ["train", "--activation", "gel"],
            &["gelu", "gelu_logistic", "gelu_tanh"],
        ),
        (["train", "--optimizer", "adam"], &["adam", "adamax", "adamw"]),
        (["train", "--schedule", "cosi"], &["cosine", "cosine_restarts"]),
        (["train", "--loss", "cross"], &["cross_entropy"]),
        (["train", "--class-weight", ""], &["balanced"]),
        (["init-config", "--init", "he_"], &["he_normal", "he_uniform"]),
        (["init-config", "--bias-init", "z"], &["zeros"]),
        (["predict", "--isa", "avx"], &["avx2", "avx512"]),
        (["bench", "--execution", "d"], &["dynamic"]),
        // No files for a number or the name of a column.
        (["train", "--epochs", "scr"], &["scr"]),
        (["train", "--target", "scr"], &["scr"]),
        (["train", "--config", "scr"], &["script"]),
    ] {
        assert_eq!(
            offered(&folder, &["rosenblatt", words[0], words[1], words[2]]),
            expected,
            "{words:?}"
        );
    }
}

/// A data set and a file are both DATA.
#[test]
fn bash_offers_names_of_data_sets_and_files() {
    if Command::new("bash").arg("--version").output().is_err() {
        println!("skipped: there is no bash");
        return;
    }
    let folder = Sandbox::new();
    folder.write("script", folder.ok("completions bash").stdout);
    for command in ["train", "predict", "evaluate", "inspect", "init-config", "datasets"] {
        let words = ["rosenblatt", command, "peng"];
        assert_eq!(offered(&folder, &words), ["penguins"], "{command}");
    }
    // Nothing fits: bash itself offers files.
    assert_eq!(offered(&folder, &["rosenblatt", "train", "./s"]), [""]);
}

/// What is offered is taken, as far as its flag is concerned.
#[test]
fn what_is_offered_is_taken() {
    let folder = Sandbox::new();
    folder.write("script", folder.ok("completions bash").stdout);
    if Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    let flags = [
        "preset",
        "norm",
        "activation",
        "init",
        "bias-init",
        "loss",
        "optimizer",
        "schedule",
        "class-weight",
    ];
    for flag in flags.map(|flag| format!("--{flag}")) {
        let values = offered(&folder, &["rosenblatt", "train", &flag, ""]);
        assert!(!values.is_empty(), "{flag}");
        for value in values {
            // The data is looked for after all flags are read.
            let error = folder.fails(1, &format!("train nowhere.csv --hidden 4 --quiet {flag} {value}"));
            assert!(
                error.contains("nowhere.csv: there is no such file"),
                "{flag} {value}: {error}"
            );
        }
    }
}
