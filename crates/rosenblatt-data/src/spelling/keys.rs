//! What is the same in all spellings of a category.

use std::borrow::Cow;
use std::collections::HashSet;

use foldhash::fast::FixedState;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Units of two letters or more that differ from others in the case of their first letter only, and are no usual words.
const UNITS: [&str; 8] = ["mg", "Mg", "mm", "Mm", "mbar", "Mbar", "mmol", "Mmol"];

/// Keys of texts: equal for texts that differ in Unicode form, blanks or the case of their letters.
///
/// The form is NFC, runs of blanks are one space, and those at the ends are left out; a no-break space is a blank. Case is
/// folded letter by letter, as Unicode does it without a language: `Ä` is `ä`, but `ß` is not `ss`. Case is kept where it
/// often has a meaning:
/// - with one letter (`t` and `T`, alleles, blood groups `A+`);
/// - in two or three letters in an unusual case (`mW`, `pH`, `kWh`; `yes`, `Yes` and `YES` are usual), and then in all texts
///   with these letters, so that neither `MW` nor `mw` is `mW`;
/// - in units that differ in their first letter only (`mg` and `Mg`).
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// Folded texts whose case is kept.
    kept: HashSet<String, FixedState>,
}

impl Keys {
    /// The keys of these texts, and of others beside them.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let kept = texts.filter(|text| case(text) == Case::Meaning);
        Self {
            kept: kept.map(|text| loose_key(text).into_owned()).collect(),
        }
    }

    /// The key of a text.
    pub fn key<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let loose = loose_key(text);
        if case(text) == Case::Usual && (self.kept.is_empty() || !self.kept.contains(&*loose)) {
            return loose;
        }
        // A key that no folded text has.
        Cow::Owned(format!("\u{0}{}", composed(text)))
    }
}

/// The key with all letters folded.
pub(super) fn loose_key(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let mut key = composed(text);
    if key.is_ascii() {
        key.make_ascii_lowercase();
        return Cow::Owned(key);
    }
    let folded: String = key.chars().flat_map(char::to_lowercase).map(final_sigma).collect();
    Cow::Owned(if is_nfc(&folded) {
        folded
    } else {
        folded.nfc().collect()
    })
}

/// NFC, with one space for each run of blanks.
fn composed(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 1);
    for word in text.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    if is_nfc(&spaced) {
        spaced
    } else {
        spaced.nfc().collect()
    }
}

/// Both small sigmas have one capital letter.
fn final_sigma(c: char) -> char {
    if c == '\u{3c2}' { '\u{3c3}' } else { c }
}

/// What the case of letters may mean.
#[derive(PartialEq)]
enum Case {
    /// Nothing.
    Usual,
    /// There is one letter.
    OneLetter,
    /// It is unusual, or that of a unit.
    Meaning,
}

fn case(text: &str) -> Case {
    /// With more letters an unusual case has no meaning of its own: `McDonald`.
    const SHORT: usize = 3;
    if UNITS.contains(&text) {
        return Case::Meaning;
    }
    let mut letters = text.chars().filter(|c| c.is_alphabetic());
    let Some(first) = letters.next() else {
        return Case::Usual;
    };
    let Some(second) = letters.next().map(char::is_uppercase) else {
        return Case::OneLetter;
    };
    let (mut count, mut is_mixed) = (2, false);
    for letter in letters.take(SHORT) {
        count += 1;
        is_mixed |= letter.is_uppercase() != second;
    }
    let is_usual = !is_mixed && (first.is_uppercase() || !second);
    if count > SHORT || is_usual {
        Case::Usual
    } else {
        Case::Meaning
    }
}

/// A number as exact text: sign, digits without zeros at the start, decimals without zeros at the end. Texts that write the
/// same number have the same one, if they are plain decimals: `4`, `04`, `4.0`, `+4`.
pub(super) fn number_key(text: &str) -> Option<String> {
    let (negative, size) = match text.strip_prefix('-') {
        Some(size) => (true, size),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = size.split_once('.').unwrap_or((size, ""));
    let is_number = size.starts_with(|c: char| c.is_ascii_digit())
        && whole.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit());
    if !is_number {
        return None;
    }
    let (whole, decimals) = (whole.trim_start_matches('0'), decimals.trim_end_matches('0'));
    let sign = if negative && !(whole.is_empty() && decimals.is_empty()) {
        "-"
    } else {
        ""
    };
    Some(format!("{sign}{whole}.{decimals}"))
}

/// Whether a text is a whole number without zeros before it, such as `4`, or the same with `.0`, as programs write it once
/// a cell of a column is missing.
pub(super) fn is_whole_number(text: &str) -> bool {
    let size = text.strip_prefix('-').unwrap_or(text);
    let whole = size.strip_suffix(".0").unwrap_or(size);
    !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) && (whole == "0" || !whole.starts_with('0'))
}

/// The words for yes and no, in small letters.
const WORDS: [(&str, &str); 6] = [
    ("yes", "no"),
    ("true", "false"),
    ("1", "0"),
    ("y", "n"),
    ("t", "f"),
    ("on", "off"),
];

/// A word for yes or no, and the place of its pair.
pub(super) fn yes_no(text: &str) -> Option<(bool, usize)> {
    /// Longest word with a sign or decimals.
    const MAX_LENGTH: usize = 12;
    if text.len() > MAX_LENGTH {
        return None;
    }
    let word = match number_key(text).as_deref() {
        Some("1.") => Cow::Borrowed("1"),
        Some(".") => Cow::Borrowed("0"),
        _ => loose_key(text),
    };
    WORDS.iter().enumerate().find_map(|(pair, &(yes, no))| {
        let side = if *word == *yes {
            Some(true)
        } else {
            (*word == *no).then_some(false)
        };
        side.map(|side| (side, pair))
    })
}

/// Whether texts are all words for yes or no, with both among them.
///
/// The letters of two pairs (`n`, `t`, `y`) are codes rather than such words.
pub(super) fn are_yes_no<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    const LETTERS: [usize; 2] = [3, 4];
    let (mut sides, mut pairs) = ([false; 2], [false; WORDS.len()]);
    for text in texts {
        let Some((side, pair)) = yes_no(text) else {
            return false;
        };
        sides[usize::from(side)] = true;
        pairs[pair] = true;
    }
    sides == [true; 2] && !LETTERS.iter().all(|&pair| pairs[pair])
}
