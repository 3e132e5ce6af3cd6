//! What a single cell says.

/// Markers of a missing value, besides the empty cell.
const MISSING_TEXTS: [&str; 13] = [
    "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "NAN", "-nan", "null", "NULL", "Null", "?",
];

/// Markers of a missing value among numbers, and may be a category among texts.
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

/// Whether a text says that nothing is known.
pub(super) fn is_missing(text: &str, more: &[String]) -> bool {
    text.is_empty() || MISSING_TEXTS.contains(&text) || more.iter().any(|other| other == text)
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

/// The number of a text of nothing but a sign, digits and a mark before its decimals, and whether it has this mark.
///
/// This is the quick way: what it takes is what [`number`] takes, with the same value. It leaves out what needs a closer
/// look: exponents, digits that may be a name, more digits than f64 holds for certain.
pub(super) fn plain(text: &[u8], mark: u8) -> Option<(f64, bool)> {
    const MAX_DIGITS: usize = 16;
    let (sign, digits) = match text {
        [sign @ (b'-' | b'+'), digits @ ..] => (Some(*sign), digits),
        digits => (None, digits),
    };
    if digits.len() > MAX_DIGITS {
        return None;
    }
    let (mut mantissa, mut point) = (0, None);
    for (at, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = 10 * mantissa + u64::from(byte - b'0'),
            byte if byte == mark && point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let starts_with_0 = sign.is_none() && digits.len() > 1 && digits[0] == b'0';
    let may_be_name = point.is_none() && (digits.len() > EXACT || starts_with_0);
    if digits.len() == usize::from(point.is_some()) || may_be_name || mantissa > 1 << f64::MANTISSA_DIGITS {
        return None;
    }
    // Both are exact in f64, so that the quotient is rounded once.
    let size = mantissa as f64 / POWERS[point.map_or(0, |at| digits.len() - at - 1)];
    Some((if sign == Some(b'-') { -size } else { size }, point.is_some()))
}

/// Powers of ten, all exact in f64.
const POWERS: [f64; 17] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
];

/// Whole numbers of so many digits are all different as f64.
const EXACT: usize = 15;

/// Why digits are a name rather than a quantity, if they are: as numbers, different ones would become the same.
pub(super) fn is_name(text: &str) -> Option<&'static str> {
    let size = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = size.bytes().all(|b| b.is_ascii_digit());
    if digits && text.len() > 1 && text.starts_with('0') {
        Some("starts with 0")
    } else if digits && size.len() > EXACT && size.parse::<f64>().is_ok_and(|x| format!("{x:.0}") != size) {
        Some("has more digits than a number keeps")
    } else {
        None
    }
}

/// Characters to leave out so that a text becomes a number: currency, units, percent, marks between thousands.
pub(super) fn unit_of_number(text: &str) -> Option<String> {
    const MAX_LENGTH: usize = 5;
    let digit = |c: char| c.is_ascii_digit();
    let between = &text[text.find(digit)?..=text.rfind(digit)?];
    if text[..text.find(digit)?].contains(char::is_alphabetic) {
        return None; // A code, such as `A12`.
    }
    let bare = |c: &char| digit(*c) || matches!(c, '.' | '-' | '+');
    let digits: String = between.chars().filter(bare).collect();
    let one_number = !between.contains(|c: char| c.is_alphabetic() || c == ':' || c == '/');
    let mut unit: Vec<char> = text.chars().filter(|c| !bare(c)).collect();
    unit.dedup();
    let is_number = one_number && matches!(number(&digits), Number::Finite(_));
    (is_number && unit.len() <= MAX_LENGTH).then(|| unit.into_iter().collect())
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

    /// Over random texts of the characters that numbers are made of.
    #[test]
    fn the_quick_way_takes_what_the_other_takes_and_finds_the_same() {
        let mut draw = rosenblatt_tensor::rng::Rng::new(0).purpose("numbers").stream();
        let mut taken = 0;
        for _ in 0..200_000 {
            let length = draw.below(20) as usize;
            let text: String = (0..length)
                .map(|_| char::from(b"0123456789012345.-+,e"[draw.below(21) as usize]))
                .collect();
            let mark = if text.contains(',') { b',' } else { b'.' };
            let Some((value, marked)) = plain(text.as_bytes(), mark) else {
                continue;
            };
            taken += 1;
            let Number::Finite(expected) = number(&text.replace(',', ".")) else {
                panic!("{text} is not a number");
            };
            assert_eq!(value.to_bits(), expected.to_bits(), "{text}");
            assert_eq!((is_name(&text), marked), (None, text.contains(['.', ','])), "{text}");
        }
        assert!(taken > 10_000, "{taken}");
        for text in [
            "",
            "-",
            ".",
            "-.",
            "+",
            "1e5",
            "007",
            "1,5",
            "1234567890123456",
            "9007199254740993.5",
        ] {
            assert_eq!(plain(text.as_bytes(), b'.'), None, "{text}");
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
            assert!(is_missing(cell.trim_ascii(), &["none so far".into()]), "{cell}");
        }
        for cell in ["Na", "None", "0", "-", "NANA"] {
            assert!(!is_missing(cell, &[]), "{cell}");
        }
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
    fn the_unit_of_a_number() {
        for (text, expected) in [("$1,200", "$,"), ("12 %", " %"), ("5cm", "cm"), ("1 234,5", " ,")] {
            assert_eq!(unit_of_number(text).as_deref(), Some(expected));
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
            assert_eq!(unit_of_number(text), None, "{text}");
        }
    }
}
