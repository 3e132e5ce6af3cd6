//! Days and times in texts.
//!
//! Read is what ISO 8601 writes: the year first, then month and day, all as numbers, perhaps a time of day and its
//! distance from UTC: `2024-01-31`, `2024-01-31T12:30`, `2024-01-31 12:30:05.25+02:00`, `2024-01-31 12:30 UTC`, `20240131`.
//! Points and slashes may stand for the dashes, and zeros before a month or day may be left out.
//!
//! Where the year comes last, as in `01/02/2024`, one text does not show which is the day. A column shows it if
//! one of its days is beyond the 12th: see [`Orders`]. Nothing is guessed.

mod order;
mod written;

pub use order::DateOrder;
pub(crate) use order::Orders;
use written::Written;

/// A moment, or a day, as a text says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// 0 to 9999, in the Gregorian calendar also before there was one.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// Since midnight, 0 to below 86,400; 0 without a time.
    pub seconds: f64,
    /// What the clock is ahead of UTC; 0 if the text does not say.
    pub offset_seconds: f64,
}

const SECONDS_OF_DAY: f64 = 86_400.0;

impl Moment {
    /// Reads a text; nothing if it is no day that ever is.
    pub fn parse(text: &str, order: DateOrder) -> Option<Self> {
        Written::parse(text)?.moment(order)
    }

    /// 1 to 366.
    pub fn day_of_year(&self) -> u32 {
        (1..self.month)
            .map(|month| days_of_month(self.year, month))
            .sum::<u32>()
            + self.day
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(&self) -> u32 {
        // The day 1970-01-01 was a Thursday.
        (self.days_since_1970() + 3).rem_euclid(7) as u32
    }

    /// Days since the beginning of 1970 in UTC, with the time as a part of a day.
    pub fn elapsed_days(&self) -> f64 {
        self.days_since_1970() as f64 + (self.seconds - self.offset_seconds) / SECONDS_OF_DAY
    }

    fn days_since_1970(&self) -> i64 {
        // Years before this one have 365 days, and those among them that are leap years one more; year 0 is one.
        let leap_days = |years: i64| (years + 3) / 4 - (years + 99) / 100 + (years + 399) / 400;
        let before = |year: i64| 365 * year + leap_days(year);
        before(i64::from(self.year)) - before(1970) + i64::from(self.day_of_year()) - 1
    }
}

fn days_of_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2024",
            "2024-01",
            "2024-13-01",
            "2023-02-29",
            "1900-02-29",
            "2024-00-10",
            "2024-01-00",
            "24-01-31",
            "31/12/2024",
            "2024-01/31",
            "2024-01-31-",
            "2024-01-31T",
            "2024-01-31T25:00",
            "2024-01-31T12:60",
            "2024-01-31T12:30:60",
            "2024-01-31T12:30+",
            "2024-01-31T12:30+2",
            "2024-01-31T12:30Zulu",
            "2024-01-31T12:30:05.x",
            "2024-01-31 noon",
            "+2024-01-31",
            "2024-1-é",
            "2024-01-31T12:30+é0",
            "2024-01-31T12:30+02:00Z",
            "2024-01-31TZ",
            "2024-01-31T12:30ZZ",
            "2024-01-31 CET",
            "Z",
            "UTC",
            "99999999",
            "1.5",
        ] {
            assert_eq!(Moment::parse(text, DateOrder::YearFirst), None, "{text}");
        }
    }

    #[test]
    fn day_and_month_are_where_the_order_says() {
        let [day, month] = [DateOrder::DayFirst, DateOrder::MonthFirst];
        for (text, order, year_first) in [
            ("31/12/2024", day, Some("2024-12-31")),
            ("12/31/2024", month, Some("2024-12-31")),
            ("1.2.2024 8:30", day, None),
            ("1.2.2024 08:30", day, Some("2024-02-01 08:30")),
            ("1-2-2024T08:30+02:00", month, Some("2024-01-02 08:30+02:00")),
            ("2024-02-01", day, Some("2024-02-01")),
            ("20240201", month, Some("2024-02-01")),
            ("29/02/2023", day, None),
            ("31/12/2024", month, None),
            ("31/12/24", day, None),
            ("31/12/2024/1", day, None),
            ("31/12.2024", day, None),
            ("31/2024", day, None),
        ] {
            let expected = year_first.map(|text| Moment::parse(text, DateOrder::YearFirst).unwrap());
            assert_eq!(Moment::parse(text, order), expected, "{text} {order:?}");
        }
    }

    #[test]
    fn the_same_moment_in_many_spellings() {
        for text in [
            "2024-02-29T12:30:00Z",
            "2024-02-29 12:30",
            "20240229T12:30",
            "2024/2/29 12:30:00.000",
            "2024.02.29t14:30+02:00",
            "2024-02-29T14:30+0200",
            "2024-02-29T10:30:00,0-02",
            "2024-02-29 12:30:00 UTC",
            "2024-02-29 12:30 gmt",
            "2024-02-29 12:30:00.0 Z",
        ] {
            assert_eq!(
                Moment::parse(text, DateOrder::YearFirst).unwrap().elapsed_days(),
                19_782.0 + 12.5 / 24.0,
                "{text}"
            );
        }
        let moment = Moment::parse("2024-02-29T14:30+02:00", DateOrder::YearFirst).unwrap();
        assert_eq!((moment.day, moment.weekday(), moment.day_of_year()), (29, 3, 60));
    }
}
