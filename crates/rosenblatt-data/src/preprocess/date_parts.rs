//! Numbers for a date.

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Feature, FeatureValues, Made, Standardize, Transform, in_range, texts};
use crate::categories::{Counted, count_texts};
use crate::dates::{DateKind, DateOrder, Moment, Orders, Spelling, given};
use crate::warning::{Imputed, Warning};
use crate::{CellError, Column, ColumnData, Dictionary, Levels, MISSING};

/// Takes days and times apart: a feature for each part that differs between training rows, standardized.
///
/// Day and month are in the order of most dates of the training file, or as the settings say; a date with the year first is
/// read in any case. A date that can only be read in another order is refused. A time of day gives the parts of a time, a
/// duration its seconds: see [`DateKind`].
///
/// Parts of a time with its distance from UTC are those of the clock that it was read from; only the elapsed days are in
/// UTC. A cell that is missing, or no date, has 0 in all parts, the mean of training; `<column>_missing` marks such cells if a
/// training row has one. Missing cells, and those with something else, are counted in warnings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateParts {
    /// In the order of the features.
    pub parts: Vec<ScaledPart>,
    /// Whether there is a feature that marks missing cells.
    pub indicator: bool,
    /// How the dates are written.
    #[serde(default, skip_serializing_if = "DateOrder::is_default")]
    pub order: DateOrder,
    /// What they say.
    #[serde(default, skip_serializing_if = "DateKind::is_default")]
    pub kind: DateKind,
    /// Whether years of two digits come first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub short_year_first: bool,
    /// The format that was given, a pattern of `strptime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// A part and its scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaledPart {
    /// Which.
    pub part: DatePart,
    /// Fitted on the training rows.
    pub scale: Standardize,
}

/// What a date says as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// Days since the beginning of 1970 in UTC, the time as a part of a day.
    ElapsedDays,
    /// 0 to 9999.
    Year,
    /// 1 to 12.
    Month,
    /// 1 to 31.
    Day,
    /// 0 for Monday to 6 for Sunday.
    Weekday,
    /// 1 to 366.
    DayOfYear,
    /// 0 to 23; 0 without a time.
    Hour,
    /// 0 to 59.
    Minute,
    /// 0 to below 60.
    Second,
    /// Hours since midnight, 0 to below 24, with their fraction; of times of day.
    TimeOfDay,
    /// All seconds of a duration.
    TotalSeconds,
}

impl DatePart {
    /// Those of a date, in the order of the features.
    pub const ALL: [Self; 9] = [
        Self::ElapsedDays,
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Weekday,
        Self::DayOfYear,
        Self::Hour,
        Self::Minute,
        Self::Second,
    ];

    /// Those of the dates, times or durations of a column, in the order of the features.
    #[must_use]
    pub fn of_kind(kind: DateKind) -> &'static [Self] {
        match kind {
            DateKind::Month => &[Self::ElapsedDays, Self::Year, Self::Month],
            DateKind::Year => &[Self::Year],
            DateKind::TimeOfDay => &[Self::TimeOfDay, Self::Hour, Self::Minute, Self::Second],
            DateKind::Duration | DateKind::MinuteDuration => &[Self::TotalSeconds],
            _ => &Self::ALL,
        }
    }

    /// The part of a date that shows its order; nothing if the text is none.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::preprocess::DatePart;
    /// assert_eq!(DatePart::Weekday.of("2024-02-29"), Some(3.0));
    /// assert_eq!(DatePart::Hour.of("2024-02-29T18:30"), Some(18.0));
    /// assert_eq!(DatePart::Day.of("2023-02-29"), None);
    /// ```
    #[must_use]
    pub fn of(self, text: &str) -> Option<f64> {
        Spelling::default().read(text).map(|moment| self.of_moment(&moment))
    }

    fn of_moment(self, moment: &Moment) -> f64 {
        let minutes = (moment.seconds / 60.0).floor();
        match self {
            Self::ElapsedDays => moment.elapsed_days(),
            Self::Year => moment.date.map_or(0.0, |date| f64::from(date.year())),
            Self::Month => moment.date.map_or(0.0, |date| f64::from(date.month())),
            Self::Day => moment.date.map_or(0.0, |date| f64::from(date.day())),
            Self::Weekday => f64::from(moment.weekday()),
            Self::DayOfYear => f64::from(moment.day_of_year()),
            Self::Hour => (minutes / 60.0).floor(),
            Self::Minute => minutes % 60.0,
            Self::Second => moment.seconds - 60.0 * minutes,
            Self::TimeOfDay => moment.seconds / 3600.0,
            Self::TotalSeconds => moment.seconds,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ElapsedDays => "elapsed_days",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::DayOfYear => "day_of_year",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::TimeOfDay => "time_of_day",
            Self::TotalSeconds => "total_seconds",
        }
    }
}

impl DateParts {
    /// The parts that differ between rows; none if all dates are equal, or there are none.
    #[must_use]
    pub fn fit(texts: &Dictionary) -> Self {
        let spelling = Orders::of(texts.levels().iter()).spelling();
        Self::fit_spelled(texts, spelling.unwrap_or_default())
    }

    /// As [`DateParts::fit`] of dates that are written in a known way.
    pub(crate) fn fit_spelled(texts: &Dictionary, spelling: Spelling) -> Self {
        let (codes, moments) = (texts.codes(), moments(texts.levels(), &spelling));
        let moment = |&code: &u32| if code == MISSING { None } else { moments[code as usize] };
        let scaled = |&part: &DatePart| {
            let values: Vec<f64> = codes
                .iter()
                .filter_map(moment)
                .map(|moment| part.of_moment(&moment))
                .collect();
            let scale = Standardize::fit(&values);
            (scale.std > 0.0).then_some(ScaledPart { part, scale })
        };
        Self {
            parts: DatePart::of_kind(spelling.kind).iter().filter_map(scaled).collect(),
            indicator: codes.iter().any(|code| moment(code).is_none()),
            order: spelling.order,
            kind: spelling.kind,
            short_year_first: spelling.short_year_first,
            format: spelling.format,
        }
    }

    /// How the texts of the column are read.
    pub(crate) fn spelling(&self) -> Spelling {
        Spelling {
            order: self.order,
            kind: self.kind,
            short_year_first: self.short_year_first,
            format: self.format.clone(),
        }
    }

    /// Refuses the first of some rows whose date is in another order than that of training: it may not be read as if it were not.
    pub(crate) fn check_order(&self, column: &Column, rows: &[u64]) -> std::result::Result<(), CellError> {
        let ColumnData::Categorical(texts) = &column.data else {
            return Ok(());
        };
        let (codes, levels) = (texts.codes(), texts.levels());
        let spelling = self.spelling();
        let odd: Vec<bool> = levels.iter().map(|text| spelling.is_of_other_order(text)).collect();
        let is_odd = |row: &&u64| matches!(codes[**row as usize], code if code != MISSING && odd[code as usize]);
        let Some(&row) = rows.iter().find(is_odd) else {
            return Ok(());
        };
        let text = levels.get(codes[row as usize] as usize);
        let error = given::other_order(&column.name, text, self.order);
        Err(CellError::at(row, &column.name, error))
    }
}

/// What each text says, if it can be read.
fn moments(levels: Levels<'_>, spelling: &Spelling) -> Vec<Option<Moment>> {
    levels.iter().map(|text| spelling.read(text)).collect()
}

impl Transform for DateParts {
    const NAME: &'static str = "date_parts";

    fn apply(&self, column: Column, made: &mut Made) -> Result<Option<Column>> {
        let (name, texts) = texts(column, "dates")?;
        let (codes, moments) = (texts.codes(), moments(texts.levels(), &self.spelling()));
        if let Some(Counted { count, text, row }) = count_texts(&texts, |level| moments[level].is_none()) {
            made.warnings.push(Warning::InvalidDates {
                column: name.clone(),
                count,
                text,
                row,
                part: None,
            });
        }
        let absent = codes.iter().filter(|&&code| code == MISSING).count();
        made.missing(&name, absent, Imputed::Mean, self.indicator);
        let moment = |code: u32| if code == MISSING { None } else { moments[code as usize] };
        for ScaledPart { part, scale } in &self.parts {
            let value = |&code: &u32| moment(code).map_or(0.0, |moment| scale.scale(part.of_moment(&moment)));
            made.features.push(Feature {
                name: format!("{name}_{}", part.name()),
                values: FeatureValues::Numbers(codes.iter().map(value).collect()),
            });
        }
        if self.indicator {
            made.features.push(Feature {
                name: format!("{name}_missing"),
                values: FeatureValues::Flags(codes.iter().map(|&code| moment(code).is_none()).collect()),
            });
        }
        Ok(None)
    }

    fn check(&self) -> Result<()> {
        if self.parts.is_empty() {
            return Err(Error::data("there are no parts"));
        }
        for (i, ScaledPart { part, scale }) in self.parts.iter().enumerate() {
            if self.parts[..i].iter().any(|other| other.part == *part) {
                return Err(Error::data(format!("{part:?} is listed twice")));
            }
            if !DatePart::of_kind(self.kind).contains(part) {
                return Err(Error::data(format!("{part:?} is no part of {}", self.kind.name())));
            }
            scale.check()?;
            // A part that is the same in all training rows is left out.
            in_range("std", scale.std, f64::MIN_POSITIVE)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(cells: &[Option<&str>]) -> DateParts {
        match Column::categorical("d", cells.iter().copied()).data {
            ColumnData::Categorical(texts) => DateParts::fit(&texts),
            ColumnData::Numeric(_) => unreachable!(),
        }
    }

    fn apply(fitted: &DateParts, cells: &[Option<&str>]) -> Made {
        let mut made = Made::default();
        let rest = fitted
            .apply(Column::categorical("d", cells.iter().copied()), &mut made)
            .unwrap();
        assert!(rest.is_none());
        made
    }

    #[test]
    fn parts_that_never_change_are_left_out() {
        let names = |cells: &[Option<&str>]| {
            apply(&fit(cells), &[])
                .features
                .into_iter()
                .map(|f| f.name)
                .collect::<Vec<_>>()
        };
        let days = [Some("2024-01-01"), Some("2024-01-03")];
        assert_eq!(names(&days), ["d_elapsed_days", "d_day", "d_weekday", "d_day_of_year"]);
        let hours = [Some("2024-01-01T10:00"), Some("2024-01-01T11:00"), None];
        assert_eq!(names(&hours), ["d_elapsed_days", "d_hour", "d_missing"]);
        assert_eq!(names(&[Some("2024-01-01"), Some("2024-01-01")]), [""; 0]);
        assert_eq!(names(&[]), [""; 0]);
    }

    #[test]
    fn what_is_not_a_date_later_counts_as_missing_with_a_warning() {
        let fitted = fit(&[Some("2024-01-01"), Some("2024-01-03")]);
        let made = apply(
            &fitted,
            &[Some("2024-01-03"), Some("soon"), None, Some("31/12/2024"), Some("soon")],
        );
        assert_eq!(
            made.features[1].values,
            FeatureValues::Numbers(vec![1.0, 0.0, 0.0, 0.0, 0.0])
        );
        let said = |made: &Made| made.warnings.iter().map(Warning::to_string).collect::<Vec<_>>();
        let invalid = "`d`: 3 cells are not a date, such as `soon`: counted as missing";
        let missing = "1 missing value: `d` 1 (none in training); imputed: dates with the training mean";
        assert_eq!(said(&made), [invalid, missing]);
        let gaps = fit(&[Some("2024-01-01"), Some("2024-01-03"), None]);
        let made = apply(&gaps, &[None, Some("2024-01-01")]);
        assert_eq!(
            made.features.last().unwrap().values,
            FeatureValues::Flags(vec![true, false])
        );
        assert_eq!(
            said(&made),
            ["1 missing value: `d` 1; imputed: dates with the training mean"]
        );
    }

    #[test]
    fn the_order_of_training_is_kept() {
        let days = |cells: &[&'static str]| cells.iter().map(|&cell| Some(cell)).collect::<Vec<_>>();
        let fitted = fit(&days(&["31/12/2024", "01/02/2024"]));
        assert_eq!(fitted.order, DateOrder::DayFirst);
        // By itself this file would begin with the month.
        let made = apply(&fitted, &days(&["02/01/2024", "2024-01-02", "12/31/2024"]));
        let FeatureValues::Numbers(elapsed) = &made.features[0].values else {
            panic!("{made:?}")
        };
        assert_eq!((elapsed[0], elapsed[2]), (elapsed[1], 0.0));
        let invalid = "`d`: 1 cell is not a date, such as `12/31/2024`: counted as missing";
        assert_eq!(
            made.warnings.iter().map(Warning::to_string).collect::<Vec<_>>(),
            [invalid]
        );
        let usual = serde_json::to_string(&fit(&days(&["2024-12-31", "2024-12-30"]))).unwrap();
        assert!(!usual.contains("order"), "{usual}");
        let text = serde_json::to_string(&fitted).unwrap();
        assert!(text.contains("\"order\":\"day_first\""), "{text}");
        assert_eq!(serde_json::from_str::<DateParts>(&text).unwrap(), fitted);
    }

    #[test]
    fn numbers_are_refused() {
        let numbers = Column::numeric("d", vec![1.0]);
        assert!(fit(&[]).apply(numbers, &mut Made::default()).is_err());
    }
}
