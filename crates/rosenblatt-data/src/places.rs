//! Words of errors that many readers share.

use std::ffi::OsStr;
use std::path::Path;

use rosenblatt_tensor::Error;

use rosenblatt_tensor::names::one_line;
pub(crate) use rosenblatt_tensor::names::{listing, meant, short};
pub use rosenblatt_tensor::nearest;

/// An error of reading `name`: damaged content is the file's fault, the rest the system's.
pub(crate) fn read_error(name: &str, error: &std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, NotFound, OutOfMemory, UnexpectedEof};
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return error.clone().within(name);
    }
    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => {
            Error::data(format!("damaged or cut short: {error}")).hint("copy or download the file again")
        }
        NotFound => return not_there(name),
        OutOfMemory => Error::unsupported("there is no memory to read it"),
        _ => Error::io(error.to_string()),
    }
    .within(name)
}

/// Every file is a slip away from a shorter name.
const SHORTEST_COMPARED: usize = 3;

/// The error of a file that is not there, with the name of the one that may be meant.
pub(crate) fn not_there(name: &str) -> Error {
    let path = Path::new(name);
    let error = Error::io("there is no such file").within(name);
    let long = |stem: &OsStr| stem.to_string_lossy().chars().count() >= SHORTEST_COMPARED;
    let Some(file) = path
        .file_name()
        .and_then(OsStr::to_str)
        .filter(|_| path.file_stem().is_some_and(long))
    else {
        return error;
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")))
        .into_iter()
        .flatten()
        .flatten();
    let mut others: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    others.sort_unstable();
    match nearest(file, others.iter().map(String::as_str)) {
        Some(near) => error.hint(format!(
            "did you mean `{}`?",
            one_line(&path.with_file_name(near).display().to_string())
        )),
        None => error,
    }
}

/// `1 row`, `2 rows`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
