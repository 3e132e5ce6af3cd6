//! `cargo xtask tidy`: the house rules a program can check.
//!
//! Forbidden words are put together from parts, so that this file does not break its own rules.

use std::path::Path;

use serde_json::Value;

use crate::args::Args;
use crate::shell::{self, Outcome, cargo, git, root};
use crate::{Command, licenses, words};

/// See the module.
pub const COMMAND: Command = Command {
    name: "tidy",
    help: "house rules: sizes, unsafe, dependencies, words",
    run,
};

/// Lines of code a file may have at most.
const MAX_LINES: usize = 400;
/// Bytes all fixtures may have together: one and a half MiB.
const MAX_FIXTURES: u64 = 3 << 19;
/// Crates that may contain `unsafe`.
const UNSAFE_CRATES: [&str; 2] = ["rosenblatt-tensor", "rosenblatt-testkit"];
/// Crates that may name a flag of the command line: the others name settings by their keys.
const FLAG_CRATES: [&str; 2] = ["rosenblatt-cli", "rosenblatt-testkit"];

fn run(args: Args) -> Outcome {
    args.finish()?;
    check()
}

/// Checks every rule and reports all that is wrong, not only the first.
///
/// # Errors
/// If any rule is broken.
pub fn check() -> Outcome {
    let files = project_files()?;
    let mut faults = Vec::new();
    for file in &files {
        if let Ok(text) = std::fs::read_to_string(root().join(file)) {
            faults.extend(faults_in(file, &text));
        }
    }
    faults.extend(fixture_faults(&files)?);
    faults.extend(crate_faults()?);
    faults.extend(licenses::faults()?);
    if faults.is_empty() {
        println!("tidy: {} files, no problem", files.len());
        return Ok(());
    }
    Err(format!("{} problems\n  {}", faults.len(), faults.join("\n  ")).into())
}

/// Files git tracks or would track.
fn project_files() -> Outcome<Vec<String>> {
    let listed = shell::capture(&mut git("ls-files --cached --others --exclude-standard"))?;
    Ok(listed
        .lines()
        .filter(|file| root().join(file).is_file())
        .map(String::from)
        .collect())
}

/// What one file does wrong.
fn faults_in(file: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !file.ends_with(".lock") {
        faults.extend(words_in(file, text, &places()));
        faults.extend(words::faults(file, text));
    }
    if file.ends_with(".rs") {
        let lines = lines_of_code(text);
        if lines > MAX_LINES {
            faults.push(format!("{file}: {lines} lines of code, at most {MAX_LINES}"));
        }
        faults.extend(words_in(file, text, &unfinished()));
        faults.extend(test_that_never_runs(file, text));
        if is_library(file) {
            faults.extend(flags_in(file, text));
        }
    }
    if is_crate_root(file) && !may_be_unsafe(file) && !text.contains("#![forbid(unsafe_code)]") {
        faults.push(format!("{file}: `#![forbid(unsafe_code)]` is missing"));
    }
    faults
}

/// A unit test of a crate that has none by its manifest: cargo would leave it out.
fn test_that_never_runs(file: &str, text: &str) -> Option<String> {
    let (folder, _) = file.strip_prefix("crates/")?.split_once("/src/")?;
    let manifest = std::fs::read_to_string(root().join("crates").join(folder).join("Cargo.toml")).ok()?;
    let never = manifest.contains("test = false") && text.contains("#[cfg(test)]");
    never
        .then(|| format!("{file}: unit tests of {folder} never run (`test = false`); put them into its folder `tests`"))
}

/// Lines that are neither blank nor only a comment.
fn lines_of_code(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

/// Every line of `text` that contains one of `words`.
fn words_in(file: &str, text: &str, words: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for word in words.iter().filter(|word| line.contains(*word)) {
            faults.push(format!("{file}:{}: `{word}`", number + 1));
        }
    }
    faults
}

/// Every line of `text` that names a flag.
fn flags_in(file: &str, text: &str) -> Vec<String> {
    let named = text
        .lines()
        .enumerate()
        .filter_map(|(i, line)| Some((i + 1, flag_in(line)?)));
    named
        .map(|(number, flag)| format!("{file}:{number}: `{flag}` is a flag: name the setting by its key"))
        .collect()
}

/// The first flag of a line; `--name:` and `var(--name)` are variables of a style sheet.
fn flag_in(line: &str) -> Option<&str> {
    let dashes = line.match_indices("--").map(|(at, _)| at);
    dashes.map(|at| (&line[..at], &line[at..])).find_map(|(before, after)| {
        let length = after[2..].find(|c: char| !c.is_ascii_lowercase() && c != '-');
        let (flag, rest) = after.split_at(length.map_or(after.len(), |length| length + 2));
        let begins = !before.ends_with(|c: char| c == '-' || c.is_ascii_lowercase());
        let is_named = flag[2..].starts_with(|c: char| c.is_ascii_lowercase());
        let is_variable = rest.starts_with(':') || before.ends_with("var(");
        (begins && is_named && !is_variable).then_some(flag)
    })
}

fn is_library(file: &str) -> bool {
    let parts: Vec<&str> = file.split('/').collect();
    matches!(parts[..], ["crates", name, "src", ..] if !FLAG_CRATES.contains(&name))
}

/// Folders of one machine, and hosts of registries.
fn places() -> Vec<String> {
    let folders = ["tmp", "work", "root", "farm"].map(|folder| format!("/{folder}/"));
    let hosts = [
        ("crates", ".io"),
        ("pypi", ".org"),
        ("registry.", "npmjs"),
        ("python", "hosted"),
        ("deb.", "debian"),
    ];
    folders
        .into_iter()
        .chain(hosts.map(|(name, rest)| format!("{name}{rest}")))
        .collect()
}

/// Marks of unfinished work.
fn unfinished() -> Vec<String> {
    let macros = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    let notes = [("TO", "DO"), ("FIX", "ME"), ("XX", "X")].map(|(head, tail)| format!("{head}{tail}"));
    macros.into_iter().chain(notes).collect()
}

fn is_crate_root(file: &str) -> bool {
    let parts: Vec<&str> = file.split('/').collect();
    matches!(
        parts[..],
        ["crates", _, "src", "lib.rs" | "main.rs"] | ["xtask", "src", "main.rs"]
    )
}

fn may_be_unsafe(file: &str) -> bool {
    UNSAFE_CRATES
        .iter()
        .any(|name| file.starts_with(&format!("crates/{name}/")))
}

fn fixture_faults(files: &[String]) -> Outcome<Vec<String>> {
    let mut bytes = 0;
    for file in files.iter().filter(|file| Path::new(file).starts_with("fixtures")) {
        bytes += std::fs::metadata(root().join(file))?.len();
    }
    let too_much = bytes > MAX_FIXTURES;
    Ok(too_much
        .then(|| format!("fixtures: {bytes} bytes, at most {MAX_FIXTURES}"))
        .into_iter()
        .collect())
}

fn crate_faults() -> Outcome<Vec<String>> {
    let metadata: Value = serde_json::from_str(&shell::capture(&mut cargo("metadata --no-deps --format-version 1"))?)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata: no packages")?;
    let bare = packages
        .iter()
        .filter(|package| package["description"].as_str().is_none_or(str::is_empty));
    Ok(bare
        .map(|package| format!("{}: no description", package["name"]))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, faults_in, is_crate_root};

    const ROOT: &str = "crates/rosenblatt-nn/src/lib.rs";

    #[test]
    fn comments_and_blank_lines_are_free() {
        let full = "let x = 1;\n".repeat(MAX_LINES) + &"// why\n\n/// what\n".repeat(50);
        assert!(faults_in("crates/a/src/b.rs", &full).is_empty());
        assert_eq!(faults_in("crates/a/src/b.rs", &(full + "let y = 2;\n")).len(), 1);
    }

    #[test]
    fn every_forbidden_word_is_found_with_its_line() {
        for word in super::places().iter().chain(&super::unfinished()) {
            let found = faults_in("crates/a/src/b.rs", &format!("fn f() {{}}\n// {word}\n"));
            assert_eq!(found, [format!("crates/a/src/b.rs:2: `{word}`")]);
        }
        let host = &super::places()[4];
        assert!(faults_in("Cargo.lock", host).is_empty());
    }

    #[test]
    fn libraries_name_no_flag() {
        let library = "crates/a/src/b.rs";
        for (line, flag) in [
            ("error.hint(\"add `--valid-fraction 0.2`\")", Some("--valid-fraction")),
            ("// --na is a flag", Some("--na")),
            ("--drop", Some("--drop")),
            ("a---b, a--b, \"----\", x -- y, --1", None),
            ("style(\"--share:{share:.3}\") var(--ink)", None),
            ("--share:1, then --set", Some("--set")),
        ] {
            assert_eq!(super::flag_in(line), flag, "{line}");
            assert_eq!(faults_in(library, line).len(), usize::from(flag.is_some()), "{line}");
            assert!(faults_in("crates/rosenblatt-cli/src/b.rs", line).is_empty());
            assert!(faults_in("crates/a/tests/b.rs", line).is_empty());
        }
    }

    #[test]
    fn roots_forbid_unsafe_unless_they_hold_kernels() {
        assert_eq!(faults_in(ROOT, "//! A crate.\n").len(), 1);
        assert!(faults_in(ROOT, "#![forbid(unsafe_code)]\n").is_empty());
        assert!(faults_in("crates/rosenblatt-tensor/src/lib.rs", "//! Kernels.\n").is_empty());
        assert!(is_crate_root("xtask/src/main.rs") && !is_crate_root("crates/a/src/b/lib.rs"));
    }
}
