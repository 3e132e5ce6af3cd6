//! How the numbers of a column are written, and what a text means in that writing.

use serde::{Deserialize, Serialize};

use super::marks::{self, Systems};
use super::scan::{Scanned, scan};
use super::units::{is_currency, is_same_unit};
use super::vote::name_reason;

/// The mark before the decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1.5`
    #[default]
    Point,
    /// `1,5`
    Comma,
}

/// The mark between thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThousandsMark {
    /// `1,234`, and `12,34,567` as in India.
    Comma,
    /// `1.234`
    Point,
    /// `1'234`, with U+0027 or U+2019.
    Apostrophe,
    /// `1 234`, with a space, U+00A0, U+2007, U+2009 or U+202F.
    Blank,
}

/// How the numbers of a column are written; by default with a decimal point and nothing else.
///
/// A sign is `-`, U+2212 or `+`, before or behind a currency. Exponents are read in every format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberFormat {
    /// The mark before the decimals.
    pub decimal_mark: DecimalMark,
    /// The mark between thousands, which may be left out in a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands_mark: Option<ThousandsMark>,
    /// The currency before each number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The unit or currency behind each number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub suffix: String,
    /// Whether `(5)` is -5.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub parentheses: bool,
}

impl NumberFormat {
    /// The number of a text of nothing but a sign, digits and a point, whose digits are no name and no thousands: it means the
    /// same in every column. This is the quick way for columns of nothing else.
    pub(crate) fn plain(text: &str) -> Option<f64> {
        let (decimal, digits) = plain(text.as_bytes(), b'.')?;
        let is_name = text.as_bytes()[0] == b'0' && digits > 1 && digits == text.len();
        (!is_name).then(|| decimal.value())
    }

    /// As [`NumberFormat::plain`], of a text that may also have an exponent and any number of digits.
    pub(crate) fn plain_of_any_length(text: &str) -> Option<f64> {
        (is_simple(text) && name_reason(text).is_none()).then(|| simple(text))?
    }

    /// Whether a text of nothing but a sign, digits and a point means the same as without units and other marks.
    pub(crate) fn reads_plain(&self) -> bool {
        self.decimal_mark == DecimalMark::Point && self.needs_no_unit()
    }

    fn needs_no_unit(&self) -> bool {
        self.suffix.is_empty() || is_currency(&self.suffix)
    }

    /// The finite number that a text means in this format, correctly rounded; nothing if it is written otherwise.
    ///
    /// A unit has no influence: `86.8%` is 86.8. It may be left out if it is a currency or the number is 0, never otherwise,
    /// and plural and singular are the same unit.
    pub(crate) fn read(&self, text: &str) -> Option<f64> {
        let needs_no_unit = self.needs_no_unit();
        if needs_no_unit && let Some((decimal, _)) = plain(text.as_bytes(), self.decimal_byte()) {
            return Some(decimal.value());
        }
        if needs_no_unit && self.decimal_mark == DecimalMark::Point && is_simple(text) {
            return simple(text);
        }
        let scanned = scan(text)?;
        let value = self.value(&scanned)?;
        let is_written = self.reads(scanned.systems, scanned.parentheses) && self.has_unit(&scanned, value == 0.0);
        is_written.then_some(value)
    }

    /// Whether numbers in the other format are of the same quantity: the units are the same, or a currency is missing. Then a
    /// file with other marks, as another program writes it, can be read by a format of its own.
    pub(crate) fn has_unit_of(&self, other: &Self) -> bool {
        let agree = |one: &str, other: &str| may_be_unit(one, other, false) || may_be_unit(other, one, false);
        agree(&self.prefix, &other.prefix) && agree(&self.suffix, &other.suffix)
    }

    /// Whether a number that these systems can read is one in this format.
    pub(super) fn reads(&self, systems: Systems, parentheses: bool) -> bool {
        systems & self.system() != 0 && (self.parentheses || !parentheses)
    }

    fn has_unit(&self, scanned: &Scanned<'_>, is_zero: bool) -> bool {
        may_be_unit(scanned.prefix, &self.prefix, is_zero) && may_be_unit(scanned.suffix, &self.suffix, is_zero)
    }

    /// The number itself, whatever is around its digits.
    fn value(&self, scanned: &Scanned<'_>) -> Option<f64> {
        value(scanned, self.decimal_byte())
    }

    fn decimal_byte(&self) -> u8 {
        match self.decimal_mark {
            DecimalMark::Point => b'.',
            DecimalMark::Comma => b',',
        }
    }

    /// The bit of the marks.
    pub(super) fn system(&self) -> Systems {
        let thousands = self.thousands_mark.map(|mark| match mark {
            ThousandsMark::Comma => b',',
            ThousandsMark::Point => b'.',
            ThousandsMark::Apostrophe => b'\'',
            ThousandsMark::Blank => b' ',
        });
        marks::system(self.decimal_byte(), thousands)
    }

    /// The format with the marks of a system.
    pub(super) fn with_system(at: usize) -> Self {
        let (decimal, thousands) = marks::SYSTEMS[at];
        Self {
            decimal_mark: if decimal == b',' {
                DecimalMark::Comma
            } else {
                DecimalMark::Point
            },
            thousands_mark: thousands.map(|mark| match mark {
                b',' => ThousandsMark::Comma,
                b'.' => ThousandsMark::Point,
                b'\'' => ThousandsMark::Apostrophe,
                _ => ThousandsMark::Blank,
            }),
            ..Self::default()
        }
    }
}

/// Whether a unit beside a number can be the one of the column. 0 needs none; a currency changes no size and may be missing.
pub(super) fn may_be_unit(found: &str, expected: &str, is_zero: bool) -> bool {
    match found.is_empty() {
        true => expected.is_empty() || is_zero || is_currency(expected),
        false => is_same_unit(found, expected),
    }
}

/// The finite number of digits with this decimal mark; other marks are between thousands.
pub(super) fn value(scanned: &Scanned<'_>, decimal_mark: u8) -> Option<f64> {
    if let Some(decimal) = short_decimal(scanned, decimal_mark) {
        return Some(decimal.value());
    }
    let mut plain = String::with_capacity(scanned.mantissa.len() + scanned.exponent.len() + 2);
    for c in scanned.mantissa.chars() {
        match c {
            '0'..='9' => plain.push(c),
            c if c == char::from(decimal_mark) => plain.push('.'),
            _ => {}
        }
    }
    if !scanned.exponent.is_empty() {
        plain.push('e');
        plain.push_str(&scanned.exponent.replace('\u{2212}', "-"));
    }
    let size: f64 = plain.parse().ok()?;
    let value = if scanned.negative { -size } else { size };
    value.is_finite().then_some(value)
}

/// A number of few digits without an exponent.
fn short_decimal(scanned: &Scanned<'_>, decimal_mark: u8) -> Option<Decimal> {
    let (mut mantissa, mut digits, mut places) = (0_u64, 0, None);
    for byte in scanned.mantissa.bytes() {
        if byte.is_ascii_digit() {
            mantissa = mantissa.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
            digits += 1;
            places = places.map(|places: u32| places + 1);
        } else if byte == decimal_mark {
            places = Some(0);
        }
    }
    let places = places.unwrap_or(0);
    let is_short = scanned.exponent.is_empty() && digits > 0 && mantissa <= EXACT && (places as usize) < POWERS.len();
    let negative = scanned.negative;
    is_short.then_some(Decimal {
        negative,
        mantissa,
        places,
    })
}

/// Whether a text has nothing but what a number with a decimal point may have, beginning with a sign, a digit or a point.
pub(super) fn is_simple(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'))
        && !text.starts_with(['e', 'E'])
}

/// The finite number of such a text, correctly rounded.
pub(super) fn simple(text: &str) -> Option<f64> {
    fast_float2::parse(text).ok().filter(|value: &f64| value.is_finite())
}

/// Whether a text is an infinite number, or one beyond f64, such as `inf` and `1e999`.
pub(crate) fn is_out_of_range(text: &str) -> bool {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    if unsigned.bytes().any(|b| b.is_ascii_digit()) {
        // Without an exponent only hundreds of digits are too large.
        let may_be = unsigned.len() > 300 || unsigned.contains(['e', 'E']);
        return may_be
            && scan(text).is_some_and(|scanned| [b'.', b','].iter().all(|&mark| value(&scanned, mark).is_none()));
    }
    ["inf", "infinity", "\u{221e}"]
        .iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word))
}

/// `± mantissa / 10^places`, exactly as it is written, and so the nearest f64 is one division.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Decimal {
    negative: bool,
    pub(super) mantissa: u64,
    pub(super) places: u32,
}

/// Whole numbers up to this one are exact as f64.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// Powers of ten that f64 holds exactly and eighteen digits need.
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
];

impl Decimal {
    /// The nearest f64.
    #[inline]
    pub(super) fn value(self) -> f64 {
        let size = self.mantissa as f64 / POWERS[self.places as usize];
        if self.negative { -size } else { size }
    }
}

/// A number of nothing but a sign, digits and the decimal mark, and its count of digits: nearly all cells are such numbers.
/// One with so many digits that a division is not exact is left to the slow way.
#[inline]
pub(super) fn plain(text: &[u8], decimal_mark: u8) -> Option<(Decimal, usize)> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (mantissa, mark) = digits_and_mark(digits, decimal_mark)?;
    let count = digits.len() - usize::from(mark.is_some());
    let places = mark.map_or(0, |at| digits.len() - at - 1) as u32;
    let has_place = places > 0 || mark.is_none() || decimal_mark == b'.';
    let decimal = Decimal {
        negative,
        mantissa,
        places,
    };
    (count > 0 && mantissa <= EXACT && has_place).then_some((decimal, count))
}

/// The whole number of at most 18 digits, and where the one mark between them is.
#[inline]
fn digits_and_mark(digits: &[u8], decimal_mark: u8) -> Option<(u64, Option<usize>)> {
    const MAX_LENGTH: usize = 18;
    if digits.len() > MAX_LENGTH {
        return None;
    }
    let (mut mantissa, mut mark) = (0_u64, None);
    for (at, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = 10 * mantissa + u64::from(digit);
        } else if byte == decimal_mark && mark.is_none() {
            mark = Some(at);
        } else {
            return None;
        }
    }
    Some((mantissa, mark))
}
