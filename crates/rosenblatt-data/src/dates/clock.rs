//! Times of day.

use super::cursor::Cursor;

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clock {
    /// The first number, which may be beyond 23 in a duration.
    pub hours: u32,
    pub minutes: u32,
    /// With their fraction; none if only two numbers are written.
    pub seconds: Option<f64>,
    /// `AM` or `PM` was written: the hour is that of a day of 24.
    pub half_days: bool,
}

impl Clock {
    /// Seconds since midnight.
    pub fn total(self) -> f64 {
        60.0 * (60.0 * f64::from(self.hours) + f64::from(self.minutes)) + self.seconds.unwrap_or(0.0)
    }

    /// Whether it is a time of day.
    pub fn is_of_day(self) -> bool {
        self.hours < 24
    }

    /// Reads `13:08`, `1:20:05.25 PM`, `1 PM`, of any number of hours; more may follow.
    pub fn next(text: &mut Cursor<'_>) -> Option<Self> {
        let hours = text.digits().filter(|hours| hours.len() <= 6)?.number();
        let mut clock = Self {
            hours,
            minutes: 0,
            seconds: None,
            half_days: false,
        };
        let has_minutes = text.eat(b':');
        if has_minutes {
            clock.minutes = text.two_digits(60)?;
            if text.eat(b':') {
                clock.seconds = Some(seconds(text)?);
            }
        }
        match half_of_day(text) {
            Some(after_noon) => clock.of_half(after_noon),
            None => has_minutes.then_some(clock),
        }
    }

    /// As [`Clock::next`] of a time of day, or `13`, `1330`, `133005`: what follows a `T`.
    pub fn after_t(text: &mut Cursor<'_>) -> Option<Self> {
        let mut ahead = *text;
        let digits = ahead.digits()?;
        if ahead.peek() == Some(b':') || digits.len() < 2 {
            return Self::next(text).filter(|clock| clock.is_of_day());
        }
        let (hours, minutes) = (digits.part(0, 2), digits.part(2, 2));
        let whole = match digits.len() {
            2 | 4 => None,
            6 => Some(digits.part(4, 2)),
            _ => return None,
        };
        let seconds = match whole {
            None => None,
            Some(whole) => Some(f64::from(whole) + fraction(&mut ahead)?),
        };
        *text = ahead;
        let within = hours < 24 && minutes < 60 && whole.is_none_or(|whole| whole < 60);
        within.then_some(Self {
            hours,
            minutes,
            seconds,
            half_days: false,
        })
    }

    /// The time of day of an hour of a half day.
    fn of_half(mut self, after_noon: bool) -> Option<Self> {
        let fits = self.hours <= 12;
        self.hours = self.hours % 12 + 12 * u32::from(after_noon);
        self.half_days = true;
        fits.then_some(self)
    }
}

/// Two digits of seconds and perhaps a fraction.
fn seconds(text: &mut Cursor<'_>) -> Option<f64> {
    let whole = f64::from(text.two_digits(60)?);
    Some(whole + fraction(text)?)
}

/// A mark and the digits behind it; 0 without a mark.
fn fraction(text: &mut Cursor<'_>) -> Option<f64> {
    match text.eat_any(b".,") {
        Some(_) => Some(text.digits()?.fraction()),
        None => Some(0.0),
    }
}

/// `AM`, `pm`, `a.m.`: whether it is after noon.
fn half_of_day(text: &mut Cursor<'_>) -> Option<bool> {
    let mut ahead = *text;
    ahead.blanks();
    let after_noon = matches!(ahead.eat_any(b"AaPp")?, b'P' | b'p');
    let point = ahead.eat(b'.');
    ahead.eat_any(b"Mm")?;
    let ends = if point {
        ahead.eat(b'.')
    } else {
        !ahead.peek().is_some_and(|byte| byte.is_ascii_alphabetic())
    };
    if !ends {
        return None;
    }
    *text = ahead;
    Some(after_noon)
}
