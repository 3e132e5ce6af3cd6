//! Whether the day or the month comes first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the dates of a column are written. Those with a year of four digits first, or with the name of a month, are read
/// in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Year, month, day: `2024-12-31`, `24-12-31`.
    #[default]
    YearFirst,
    /// Day, month, year: `31/12/2024`, `31/12/24`.
    DayFirst,
    /// Month, day, year: `12/31/2024`, `12/31/24`.
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

    /// The value of the setting: `day_first`.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::YearFirst => "year_first",
            Self::DayFirst => "day_first",
            Self::MonthFirst => "month_first",
        }
    }

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
