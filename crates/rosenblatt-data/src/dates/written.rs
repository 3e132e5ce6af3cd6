//! The numbers in the text of a date.

use super::{DateOrder, Moment, days_of_month};

/// A date as it is written, before it is known which number is the day.
pub(super) struct Written {
    /// In the order of the text.
    numbers: [u32; 3],
    /// Whether the year is the first of them; otherwise it is the last.
    year_first: bool,
    seconds: f64,
    offset_seconds: f64,
}

impl Written {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (text, in_utc) = without_utc(text);
        let (date, time) = match text.find(['T', 't', ' ']) {
            Some(at) => (&text[..at], Some(text[at + 1..].trim_ascii_start())),
            None => (text, None),
        };
        let (numbers, year_first) = date_of(date)?;
        let (seconds, offset) = time.map_or(Some((0.0, None)), time_of)?;
        let said_once = !(in_utc && offset.is_some());
        said_once.then_some(Self {
            numbers,
            year_first,
            seconds,
            offset_seconds: offset.unwrap_or(0.0),
        })
    }

    /// Nothing if it is no day that ever is.
    pub(super) fn moment(&self, order: DateOrder) -> Option<Moment> {
        let [first, second, third] = self.numbers;
        let (year, month, day) = match (self.year_first, order) {
            (true, _) => (first, second, third),
            (false, DateOrder::DayFirst) => (third, second, first),
            (false, DateOrder::MonthFirst) => (third, first, second),
            (false, DateOrder::YearFirst) => return None,
        };
        let real = (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
        real.then_some(Moment {
            year,
            month,
            day,
            seconds: self.seconds,
            offset_seconds: self.offset_seconds,
        })
    }
}

/// The text without a name of UTC at its end, and whether there was one.
fn without_utc(text: &str) -> (&str, bool) {
    let before = ["UTC", "GMT", "Z"].iter().find_map(|name| {
        let (before, end) = text.split_at_checked(text.len().checked_sub(name.len())?)?;
        end.eq_ignore_ascii_case(name).then_some(before)
    });
    before.map_or((text, false), |before| (before.trim_ascii_end(), true))
}

/// The three numbers of a date, and whether the year is the first of them: it has four digits.
fn date_of(text: &str) -> Option<([u32; 3], bool)> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(([digits(&text[..4])?, digits(&text[4..6])?, digits(&text[6..])?], true));
    }
    let mark = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(mark);
    let [first, second, third] = [parts.next()?, parts.next()?, parts.next()?];
    let year_first = first.len() == 4;
    let (year, others) = if year_first {
        (first, [second, third])
    } else {
        (third, [first, second])
    };
    let fits = year.len() == 4 && others.iter().all(|part| part.len() <= 2) && parts.next().is_none();
    fits.then_some(([digits(first)?, digits(second)?, digits(third)?], year_first))
}

/// Seconds since midnight, and those that the clock is ahead of UTC if the text says so.
fn time_of(text: &str) -> Option<(f64, Option<f64>)> {
    let at = text.find(['+', '-']).unwrap_or(text.len());
    let (time, zone) = (text[..at].trim_ascii_end(), &text[at..]);
    let mut parts = time.split(':');
    let [hours, minutes] = [two_digits(parts.next()?, 24)?, two_digits(parts.next()?, 60)?];
    let seconds = match parts.next() {
        None => 0.0,
        Some(text) => {
            let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
            f64::from(two_digits(whole, 60)?) + fraction(part)?
        }
    };
    let offset = if zone.is_empty() { None } else { Some(offset_of(zone)?) };
    let complete = parts.next().is_none();
    complete.then_some((f64::from(60 * (60 * hours + minutes)) + seconds, offset))
}

/// `+02`, `+0230` or `-02:30`.
fn offset_of(text: &str) -> Option<f64> {
    let ahead = if text.starts_with('-') { -1.0 } else { 1.0 };
    let (hours, minutes) = text.get(1..)?.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() {
        0
    } else {
        two_digits(minutes, 60)?
    };
    Some(ahead * f64::from(60 * (60 * two_digits(hours, 24)? + minutes)))
}

fn two_digits(text: &str, below: u32) -> Option<u32> {
    digits(text).filter(|&number| text.len() == 2 && number < below)
}

/// The digits behind the point of the seconds.
fn fraction(text: &str) -> Option<f64> {
    digits(text.get(..text.len().min(9))?)?;
    let all_digits = text.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| format!("0.{text}").parse().ok()).flatten()
}

/// A number of nothing but digits.
fn digits(text: &str) -> Option<u32> {
    let all = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}
