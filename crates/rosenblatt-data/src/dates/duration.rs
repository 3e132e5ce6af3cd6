//! Lengths of time.

use super::clock::Clock;
use super::cursor::Cursor;

/// A length of time as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Duration {
    /// Below 0 behind a minus.
    pub seconds: f64,
    /// The units, a bit each, in the order of [`UNITS`].
    pub units: u32,
    /// It is nothing else: `5 m` may be meters, `5 min` and `1h 5m` are not.
    pub certain: bool,
}

/// Names of each unit, the abbreviation of one letter first, and its seconds.
const UNITS: [(&[&str], f64); 6] = [
    (&["w", "wk", "wks", "week", "weeks"], 604_800.0),
    (&["d", "day", "days"], 86_400.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3_600.0),
    (&["m", "min", "mins", "minute", "minutes"], 60.0),
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
    (&["ms", "msec", "msecs", "millisecond", "milliseconds"], 1e-3),
];

/// Days of a mean year of the Gregorian calendar.
const YEAR: f64 = 365.2425 * 86_400.0;

impl Duration {
    /// Reads a whole text: `1h 30m`, `3 days 04:05:06`, `1.02:03:04`, `P1DT2H`, each perhaps behind a minus.
    pub fn parse(mut text: Cursor<'_>) -> Option<Self> {
        let sign = sign(&mut text).unwrap_or(1.0);
        let duration = match text.peek()? {
            b'P' | b'p' => of_iso(&mut text, sign)?,
            _ => match days_and_clock(&mut text, sign) {
                Some(duration) => duration,
                None => of_units(&mut text, sign)?,
            },
        };
        text.blanks();
        text.is_empty().then_some(duration)
    }

    /// Whether units of columns are those of time: texts of them say minutes and hours, or other neighbors.
    pub fn are_neighbors(units: u32) -> bool {
        units & (units >> 1) & 0b1_1111 != 0
    }
}

/// A sign, which it takes.
fn sign(text: &mut Cursor<'_>) -> Option<f64> {
    text.eat_any(b"+-").map(|sign| if sign == b'-' { -1.0 } else { 1.0 })
}

/// A number with its fraction.
fn number(text: &mut Cursor<'_>) -> Option<f64> {
    let whole = text.digits().filter(|whole| whole.len() <= 9)?;
    let mut ahead = *text;
    if ahead.eat_any(b".,").is_some()
        && let Some(fraction) = ahead.digits()
    {
        *text = ahead;
        return Some(f64::from(whole.number()) + fraction.fraction());
    }
    Some(f64::from(whole.number()))
}

/// The place of a unit among [`UNITS`], and its name.
fn unit(word: &[u8]) -> Option<(usize, &'static str)> {
    UNITS.iter().enumerate().find_map(|(at, (names, _))| {
        let mut names = names.iter();
        let name = names.find(|name| name.as_bytes().eq_ignore_ascii_case(word));
        name.map(|name| (at, *name))
    })
}

/// `1h 30m`, `2 days, 3 hours and 5 minutes`, `3 days 04:05:06`, `-1 days +23:00:00`.
fn of_units(text: &mut Cursor<'_>, sign: f64) -> Option<Duration> {
    let mut sum = Duration {
        seconds: 0.0,
        units: 0,
        certain: false,
    };
    while !text.is_empty() {
        let size = number(text)?;
        text.blanks();
        let (unit, name) = unit(text.word()?)?;
        sum.certain |= sum.units != 0 || name.len() > 1;
        sum.seconds += sign * size * UNITS[unit].1;
        sum.units |= 1 << unit;
        // What is behind a comma has a sign of its own: Python writes minus half a day as `-1 day, 12:00:00`.
        let sign = if text.eat(b',') { 1.0 } else { sign };
        text.blanks();
        if text.eat_word("and") {
            text.blanks();
        }
        if let (1, Some(clock)) = (unit, clock(text, sign)) {
            sum.seconds += clock;
            sum.certain = true;
        }
    }
    (sum.units != 0).then_some(sum)
}

/// `1.02:03:04`: days before a time.
fn days_and_clock(text: &mut Cursor<'_>, sign: f64) -> Option<Duration> {
    let mut ahead = *text;
    let days = ahead.digits().filter(|days| days.len() <= 6 && ahead.eat(b'.'))?;
    let clock = Clock::next(&mut ahead).filter(|clock| clock.is_of_day() && clock.seconds.is_some())?;
    *text = ahead;
    Some(Duration {
        seconds: sign * (f64::from(days.number()) * UNITS[1].1 + clock.total()),
        units: 0b10,
        certain: true,
    })
}

/// A time behind days, in seconds; its sign is that of the days if it has none.
fn clock(text: &mut Cursor<'_>, of_days: f64) -> Option<f64> {
    let mut ahead = *text;
    let sign = sign(&mut ahead).unwrap_or(of_days);
    let clock = Clock::next(&mut ahead).filter(|clock| clock.is_of_day() && !clock.half_days)?;
    *text = ahead;
    Some(sign * clock.total())
}

/// `P1DT2H30M`, `P2W`, `PT0.5S`, `P1Y2M`: years and months are those of the mean year.
fn of_iso(text: &mut Cursor<'_>, sign: f64) -> Option<Duration> {
    text.skip(1);
    let (mut seconds, mut parts, mut of_day) = (0.0, 0, false);
    while !text.is_empty() || parts == 0 {
        if !of_day && text.eat_any(b"Tt").is_some() {
            (of_day, parts) = (true, 0);
        }
        let size = number(text)?;
        let letter = text.eat_any(b"YyMmWwDdHhSs")?;
        seconds += sign * size * seconds_of_iso(letter, of_day)?;
        parts += 1;
    }
    Some(Duration {
        seconds,
        units: 0,
        certain: true,
    })
}

/// The seconds of a unit before or behind the `T`.
fn seconds_of_iso(letter: u8, of_day: bool) -> Option<f64> {
    match (letter.to_ascii_uppercase(), of_day) {
        (b'Y', false) => Some(YEAR),
        (b'M', false) => Some(YEAR / 12.0),
        (b'W', false) => Some(UNITS[0].1),
        (b'D', false) => Some(UNITS[1].1),
        (b'H', true) => Some(UNITS[2].1),
        (b'M', true) => Some(UNITS[3].1),
        (b'S', true) => Some(UNITS[4].1),
        _ => None,
    }
}
