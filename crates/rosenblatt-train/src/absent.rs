//! Files that are asked for and not there.

use std::path::{Path, PathBuf};

use rosenblatt_data::sets;
use rosenblatt_tensor::{Error, nearest};

/// How many files a hint lists before it says "…".
const LISTED: usize = 5;

/// A kind of file, for people who have none yet.
pub struct Wanted {
    /// What it is: `a model`.
    pub what: &'static str,
    /// How such files end, without the dot.
    pub extension: &'static str,
    /// How to come by one; `DATA` stands for the name of some data.
    pub made_by: &'static str,
}

/// What `train` writes.
pub const MODEL: Wanted = Wanted {
    what: "a model",
    extension: "safetensors",
    made_by: "`rosenblatt train DATA` makes one",
};

/// What a run file holds.
pub const RUN_FILE: Wanted = Wanted {
    what: "a run file",
    extension: "toml",
    made_by: "what `rosenblatt inspect MODEL` prints as settings is one",
};

impl Wanted {
    /// The error of opening `path`: if there is nothing, with a file of this kind that may be meant.
    #[must_use]
    pub fn unopened(&self, path: &Path, error: &std::io::Error) -> Error {
        if error.kind() == std::io::ErrorKind::IsADirectory {
            return Error::io(format!("expected {}, got a folder", self.what));
        }
        if error.kind() != std::io::ErrorKind::NotFound {
            return Error::io(format!("expected {}, which cannot be read: {error}", self.what));
        }
        let message = format!("expected {}, but there is no such file", self.what);
        Error::io(message).hint(self.hint(path))
    }

    /// The file that is meant, the files there are, or how to make one.
    fn hint(&self, path: &Path) -> String {
        let others = self.others(path);
        let stems = others.iter().filter_map(|file| file.file_stem()?.to_str());
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let near =
            nearest(stem, stems).and_then(|near| others.iter().find(|file| file.file_stem() == Some(near.as_ref())));
        if let Some(near) = near {
            return format!("did you mean `{}`?", near.display());
        }
        let made_by = match sets::find(stem) {
            Some(set) => self.made_by.replace("DATA", set.name),
            None => self.made_by.to_owned(),
        };
        if others.is_empty() {
            return made_by;
        }
        let mut listed: Vec<String> = others.iter().map(|file| format!("`{}`", file.display())).collect();
        if listed.len() > LISTED {
            listed.truncate(LISTED);
            listed.push("…".to_owned());
        }
        format!("there are {}; {made_by}", listed.join(", "))
    }

    /// Files of this kind in the same folder, as one would write them; sorted.
    fn others(&self, path: &Path) -> Vec<PathBuf> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let here = folder.as_os_str().is_empty();
        let entries = std::fs::read_dir(if here { Path::new(".") } else { folder });
        let names = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| folder.join(entry.file_name()));
        let mut files: Vec<PathBuf> = names
            .filter(|file| file.extension() == Some(self.extension.as_ref()) && file.is_file())
            .collect();
        files.sort();
        files
    }
}
