//! Which texts are missing values.

use serde::{Deserialize, Serialize};

/// Missing in any column, besides the empty cell.
const ALWAYS: [&str; 21] = [
    "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "NAN", "-nan", "null", "NULL", "Null", "?", "#NA", "-NaN",
    "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "#N/A N/A", "NaT",
];

/// Missing among numbers, and a category among texts.
const AMONG_NUMBERS: [&str; 14] = [
    "-", "--", ".", "None", "none", "NONE", "na", "..", "\u{2013}", "\u{2014}", "\u{2212}", "n.a.", "N.A.", "N.a.",
];

/// Words, in lower case, that are missing among numbers, but are reported, as they may have another meaning.
const WORDS: [&str; 16] = [
    "unknown",
    "not known",
    "unavailable",
    "not available",
    "not applicable",
    "missing",
    "nil",
    "no data",
    "undefined",
    "error",
    "n.d.",
    "n/d",
    "nd",
    "tbd",
    "tba",
    "#missing",
];

/// What a spreadsheet shows instead of a result.
const ERROR_MARKS: [&str; 11] = [
    "#DIV/0!",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
];

/// Longest text in these lists.
const MAX_LENGTH: usize = 14;

/// Whether a text in these lists begins with a byte: most texts do not, and are not compared.
static BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    let (mut list, lists): (usize, [&[&str]; 4]) = (0, [&ALWAYS, &AMONG_NUMBERS, &WORDS, &ERROR_MARKS]);
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            let first = lists[list][at].as_bytes()[0];
            begins[first as usize] = true;
            begins[first.to_ascii_uppercase() as usize] = true;
            at += 1;
        }
        list += 1;
    }
    begins
};

/// How a text says that a value is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// In any column.
    Always,
    /// In a column of numbers; a category in a column of texts.
    AmongNumbers,
    /// A word such as `unknown`, as `AmongNumbers`, but to be reported.
    Word,
    /// An error of a spreadsheet such as `#DIV/0!`, as `AmongNumbers`, but to be reported.
    ErrorMark,
}

/// The user's changes to what is missing. Texts are compared exactly, without blanks at their ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MissingMarkers {
    /// Texts that are missing in any column, besides the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Texts that are values, though they are usual markers: `NA` may be Namibia. They overrule `missing`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<String>,
}

impl MissingMarkers {
    /// Whether and how a text without blanks at its ends is missing. The empty text always is.
    pub fn find(&self, text: &str) -> Option<Missing> {
        if text.is_empty() {
            return Some(Missing::Always);
        }
        if self.present.iter().any(|value| value == text) {
            return None;
        }
        if self.missing.iter().any(|marker| marker == text) {
            return Some(Missing::Always);
        }
        usual(text)
    }
}

fn usual(text: &str) -> Option<Missing> {
    let first = text.as_bytes()[0];
    if !BEGINS[usize::from(first)] || text.len() > MAX_LENGTH || first.is_ascii_digit() && !text.contains('#') {
        return None;
    }
    if ALWAYS.contains(&text) {
        return Some(Missing::Always);
    }
    if AMONG_NUMBERS.contains(&text) {
        return Some(Missing::AmongNumbers);
    }
    let is = |other: &&str| text.eq_ignore_ascii_case(other);
    match first {
        b'#' if ERROR_MARKS.iter().any(&is) => Some(Missing::ErrorMark),
        b'E' if is_error_number(text) => Some(Missing::ErrorMark),
        _ => WORDS.iter().any(is).then_some(Missing::Word),
    }
}

/// `Err:502`, as LibreOffice shows errors.
fn is_error_number(text: &str) -> bool {
    let number = text.strip_prefix("Err:");
    number.is_some_and(|number| number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()))
}
