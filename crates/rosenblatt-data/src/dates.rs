//! Days and times in texts.
//!
//! Read is what ISO 8601 writes: the year first, then month and day, all as numbers, perhaps a time of day and its
//! distance from UTC: `2024-01-31`, `2024-01-31T12:30`, `2024-01-31 12:30:05.25+02:00`, `2024-01-31 12:30 UTC`, `20240131`.
//! Points and slashes may stand for the dashes, and zeros before a month or day may be left out.
//!
//! Where the year comes last, as in `01/02/2024`, nobody can tell the day from the month by one text. A column tells it if
//! one of its days is beyond the 12th: see [`Orders`]. Nothing is guessed.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// How the dates of a column are written. Those with the year first are read in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Year, month, day: `2024-12-31`.
    #[default]
    YearFirst,
    /// Day, month, year: `31/12/2024`.
    DayFirst,
    /// Month, day, year: `12/31/2024`.
    MonthFirst,
}

impl DateOrder {
    pub(crate) const ALL: [Self; 3] = [Self::YearFirst, Self::DayFirst, Self::MonthFirst];

    /// `day first`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::YearFirst => "year first",
            Self::DayFirst => "day first",
            Self::MonthFirst => "month first",
        }
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

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

/// How many texts are dates in each order: what the texts of a column say together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Orders {
    texts: usize,
    /// In the order of [`DateOrder::ALL`].
    read: [usize; 3],
}

impl Orders {
    /// Of all texts of a column.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut orders = Self::default();
        texts.into_iter().for_each(|text| {
            orders.add(text);
        });
        orders
    }

    /// Adds a text, and says in which of [`DateOrder::ALL`] it is a date.
    pub fn add(&mut self, text: &str) -> [bool; 3] {
        let written = Written::parse(text);
        let is_date = |order| written.as_ref().is_some_and(|written| written.moment(order).is_some());
        let fits = DateOrder::ALL.map(is_date);
        self.texts += 1;
        self.read
            .iter_mut()
            .zip(fits)
            .for_each(|(read, fits)| *read += usize::from(fits));
        fits
    }

    /// The order in which most texts are dates; none if no text is one, or the day cannot be told from the month.
    pub fn likeliest(&self) -> Option<DateOrder> {
        let [year, day, month] = self.read;
        match day.cmp(&month) {
            _ if year == day.max(month) => (year > 0).then_some(DateOrder::YearFirst),
            Ordering::Greater => Some(DateOrder::DayFirst),
            Ordering::Less => Some(DateOrder::MonthFirst),
            Ordering::Equal => None,
        }
    }

    /// The order in which every text is a date, if there is exactly one.
    pub fn of_all(&self) -> Option<DateOrder> {
        self.likeliest()
            .filter(|&order| self.read[order as usize] == self.texts)
    }

    /// Whether there are dates, and the day cannot be told from the month.
    pub fn is_ambiguous(&self) -> bool {
        self.most() > 0 && self.likeliest().is_none()
    }

    /// Whether at least half of the texts are dates in one order.
    pub fn are_mostly_dates(&self) -> bool {
        self.most() > 0 && 2 * self.most() >= self.texts
    }

    fn most(&self) -> usize {
        self.read.into_iter().max().unwrap_or(0)
    }
}

/// A date as it is written, before it is known which number is the day.
struct Written {
    /// In the order of the text.
    numbers: [u32; 3],
    /// Whether the year is the first of them; otherwise it is the last.
    year_first: bool,
    seconds: f64,
    offset_seconds: f64,
}

impl Written {
    fn parse(text: &str) -> Option<Self> {
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
    fn moment(&self, order: DateOrder) -> Option<Moment> {
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

fn days_of_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
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
    fn a_column_tells_the_day_from_the_month_if_one_of_its_texts_does() {
        let [year, day, month] = DateOrder::ALL.map(Some);
        for (texts, likeliest, of_all, mostly) in [
            (&[][..], None, None, false),
            (&["red"], None, None, false),
            (&["2024-12-31", "20240101"], year, year, true),
            (&["2024-12-31", "soon"], year, None, true),
            (&["2024-12-31", "soon", "later"], year, None, false),
            (&["31/12/2024", "01/02/2024"], day, day, true),
            (&["12/31/2024", "01/02/2024"], month, month, true),
            (&["31/12/2024", "2024-02-01"], day, day, true),
            (&["01/02/2024", "03/04/2024"], None, None, true),
            (&["01/02/2024", "2024-04-03"], None, None, true),
            (&["31/12/2024", "12/31/2024"], None, None, true),
            (&["31/12/2024", "30/12/2024", "12/31/2024"], day, None, true),
        ] {
            let orders = Orders::of(texts.iter().copied());
            assert_eq!((orders.likeliest(), orders.of_all()), (likeliest, of_all), "{texts:?}");
            assert_eq!(orders.are_mostly_dates(), mostly, "{texts:?}");
            assert_eq!(orders.is_ambiguous(), mostly && likeliest.is_none(), "{texts:?}");
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
