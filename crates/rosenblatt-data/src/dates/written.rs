//! What a text says, before it is known how its column is written.

use jiff::civil::{DateTime, Time};

use super::clock::Clock;
use super::cursor::Cursor;
use super::day::Day;
use super::duration::Duration;
use super::zone::Zone;
use super::{DateOrder, Moment};

/// A text that may be a date, a time of day or a duration.
#[derive(Clone, Debug)]
pub(super) enum Written {
    /// A day, perhaps with a time.
    Date { day: Day, seconds: f64, zone: Zone },
    /// A time alone, or a duration written as one.
    Clock {
        clock: Clock,
        /// It has a sign, and is no time of day.
        negative: bool,
        /// It has a zone, and is no duration.
        has_zone: bool,
    },
    /// A duration with units.
    Duration(Duration),
}

/// Longer texts are not looked at.
const MAX_LENGTH: usize = 100;

impl Written {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH || cannot_begin_date(text) {
            return None;
        }
        Self::parse_in_full(Cursor::new(text))
    }

    /// As [`Self::parse`], whatever the first letter is.
    fn parse_in_full(text: Cursor<'_>) -> Option<Self> {
        dated(text)
            .or_else(|| clock(text))
            .or_else(|| Duration::parse(text).map(Self::Duration))
    }

    /// The moment of a date; nothing if it is no day that ever is.
    pub(super) fn moment(&self, order: DateOrder, short_year_first: bool) -> Option<Moment> {
        let Self::Date { day, seconds, zone } = self else {
            return None;
        };
        let date = day.date(order, short_year_first)?;
        let offset = zone.offset_seconds(DateTime::from_parts(date, time(*seconds)))?;
        Some(Moment {
            date: Some(date),
            seconds: *seconds,
            offset_seconds: f64::from(offset),
        })
    }
}

impl Written {
    /// Seconds since midnight of a time of day.
    pub(super) fn seconds_of_day(&self) -> Option<f64> {
        match self {
            Self::Clock {
                clock, negative: false, ..
            } if clock.is_of_day() => Some(clock.total()),
            _ => None,
        }
    }

    /// The seconds of a duration; of two numbers alone, the first one counts so many seconds each.
    pub(super) fn seconds(&self, of_first: f64) -> Option<f64> {
        match self {
            Self::Duration(duration) => Some(duration.seconds),
            Self::Clock {
                clock,
                negative,
                has_zone: false,
            } if !clock.half_days => {
                let scale = if clock.seconds.is_none() {
                    of_first / 3600.0
                } else {
                    1.0
                };
                let sign = if *negative { -1.0 } else { 1.0 };
                Some(sign * scale * clock.total())
            }
            _ => None,
        }
    }
}

/// Whether a text begins with a letter that no month, weekday or quarter and no form of ISO 8601 begins with, as keys and names do.
fn cannot_begin_date(text: &str) -> bool {
    const INITIALS: &[u8] = b"ADFJMNOPQSTW";
    let first = text.bytes().next().filter(u8::is_ascii_alphabetic);
    first.is_some_and(|first| !INITIALS.contains(&first.to_ascii_uppercase()))
}

/// The clock that shows so many seconds since midnight, below a day.
fn time(seconds: f64) -> Time {
    let whole = seconds as i32;
    let part = |part: i32| i8::try_from(part).unwrap_or(0);
    Time::new(part(whole / 3600), part(whole / 60 % 60), part(whole % 60), 0).unwrap_or(Time::midnight())
}

fn dated(mut text: Cursor<'_>) -> Option<Written> {
    let has_name = text.peek()?.is_ascii_alphabetic();
    let day = Day::next(&mut text)?;
    let (seconds, zone) = after_day(text, has_name)?;
    Some(Written::Date { day, seconds, zone })
}

/// The seconds since midnight and the zone behind a day.
fn after_day(mut text: Cursor<'_>, has_name: bool) -> Option<(f64, Zone)> {
    if text.is_empty() {
        return Some((0.0, Zone::Unknown));
    }
    if text.eat_any(b"Tt_").is_some() {
        let clock = Clock::after_t(&mut text)?;
        return Some((clock.total(), Zone::at_end(text)?));
    }
    let comma = text.eat(b',');
    let blank = text.blanks();
    if !comma && let Some(b'Z' | b'z' | b'U' | b'u' | b'G' | b'g') = text.peek() {
        return Some((0.0, Zone::at_end(text).filter(Zone::is_utc)?));
    }
    if text.eat_word("at") {
        text.blanks();
    }
    // SAS and web servers write `05JUL2020:13:30:00`, ctime `Jul  5 13:30:00 2020`.
    let joined = text.eat(b':') || has_name;
    if !(comma || blank || joined) {
        return None;
    }
    let clock = Clock::next(&mut text).filter(|clock| clock.is_of_day())?;
    Some((clock.total(), Zone::at_end(text)?))
}

fn clock(mut text: Cursor<'_>) -> Option<Written> {
    let negative = text.eat(b'-');
    let clock = Clock::next(&mut text)?;
    let zone = Zone::at_end(text)?;
    let has_zone = !matches!(zone, Zone::Unknown);
    let fits = !(has_zone || clock.half_days) || clock.is_of_day() && !negative;
    fits.then_some(Written::Clock {
        clock,
        negative,
        has_zone,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names::{MONTHS, WEEKDAYS};
    use super::*;

    /// What is quickly seen is true: no text that begins with such a letter is a date, a time or a duration.
    fn check(text: &str) -> bool {
        let any = Written::parse_in_full(Cursor::new(text));
        Written::parse(text).is_some() == any.is_some()
    }

    #[test]
    fn every_letter_before_what_is_behind_one_in_dates() {
        let behind = ["1 2024", "12:30", "T1H", "1D", "2-2024", " 5 h"].map(str::to_owned);
        let names = MONTHS
            .iter()
            .chain(&WEEKDAYS)
            .flat_map(|name| [&name[1..], &name[1..3]]);
        let behind: Vec<String> = behind
            .into_iter()
            .chain(names.map(|rest| format!("{rest} 5, 2024")))
            .collect();
        for letter in 'A'..='z' {
            for behind in &behind {
                assert!(check(&format!("{letter}{behind}")), "{letter}{behind}");
            }
        }
        assert!(Written::parse("q1 2024").is_some() && Written::parse("C1 2024").is_none());
    }

    proptest! {
        #[test]
        fn any_text(text in "[A-Za-z]{1,9}[ .:]?[0-9]{0,4}[-: ]?[0-9a-zA-Z]{0,4}") {
            prop_assert!(check(&text), "{}", text);
        }
    }
}
