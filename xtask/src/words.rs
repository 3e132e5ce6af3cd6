//! Words that texts and names must not use, and what to write instead: `xtask/words.txt`.

/// The list: a line `refused | use`; `#` begins a comment.
const LIST: &str = include_str!("../words.txt");
/// A line with one of these may hold an earlier spelling that is still read.
const EARLIER: [&str; 3] = ["earlier spelling", "x-earlier", "alias"];
/// Files and folders that are not read: the list, what was changed long ago, data, and tests of earlier spellings.
const EXEMPT: [&str; 5] = [
    "xtask/words.txt",
    "CHANGELOG.md",
    "fixtures/models/",
    "crates/rosenblatt-cli/tests/all/names_and_origins.rs",
    "crates/rosenblatt-train/tests/all/settings.rs",
];

/// Refused words with what to write instead.
fn refused() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" | "))
}

/// Every line of a file that uses a refused word.
pub fn faults(file: &str, text: &str) -> Vec<String> {
    if EXEMPT.iter().any(|exempt| file.starts_with(exempt)) {
        return Vec::new();
    }
    let used = refused().filter(|(word, _)| text.contains(word));
    used.flat_map(|(word, instead)| {
        let lines = text.lines().enumerate();
        let found = lines.filter(move |(_, line)| has(line, word) && !EARLIER.iter().any(|mark| line.contains(mark)));
        found.map(move |(number, _)| format!("{file}:{}: `{word}`: write {instead}", number + 1))
    })
    .collect()
}

/// Whether a line has the word, and not only as a part of another.
fn has(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::{faults, has, refused};

    #[test]
    fn every_refused_word_is_found_with_its_line_and_what_to_write() {
        assert!(refused().count() > 60);
        for (word, instead) in refused() {
            let found = faults("docs/a.md", &format!("fine\nsee {word}.\n"));
            assert!(
                found.contains(&format!("docs/a.md:2: `{word}`: write {instead}")),
                "{found:?}"
            );
            assert!(faults("docs/a.md", &format!("an earlier spelling, {word}\n")).is_empty());
            assert!(faults("CHANGELOG.md", word).is_empty());
        }
    }

    #[test]
    fn parts_of_other_words_are_not_found() {
        assert!(has("a word.", "word") && has("word", "word"));
        assert!(!has("words", "word") && !has("sword", "word") && !has("word_count", "word"));
    }

    #[test]
    fn the_list_says_what_to_write_for_each_word_once() {
        let mut words: Vec<&str> = refused().map(|(word, _)| word).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
        assert!(refused().all(|(_, instead)| !instead.trim().is_empty()));
    }
}
