//! Dates, times of day and durations in texts.
//!
//! Read are, with the day, the month or the year first:
//! - days: `2024-01-31`, `31/01/2024`, `1/31/24`, `20240131`, `31-Jan-2024`, `Jan 31, 2024`, `2024-W05-3`, `2024-031`;
//! - months: `2024-01`, `01/2024`, `Jan 2024`;
//! - behind a day a time and a zone: `12:30`, `1:30:05.25 PM`, `T1230`, `+02:00`, `EST`, `Europe/Berlin`;
//! - times alone: `13:08`, `1:20 PM`;
//! - durations: `26:15:00`, `3 days 04:05:06`, `1h 30m`, `P1DT2H`.
//!
//! `01/02/2024` does not show which number is the day. A column shows it if one of its days is beyond the 12th: see
//! [`Orders`]. Nothing is guessed. What is decided for a column is its [`Spelling`]: plain data, held on new data. Numbers are
//! dates only if the user says so: see [`given`].
//!
//! Zones come from the data base within the program, so that numbers do not depend on the machine.

mod clock;
mod cursor;
mod day;
mod duration;
pub(crate) mod format;
pub(crate) mod given;
mod names;
pub(crate) mod numeric;
mod order;
mod spelling;
#[cfg(test)]
mod tests;
mod vote;
mod written;
mod zone;

use jiff::civil::{Date, Time, date};

pub use order::DateOrder;
pub use spelling::DateKind;
pub(crate) use spelling::Spelling;
pub(crate) use vote::Orders;

/// A moment, a day, a time of day or a duration, as a text says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// The day, in the Gregorian calendar also before there was one; none of a time alone.
    pub date: Option<Date>,
    /// Since midnight, 0 to below 86,400; 0 without a time. Of a duration all its seconds, which may be below 0.
    pub seconds: f64,
    /// What the clock is ahead of UTC; 0 if the text does not say.
    pub offset_seconds: f64,
}

pub(crate) const SECONDS_OF_DAY: f64 = 86_400.0;

impl Moment {
    /// The beginning of a day.
    fn of_date(date: Date) -> Self {
        Self {
            date: Some(date),
            ..Self::of_seconds(0.0)
        }
    }

    fn of_seconds(seconds: f64) -> Self {
        Self {
            date: None,
            seconds,
            offset_seconds: 0.0,
        }
    }

    fn of_time(date: Date, time: Time, offset_seconds: i32) -> Self {
        Self {
            date: Some(date),
            seconds: Self::seconds_of(time),
            offset_seconds: f64::from(offset_seconds),
        }
    }

    fn seconds_of(time: Time) -> f64 {
        let minutes = 60 * i32::from(time.hour()) + i32::from(time.minute());
        f64::from(60 * minutes) + (f64::from(time.second()) + f64::from(time.subsec_nanosecond()) / 1e9)
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(&self) -> u32 {
        self.date
            .map_or(0, |date| date.weekday().to_monday_zero_offset() as u32)
    }

    /// 1 to 366.
    pub fn day_of_year(&self) -> u32 {
        self.date.map_or(0, |date| date.day_of_year() as u32)
    }

    /// Days since the beginning of 1970 in UTC, with the time as a part of a day.
    pub fn elapsed_days(&self) -> f64 {
        let days = self
            .date
            .map_or(0, |day| day.duration_since(date(1970, 1, 1)).as_hours() / 24);
        days as f64 + (self.seconds - self.offset_seconds) / SECONDS_OF_DAY
    }
}
