//! What the texts of a column say together about how they are written.

use super::day::Day;
use super::duration::Duration;
use super::written::Written;
use super::{DateKind, DateOrder, Spelling};

/// How many texts are dates in each order, times or durations.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Orders {
    texts: usize,
    /// Texts that are no dates, times or durations.
    others: usize,
    /// In the order of [`DateOrder::ALL`].
    read: [usize; 3],
    /// Dates whose numbers are in an order.
    ordered: usize,
    months: usize,
    short: Short,
    clocks: Clocks,
    durations: Durations,
}

/// Dates of three numbers of two digits.
#[derive(Clone, Copy, Debug, Default)]
struct Short {
    count: usize,
    /// Which numbers came first, a bit each, and last.
    first: u128,
    last: u128,
}

/// Times without a day.
#[derive(Clone, Copy, Debug, Default)]
struct Clocks {
    all: usize,
    of_day: usize,
    /// Those that may be durations.
    lasting: usize,
    with_seconds: usize,
    /// Of two numbers, of which the first is beyond a day.
    long_pairs: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Durations {
    count: usize,
    certain: bool,
    units: u32,
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

    /// Adds a text, and says in which of [`DateOrder::ALL`] it is a date. A time or a duration is one in all of them, unless
    /// there were dates before. Numbers of two digits have the year first only if nothing else is possible.
    pub fn add(&mut self, text: &str) -> [bool; 3] {
        self.texts += 1;
        match Written::parse(text) {
            None => {
                self.others += 1;
                [false; 3]
            }
            Some(Written::Date { day, .. }) => self.add_day(day),
            Some(Written::Clock {
                clock,
                negative,
                has_zone,
            }) => {
                let clocks = &mut self.clocks;
                clocks.all += 1;
                clocks.of_day += usize::from(clock.is_of_day() && !negative);
                clocks.lasting += usize::from(!clock.half_days && !has_zone);
                clocks.with_seconds += usize::from(clock.seconds.is_some());
                clocks.long_pairs += usize::from(clock.seconds.is_none() && !clock.is_of_day());
                [!self.has_dates(); 3]
            }
            Some(Written::Duration(Duration { units, certain, .. })) => {
                let durations = &mut self.durations;
                durations.count += 1;
                durations.certain |= certain;
                durations.units |= units;
                [!self.has_dates(); 3]
            }
        }
    }

    fn add_day(&mut self, day: Day) -> [bool; 3] {
        let fits = DateOrder::ALL.map(|order| day.date(order, true).is_some());
        for (read, fits) in self.read.iter_mut().zip(fits) {
            *read += usize::from(fits);
        }
        match day {
            Day::Month(_) => self.months += 1,
            Day::Known(_) => {}
            Day::YearLast(_) => self.ordered += 1,
            Day::Short([first, _, last]) => {
                self.ordered += 1;
                self.short.count += 1;
                self.short.first |= 1 << (first % 128);
                self.short.last |= 1 << (last % 128);
            }
        }
        match (day, fits) {
            (Day::Short(_), [_, day, month]) if day || month => [false, day, month],
            _ => fits,
        }
    }

    /// The order in which most texts are dates; none if no text is one, or it is ambiguous which number is which.
    pub fn likeliest(&self) -> Option<DateOrder> {
        if self.times() > self.dates() {
            return Some(DateOrder::YearFirst);
        }
        let most = self.dates();
        let fits = self.read.map(|read| read == most);
        match fits {
            _ if most == 0 => None,
            _ if self.ordered == 0 => Some(DateOrder::YearFirst),
            [true, false, false] => Some(DateOrder::YearFirst),
            [false, true, false] => Some(DateOrder::DayFirst),
            [false, false, true] => Some(DateOrder::MonthFirst),
            [true, true, false] => self.unless_short(DateOrder::DayFirst),
            [true, false, true] => self.unless_short(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// Of `31/12/24` and the like, an order with the year last, unless the last numbers change more than the first, as days do.
    fn unless_short(&self, order: DateOrder) -> Option<DateOrder> {
        let Short { count, first, last } = self.short;
        match count {
            0 => Some(DateOrder::YearFirst),
            _ => (first.count_ones() >= last.count_ones()).then_some(order),
        }
    }

    /// The order in which every text is a date, if there is exactly one.
    pub fn of_all(&self) -> Option<DateOrder> {
        self.of_all_texts().map(|spelling| spelling.order)
    }

    /// How every text is written, if all are written so, and there is exactly one such way.
    pub fn of_all_texts(&self) -> Option<Spelling> {
        let all = self.texts > 0 && self.texts == self.dates().max(self.times());
        self.spelling().filter(|_| all)
    }

    /// How most texts are written.
    pub fn spelling(&self) -> Option<Spelling> {
        let order = self.likeliest()?;
        let kind = match self.kind_of_times() {
            Some((times, kind)) if times > self.dates() => kind,
            _ if self.months == self.dates() => DateKind::Month,
            _ => DateKind::Date,
        };
        Some(Spelling {
            short_year_first: order == DateOrder::YearFirst && self.short.count > 0,
            ..Spelling::new(order, kind)
        })
    }

    /// Whether there are dates, and it is ambiguous which is the day.
    pub fn is_ambiguous(&self) -> bool {
        self.dates().max(self.times()) > 0 && self.likeliest().is_none()
    }

    /// Whether at least half of the texts are dates in one order, or times.
    pub fn are_mostly_dates(&self) -> bool {
        let most = self.dates().max(self.times());
        most > 0 && 2 * most >= self.texts
    }

    /// How many texts are no dates, times or durations.
    pub fn others(&self) -> usize {
        self.others
    }

    fn has_dates(&self) -> bool {
        self.dates() > 0
    }

    fn dates(&self) -> usize {
        self.read.into_iter().max().unwrap_or(0)
    }

    fn times(&self) -> usize {
        self.kind_of_times().map_or(0, |(times, _)| times)
    }

    /// How many texts are times or durations, and which of them they are.
    fn kind_of_times(&self) -> Option<(usize, DateKind)> {
        let Clocks {
            all,
            of_day,
            lasting,
            with_seconds,
            long_pairs,
        } = self.clocks;
        let Durations { count, certain, units } = self.durations;
        let named = if certain || Duration::are_neighbors(units) {
            count
        } else {
            0
        };
        let minutes = long_pairs > 0 && with_seconds > 0;
        let kind = match minutes {
            true => DateKind::MinuteDuration,
            false => DateKind::Duration,
        };
        match lasting + named {
            times if times > of_day => Some((times, kind)),
            _ => (all > 0).then_some((of_day, DateKind::TimeOfDay)),
        }
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
            (&["5 Jul 2020", "2024-02-01"], year, year, true),
            (&["12/31/24", "01/02/24"], month, month, true),
            (&["31/12/24", "30/11/24"], day, day, true),
            (&["99/12/24", "98/12/30"], year, year, true),
            // The last number changes as days do, but the first one may be the day.
            (&["24-12-31", "24-12-30"], None, None, true),
            (&["01/02/24", "03/04/24"], None, None, true),
            (&["31/12/99", "30/11/98"], day, day, true),
        ] {
            let orders = Orders::of(texts.iter().copied());
            assert_eq!((orders.likeliest(), orders.of_all()), (likeliest, of_all), "{texts:?}");
            assert_eq!(orders.are_mostly_dates(), mostly, "{texts:?}");
            assert_eq!(orders.is_ambiguous(), mostly && likeliest.is_none(), "{texts:?}");
        }
    }

    #[test]
    fn a_column_tells_times_from_durations() {
        use DateKind::{Date, Duration, MinuteDuration, Month, TimeOfDay};
        for (texts, kind) in [
            (&["13:08", "00:00"][..], Some(TimeOfDay)),
            (&["1:20 PM", "13:08:05"], Some(TimeOfDay)),
            (&["13:08", "26:15"], Some(Duration)),
            (&["13:08:00", "26:15:00"], Some(Duration)),
            (&["59:30", "1:02:15"], Some(MinuteDuration)),
            (&["-01:30:00", "01:30:00"], Some(Duration)),
            (&["1h 30m", "45m", "2h"], Some(Duration)),
            (&["45m", "2h"], Some(Duration)),
            (&["45 m", "2 m"], None),
            (&["1 day, 2:03:04", "0:00:05"], Some(Duration)),
            (&["P1DT2H", "PT5M"], Some(Duration)),
            (&["26:15", "1:20 PM"], None),
            (&["13:08", "2024-01-01"], None),
            (&["2024-01", "Jul 2020"], Some(Month)),
            (&["2024-01", "2024-01-05"], Some(Date)),
        ] {
            let spelling = Orders::of(texts.iter().copied()).of_all_texts();
            assert_eq!(spelling.map(|spelling| spelling.kind), kind, "{texts:?}");
        }
    }
}
