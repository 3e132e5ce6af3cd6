//! What a single cell says.

use rosenblatt_tensor::{Error, Result};

/// Texts for "no value known", beside the empty one.
const MISSING_TEXTS: [&str; 13] = [
    "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "NAN", "-nan", "null", "NULL", "Null", "?",
];

/// Texts that stand for "no value known" among numbers, and may be a category among texts.
const MISSING_AMONG_NUMBERS: [&str; 7] = ["-", "--", ".", "None", "none", "NONE", "na"];

/// A present cell, read as a number.
#[derive(Debug, PartialEq)]
pub(super) enum Number {
    Finite(f64),
    /// A number, but infinite or beyond f64.
    OutOfRange,
    /// Not a number.
    Text,
}

/// The text of a cell without white space at its ends.
pub(super) fn text(cell: &[u8]) -> Result<&str> {
    std::str::from_utf8(cell.trim_ascii()).map_err(|e| {
        Error::data(format!("not UTF-8 after {} bytes of the cell", e.valid_up_to())).hint("save the file as UTF-8")
    })
}

/// The text of a cell, or `None` if it says that nothing is known.
pub(super) fn present<'a>(cell: &'a [u8], more_missing: &[String]) -> Result<Option<&'a str>> {
    let text = text(cell)?;
    let missing = text.is_empty() || MISSING_TEXTS.contains(&text) || more_missing.iter().any(|m| m == text);
    Ok((!missing).then_some(text))
}

/// Whether a text says among numbers that nothing is known.
pub(super) fn is_missing_number(text: &str) -> bool {
    MISSING_AMONG_NUMBERS.contains(&text)
}

/// Reads a number as Rust does: sign, digits, point, exponent; rounded correctly.
pub(super) fn number(text: &str) -> Number {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Number::Finite(value),
        Ok(value) if value.is_infinite() => Number::OutOfRange,
        _ => Number::Text,
    }
}

/// Why digits are a name rather than a quantity, if they are: as numbers, different ones would become the same.
pub(super) fn is_name(text: &str) -> Option<&'static str> {
    const EXACT: usize = 15;
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if digits && text.len() > 1 && text.starts_with('0') {
        Some("starts with 0")
    } else if digits && text.len() > EXACT && text.parse::<f64>().is_ok_and(|x| format!("{x:.0}") != text) {
        Some("has more digits than a number keeps")
    } else {
        None
    }
}

/// Characters to leave out so that a text becomes a number: currency, units, percent, marks between thousands.
pub(super) fn beside_number(text: &str) -> Option<String> {
    const LONGEST: usize = 5;
    let digit = |c: char| c.is_ascii_digit();
    let between = &text[text.find(digit)?..=text.rfind(digit)?];
    if text[..text.find(digit)?].contains(char::is_alphabetic) {
        return None; // A code, such as `A12`.
    }
    let bare = |c: &char| digit(*c) || matches!(c, '.' | '-' | '+');
    let digits: String = between.chars().filter(bare).collect();
    let one_number = !between.contains(|c: char| c.is_alphabetic() || c == ':' || c == '/');
    let mut beside: Vec<char> = text.chars().filter(|c| !bare(c)).collect();
    beside.dedup();
    let is_number = one_number && matches!(number(&digits), Number::Finite(_));
    (is_number && beside.len() <= LONGEST).then(|| beside.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, value) in [
            ("1", 1.0),
            ("-2.5e-3", -2.5e-3),
            (".5", 0.5),
            ("5.", 5.0),
            ("+7", 7.0),
            ("1e308", 1e308),
        ] {
            assert_eq!(number(text), Number::Finite(value), "{text}");
        }
        for text in ["1e999", "-1e999", "inf", "-Infinity"] {
            assert_eq!(number(text), Number::OutOfRange, "{text}");
        }
        for text in ["", "-", "e5", "1,5", "1_000", "0x10", "12a", "1 2", "-nan", "\u{661}"] {
            assert_eq!(number(text), Number::Text, "{text}");
        }
    }

    #[test]
    fn missing_texts() {
        for cell in [
            "",
            "  ",
            "NA",
            " NaN ",
            "null",
            "?",
            "N/A",
            "n/a",
            "-nan",
            "none so far",
        ] {
            assert_eq!(
                present(cell.as_bytes(), &["none so far".into()]).unwrap(),
                None,
                "{cell}"
            );
        }
        for cell in ["Na", "None", "0", "-", "NANA"] {
            assert_eq!(present(cell.as_bytes(), &[]).unwrap(), Some(cell));
        }
        assert!(present(b"caf\xe9", &[]).is_err());
    }

    #[test]
    fn digits_that_are_names() {
        for text in ["007", "00", "12345678901234567", "9007199254740993"] {
            assert!(is_name(text).is_some(), "{text}");
        }
        for text in ["0", "0.5", "70", "-07", "9007199254740992", "10000000000000000"] {
            assert_eq!(is_name(text), None, "{text}");
        }
    }

    #[test]
    fn what_stands_beside_a_number() {
        for (text, expected) in [("$1,200", "$,"), ("12 %", " %"), ("5cm", "cm"), ("1 234,5", " ,")] {
            assert_eq!(beside_number(text).as_deref(), Some(expected));
        }
        for text in [
            "far",
            "",
            "2024-01-31",
            "a1b2c3d4",
            "A12",
            "1.2.3",
            "31/12/2024",
            "12:30",
        ] {
            assert_eq!(beside_number(text), None, "{text}");
        }
    }
}
