//! What a single cell says.

use rosenblatt_tensor::{Error, Result};

/// Texts for "no value known", beside the empty one.
const MISSING_TEXTS: [&str; 9] = ["NA", "NaN", "nan", "NAN", "null", "NULL", "Null", "?", "#N/A"];

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

/// Reads a number as Rust does: sign, digits, point, exponent; rounded correctly.
pub(super) fn number(text: &str) -> Number {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Number::Finite(value),
        Ok(value) if value.is_infinite() => Number::OutOfRange,
        _ => Number::Text,
    }
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
        for cell in ["", "  ", "NA", " NaN ", "null", "?", "none so far"] {
            assert_eq!(
                present(cell.as_bytes(), &["none so far".into()]).unwrap(),
                None,
                "{cell}"
            );
        }
        for cell in ["Na", "n/a", "0", "-", "NANA"] {
            assert_eq!(present(cell.as_bytes(), &[]).unwrap(), Some(cell));
        }
        assert!(present(b"caf\xe9", &[]).is_err());
    }
}
