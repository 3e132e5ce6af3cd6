//! Which packages a change touches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::stages::Extent;

use crate::shell::{self, Outcome, cargo, git, root};

/// Files outside of packages, and the package whose tests read them.
const READ_BY: [(&str, &str); 4] = [
    ("README.md", "rosenblatt"),
    ("docs/guides", "rosenblatt-cli"),
    ("fixtures", "rosenblatt-testkit"),
    ("tests/cli", "rosenblatt-cli"),
];
/// Files that decide how everything is built.
const READ_BY_ALL: [&str; 6] = [
    ".cargo",
    ".config",
    "Cargo.lock",
    "Cargo.toml",
    "clippy.toml",
    "rust-toolchain.toml",
];
/// What a change is compared with unless one says: where it left this branch.
const TRUNK: &str = "origin/main";

/// A package of the workspace.
#[derive(Default)]
pub struct Package {
    name: String,
    /// Within the workspace, `crates/…`.
    folder: String,
    /// Packages it is made of.
    needs: Vec<String>,
    /// Packages that only its tests use.
    tests_need: Vec<String>,
}

/// The packages whose tests a change since `base` could make fail: all tests of those it touches, the short ones of others.
///
/// # Errors
/// If cargo or git cannot say.
pub fn packages(base: Option<String>) -> Outcome<BTreeMap<String, Extent>> {
    let all = workspace()?;
    let touched = touched(&files(base)?, &all);
    let extent = |name: &String| {
        if touched.contains(name) {
            Extent::All
        } else {
            Extent::Short
        }
    };
    let affected = affected(&touched, &all).into_iter();
    Ok(affected.map(|name| (name.clone(), extent(&name))).collect())
}

/// Files changed since `base`, committed or not, those git does not know yet too.
fn files(base: Option<String>) -> Outcome<Vec<String>> {
    let base = match base {
        Some(base) => base,
        None => shell::capture(&mut git(&format!("merge-base HEAD {TRUNK}"))).unwrap_or_else(|_| "HEAD".to_owned()),
    };
    let mut diff = git("diff --name-only --no-renames");
    let mut names = shell::capture(diff.arg(base.trim()).arg("--"))?;
    names += &shell::capture(&mut git("ls-files --others --exclude-standard"))?;
    Ok(names.lines().map(String::from).collect())
}

fn workspace() -> Outcome<Vec<Package>> {
    let metadata: Value = serde_json::from_str(&shell::capture(&mut cargo("metadata --no-deps --format-version 1"))?)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata: no packages")?;
    Ok(packages.iter().filter_map(|package| read(package, root())).collect())
}

/// A package as `cargo metadata` describes it.
fn read(package: &Value, root: &Path) -> Option<Package> {
    let text = |value: &Value| value.as_str().map(String::from);
    let manifest = text(&package["manifest_path"])?;
    let folder = Path::new(&manifest).parent()?.strip_prefix(root).ok()?;
    let dependencies = package["dependencies"].as_array()?;
    let ours = dependencies.iter().filter(|one| one["path"].is_string());
    let (tests_need, needs): (Vec<_>, Vec<_>) = ours.partition(|one| one["kind"] == "dev");
    let names = |list: Vec<&Value>| list.into_iter().filter_map(|one| text(&one["name"])).collect();
    Some(Package {
        name: text(&package["name"])?,
        folder: folder.to_str()?.to_owned(),
        needs: names(needs),
        tests_need: names(tests_need),
    })
}

/// The packages files belong to.
fn touched(files: &[String], packages: &[Package]) -> BTreeSet<String> {
    let is_in = |file: &str, folder: &str| Path::new(file).starts_with(folder);
    let mut touched = BTreeSet::new();
    for file in files {
        if READ_BY_ALL.iter().any(|name| is_in(file, name)) {
            return packages.iter().map(|package| package.name.clone()).collect();
        }
        let own = packages.iter().filter(|package| is_in(file, &package.folder));
        touched.extend(own.map(|package| package.name.clone()));
        let readers = READ_BY.iter().filter(|(name, _)| is_in(file, name));
        touched.extend(readers.map(|(_, reader)| (*reader).to_owned()));
    }
    touched
}

/// The touched packages, those made of them, and those whose tests use any of these.
fn affected(touched: &BTreeSet<String>, packages: &[Package]) -> BTreeSet<String> {
    let mut made = touched.clone();
    let mut before = 0;
    while made.len() > before {
        before = made.len();
        let more = packages
            .iter()
            .filter(|package| package.needs.iter().any(|name| made.contains(name)));
        let more: Vec<String> = more.map(|package| package.name.clone()).collect();
        made.extend(more);
    }
    let testers = packages
        .iter()
        .filter(|package| package.tests_need.iter().any(|name| made.contains(name)));
    let testers: Vec<String> = testers.map(|package| package.name.clone()).collect();
    made.extend(testers);
    made
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{Package, READ_BY, READ_BY_ALL, affected, read, root, touched, workspace};

    fn package(name: &str, needs: &str, tests_need: &str) -> Package {
        let names = |text: &str| text.split_whitespace().map(String::from).collect();
        Package {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            needs: names(needs),
            tests_need: names(tests_need),
        }
    }

    /// `tensor ← nn ← { train ← cli, bench }`; tests of `data` use `train`, those of `other` use `data`.
    fn graph() -> Vec<Package> {
        vec![
            package("cli", "train", "kit"),
            package("train", "nn", "kit"),
            package("bench", "nn", ""),
            package("nn", "tensor", "kit"),
            package("tensor", "", "kit"),
            package("data", "tensor", "train"),
            package("other", "", "data"),
            package("kit", "", ""),
        ]
    }

    fn picked(name: &str) -> String {
        let touched = BTreeSet::from([name.to_owned()]);
        affected(&touched, &graph()).into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn dependents_are_picked_through_any_number_of_steps() {
        assert_eq!(picked("cli"), "cli");
        assert_eq!(picked("tensor"), "bench cli data nn other tensor train");
        assert_eq!(picked("bench"), "bench");
    }

    #[test]
    fn tests_that_use_a_package_are_picked_but_not_what_is_made_of_theirs() {
        // `data` is tested again since its tests use `train`; no one who uses `data` has changed.
        assert_eq!(picked("nn"), "bench cli data nn train");
        assert_eq!(picked("kit"), "cli kit nn tensor train");
    }

    #[test]
    fn files_belong_to_the_package_of_their_folder() {
        let touches = |file: &str| touched(&[file.to_owned()], &graph()).into_iter().collect::<Vec<_>>();
        assert_eq!(touches("crates/nn/src/lib.rs"), ["nn"]);
        assert_eq!(touches("crates/nnn/src/lib.rs"), [""; 0]);
        assert_eq!(touches("fixtures/ops.json"), ["rosenblatt-testkit"]);
        assert_eq!(touches("CHANGELOG.md"), [""; 0]);
        assert_eq!(touches("Cargo.toml").len(), graph().len());
        assert_eq!(touches("crates/nn/Cargo.toml"), ["nn"]);
    }

    #[test]
    fn metadata_is_read() {
        let value = serde_json::json!({
            "name": "nn", "manifest_path": "/w/crates/nn/Cargo.toml",
            "dependencies": [
                { "name": "tensor", "kind": null, "path": "/w/crates/tensor" },
                { "name": "serde", "kind": null },
                { "name": "kit", "kind": "dev", "path": "/w/crates/kit" },
            ],
        });
        let found = read(&value, Path::new("/w")).unwrap();
        assert_eq!((found.name.as_str(), found.folder.as_str()), ("nn", "crates/nn"));
        assert_eq!(
            (found.needs, found.tests_need),
            (vec!["tensor".to_owned()], vec!["kit".to_owned()])
        );
    }

    #[test]
    fn what_the_lists_name_is_there() {
        let all = workspace().unwrap();
        for (name, reader) in READ_BY {
            assert!(root().join(name).exists(), "{name}");
            assert!(all.iter().any(|package| package.name == reader), "{reader}");
        }
        READ_BY_ALL
            .iter()
            .for_each(|name| assert!(root().join(name).exists(), "{name}"));
    }
}
