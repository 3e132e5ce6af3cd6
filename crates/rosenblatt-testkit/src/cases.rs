//! How many random cases a test runs.

use std::ops::Range;

const VARIABLE: &str = "ROSENBLATT_CASES";
/// Makes sampled tests exhaustive, and random ones run all their cases.
const SOAK: &str = "ROSENBLATT_SOAK";
/// Seeds of mutants: `300..400`.
const MUTANTS: &str = "ROSENBLATT_MUTANTS";

/// The share of its random cases that a test runs without either variable.
const SAMPLE: f64 = 0.1;

/// Mutants of each format that a claim about damaged files is about.
pub const ALL_MUTANTS: u64 = 10_000;

/// Whether sampled tests are to be exhaustive: `ROSENBLATT_SOAK` is set.
#[must_use]
pub fn soak() -> bool {
    std::env::var_os(SOAK).is_some()
}

/// Seeds of the mutants to look at: a tenth of [`ALL_MUTANTS`], all of them with `ROSENBLATT_SOAK`, or those between the
/// numbers of `ROSENBLATT_MUTANTS=300..400`.
///
/// # Panics
/// If the variable is no such range.
#[must_use]
pub fn mutant_seeds() -> Range<u64> {
    match std::env::var(MUTANTS) {
        Ok(text) => {
            range(&text).unwrap_or_else(|| panic!("{MUTANTS} must be a range such as `300..400`, got `{text}`"))
        }
        Err(_) if soak() => 0..ALL_MUTANTS,
        Err(_) => 0..ALL_MUTANTS / 10,
    }
}

pub(crate) fn range(text: &str) -> Option<Range<u64>> {
    let (from, to) = text.split_once("..")?;
    Some(from.parse().ok()?..to.parse().ok()?)
}

/// Seeds for a tenth of `n` random cases, one after the other: `0, 1, 2, …`; for all of them with `ROSENBLATT_SOAK`.
///
/// The environment variable `ROSENBLATT_CASES` is another share of `n`: `1` for all, `0.01` for few, `10` for more; at least
/// one case is left of any. Each seed is printed before it is handed out, so a failing test shows its culprit last.
///
/// # Panics
/// If the variable is set to something else than a number that is finite and not negative.
pub fn seeded_cases(n: u64) -> impl Iterator<Item = u64> {
    let share = std::env::var_os(VARIABLE).map(|text| parse(&text.to_string_lossy()));
    let usual = if soak() { 1.0 } else { SAMPLE };
    (0..scaled(n, share.unwrap_or(usual))).inspect(|seed| println!("case with seed {seed}"))
}

pub(crate) fn parse(text: &str) -> f64 {
    match text.parse() {
        Ok(factor) if (0.0..=f64::MAX).contains(&factor) => factor,
        _ => panic!("{VARIABLE} must be a factor such as `10` or `0.1`, got `{text}`"),
    }
}

pub(crate) fn scaled(n: u64, factor: f64) -> u64 {
    // The conversion saturates.
    if n == 0 { 0 } else { ((n as f64 * factor) as u64).max(1) }
}
