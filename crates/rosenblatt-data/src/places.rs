//! Words of errors that many readers share.

use rosenblatt_tensor::Error;

pub(crate) use rosenblatt_tensor::names::{listing, meant, short};
pub use rosenblatt_tensor::nearest;

/// An error of reading `name`: damaged content is the file's fault, the rest the system's.
pub(crate) fn read_error(name: &str, error: &std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof};
    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => {
            Error::data(format!("damaged or cut short: {error}")).hint("copy or download the file again")
        }
        NotFound => Error::io("there is no such file"),
        _ => Error::io(error.to_string()),
    }
    .within(name)
}

/// `1 row`, `2 rows`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
