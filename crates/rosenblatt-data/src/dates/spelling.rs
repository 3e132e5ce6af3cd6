//! How the texts of a column are to be read.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::written::Written;
use super::{DateOrder, Moment, SECONDS_OF_DAY, day, format};

/// What the texts of a column of dates say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateKind {
    /// Days, with or without a time.
    #[default]
    Date,
    /// Months without a day: `2024-05`.
    Month,
    /// Years of four digits.
    Year,
    /// Times of day: `13:08`.
    TimeOfDay,
    /// Durations; of two numbers alone, the first one is hours: `26:15`.
    Duration,
    /// Durations; of two numbers alone, the first one is minutes: `75:30` beside `1:02:15`.
    MinuteDuration,
    /// Digits of a month, a day or a time: `202405`, `20240531`, `20240531133000`.
    Digits,
    /// Seconds since the beginning of 1970 in UTC.
    UnixSeconds,
    /// Milliseconds since then.
    UnixMilliseconds,
    /// Microseconds since then.
    UnixMicroseconds,
    /// Nanoseconds since then.
    UnixNanoseconds,
}

impl DateKind {
    /// What its texts are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Date => "dates",
            Self::Month => "months",
            Self::Year => "years",
            Self::TimeOfDay => "times of day",
            Self::Duration => "durations",
            Self::MinuteDuration => "durations, minutes first",
            Self::Digits => "dates written as digits",
            Self::UnixSeconds => "UNIX times in seconds",
            Self::UnixMilliseconds => "UNIX times in milliseconds",
            Self::UnixMicroseconds => "UNIX times in microseconds",
            Self::UnixNanoseconds => "UNIX times in nanoseconds",
        }
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How many of its units a second has, if it counts from 1970.
    fn units_of_second(self) -> Option<i64> {
        match self {
            Self::UnixSeconds => Some(1),
            Self::UnixMilliseconds => Some(1_000),
            Self::UnixMicroseconds => Some(1_000_000),
            Self::UnixNanoseconds => Some(1_000_000_000),
            _ => None,
        }
    }
}

/// How the texts of a column are read: decided by the whole column, then held.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spelling {
    pub order: DateOrder,
    pub kind: DateKind,
    /// Whether years of two digits may come first.
    pub short_year_first: bool,
    /// A pattern of `strptime`, which is all that is read.
    pub format: Option<String>,
}

impl Spelling {
    pub fn new(order: DateOrder, kind: DateKind) -> Self {
        Self {
            order,
            kind,
            ..Self::default()
        }
    }

    /// Reads a text; nothing if it is not written so.
    pub fn read(&self, text: &str) -> Option<Moment> {
        if let Some(format) = &self.format {
            return format::read(format, text).ok();
        }
        if let Some(units) = self.kind.units_of_second() {
            return unix(text.trim_ascii(), units);
        }
        match self.kind {
            DateKind::Digits => digits(whole(text)).or_else(|| self.read_written(text)),
            DateKind::Year => year(whole(text)),
            _ => self.read_written(text),
        }
    }

    fn read_written(&self, text: &str) -> Option<Moment> {
        let written = Written::parse(text)?;
        match self.kind {
            DateKind::Date | DateKind::Month | DateKind::Digits => written.moment(self.order, self.short_year_first),
            DateKind::TimeOfDay => written.seconds_of_day().map(Moment::of_seconds),
            DateKind::Duration => written.seconds(3600.0).map(Moment::of_seconds),
            DateKind::MinuteDuration => written.seconds(60.0).map(Moment::of_seconds),
            _ => None,
        }
    }

    /// Whether a text that is not read so is a date in another order.
    pub fn is_of_other_order(&self, text: &str) -> bool {
        let of_dates =
            matches!(self.kind, DateKind::Date | DateKind::Month | DateKind::Digits) && self.format.is_none();
        of_dates && self.read(text).is_none() && {
            let written = Written::parse(text);
            let is_date = |order| {
                written
                    .as_ref()
                    .is_some_and(|written| written.moment(order, true).is_some())
            };
            DateOrder::ALL.into_iter().any(is_date)
        }
    }

    /// `dates, day first`; nothing of what is usual.
    pub fn summary(&self) -> Option<String> {
        match (&self.format, self.kind, self.order) {
            (Some(format), ..) => Some(format!("{} of the format `{format}`", self.kind.name())),
            (None, DateKind::Date, DateOrder::YearFirst) if !self.short_year_first => None,
            (None, DateKind::Date, order) => Some(format!("dates, {}", order.name())),
            (None, kind, _) => Some(kind.name().to_owned()),
        }
    }
}

/// A number of seconds or parts of one since 1970, perhaps with a fraction.
fn unix(text: &str, units: i64) -> Option<Moment> {
    let size = text.strip_prefix('-');
    let (whole, fraction) = size
        .unwrap_or(text)
        .split_once('.')
        .unwrap_or((size.unwrap_or(text), "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.parse::<i64>().ok()?, format!("0.{fraction}").parse::<f64>().ok()?);
    let (whole, fraction) = match size {
        None => (whole, fraction),
        Some(_) if fraction > 0.0 => (-whole - 1, 1.0 - fraction),
        Some(_) => (-whole, 0.0),
    };
    let time = Offset::UTC.to_datetime(Timestamp::from_second(whole.div_euclid(units)).ok()?);
    let part = (whole.rem_euclid(units) as f64 + fraction) / units as f64;
    let clock = time.time();
    let seconds = 60 * (60 * i32::from(clock.hour()) + i32::from(clock.minute())) + i32::from(clock.second());
    let moment = Moment {
        date: Some(time.date()),
        seconds: (f64::from(seconds) + part).clamp(0.0, SECONDS_OF_DAY),
        offset_seconds: 0.0,
    };
    Some(moment)
}

/// Digits without the `.0` that some programs write behind them.
fn whole(text: &str) -> &str {
    let text = text.trim_ascii();
    text.strip_suffix(".0").unwrap_or(text)
}

/// `1949`.
fn year(text: &str) -> Option<Moment> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = digits.then(|| text.parse().ok())??;
    day::date(year, 1, 1).map(Moment::of_date)
}

/// `202405`, `20240531`, `202405311330`, `20240531133000`.
fn digits(text: &str) -> Option<Moment> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(text.len(), 6 | 8 | 12 | 14) {
        return None;
    }
    let part = |from: usize, length: usize| text.get(from..from + length).map_or(Some(0), |part| part.parse().ok());
    let day = if text.len() == 6 { 1 } else { part(6, 2)? };
    let date = day::date(part(0, 4)?, part(4, 2)?, day)?;
    let [hours, minutes, seconds] = [part(8, 2)?, part(10, 2)?, part(12, 2)?];
    let within = hours < 24 && minutes < 60 && seconds < 60;
    within.then_some(Moment {
        seconds: f64::from(60 * (60 * hours + minutes) + seconds),
        ..Moment::of_date(date)
    })
}
