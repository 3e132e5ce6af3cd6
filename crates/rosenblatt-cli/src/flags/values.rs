//! Values of flags that are no settings: what is expected, in one form of words, and whether it came.
//!
//! `app.rs` adds the flag and what came instead.

use std::num::IntErrorKind;

/// A number above 0.
pub(crate) fn above_0(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|&x: &f64| x.is_finite() && x > 0.0);
    number.ok_or_else(|| "expected a number above 0".to_owned())
}

/// A whole number of at least 1.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(number) if number >= 1 => Ok(number),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(format!("expected at most {}", usize::MAX)),
        _ => Err("expected a whole number of at least 1".to_owned()),
    }
}

/// A whole number.
pub(crate) fn whole(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite_and_above_0() {
        ["1e-9", "3", "1e300"]
            .iter()
            .for_each(|text| assert!(above_0(text).is_ok(), "{text}"));
        for text in ["0", "-1", "-0", "abc", "", "1e999", "nan", "inf"] {
            assert_eq!(above_0(text), Err("expected a number above 0".to_owned()), "{text}");
        }
    }

    #[test]
    fn counts_start_at_1() {
        assert_eq!(count("1"), Ok(1));
        for wrong in ["0", "-1", "1.5", "3x", "", "1e3"] {
            assert_eq!(
                count(wrong),
                Err("expected a whole number of at least 1".to_owned()),
                "{wrong}"
            );
        }
        let most = format!("expected at most {}", usize::MAX);
        assert_eq!(count("18446744073709551616"), Err(most));
    }
}
