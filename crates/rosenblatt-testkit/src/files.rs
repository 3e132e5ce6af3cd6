//! Files of the workspace that tests read.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Reads `fixtures/<name>` of the workspace, which must be JSON, packed by gzip if the name ends with `.gz`.
///
/// # Panics
/// If the file is missing, with the command that makes it, or if it is no JSON. A test never passes for want of its
/// fixture.
#[track_caller]
pub fn fixture(name: &str) -> Value {
    let path = workspace().join("fixtures").join(name);
    let bytes = std::fs::read(&path).and_then(|bytes| {
        if name.ends_with(".gz") {
            unpacked(&bytes)
        } else {
            Ok(bytes)
        }
    });
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => panic!(
            "fixture {}: {error}; make it with `cargo xtask fixtures`",
            path.display()
        ),
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(error) => panic!("fixture {}: {error}", path.display()),
    }
}

fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut text)?;
    Ok(text)
}

/// The root of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Names of the modules in a folder of sources, sorted: file names without `.rs`, folders with a `mod.rs`; `mod.rs`
/// itself is left out.
///
/// `dir` is taken from the folder of the package under test, where cargo runs tests: `rust_files("src/ops")`.
///
/// # Panics
/// If the folder cannot be read.
#[track_caller]
pub fn rust_files(dir: impl AsRef<Path>) -> Vec<String> {
    let dir = dir.as_ref();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => panic!("folder of sources {}: {error}", dir.display()),
    };
    let mut names: Vec<String> = entries.filter_map(|entry| module_name(&entry.ok()?.path())).collect();
    names.sort();
    names
}

fn module_name(path: &Path) -> Option<String> {
    let is_module = path.join("mod.rs").is_file() || path.extension().is_some_and(|extension| extension == "rs");
    let stem = path.file_stem()?.to_str()?;
    (is_module && stem != "mod").then(|| stem.to_owned())
}
