//! Days and times in texts.
//!
//! Read is what ISO 8601 writes: the year first, then month and day, all as numbers, perhaps a time of day and its
//! distance from UTC: `2024-01-31`, `2024-01-31T12:30`, `2024-01-31 12:30:05.25+02:00`, `20240131`. Points and slashes may
//! stand for the dashes, and zeros before a month or day may be left out. Other orders (`31/12/2024`) are not read, since
//! for most such dates nobody can tell the day from the month.

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
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        let (date, time) = match text.find(['T', 't', ' ']) {
            Some(at) => (&text[..at], Some(text[at + 1..].trim_ascii_start())),
            None => (text, None),
        };
        let [year, month, day] = date_of(date)?;
        let (seconds, offset_seconds) = time.map_or(Some((0.0, 0.0)), time_of)?;
        let real = (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
        real.then_some(Self {
            year,
            month,
            day,
            seconds,
            offset_seconds,
        })
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

/// Year, month, day.
fn date_of(text: &str) -> Option<[u32; 3]> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some([digits(&text[..4])?, digits(&text[4..6])?, digits(&text[6..])?]);
    }
    let mark = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(mark);
    let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
    let fits = year.len() == 4 && month.len() <= 2 && day.len() <= 2 && parts.next().is_none();
    fits.then_some([digits(year)?, digits(month)?, digits(day)?])
}

/// Seconds since midnight, and those that the clock is ahead of UTC.
fn time_of(text: &str) -> Option<(f64, f64)> {
    let at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
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
    let complete = parts.next().is_none();
    complete.then_some((f64::from(60 * (60 * hours + minutes)) + seconds, offset_of(zone)?))
}

/// `Z`, `+02`, `+0230`, `-02:30`, or nothing.
fn offset_of(text: &str) -> Option<f64> {
    let ahead = match text.chars().next() {
        None => return Some(0.0),
        Some('Z' | 'z') => return (text.len() == 1).then_some(0.0),
        Some('-') => -1.0,
        Some(_) => 1.0,
    };
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
            "99999999",
            "1.5",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
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
        ] {
            assert_eq!(
                Moment::parse(text).unwrap().elapsed_days(),
                19_782.0 + 12.5 / 24.0,
                "{text}"
            );
        }
        let moment = Moment::parse("2024-02-29T14:30+02:00").unwrap();
        assert_eq!((moment.day, moment.weekday(), moment.day_of_year()), (29, 3, 60));
    }
}
