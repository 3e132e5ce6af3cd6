//! Cases that a script makes with Python.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::soak;

const PYTHON: &str = "ROSENBLATT_PYTHON";

/// The cases of `fixtures/make_<name>.py COUNT 2 FILE`, a JSON list in a folder for temporary files; none unless this is a soak, and
/// `ROSENBLATT_PYTHON` names a Python for it.
///
/// # Panics
/// If the script fails, or writes no list.
#[must_use]
pub fn cases_by_python(name: &str, count: usize, folder: &str) -> Vec<Value> {
    let Some(python) = std::env::var_os(PYTHON).filter(|_| soak()) else {
        if soak() {
            println!("only the cases of the fixture: {PYTHON} is not set");
        }
        return Vec::new();
    };
    let script = format!("{}/../../fixtures/make_{name}.py", env!("CARGO_MANIFEST_DIR"));
    let path = Path::new(folder).join(format!("{name}.json"));
    let mut command = Command::new(python);
    let status = command.args([&script, &count.to_string(), "2"]).arg(&path).status();
    let status = status.unwrap_or_else(|error| panic!("{PYTHON}: {error}"));
    assert!(status.success(), "{script}: {status}");
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
