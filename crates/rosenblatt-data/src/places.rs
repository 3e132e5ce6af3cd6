//! Errors that say where they happened and which name was meant.

use rosenblatt_tensor::Error;

/// Names longer than this are compared by equality only, so that a hostile header cannot cost time.
const LONGEST_COMPARED: usize = 64;

/// How many names a hint lists before it says "…".
const LISTED: usize = 20;

/// The name most like `wanted`, if one is near enough to be a slip of the keyboard.
///
/// Near means: at most a third of its letters added, lost, changed or swapped with a neighbour (always at least one),
/// upper and lower case counted as equal. Of equally near names the first wins.
///
/// # Example
/// ```
/// assert_eq!(rosenblatt_data::nearest("speceis", ["island", "species"]), Some("species"));
/// assert_eq!(rosenblatt_data::nearest("weight", ["island", "species"]), None);
/// ```
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = lower(wanted);
    let allowed = (letters.len() / 3).max(1);
    let near = |name: &'a str| {
        let other = lower(name);
        let comparable = letters.len().max(other.len()) <= LONGEST_COMPARED;
        (comparable && letters.len().abs_diff(other.len()) <= allowed).then(|| (distance(&letters, &other), name))
    };
    let best = names
        .into_iter()
        .filter_map(near)
        .min_by_key(|&(distance, _)| distance)?;
    (best.0 <= allowed).then_some(best.1)
}

fn lower(name: &str) -> Vec<char> {
    name.chars()
        .take(LONGEST_COMPARED + 1)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Edits between two words: insert, delete, change, swap neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

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
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => Error::data(format!("damaged or cut short: {error}")),
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
    fn finds_slips_and_nothing_else() {
        let names = ["species", "island", "bill_length_mm", "x"];
        for (wanted, found) in [
            ("SPECIES", Some("species")),
            ("specis", Some("species")),
            ("ilsand", Some("island")),
            ("bill_lenght_m", Some("bill_length_mm")),
            ("y", Some("x")),
            ("zebra", None),
            ("", Some("x")),
        ] {
            assert_eq!(nearest(wanted, names), found, "{wanted}");
        }
        assert_eq!(nearest("a", []), None);
    }

    #[test]
    fn distance_counts_a_swap_once() {
        let count = |a: &str, b: &str| distance(&lower(a), &lower(b));
        assert_eq!(count("ab", "ba"), 1);
        assert_eq!(count("kitten", "sitting"), 3);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", "abc"), 0);
    }

    #[test]
    fn a_huge_name_is_not_compared() {
        let huge = "a".repeat(1 << 20);
        assert_eq!(nearest(&huge, [huge.as_str()]), None);
        assert_eq!(short(&huge).chars().count(), 61);
    }
}
