//! The Python that fixtures and benches use.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{self, Outcome, root};

/// `ROSENBLATT_PYTHON` if set, else a virtual environment with the pinned packages, made at the first call.
///
/// # Errors
/// If the environment cannot be made.
pub fn interpreter() -> Outcome<PathBuf> {
    if let Some(python) = std::env::var_os("ROSENBLATT_PYTHON") {
        return Ok(python.into());
    }
    let folder = root().join(".cache/fixtures-venv");
    let python = folder.join("bin/python");
    let requirements = root().join("benches/peers/requirements.txt");
    // Written last: an installation cut short is made again.
    let stamp = folder.join("requirements.txt");
    if shell::read_or_empty(&stamp)? != shell::read(&requirements)? {
        println!("installing {} (several GB)", requirements.display());
        shell::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        shell::run(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "-r"])
                .arg(&requirements),
        )?;
        std::fs::copy(&requirements, &stamp)?;
    }
    Ok(python)
}

/// A script started by [`interpreter`], in the workspace and leaving no byte code behind.
///
/// # Errors
/// As [`interpreter`].
pub fn script(path: &str) -> Outcome<Command> {
    let mut command = Command::new(interpreter()?);
    command.arg("-B").arg(path).current_dir(root());
    Ok(command)
}
