//! A copy of the workspace in which each mutant is a branch: one build for all of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::Mutant;
use crate::shell::{self, Outcome, cargo, git, root};

/// Which mutant runs: its number.
pub const VARIABLE: &str = "ROSENBLATT_CODE_MUTANT";

/// Where all mutants find the function that they ask.
const LIBRARY: &str = "crates/rosenblatt-autodiff/src/lib.rs";

/// That function.
const SWITCH: &str = r#"
/// Whether this mutant runs.
#[doc(hidden)]
pub fn code_mutant(number: usize) -> bool {
    static RUNS: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let number_of = || std::env::var("ROSENBLATT_CODE_MUTANT").ok()?.parse().ok();
    *RUNS.get_or_init(|| number_of().unwrap_or(usize::MAX)) == number
}
"#;

/// Test programs by package.
pub type Programs = BTreeMap<&'static str, PathBuf>;

/// The copy, in a folder of its own.
pub struct Copy {
    folder: PathBuf,
    /// Files that have mutants, as they were.
    sources: BTreeMap<PathBuf, String>,
}

impl Copy {
    /// Copies the last commit. In a folder that is there already, only what differs is written, so that its builds can be used.
    ///
    /// # Errors
    /// If git fails.
    pub fn new(folder: PathBuf) -> Outcome<Self> {
        if !folder.exists() {
            shell::run(git("clone --quiet --no-hardlinks").arg(root()).arg(&folder))?;
        }
        let sources = BTreeMap::new();
        let copy = Self { folder, sources };
        let before = copy.git("rev-parse HEAD")?;
        shell::run(git("fetch --quiet").arg(root()).arg("HEAD").current_dir(&copy.folder))?;
        copy.git("reset --quiet --soft FETCH_HEAD")?;
        let changed = copy.git(&format!("diff --name-only --diff-filter=d {} HEAD", before.trim()))?;
        for file in changed.lines() {
            copy.git(&format!("checkout --quiet HEAD -- {file}"))?;
        }
        copy.put(
            Path::new(LIBRARY),
            &(copy.git(&format!("show HEAD:{LIBRARY}"))? + SWITCH),
        )?;
        Ok(copy)
    }

    fn git(&self, arguments: &str) -> Outcome<String> {
        shell::capture(git(arguments).current_dir(&self.folder))
    }

    /// Writes a file that is not so already: what is older than its build is not built again.
    fn put(&self, file: &Path, text: &str) -> Outcome {
        let place = self.folder.join(file);
        if shell::read(&place)? != text {
            fs::write(place, text)?;
        }
        Ok(())
    }

    /// Rust files of a folder that hold entries, with their text.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn sources(&mut self, folder: &str) -> Outcome<Vec<(PathBuf, String)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.folder.join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("mod.rs") {
                let file = path.strip_prefix(&self.folder)?.to_owned();
                let text = self.git(&format!("show HEAD:{}", file.display()))?;
                files.push((file, text));
            }
        }
        files.sort();
        self.sources.extend(files.iter().cloned());
        Ok(files)
    }

    /// Writes these mutants, and no others, into the files.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn write(&self, mutants: &[(usize, Mutant)]) -> Outcome {
        for (file, source) in &self.sources {
            let mut text = source.clone();
            let mut here: Vec<_> = mutants.iter().filter(|(_, mutant)| mutant.file == *file).collect();
            here.sort_by_key(|(_, mutant)| std::cmp::Reverse(mutant.site.range.start));
            for (number, mutant) in here {
                let site = &mutant.site;
                let right = &text[site.range.clone()];
                let krate = if file.starts_with("crates/rosenblatt-autodiff") {
                    "crate"
                } else {
                    "rosenblatt_autodiff"
                };
                let branch = match site.is_statement {
                    true => format!("if !{krate}::code_mutant({number}) {{ {right} }}"),
                    false => format!(
                        "(if {krate}::code_mutant({number}) {{ {} }} else {{ {right} }})",
                        site.wrong
                    ),
                };
                text.replace_range(site.range.clone(), &branch);
            }
            self.put(file, &text)?;
        }
        Ok(())
    }

    /// Builds the test programs of both crates: by package, or the places of the compiler's errors.
    ///
    /// # Errors
    /// If cargo cannot be started.
    pub fn build(&self) -> Outcome<Result<Programs, Vec<(PathBuf, usize)>>> {
        let arguments = "build --quiet --keep-going --message-format json -p rosenblatt-autodiff -p rosenblatt-nn \
                         --test all --test every_entry";
        let output = cargo(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .stderr(Stdio::inherit())
            .output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let messages: Vec<Value> = printed
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        if !output.status.success() {
            return Ok(Err(messages.iter().flat_map(places).collect()));
        }
        let mut programs = Programs::new();
        for message in &messages {
            let package = message["package_id"].as_str().unwrap_or_default();
            for known in ["rosenblatt-autodiff", "rosenblatt-nn"] {
                if let Some(program) = message["executable"].as_str().filter(|_| package.contains(known)) {
                    programs.insert(known, program.into());
                }
            }
        }
        Ok(Ok(programs))
    }

    /// A test program of a package, as cargo runs it.
    pub fn command(&self, package: &str, program: &Path) -> Command {
        let mut command = Command::new(program);
        let folder = self.folder.join("crates").join(package);
        command.env("CARGO_MANIFEST_DIR", &folder).current_dir(folder);
        command
    }
}

/// Files and lines of an error of the compiler.
fn places(message: &Value) -> Vec<(PathBuf, usize)> {
    if message["message"]["level"] != "error" {
        return Vec::new();
    }
    let spans = message["message"]["spans"].as_array().map(Vec::as_slice);
    let places = spans.unwrap_or_default().iter().filter_map(|span| {
        let line = span["line_start"].as_u64()?;
        Some((PathBuf::from(span["file_name"].as_str()?), line as usize))
    });
    places.collect()
}
