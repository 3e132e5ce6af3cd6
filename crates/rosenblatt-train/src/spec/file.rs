//! Run files as they lie on a disk: bytes from anybody.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rosenblatt_tensor::{Error, Result};

use serde_json::{Map, Value};

use super::Spec;
use crate::absent::RUN_FILE;
use crate::settings::{Descriptor, present_name};

/// The longest run file that is read, in bytes: as a tree of tables it takes many times as much memory.
const MAX_LENGTH: u64 = 1 << 18;

/// A run file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFile {
    /// What it says; what is left out has its default.
    pub spec: Spec,
    /// The keys it has, as they are spelled now: `train.epochs`.
    pub keys: Vec<String>,
    /// Earlier spellings in it, each with the present one.
    pub renamed: Vec<(String, String)>,
}

impl Spec {
    /// Reads a run file; `-` is standard input.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read; otherwise as [`Spec::from_bytes`]. All name the file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Ok(RunFile::load(path)?.spec)
    }

    /// Reads a run file from its bytes.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] with line and column, or with the key and the nearest right name.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(RunFile::from_bytes(bytes)?.spec)
    }
}

impl RunFile {
    /// Reads a run file; `-` is standard input.
    ///
    /// # Errors
    /// As [`Spec::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let unopened = |error: std::io::Error| RUN_FILE.unopened(path, &error);
        let read = || {
            let mut bytes = Vec::new();
            let longest = MAX_LENGTH + 1; // One more byte tells what is too long.
            if path == Path::new("-") {
                std::io::stdin().lock().take(longest).read_to_end(&mut bytes)?;
            } else {
                File::open(path)?.take(longest).read_to_end(&mut bytes)?;
            }
            Ok(bytes)
        };
        read()
            .map_err(unopened)
            .and_then(|bytes| Self::from_bytes(&bytes).map_err(|error| unlike(path, error)))
            .map_err(|error| error.within(path.display().to_string()))
    }

    /// Reads a run file from its bytes.
    ///
    /// # Errors
    /// As [`Spec::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.len() as u64 > MAX_LENGTH {
            let error = Error::config(format!("is longer than {MAX_LENGTH} bytes, the most a run file has"));
            return Err(error.within(format!("byte {MAX_LENGTH}")).hint("is it a run file?"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
            let column = 1 + before.iter().rev().take_while(|&&byte| byte != b'\n').count();
            let error = Error::config("is not UTF-8, as run files are");
            error
                .within(format!("line {line}, byte {column}"))
                .hint("save the file as UTF-8")
        })?;
        Self::from_toml(text)
    }

    fn from_toml(text: &str) -> Result<Self> {
        let spec = Spec::from_toml(text)?;
        let table: Map<String, Value> = toml::from_str(text).map_err(|error| no_toml(text, &error))?;
        let (mut keys, mut renamed) = (Vec::new(), Vec::new());
        for (part, table) in &table {
            for (key, value) in table.as_object().into_iter().flatten() {
                let present = present_name(part, key);
                renamed.extend(present.clone().map(|present| (key.clone(), present)));
                let place = format!("{part}.{}", present.as_ref().unwrap_or(key));
                let setting = Descriptor::find(&place);
                let value = value
                    .as_str()
                    .and_then(|text| Some((text, setting?.present_value(text)?)));
                renamed.extend(value.map(|(earlier, present)| (earlier.to_owned(), present.to_owned())));
                keys.push(place);
            }
        }
        Ok(Self { spec, keys, renamed })
    }
}

/// The error of a file that is named like something else says what to do with that.
fn unlike(path: &Path, error: Error) -> Error {
    match path.extension().and_then(|end| end.to_str()) {
        Some("safetensors") => error.hint("this is named like a model: `rosenblatt inspect` prints the run file in it"),
        Some("csv" | "tsv" | "txt" | "gz") if error.hint_text().is_none() => {
            error.hint("this is named like a table: `rosenblatt init-config` writes a run file for one")
        }
        _ => error,
    }
}

/// The error of a text that is no TOML: with line and column, or with the line that is nested too deeply to be read.
pub(super) fn no_toml(text: &str, error: &toml::de::Error) -> Error {
    if error.span().is_some() {
        // The reader knows numbers by way of JSON, which is no one's business.
        let text = error
            .to_string()
            .replace("JSON number out of range", "a number out of range");
        return Error::config(text.trim_end());
    }
    let nests = |line: &str| line.bytes().filter(|byte| b"[{.".contains(byte)).count();
    let deepest = text.lines().enumerate().max_by_key(|(_, line)| nests(line));
    let place = format!("line {}", deepest.map_or(1, |(i, _)| i + 1));
    Error::config(error.to_string().trim_end()).within(place)
}
