//! Values of flags: what is expected, in one form of words, and whether it came.
//!
//! `app.rs` adds the flag and what came instead.

use std::num::IntErrorKind;
use std::str::FromStr;

/// A number above 0.
pub(crate) fn above_0(text: &str) -> Result<f64, String> {
    number(text, "a number above 0", |x| x > 0.0)
}

/// A number of at least 0.
pub(super) fn from_0(text: &str) -> Result<f64, String> {
    number(text, "a number of at least 0", |x| x >= 0.0)
}

/// A share that leaves something on either side.
pub(super) fn share(text: &str) -> Result<f64, String> {
    number(text, "a number between 0 and 1", |x| x > 0.0 && x < 1.0)
}

/// A probability that is not certainty.
pub(super) fn probability(text: &str) -> Result<f64, String> {
    number(text, "a number of at least 0 and below 1", |x| (0.0..1.0).contains(&x))
}

/// A number of steps, or a share of them.
pub(super) fn steps(text: &str) -> Result<f64, String> {
    let holds = |x: f64| x >= 0.0 && (x < 1.0 || x.fract() == 0.0);
    number(text, "a whole number of steps, or a share of them below 1", holds)
}

/// A whole number of at least 1.
pub(super) fn count(text: &str) -> Result<usize, String> {
    whole(text, 1, usize::MAX)
}

/// A whole number of at least 0.
pub(super) fn index(text: &str) -> Result<usize, String> {
    whole(text, 0, usize::MAX)
}

/// Any seed.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0, u64::MAX)
}

/// What stands between cells.
pub(super) fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(only), None) => Ok(only),
        _ => Err("expected one character, or `tab`".to_owned()),
    }
}

fn number(text: &str, what: &str, holds: impl Fn(f64) -> bool) -> Result<f64, String> {
    let number = text.parse().ok().filter(|&x: &f64| x.is_finite() && holds(x));
    number.ok_or_else(|| format!("expected {what}"))
}

fn whole<T>(text: &str, least: T, most: T) -> Result<T, String>
where
    T: FromStr<Err = std::num::ParseIntError> + PartialOrd + std::fmt::Display,
{
    match text.parse::<T>() {
        Ok(number) if number >= least => Ok(number),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(format!("expected at most {most}")),
        _ => Err(format!("expected a whole number of at least {least}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Taker = fn(&str) -> Result<f64, String>;

    #[test]
    fn numbers_are_finite_and_in_their_ranges() {
        let takers: [(Taker, &[&str], &[&str]); 5] = [
            (above_0, &["1e-9", "3", "1e300"], &["0", "-1", "-0", "abc", "", "1e999"]),
            (from_0, &["0", "0.5"], &["-1e-9", "x"]),
            (share, &["0.2", "1e-3"], &["0", "1", "7"]),
            (probability, &["0", "0.999"], &["1", "-0.1"]),
            (steps, &["0", "0.05", "1", "300"], &["1.5", "-1", "10%"]),
        ];
        for (taker, right, wrong) in takers {
            right.iter().for_each(|text| assert!(taker(text).is_ok(), "{text}"));
            for text in wrong.iter().chain(&["nan", "inf"]) {
                assert!(taker(text).is_err_and(|error| error.starts_with("expected ")), "{text}");
            }
        }
    }

    #[test]
    fn whole_numbers_say_where_they_begin_and_end() {
        assert_eq!((count("1"), index("0"), seed("0")), (Ok(1), Ok(0), Ok(0)));
        assert_eq!(seed(&u64::MAX.to_string()), Ok(u64::MAX));
        for wrong in ["0", "-1", "1.5", "3x", "", "1e3"] {
            assert_eq!(
                count(wrong),
                Err("expected a whole number of at least 1".to_owned()),
                "{wrong}"
            );
        }
        assert_eq!(index("-1"), Err("expected a whole number of at least 0".to_owned()));
        assert_eq!(
            seed("18446744073709551616"),
            Err("expected at most 18446744073709551615".to_owned())
        );
    }

    #[test]
    fn a_delimiter_is_one_character_or_a_tab() {
        assert_eq!(delimiter(";"), Ok(';'));
        assert_eq!(
            [delimiter("tab"), delimiter("\\t"), delimiter("\t")],
            [Ok('\t'), Ok('\t'), Ok('\t')]
        );
        assert!(delimiter("").is_err() && delimiter(";;").is_err());
    }
}
