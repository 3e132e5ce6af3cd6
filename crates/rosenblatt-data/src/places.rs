//! Errors that say where they happened and which name was meant.

use rosenblatt_tensor::Error;

pub use rosenblatt_tensor::nearest;

/// How many names a hint lists before it says "…".
const LISTED: usize = 20;

/// What to write under "hint" when `wanted` is none of `names`: the nearest one, or all of them.
pub(crate) fn hint<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wanted, names.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are: {}", listing(names)),
    }
}

/// Names in quotes, the first twenty of them.
pub(crate) fn listing<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter().map(|name| format!("`{}`", short(name)));
    let shown: Vec<_> = names.by_ref().take(LISTED).collect();
    shown.join(", ") + if names.next().is_some() { ", …" } else { "" }
}

/// Text from a file, cut to a length fit for a message.
pub(crate) fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_or_all_of_them() {
        assert_eq!(hint("ilsand", ["species", "island"]), "did you mean `island`?");
        assert_eq!(hint("zebra", ["species", "island"]), "there are: `species`, `island`");
    }

    #[test]
    fn a_listing_ends() {
        let names: Vec<String> = (0..21).map(|i| i.to_string()).collect();
        let listed = |count: usize| listing(names[..count].iter().map(String::as_str));
        assert!(listed(20).ends_with("`19`") && listed(21).ends_with("`19`, …"));
        assert_eq!(listed(0), "");
        assert_eq!(short(&"a".repeat(1 << 20)).chars().count(), 61);
    }
}
