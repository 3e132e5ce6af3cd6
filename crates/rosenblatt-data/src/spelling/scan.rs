//! The parts of a cell that may be a number.

use super::NumberFormat;
use super::marks::{Systems, is_apostrophe, is_blank, systems_of};
use super::units::{is_currency, is_unit};

/// Parts of a number with whatever is around its digits.
#[derive(Debug, PartialEq)]
pub(super) struct Scanned<'a> {
    pub negative: bool,
    pub parentheses: bool,
    /// A currency before the number, or empty.
    pub prefix: &'a str,
    /// Digits and marks.
    pub mantissa: &'a str,
    /// What follows the `e` of an exponent, or empty.
    pub exponent: &'a str,
    /// A unit behind the number, or empty.
    pub suffix: &'a str,
    /// The systems that can read it.
    pub systems: Systems,
    /// Groups of thousands, 1 if there are no marks between them.
    pub groups: usize,
}

/// Takes a text apart, if it is a number with a sign, a currency or a unit.
pub(super) fn scan(text: &str) -> Option<Scanned<'_>> {
    if text.len() > MAX_LENGTH || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut signs = Signs::default();
    let rest = signs.take(without_brackets(text.trim()));
    let (before, digits) = rest.split_at(digits_start(rest)?);
    let before = signs.take_end(before);
    let (mantissa, exponent, rest) = number_part(digits);
    let rest = signs.close(rest)?;
    let (prefix, suffix) = (before.trim(), rest.trim());
    let has_prefix = before.is_empty() || is_currency(prefix);
    if !has_prefix || !suffix.is_empty() && !is_unit(suffix, rest.starts_with(suffix)) {
        return None;
    }
    let (systems, groups) = systems_of(mantissa, !exponent.is_empty(), signs.plus)?;
    Some(Scanned {
        negative: signs.minus || signs.opened,
        parentheses: signs.opened,
        prefix,
        mantissa,
        exponent,
        suffix,
        systems,
        groups,
    })
}

/// Longer texts are no numbers; with marks between thousands the longest f64 has some 700 bytes.
const MAX_LENGTH: usize = 2000;

/// A number that stands in square brackets, as those of atomic weights do, without them. `[1, 2]` is a list, and `[007]` and digits that
/// f64 does not keep are names.
fn without_brackets(text: &str) -> &str {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let is_number = |text: &&str| NumberFormat::plain_of_any_length(text).is_some();
    inside.filter(is_number).unwrap_or(text)
}

/// Signs and parentheses that were seen.
#[derive(Default)]
struct Signs {
    minus: bool,
    plus: bool,
    opened: bool,
    closed: bool,
}

impl Signs {
    /// Takes a sign or an opening parenthesis from the start of a text.
    fn take<'a>(&mut self, text: &'a str) -> &'a str {
        let mut chars = text.chars();
        match chars.next() {
            Some('-' | '\u{2212}') => self.minus = true,
            Some('+') => self.plus = true,
            Some('(') if text.ends_with(')') => {
                (self.opened, self.closed) = (true, true);
                return chars.as_str()[..chars.as_str().len() - 1].trim();
            }
            _ => return text,
        }
        chars.as_str()
    }

    /// Takes a sign or an opening parenthesis from the end of what is before the digits.
    fn take_end<'a>(&mut self, before: &'a str) -> &'a str {
        let has_sign = self.minus || self.plus || self.opened;
        let mut chars = before.chars();
        match chars.next_back() {
            Some('-' | '\u{2212}') if !has_sign => self.minus = true,
            Some('+') if !has_sign => self.plus = true,
            Some('(') if !has_sign => self.opened = true,
            _ => return before,
        }
        chars.as_str()
    }

    /// What follows the digits, without the parenthesis that closes one before the digits.
    fn close<'a>(&self, rest: &'a str) -> Option<&'a str> {
        match self.opened && !self.closed {
            true => rest.strip_prefix(')'),
            false => Some(rest),
        }
    }
}

/// Where digits, or a mark and digits, begin.
fn digits_start(text: &str) -> Option<usize> {
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let before = &text[..at];
    let mark = before.ends_with(['.', ',']) && !before[..at - 1].ends_with(char::is_alphabetic);
    Some(at - usize::from(mark))
}

/// Splits into digits with marks, exponent and the rest.
fn number_part(text: &str) -> (&str, &str, &str) {
    let end = mantissa_end(text);
    let (mantissa, rest) = text.split_at(end);
    let Some(power) = rest.strip_prefix(['e', 'E']) else {
        return (mantissa, "", rest);
    };
    let unsigned = power.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(power);
    let length = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return (mantissa, "", rest);
    }
    let (exponent, rest) = power.split_at(power.len() - unsigned.len() + length);
    (mantissa, exponent, rest)
}

/// Marks belong to a number if a digit follows; a point also at the very end of it.
fn mantissa_end(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let digit_follows = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if c.is_ascii_digit() || is_mark(c) && digit_follows {
            end = at + c.len_utf8();
        } else {
            let power = matches!(chars.peek(), None | Some((_, 'e' | 'E')));
            return end + usize::from(c == '.' && power);
        }
    }
    end
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',') || is_apostrophe(c) || is_blank(c)
}
