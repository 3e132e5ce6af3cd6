//! The binary in a folder of its own, as a user runs it.

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The current folder of some commands; gone when it is dropped.
pub struct Sandbox(TempDir);

/// How a command ended.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// A command whose arguments are split at spaces; more may be added.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rosenblatt"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.env_remove("COLUMNS").stdin(Stdio::null());
        command
    }

    /// A command of a shell that sets something up first.
    pub fn by_shell(&self, before: &str, arguments: &str) -> Command {
        let program = self.command("");
        let program = program.get_program().to_str().unwrap();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{before}; exec {program} {arguments}"));
        shell
            .current_dir(self.0.path())
            .env_remove("COLUMNS")
            .stdin(Stdio::null());
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }

    pub fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, [] as [&str; 0])
    }

    pub fn run_with<A: AsRef<OsStr>>(&self, arguments: &str, more: impl IntoIterator<Item = A>) -> Ran {
        ran(self.command(arguments).args(more).output().unwrap())
    }

    /// Runs a command that must not fail.
    #[track_caller]
    pub fn ok(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments}: {}", ran.stderr);
        ran
    }

    /// Runs a command that must not fail, and reads its JSON.
    #[track_caller]
    pub fn json(&self, arguments: &str) -> Value {
        let ran = self.ok(&format!("{arguments} --format json"));
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }

    /// Runs a command that must fail with this exit code, an error and nothing on stdout.
    #[track_caller]
    pub fn fails(&self, code: i32, arguments: &str) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
        ran.stderr
    }
}

pub fn ran(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// A table of flowers: two numbers and a color decide the kind; every twentieth row has gaps.
pub fn flowers(rows: usize) -> String {
    let mut text = "id,length,width,color,kind\n".to_owned();
    let mut state = 7u64;
    let mut unit = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 24) as f64
    };
    for row in 0..rows {
        let (length, width, color) = (unit(), unit(), (unit() * 3.0) as usize);
        let kind = ["rose", "tulip", "aster"][usize::from(length + width > 1.0) + usize::from(color == 2)];
        let gap = row % 20 == 7;
        let length = if gap { String::new() } else { format!("{length:.4}") };
        let color = if gap { "" } else { ["red", "white", "blue"][color] };
        writeln!(text, "{row:03},{length},{width:.4},{color},{kind}").unwrap();
    }
    text
}

/// The same table with its columns in another order.
pub fn columns(table: &str, order: &[usize]) -> String {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        order.iter().map(|&i| cells[i]).collect::<Vec<_>>().join(",") + "\n"
    };
    table.lines().map(line).collect()
}

/// An IDX file of bytes.
pub fn idx(sizes: &[u8], bytes: Vec<u8>) -> Vec<u8> {
    let head = [0, 0, 8, sizes.len() as u8].into_iter();
    let sizes = sizes.iter().flat_map(|&size| [0, 0, 0, size]);
    head.chain(sizes).chain(bytes).collect()
}

/// The words of a page, without its tags.
pub fn words(html: &str) -> String {
    let text: String = html
        .split('<')
        .filter_map(|part| Some(part.split_once('>')?.1))
        .collect();
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (escaped, plain)| text.replace(escaped, plain))
}
