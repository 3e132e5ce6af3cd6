//! What to do about a warning.

use rosenblatt_tensor::Advice;

use super::Warning;
use crate::dates::Orders;
use crate::dates::given::order_advice;
use crate::schema::AMBIGUOUS;

impl Warning {
    /// What to do about it, if there is something.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        match self {
            Self::ReadAsText { text, .. } if may_mean_missing(text) => {
                Some(Advice::new("if it marks a missing value, add ").set("data.missing", text))
            }
            // A date that is read as text for no reason of its own.
            Self::ReadAsText { text, .. } if Orders::of([text.as_str()]).is_ambiguous() => Some(order_advice()),
            Self::ColumnDropped { .. } if self.ambiguous_dates().is_some() => Some(order_advice()),
            Self::NumericDates { column, .. } => {
                let advice = Advice::default().set(format!("data.columns.{column}"), "date");
                let advice = advice.text(" reads them as dates, ");
                let advice = advice.set(format!("data.columns.{column}"), "numeric");
                Some(advice.text(" keeps them as numbers without this warning"))
            }
            Self::Outliers { number, .. } => {
                let advice = Advice::new("correct or remove what is wrong; ").set("data.missing", number);
                Some(advice.text(" is for a mark of missing values"))
            }
            Self::OutsideRange { part: Some(_), .. } => {
                let advice = Advice::default().set("data.soft_clip", false);
                Some(advice.text(" takes them as they are"))
            }
            Self::AbsurdTargets { .. } => {
                let advice = Advice::new("correct them, or ").set("data.soft_clip", false);
                Some(advice.text(" learns them as they are"))
            }
            Self::NearlyUnique { column, .. } => Some(
                Advice::default()
                    .set("data.drop", column)
                    .text(" leaves it out, ")
                    .set(format!("data.columns.{column}"), "categorical")
                    .text(" keeps it without this warning"),
            ),
            Self::RepeatedIds { column, .. } => Some(
                Advice::default()
                    .set("data.split", format!("group={column}"))
                    .text(" holds out all rows of a value, ")
                    .set("data.split", "random")
                    .text(" is without this warning"),
            ),
            Self::SortedByTime { column } => Some(
                Advice::default()
                    .set("data.split", format!("time={column}"))
                    .text(" holds out the latest rows, ")
                    .set("data.split", "random")
                    .text(" is without this warning"),
            ),
            Self::RunningNumber { column, .. } | Self::TargetLeakage { column, .. } => {
                Some(Advice::default().set("data.drop", column).text(" leaves it out"))
            }
            Self::NotNumbers { column, texts, .. } => {
                let marker = texts.first().map(String::as_str).unwrap_or_default();
                let advice = Advice::default()
                    .set("data.missing", marker)
                    .text(" is for such a mark, ");
                let advice = advice.set(format!("data.columns.{column}"), "categorical");
                Some(advice.text(" makes each text a category"))
            }
            Self::MixedNumbers { column, .. } => {
                let advice = Advice::new("write them in one way, or ").set("data.drop", column);
                Some(advice.text(" leaves the column out"))
            }
            Self::MergedSpellings { column, .. } | Self::OtherSpellings { column, .. } => {
                Some(Advice::default().set("data.exact", column).text(" keeps them apart"))
            }
            Self::NumericColumnName { .. } => Some(
                Advice::default()
                    .set("data.header", "none")
                    .text(" reads it as a row, ")
                    .setting("data.names")
                    .text(" names the columns"),
            ),
            Self::SkippedLines { .. } => {
                Some(Advice::new("if the first of them names the columns, add ").set("data.header", "first"))
            }
            Self::Decoded { .. } => Some(Advice::new("another encoding is named with ").setting("data.encoding")),
            _ => None,
        }
    }
}

impl Warning {
    /// The column that is left out since it is not known which number of its dates is the day, if it is about that.
    pub(crate) fn ambiguous_dates(&self) -> Option<&str> {
        match self {
            Self::ColumnDropped { column, reason } if reason == AMBIGUOUS => Some(column),
            _ => None,
        }
    }
}

/// Whether a text may be a marker for a missing value: a short one without a digit.
fn may_mean_missing(text: &str) -> bool {
    const MAX_LENGTH: usize = 12;
    text.chars().count() <= MAX_LENGTH && !text.contains(char::is_numeric)
}
