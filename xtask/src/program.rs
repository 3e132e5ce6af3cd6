//! The binary `rosenblatt`, as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::shell::{self, Outcome, Scratch, cargo};

/// Cargo's folder of results.
///
/// # Errors
/// If cargo cannot say.
pub fn target_folder() -> Outcome<PathBuf> {
    let metadata: Value = serde_json::from_str(&shell::capture(&mut cargo("metadata --no-deps --format-version 1"))?)?;
    let folder = metadata["target_directory"]
        .as_str()
        .ok_or("cargo metadata: no target_directory")?;
    Ok(folder.into())
}

/// The release build of an example, made if need be.
///
/// # Errors
/// If it does not compile.
pub fn example(package: &str, name: &str) -> Outcome<PathBuf> {
    shell::run(cargo("build --quiet --release").args(["-p", package, "--example", name]))?;
    Ok(target_folder()?.join("release/examples").join(name))
}

/// The release build of the command line.
pub struct Program {
    path: PathBuf,
}

impl Program {
    /// Builds it if need be.
    ///
    /// # Errors
    /// If it does not compile.
    pub fn build() -> Outcome<Self> {
        shell::run(&mut cargo("build --quiet --release -p rosenblatt-cli"))?;
        Ok(Self {
            path: target_folder()?.join("release/rosenblatt"),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A command with `arguments` (split at spaces), to which more may be added.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments.split_whitespace());
        command
    }

    /// `train … -o model`, returning the JSON it prints.
    ///
    /// # Errors
    /// If it fails or prints something else.
    pub fn train(&self, arguments: &str, model: &Path) -> Outcome<Value> {
        let mut command = self.command(&format!("train {arguments} --quiet --format json"));
        Ok(serde_json::from_str(&shell::capture(command.arg("-o").arg(model))?)?)
    }

    /// Starts `train … -o model` and returns at once; its output is thrown away.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_training(&self, arguments: &str, model: &Path) -> Outcome<Child> {
        let mut command = self.command(&format!("train {arguments} --quiet"));
        Ok(command
            .arg("-o")
            .arg(model)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?)
    }
}

/// Trains into a new file and returns the SHA-256 of the model.
///
/// # Errors
/// If training fails.
pub fn hash_of_training(program: &Program, arguments: &str, scratch: &Scratch) -> Outcome<String> {
    let model = scratch.join("straight.safetensors");
    remove(&model)?;
    program.train(arguments, &model)?;
    hash(&model)
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// If it cannot be read.
pub fn hash(path: &Path) -> Outcome<String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The folder in which a run keeps its checkpoints: `<model>.checkpoint`.
pub fn checkpoint_folder(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".checkpoint");
    name.into()
}

/// Removes a model and its checkpoints, if they are there.
///
/// # Errors
/// If they are there and stay.
pub fn remove(model: &Path) -> Outcome {
    if model.exists() {
        fs::remove_file(model)?;
    }
    let folder = checkpoint_folder(model);
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}
