//! Running other programs, and the folders they run in.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

/// Success, or a sentence for the developer.
pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The workspace: cargo says where this package is when it runs it, so that a moved checkout needs no new build.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| "./xtask".into()));
        package.parent().unwrap_or(Path::new(".")).to_owned()
    })
}

/// The cargo that started this program, in the workspace.
pub fn cargo(arguments: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace()).current_dir(root());
    command
}

/// Git, in the workspace, whoever owns the checkout.
pub fn git(arguments: &str) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-c", "safe.directory=*"])
        .args(arguments.split_whitespace())
        .current_dir(root());
    command
}

/// Runs a program whose output goes straight to the terminal.
///
/// # Errors
/// If it cannot be started or fails.
pub fn run(command: &mut Command) -> Outcome {
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", line(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", line(command)).into())
    }
}

/// Runs a program and returns its stdout.
///
/// # Errors
/// If it cannot be started or fails; the message ends with its stderr.
pub fn capture(command: &mut Command) -> Outcome<String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", line(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}\n{}", line(command), output.status, stderr.trim_end()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a program and hands over each line of its stdout as it comes; stderr goes to the terminal.
///
/// # Errors
/// If it cannot be started.
pub fn stream_stdout(command: &mut Command, each: impl FnMut(&str)) -> Outcome<ExitStatus> {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    each_line(child.stdout.take(), each)?;
    Ok(child.wait()?)
}

/// The same with stderr; stdout goes to the terminal.
///
/// # Errors
/// If it cannot be started.
pub fn stream_stderr(command: &mut Command, each: impl FnMut(&str)) -> Outcome<ExitStatus> {
    let mut child = spawn(command.stderr(Stdio::piped()))?;
    each_line(child.stderr.take(), each)?;
    Ok(child.wait()?)
}

fn spawn(command: &mut Command) -> Outcome<Child> {
    command
        .spawn()
        .map_err(|error| format!("{}: {error}", line(command)).into())
}

/// Tests may print any bytes.
fn each_line(pipe: Option<impl Read>, mut each: impl FnMut(&str)) -> Outcome {
    let mut reader = BufReader::new(pipe.ok_or("no pipe")?);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        each(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
        bytes.clear();
    }
    Ok(())
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Reads a text file.
///
/// # Errors
/// Names the file.
pub fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Reads a text file; a missing one is empty.
///
/// # Errors
/// If it is there and cannot be read.
pub fn read_or_empty(path: &Path) -> Outcome<String> {
    if path.exists() { read(path) } else { Ok(String::new()) }
}

/// A folder for one run, removed at its end.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes an empty folder under the system's temporary one.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(name: &str) -> Outcome<Self> {
        let path = std::env::temp_dir().join(format!("rosenblatt-{name}-{}", std::process::id()));
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.path
    }

    /// A place in the folder.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Only tidiness is lost if this fails.
        let _ = fs::remove_dir_all(&self.path);
    }
}
