//! Columns of which the user says that they are dates, or how they are written.

use rosenblatt_tensor::{Advice, Error};

use super::{DateKind, DateOrder, Orders, Spelling, format};
use crate::places::short;
use crate::{CellError, Column, ColumnData, ColumnKind, DataOptions, MISSING};

/// What the user says about the dates of a column.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'a> {
    /// That it is one of dates.
    pub is_date: bool,
    pub order: Option<DateOrder>,
    pub format: Option<&'a str>,
}

impl<'a> Given<'a> {
    /// About the column of a name.
    pub fn of(options: &'a DataOptions, column: &str) -> Self {
        let format = options.date_formats.get(column).map(String::as_str);
        Self {
            is_date: format.is_some() || options.columns.get(column) == Some(&ColumnKind::Date),
            order: options.date_order,
            format,
        }
    }

    /// How texts are to be read: as given, or as they say themselves. None if they are no dates: all of them, or most of them
    /// if they are given to be some.
    pub fn spelling<'t>(self, texts: impl Iterator<Item = &'t str> + Clone) -> Option<Spelling> {
        if let Some(format) = self.format {
            return Some(of_format(format, texts));
        }
        if self.is_date
            && let Some(kind) = kind_of_numbers(texts.clone())
        {
            return Some(Spelling::new(DateOrder::default(), kind));
        }
        let vote = Orders::of(texts.clone());
        let found = if self.is_date {
            vote.spelling()
        } else {
            vote.of_all_texts()
        };
        let Some(order) = self.order.filter(|_| vote.are_mostly_dates()) else {
            return found;
        };
        let as_given = Spelling {
            short_year_first: order == DateOrder::YearFirst,
            ..Spelling::new(order, found.as_ref().map_or(DateKind::Date, |found| found.kind))
        };
        match self.is_date || texts.into_iter().all(|text| as_given.read(text).is_some()) {
            true => Some(as_given),
            false => found,
        }
    }

    /// Refuses the first cell that cannot be read, if the column is given to be one of dates.
    pub fn check(self, column: &Column) -> Result<(), CellError> {
        let ColumnData::Categorical(texts) = &column.data else {
            return Ok(());
        };
        let (codes, levels) = (texts.codes(), texts.levels());
        if !self.is_date {
            return Ok(());
        }
        let spelling = self.spelling(levels.iter());
        let unread: Vec<bool> = levels
            .iter()
            .map(|text| spelling.as_ref().is_none_or(|spelling| spelling.read(text).is_none()))
            .collect();
        let is_unread = |&code: &u32| code != MISSING && unread[code as usize];
        let Some(row) = codes.iter().position(is_unread) else {
            return Ok(());
        };
        let text = levels.get(codes[row] as usize);
        let error = unreadable(&column.name, text, spelling.as_ref());
        Err(CellError::at(row as u64, &column.name, error))
    }
}

/// The spelling of a format; whether it has days shows in the first text that is of it.
fn of_format<'t>(format: &str, mut texts: impl Iterator<Item = &'t str>) -> Spelling {
    let read = texts.find_map(|text| format::read(format, text).ok());
    let kind = match read.is_some_and(|moment| moment.date.is_none()) {
        true => DateKind::TimeOfDay,
        false => DateKind::Date,
    };
    Spelling {
        format: Some(format.to_owned()),
        ..Spelling::new(DateOrder::default(), kind)
    }
}

/// What numbers are that are given to be dates, if at least half of the texts are numbers.
fn kind_of_numbers<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Option<DateKind> {
    let numbers = texts.clone().filter_map(|text| text.trim_ascii().parse::<f64>().ok());
    let (count, largest) = numbers.fold((0, 0.0_f64), |(count, largest), number| {
        (count + 1, number.abs().max(largest))
    });
    let half = texts.clone().count().div_ceil(2).max(1);
    if count < half {
        return None;
    }
    let reads = |kind| {
        let spelling = Spelling::new(DateOrder::default(), kind);
        texts.clone().filter(|text| spelling.read(text).is_some()).count() >= half
    };
    if let Some(kind) = [DateKind::Year, DateKind::Digits].into_iter().find(|&kind| reads(kind)) {
        return Some(kind);
    }
    // From the year 1973 on; smaller numbers count something else.
    match largest {
        1e8..1e11 => Some(DateKind::UnixSeconds),
        1e11..1e14 => Some(DateKind::UnixMilliseconds),
        1e14..1e17 => Some(DateKind::UnixMicroseconds),
        1e17..1e19 => Some(DateKind::UnixNanoseconds),
        _ => None,
    }
}

/// What to do about dates whose order is not clear.
pub(crate) fn order_advice() -> Advice {
    let [day, month] = [DateOrder::DayFirst, DateOrder::MonthFirst].map(DateOrder::key);
    let advice = Advice::default().set("data.date_order", day).text(" or ");
    advice.set("data.date_order", month).text(" says which comes first")
}

/// The error about a text of a column of dates that cannot be read.
fn unreadable(column: &str, text: &str, spelling: Option<&Spelling>) -> Error {
    let shown = short(text);
    let (message, hint) = match spelling {
        Some(Spelling {
            format: Some(format), ..
        }) => of_other_format(format, text),
        Some(spelling) if spelling.is_of_other_order(text) => {
            let order = spelling.order.name();
            (
                format!("`{shown}` is not a date with the {order}, as others are"),
                order_advice(),
            )
        }
        None if Orders::of([text]).is_ambiguous() => {
            let what = "is a date, but it is ambiguous whether the day or the month comes first in this column";
            (format!("`{shown}` {what}"), order_advice())
        }
        _ => {
            let hint = Advice::new("if it marks a missing value, add ").set("data.missing", &shown);
            let hint = hint.text("; a format such as `%d/%m/%y` can be given with ");
            let hint = hint.setting(format!("data.date_formats.{column}"));
            (format!("expected a date, got `{shown}`"), hint)
        }
    };
    Error::data(format!("column `{}`: {message}", short(column))).hint(hint)
}

fn of_other_format(format: &str, text: &str) -> (String, Advice) {
    let reason = format::read(format, text).err().unwrap_or_default();
    let message = format!("`{}` is not of the format `{format}`: {reason}", short(text));
    (message, Advice::new("correct the format, or the cell"))
}

/// The error about a text in another order than that of training.
pub(crate) fn other_order(column: &str, text: &str, order: DateOrder) -> Error {
    let (column, text, name) = (short(column), short(text), order.name());
    let message = format!("column `{column}`: `{text}` is not a date with the {name}, as in training");
    Error::data(message).hint("write the dates of this file as those of training, or with the year first: `2024-12-31`")
}
