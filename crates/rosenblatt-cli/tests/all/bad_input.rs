//! Every mistake has an answer: `tests/cli/bad_input.toml` at the root holds a row for each.
//!
//! Each command runs in a folder of its own with the files of its row, a table `flowers.csv`, its model
//! `flowers.safetensors`, and `out`, a file the user already has. The command must end with the exit code
//! of the row, say what and where (the message) and what to do (the hint), print nothing else, and leave every file as
//! it was.

use crate::common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{Sandbox, flowers};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What is wrong.
    name: String,
    /// Files by name, as text; folders are made.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Files by name, as hexadecimal bytes.
    #[serde(default)]
    bytes: BTreeMap<String, String>,
    /// The arguments, split at spaces.
    command: String,
    exit: i32,
    /// What follows `error: `; `*` is any text.
    message: String,
    /// What follows `hint: `; `*` is any text, empty is no hint.
    hint: String,
}

#[test]
fn every_mistake_is_explained_and_nothing_is_lost() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli/bad_input.toml");
    let cases: Cases = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(cases.case.len() >= 40);
    let trained = Sandbox::new();
    trained.write("flowers.csv", flowers(120));
    trained.ok("train flowers.csv --target kind --drop id --preset plain --hidden 8 --epochs 5 --quiet");
    let model = trained.read("flowers.safetensors");
    let wrong: Vec<String> = cases.case.iter().filter_map(|case| case.wrong(&model)).collect();
    assert!(wrong.is_empty(), "{} rows:\n\n{}", wrong.len(), wrong.join("\n"));
}

impl Case {
    /// What is not as the row says.
    fn wrong(&self, model: &[u8]) -> Option<String> {
        let folder = self.folder(model);
        let before = folder.contents();
        let ran = folder.run(&self.command);
        let (message, hint) = parts(&ran.stderr);
        let checks = [
            ("exit code", ran.code == Some(self.exit)),
            ("message", fits(&self.message, message)),
            ("hint", fits(&self.hint, hint)),
            ("stdout", ran.stdout.is_empty()),
            ("files", folder.contents() == before),
        ];
        let wrong: Vec<&str> = checks
            .iter()
            .filter(|(_, right)| !right)
            .map(|&(what, _)| what)
            .collect();
        let printed = || {
            let (name, command) = (&self.name, &self.command);
            format!(
                "{name}: {}\n  $ rosenblatt {command}\n  {:?} {}\n",
                wrong.join(", "),
                ran.code,
                ran.stderr
            )
        };
        (!wrong.is_empty()).then(printed)
    }

    fn folder(&self, model: &[u8]) -> Sandbox {
        let folder = Sandbox::new();
        folder.write("flowers.csv", flowers(120));
        folder.write("flowers.safetensors", model);
        folder.write("out", "mine");
        for (name, text) in &self.files {
            std::fs::create_dir_all(folder.path(name).parent().unwrap()).unwrap();
            folder.write(name, text);
        }
        for (name, hex) in &self.bytes {
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            folder.write(name, hex.as_bytes().chunks(2).map(byte).collect::<Vec<_>>());
        }
        folder
    }
}

impl Sandbox {
    /// Every file with its bytes.
    fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.path("")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.clone(), std::fs::read(path).unwrap());
                }
            }
        }
        files
    }
}

/// Message and hint of the error among what is printed.
fn parts(stderr: &str) -> (&str, &str) {
    let (_, printed) = stderr.split_once("error: ").unwrap_or_default();
    let printed = printed.trim_end();
    printed.split_once("\nhint: ").unwrap_or((printed, ""))
}

/// Whether a text is as a pattern says, in which `*` is any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn patterns() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("a*c", "abc", true),
        ("a*c", "abcd", false),
        ("*b*", "abc", true),
        ("a*a", "a", false),
        ("*", "", true),
        ("a*b*c", "a c b", false),
    ] {
        assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
    }
}
