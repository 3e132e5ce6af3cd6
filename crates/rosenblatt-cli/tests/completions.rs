//! Scripts for shells.

mod common;

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
}
