//! Whether the day or the month comes first.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::Written;

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

    /// The order in which most texts are dates; none if no text is one, or it is ambiguous which is the day.
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

    /// Whether there are dates, and it is ambiguous which is the day.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
