//! Names of months and weekdays in English.

pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

pub(super) const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Lengths of short names, besides three letters.
const LONGER_SHORT: [&str; 5] = ["sept", "tues", "wednes", "thur", "thurs"];

/// The number of a month, 1 to 12, by its name, long or short, in any case.
pub(super) fn month(name: &[u8]) -> Option<u32> {
    place(name, &MONTHS).map(|at| at as u32 + 1)
}

/// Whether a word is the name of a weekday, long or short.
pub(super) fn is_weekday(name: &[u8]) -> bool {
    place(name, &WEEKDAYS).is_some()
}

fn place(name: &[u8], names: &[&str]) -> Option<usize> {
    const SHORTEST: usize = 3;
    if name.len() < SHORTEST {
        return None;
    }
    let is_short = name.len() == 3
        || LONGER_SHORT
            .iter()
            .any(|short| name.eq_ignore_ascii_case(short.as_bytes()));
    names.iter().position(|long| {
        let start = long.as_bytes().get(..name.len());
        let begins = start.is_some_and(|start| start.eq_ignore_ascii_case(name));
        begins && (is_short || name.len() == long.len())
    })
}
