//! Columns of numbers that look like dates.

use super::{DateKind, DateOrder, Spelling};

/// Numbers of fewer distinct values may look like days by chance; six digits look like months more easily.
const MIN_DAYS: usize = 3;
const MIN_MONTHS: usize = 10;

/// Seconds since 1970 from the year 2000 to 2050.
const UNIX_SECONDS: std::ops::Range<f64> = 946_684_800.0..2_524_608_000.0;

/// Parts of a name that make UNIX times likely: numbers of ten digits alone may be anything.
const NAMES: [&str; 7] = ["time", "date", "epoch", "unix", "stamp", "created", "when"];

/// What numbers look like.
#[derive(Clone, Copy)]
enum Looks {
    Digits,
    /// With so many units a second.
    Unix(f64),
}

/// A number of the column, if all of its numbers look like digits of days, as `20240705` does, or like UNIX times.
pub(crate) fn example(name: &str, values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let mut present = values.filter(|value| !value.is_nan());
    let first = present.clone().next()?;
    let lower = name.to_lowercase();
    let is_named = || NAMES.iter().any(|part| lower.contains(part));
    let ways = [Looks::Digits, Looks::Unix(1.0), Looks::Unix(1e3)];
    let looks = ways.into_iter().find(|looks| looks.fit(first))?;
    let least = match looks {
        Looks::Digits if first < 1e6 => MIN_MONTHS,
        Looks::Unix(_) if !is_named() => return None,
        _ => MIN_DAYS,
    };
    let mut seen: Vec<f64> = Vec::new();
    let all = present.all(|value| {
        if seen.len() < least && !seen.contains(&value) {
            seen.push(value);
        }
        looks.fit(value)
    });
    (all && seen.len() == least).then_some(first)
}

impl Looks {
    fn fit(self, value: f64) -> bool {
        let digits = || Spelling::new(DateOrder::default(), DateKind::Digits).read(&format!("{value}"));
        value.fract() == 0.0
            && match self {
                Self::Digits => (1800..=2199).contains(&year(value)) && digits().is_some(),
                Self::Unix(units) => UNIX_SECONDS.contains(&(value / units)),
            }
    }
}

/// The first four digits of a number of 6, 8, 12 or 14.
fn year(value: f64) -> u32 {
    let scale = match value {
        1e5..1e6 => 1e2,
        1e7..1e8 => 1e4,
        1e11..1e12 => 1e8,
        1e13..1e14 => 1e10,
        _ => return 0,
    };
    (value / scale) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_and_unix_times_but_no_other_numbers() {
        let days = [20_200_705.0, f64::NAN, 20_201_231.0, 20_210_101.0, 20_200_705.0];
        let months: Vec<f64> = (1..=12).map(|month| 202_000.0 + f64::from(month)).collect();
        let unix: Vec<f64> = (0..5).map(|day| 1_593_950_400.0 + 86_400.0 * f64::from(day)).collect();
        let milliseconds: Vec<f64> = unix.iter().map(|seconds| 1e3 * seconds).collect();
        let found = |name: &str, values: &[f64]| example(name, values.iter().copied());
        assert_eq!(found("x", &days), Some(20_200_705.0));
        assert_eq!(found("x", &months), Some(202_001.0));
        assert_eq!(
            found("x", &[20_200_705_133_000.0, 20_200_705_133_001.0, 20_200_705_133_002.0]),
            Some(20_200_705_133_000.0)
        );
        assert_eq!(found("Timestamp", &unix), Some(unix[0]));
        assert_eq!(found("created_at", &milliseconds), Some(milliseconds[0]));
        assert_eq!(found("id", &unix), None);
        for values in [
            &days[..3],
            &months[..9],
            &[20_200_705.0, 20_201_231.0, 20_201_331.0],
            &[20_200_705.5; 4],
            &[],
            &[1.0, 2.0, 3.0],
        ] {
            assert_eq!(found("time", values), None, "{values:?}");
        }
    }
}
