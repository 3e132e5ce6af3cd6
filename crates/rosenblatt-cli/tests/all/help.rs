//! Help texts, held against committed ones.
//!
//! `UPDATE_HELP=1 cargo test -p rosenblatt-cli --test all help` writes them anew.

use crate::common;

use std::path::{Path, PathBuf};

use common::Sandbox;

/// What follows comes from the registries: a new layer must not change a text here.
const NAMES: &str = "Names:\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help")
}

/// The commands that the program's help lists.
fn commands() -> Vec<String> {
    let help = Sandbox::new().ok("--help").stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    listed
        .lines()
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

fn check(name: &str, arguments: &str) {
    let help = Sandbox::new().ok(arguments).stdout;
    for line in help.lines() {
        assert!(line.chars().count() <= 80, "{arguments}: {line}");
    }
    assert!(help.contains("Examples:") && help.contains("--help"), "{arguments}");
    let text = help.split(NAMES).next().unwrap();
    let path = folder().join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_HELP").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        text == committed,
        "{arguments}: not as in {}; it is now:\n{text}",
        path.display()
    );
}

#[test]
fn every_help_text_is_as_committed() {
    check("rosenblatt", "--help");
    for command in commands() {
        check(&command, &format!("{command} --help"));
        check(&format!("{command}-short"), &format!("{command} -h"));
    }
}

#[test]
fn every_committed_text_belongs_to_a_command() {
    let commands = commands();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let command = name.strip_suffix("-short").unwrap_or(&name);
        assert!(
            name == "rosenblatt" || commands.iter().any(|known| known == command),
            "tests/help/{name}.txt"
        );
    }
}

#[test]
fn every_file_of_commands_is_a_command() {
    let names: Vec<_> = commands().iter().map(|name| name.replace('-', "_")).collect();
    assert_eq!(names, rosenblatt_testkit::rust_files("src/commands"));
}

#[test]
fn the_names_are_those_of_the_registries() {
    let help = Sandbox::new().ok("train --help").stdout;
    let names: Vec<&str> = help.split(NAMES).nth(1).unwrap().split_whitespace().collect();
    for name in ["gelu", "leaky_relu", "he_uniform", "cross_entropy", "adamw", "cosine"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn help_is_a_word_too() {
    let folder = Sandbox::new();
    assert_eq!(folder.ok("help").stdout, folder.ok("--help").stdout);
    assert_eq!(folder.ok("help train").stdout, folder.ok("train --help").stdout);
    assert_eq!(folder.run("help trian").code, Some(2));
}

#[test]
fn without_arguments_the_help_is_shown() {
    let ran = Sandbox::new().run("");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("Commands:"), "{}", ran.stderr);
    assert!(Sandbox::new().ok("--version").stdout.starts_with("rosenblatt "));
}
