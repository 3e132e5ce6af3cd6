//! Days as they are written.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::DateOrder;
use super::cursor::{Cursor, Digits};
use super::names;

/// A day, before it is known which number is which.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Day {
    /// The same in every order: the year has four digits and comes first, or the month has a name.
    Known(Date),
    /// A month without a day: its first one.
    Month(Date),
    /// Three numbers, of which the last is the year.
    YearLast([u32; 3]),
    /// Three numbers of at most two digits.
    Short([u32; 3]),
}

/// Numbers such as `4711-05` are months only within these years.
const YEARS_OF_MONTHS: std::ops::RangeInclusive<u32> = 1500..=2299;

impl Day {
    /// Reads a day; more may follow.
    pub fn next(text: &mut Cursor<'_>) -> Option<Self> {
        skip_weekday(text);
        if !text.peek()?.is_ascii_digit() {
            let word = text.word()?;
            return match names::month(word) {
                Some(named) => after_month(text, named),
                None => quarter_first(text, word),
            };
        }
        let first = text.digits()?;
        match first.len() {
            8 => known(first.part(0, 4), first.part(4, 2), first.part(6, 2)),
            4 => after_year(text, first.number()),
            1 | 2 => after_number(text, first),
            _ => None,
        }
    }

    /// The day in an order; nothing if there is no such day. Numbers of two digits are read with the year first only if
    /// `short_year_first`.
    pub fn date(self, order: DateOrder, short_year_first: bool) -> Option<Date> {
        match (self, order) {
            (Self::Known(date) | Self::Month(date), _) => Some(date),
            (Self::YearLast([day, month, year]), DateOrder::DayFirst)
            | (Self::YearLast([month, day, year]), DateOrder::MonthFirst) => date(year, month, day),
            (Self::YearLast(_), DateOrder::YearFirst) => None,
            (Self::Short([day, month, year]), DateOrder::DayFirst)
            | (Self::Short([month, day, year]), DateOrder::MonthFirst) => date(full_year(year), month, day),
            (Self::Short([year, month, day]), DateOrder::YearFirst) => {
                short_year_first.then(|| date(full_year(year), month, day))?
            }
        }
    }
}

pub(super) fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

fn known(year: u32, month: u32, day: u32) -> Option<Day> {
    date(year, month, day).map(Day::Known)
}

fn month(year: u32, month: u32) -> Option<Day> {
    let first = date(year, month, 1).filter(|_| YEARS_OF_MONTHS.contains(&year));
    first.map(Day::Month)
}

/// The year of two digits, as POSIX has it: 69 to 99 are of the last century.
fn full_year(short: u32) -> u32 {
    short + if short >= 69 { 1900 } else { 2000 }
}

/// The year of two or four digits.
fn year(digits: Digits<'_>) -> Option<u32> {
    match digits.len() {
        2 => Some(full_year(digits.number())),
        4 => Some(digits.number()),
        _ => None,
    }
}

fn skip_weekday(text: &mut Cursor<'_>) {
    let mut ahead = *text;
    if ahead.word().is_some_and(names::is_weekday) {
        separators(&mut ahead);
        *text = ahead;
    }
}

/// Skips blanks and marks between the parts of a date with a name; returns the last mark.
fn separators(text: &mut Cursor<'_>) -> Option<u8> {
    let mut last = None;
    loop {
        let blank = text.blanks();
        match text.eat_any(b",.-/'") {
            Some(mark) => last = Some(mark),
            None if blank => {}
            None => return last,
        }
    }
}

/// Takes the name of a month and what is around it.
fn month_name(text: &mut Cursor<'_>) -> Option<u32> {
    let mut ahead = *text;
    separators(&mut ahead);
    let month = names::month(ahead.word()?)?;
    separators(&mut ahead);
    *text = ahead;
    Some(month)
}

/// `2024-05-31`, `2024-05`, `2024-Jul-05`, `2024-W05-3`, `2024-366`, `2024Q2`.
fn after_year(text: &mut Cursor<'_>, year: u32) -> Option<Day> {
    if let Some(named) = month_name(text) {
        return match text.digits() {
            Some(day) => known(year, named, day.number()),
            None => month(year, named),
        };
    }
    let mark = text.eat_any(b"-/.");
    text.blanks();
    match text.eat_any(b"QqWw") {
        Some(b'Q' | b'q') => quarter(year, text.digits()?.number()),
        Some(_) => week(text, year),
        None => numbers_after_year(text, year, mark?),
    }
}

fn numbers_after_year(text: &mut Cursor<'_>, year: u32, mark: u8) -> Option<Day> {
    let second = text.digits()?;
    match second.len() {
        3 if mark == b'-' => ordinal(year, second.number()),
        1 | 2 if text.eat(mark) => {
            let day = text.digits().filter(|day| day.len() <= 2)?;
            known(year, second.number(), day.number())
        }
        1 | 2 if mark != b'.' => month(year, second.number()),
        _ => None,
    }
}

/// `Q2 2024`, of which the letter is taken.
fn quarter_first(text: &mut Cursor<'_>, word: &[u8]) -> Option<Day> {
    let number = text.digits().filter(|_| word.eq_ignore_ascii_case(b"q"))?;
    separators(text);
    let year = text.digits().filter(|year| year.len() == 4)?;
    quarter(year.number(), number.number())
}

/// The first month of a quarter, 1 to 4.
fn quarter(year: u32, number: u32) -> Option<Day> {
    (1..=4).contains(&number).then(|| month(year, 3 * number - 2))?
}

/// What follows `2024-W`: the week and perhaps the day, 1 for Monday.
fn week(text: &mut Cursor<'_>, year: u32) -> Option<Day> {
    let week = i8::try_from(text.two_digits(54)?).ok()?;
    let day = if text.eat(b'-') { text.digits()?.number() } else { 1 };
    let day = Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?;
    let date = ISOWeekDate::new(i16::try_from(year).ok()?, week, day).ok()?;
    Some(Day::Known(date.date()))
}

/// The day of a number within its year, from 1.
fn ordinal(year: u32, number: u32) -> Option<Day> {
    let day = i16::try_from(number).ok()?;
    let first = date(year, 1, 1)?;
    first.with().day_of_year(day).build().ok().map(Day::Known)
}

/// `31/05/2024`, `31.5.24`, `05/2024`, `5 July 2020`, `5th of July, 2020`, `05JUL20`, `99-Jul-05`.
fn after_number(text: &mut Cursor<'_>, first: Digits<'_>) -> Option<Day> {
    skip_ordinal(text);
    let mut ahead = *text;
    ahead.blanks();
    if ahead.eat_word("of") {
        *text = ahead;
    }
    if let Some(named) = month_name(text) {
        let last = text.digits()?;
        return match first.number() > 31 {
            true => known(full_year(first.number()), named, last.number()),
            false => known(year(last)?, named, first.number()),
        };
    }
    numbers_after_number(text, first.number())
}

fn numbers_after_number(text: &mut Cursor<'_>, first: u32) -> Option<Day> {
    let mark = text.eat_any(b"-/.")?;
    // A point may be followed by a blank: `5. 7. 2020`.
    let blanks = |text: &mut Cursor<'_>| mark == b'.' && text.blanks();
    blanks(text);
    let second = text.digits()?;
    if second.len() == 4 && mark != b'.' {
        return month(second.number(), first);
    }
    blanks(text);
    if second.len() > 2 || !text.eat(mark) {
        return None;
    }
    blanks(text);
    let last = text.digits()?;
    let numbers = [first, second.number(), last.number()];
    match last.len() {
        4 => Some(Day::YearLast(numbers)),
        2 => Some(Day::Short(numbers)),
        _ => None,
    }
}

/// `Jul 5, 2020`, `July 2020`, `Jul-20`, `Jul '20`, `Jul 5 13:30:00 2020`.
fn after_month(text: &mut Cursor<'_>, named: u32) -> Option<Day> {
    let mark = separators(text);
    let first = text.digits()?;
    if first.len() == 4 {
        return month(first.number(), named);
    }
    if first.len() > 2 {
        return None;
    }
    skip_ordinal(text);
    if text.is_empty() {
        // `Jul 20` may be a day without a year.
        let of_year = first.len() == 2 && matches!(mark, Some(b'-' | b'/' | b'\''));
        return of_year.then(|| month(full_year(first.number()), named))?;
    }
    separators(text);
    let mut ahead = *text;
    let last = ahead.digits()?;
    if ahead.peek() == Some(b':') {
        return known(text.take_last_year()?, named, first.number());
    }
    *text = ahead;
    known(year(last)?, named, first.number())
}

/// Skips `st`, `nd`, `rd` or `th` behind a number.
fn skip_ordinal(text: &mut Cursor<'_>) {
    let _ = ["st", "nd", "rd", "th"].iter().any(|suffix| text.eat_word(suffix));
}
