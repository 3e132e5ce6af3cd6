//! Warnings about data: what changes a result, or may.

mod advice;
mod sentences;
#[cfg(test)]
mod tests;

use rosenblatt_tensor::Advice;
use serde::{Deserialize, Serialize};

pub(crate) use sentences::place_of;
use sentences::{of_part, sentence};

/// Something about the data that changes a result, or may.
///
/// As JSON it is an object with its `kind` and its fields. [`Display`](std::fmt::Display) gives a sentence;
/// [`Warning::lines`] gives one sentence for all columns of which the same is to be said.
///
/// # Example
/// ```
/// use rosenblatt_data::Warning;
/// let warning = Warning::ColumnDropped { column: "id".into(), reason: "it numbers the rows".into() };
/// assert_eq!(warning.kind(), "column_dropped");
/// assert_eq!(warning.to_string(), "dropped `id`: it numbers the rows");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// A column that is not used as a feature, though no one dropped it.
    ColumnDropped {
        /// Its name.
        column: String,
        /// Why.
        reason: String,
    },
    /// A column that holds numbers or dates, and is read as text because of one cell.
    ReadAsText {
        /// Its name.
        column: String,
        /// The file of the cell, if there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// The line of the cell, counted from 1, where rows have lines.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        /// The row of the cell in its file, counted from 1, where rows have no lines.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        row: Option<u64>,
        /// The number of the cell in its row, counted from 1.
        cell: usize,
        /// The cell, cut to a length fit for a message.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A column whose numbers are written in several ways, and are read as text.
    MixedNumbers {
        /// Its name.
        column: String,
        /// How they differ.
        reason: String,
    },
    /// Cells of a column of numbers that are none, and count as missing.
    NotNumbers {
        /// Its name.
        column: String,
        /// How many cells.
        count: usize,
        /// The first different ones.
        texts: Vec<String>,
        /// The file of the first cell, if there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// The line of the first cell, counted from 1, where rows have lines.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        /// The row of the first cell in its file, counted from 1, where rows have no lines.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        row: Option<u64>,
    },
    /// Spellings of one category that are taken together.
    MergedSpellings {
        /// The column.
        column: String,
        /// How many cells have another spelling than the most frequent one of their category.
        count: usize,
        /// How many categories have several spellings.
        categories: usize,
        /// Spellings of the first of them, the most frequent one first.
        spellings: Vec<String>,
    },
    /// Cells that mean a category of training in another spelling.
    OtherSpellings {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
        /// The first such text.
        text: String,
        /// The category that it means.
        category: String,
    },
    /// Rows that are left out because their target is missing.
    MissingTarget {
        /// The target.
        column: String,
        /// How many rows.
        count: usize,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Rows that are left out because their sample weight is 0.
    ZeroWeight {
        /// The column of weights.
        column: String,
        /// How many rows.
        count: usize,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// The column of sample weights of the training data is not there: all rows have the same weight.
    NoSampleWeight {
        /// Its name.
        column: String,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Cells without a value, which are imputed.
    MissingValues {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
        /// Whether the column had missing values in training, so that the model has seen some.
        in_training: bool,
        /// What they are replaced by.
        imputed: Imputed,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Cells with a category that training has not seen.
    UnseenCategories {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
        /// The first such category.
        text: String,
        /// The row of its cell, counted from 1.
        row: u64,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Cells with a category that was too rare in training to be distinguished from other rare ones.
    RareCategories {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
    },
    /// Cells of a column of dates that hold something else, and count as missing.
    InvalidDates {
        /// The column.
        column: String,
        /// How many cells.
        count: usize,
        /// The first of them.
        text: String,
        /// The row of its cell, counted from 1.
        row: u64,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Numbers of a column that are far outside all others.
    Outliers {
        /// The column.
        column: String,
        /// How many.
        count: usize,
        /// The first of them.
        number: String,
        /// The row of its cell, counted from 1.
        row: u64,
        /// The least of the others.
        least: String,
        /// The greatest of the others.
        most: String,
    },
    /// Rows for training and validation that are left out because their target is far outside all others.
    AbsurdTargets {
        /// The target.
        column: String,
        /// How many rows.
        count: usize,
        /// The first such target.
        number: String,
        /// The part of the data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Numbers far outside those of the training rows.
    OutsideRange {
        /// The column.
        column: String,
        /// How many.
        count: usize,
        /// The first of them.
        number: String,
        /// The row of its cell, counted from 1.
        row: u64,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// A column of numbers that look like dates, and are taken as numbers.
    NumericDates {
        /// Its name.
        column: String,
        /// One of the numbers.
        text: String,
    },
    /// A column of texts that differ in nearly every training row, so that little can be learned from it.
    NearlyUnique {
        /// Its name.
        column: String,
        /// How many categories it has.
        count: usize,
        /// How many training rows there are.
        rows: usize,
    },
    /// Held out rows that have a value of a column in common with training rows; without a part, rows with one of others.
    RepeatedIds {
        /// The column, which seems to say whose row it is.
        column: String,
        /// How many rows.
        count: usize,
        /// Of how many.
        rows: usize,
        /// The part of the data, if it was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
    },
    /// Rows in the order of their dates, which are held out at random.
    SortedByTime {
        /// The column of dates.
        column: String,
    },
    /// A column that numbers the rows, which are sorted by the target.
    RunningNumber {
        /// Its name.
        column: String,
        /// The target.
        target: String,
    },
    /// A column that is the target in other words.
    TargetLeakage {
        /// Its name.
        column: String,
        /// The target.
        target: String,
        /// What shows it.
        reason: String,
    },
    /// Rows without a value in the column that rows are grouped by.
    MissingGroups {
        /// The column.
        column: String,
        /// How many rows.
        count: usize,
    },
    /// Rows without a time in the column that orders them.
    MissingTimes {
        /// The column.
        column: String,
        /// How many rows.
        count: usize,
    },
    /// A folder without test images: its training images are used.
    NoTestImages {
        /// The folder.
        file: String,
    },
    /// A column of one value at most.
    ConstantColumn {
        /// Its name.
        column: String,
    },
    /// The name of a column is a number, so that the first line may be no header.
    NumericColumnName {
        /// The name.
        column: String,
    },
    /// Duplicate rows: equal to another one above in every column.
    DuplicateRows {
        /// How many.
        count: usize,
    },
    /// Some lines end in CRLF, others in LF.
    MixedLineEndings {
        /// How many end in CRLF.
        count: u64,
        /// How many end in LF.
        lf: u64,
    },
    /// Lines before the header, which are skipped.
    SkippedLines {
        /// How many.
        count: usize,
        /// The first of them.
        line: u64,
        /// What it says.
        text: String,
    },
    /// Lines of comments, which are skipped.
    Comments {
        /// How many.
        count: u64,
    },
    /// A line of units below the header, which is skipped.
    UnitsRow {
        /// The line.
        line: u64,
        /// What it says.
        text: String,
    },
    /// Lines that repeat the header, which are skipped.
    RepeatedHeader {
        /// How many.
        count: usize,
        /// The first of them.
        line: u64,
    },
    /// A spreadsheet has sheets that were not read.
    OtherSheets {
        /// The one that was read.
        sheet: String,
        /// Those behind it.
        others: Vec<String>,
    },
    /// The mark that DOS ends a file with, which is skipped.
    EndMark {
        /// The line.
        line: u64,
    },
    /// Rows have a cell more than the header: the first one is taken for the name of the row.
    RowNames,
    /// Rows, but not the header, end with a delimiter, which is skipped.
    TrailingDelimiter,
    /// A file that is not UTF-8.
    Decoded {
        /// How its characters are read.
        encoding: String,
    },
    /// Blank lines, which are skipped.
    BlankLines {
        /// How many.
        count: u64,
    },
}

/// What a missing value is replaced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Imputed {
    /// The median of the training rows.
    Median,
    /// The mean of the training rows, in every part of a date.
    Mean,
    /// The category of unknown ones.
    UnknownCategory,
}

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The training rows.
    Train,
    /// The validation rows.
    Valid,
    /// The test rows.
    Test,
}

/// One sentence about warnings of a kind, and what to do about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningLine {
    /// The sentence.
    pub text: String,
    /// What to do, if there is something.
    pub advice: Option<Advice>,
}

impl Warning {
    /// The kind in snake case: `column_dropped`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ColumnDropped { .. } => "column_dropped",
            Self::ReadAsText { .. } => "read_as_text",
            Self::MissingTarget { .. } => "missing_target",
            Self::ZeroWeight { .. } => "zero_weight",
            Self::NoSampleWeight { .. } => "no_sample_weight",
            Self::MissingValues { .. } => "missing_values",
            Self::UnseenCategories { .. } => "unseen_categories",
            Self::RareCategories { .. } => "rare_categories",
            Self::InvalidDates { .. } => "invalid_dates",
            Self::Outliers { .. } => "outliers",
            Self::AbsurdTargets { .. } => "absurd_targets",
            Self::OutsideRange { .. } => "outside_range",
            Self::NumericDates { .. } => "numeric_dates",
            Self::NearlyUnique { .. } => "nearly_unique",
            Self::RepeatedIds { .. } => "repeated_ids",
            Self::SortedByTime { .. } => "sorted_by_time",
            Self::RunningNumber { .. } => "running_number",
            Self::TargetLeakage { .. } => "target_leakage",
            Self::MissingGroups { .. } => "missing_groups",
            Self::MissingTimes { .. } => "missing_times",
            Self::NoTestImages { .. } => "no_test_images",
            Self::ConstantColumn { .. } => "constant_column",
            Self::NumericColumnName { .. } => "numeric_column_name",
            Self::DuplicateRows { .. } => "duplicate_rows",
            Self::MixedLineEndings { .. } => "mixed_line_endings",
            Self::MixedNumbers { .. } => "mixed_numbers",
            Self::NotNumbers { .. } => "not_numbers",
            Self::MergedSpellings { .. } => "merged_spellings",
            Self::OtherSpellings { .. } => "other_spellings",
            Self::SkippedLines { .. } => "skipped_lines",
            Self::Comments { .. } => "comments",
            Self::UnitsRow { .. } => "units_row",
            Self::RepeatedHeader { .. } => "repeated_header",
            Self::EndMark { .. } => "end_mark",
            Self::OtherSheets { .. } => "other_sheets",
            Self::RowNames => "row_names",
            Self::TrailingDelimiter => "trailing_delimiter",
            Self::Decoded { .. } => "decoded",
            Self::BlankLines { .. } => "blank_lines",
        }
    }

    /// The column it is about, if it is about one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::ColumnDropped { column, .. }
            | Self::ReadAsText { column, .. }
            | Self::MixedNumbers { column, .. }
            | Self::NotNumbers { column, .. }
            | Self::MergedSpellings { column, .. }
            | Self::OtherSpellings { column, .. }
            | Self::MissingTarget { column, .. }
            | Self::ZeroWeight { column, .. }
            | Self::NoSampleWeight { column, .. }
            | Self::MissingValues { column, .. }
            | Self::UnseenCategories { column, .. }
            | Self::RareCategories { column, .. }
            | Self::InvalidDates { column, .. }
            | Self::Outliers { column, .. }
            | Self::OutsideRange { column, .. }
            | Self::AbsurdTargets { column, .. }
            | Self::NumericDates { column, .. }
            | Self::NearlyUnique { column, .. }
            | Self::RepeatedIds { column, .. }
            | Self::SortedByTime { column }
            | Self::RunningNumber { column, .. }
            | Self::TargetLeakage { column, .. }
            | Self::MissingGroups { column, .. }
            | Self::MissingTimes { column, .. }
            | Self::ConstantColumn { column }
            | Self::NumericColumnName { column } => Some(column),
            Self::NoTestImages { .. }
            | Self::DuplicateRows { .. }
            | Self::MixedLineEndings { .. }
            | Self::SkippedLines { .. }
            | Self::Comments { .. }
            | Self::UnitsRow { .. }
            | Self::RepeatedHeader { .. }
            | Self::EndMark { .. }
            | Self::OtherSheets { .. }
            | Self::RowNames
            | Self::TrailingDelimiter
            | Self::Decoded { .. }
            | Self::BlankLines { .. } => None,
        }
    }

    /// One line for each warning, or for all columns of which the same is to be said, in the order of the first of them.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::Warning;
    /// let constant = ["a", "b"].map(|column| Warning::ConstantColumn { column: column.into() });
    /// assert_eq!(Warning::lines(&constant)[0].text, "constant columns, from which nothing can be learned: `a`, `b`");
    /// ```
    #[must_use]
    pub fn lines<'w>(warnings: impl IntoIterator<Item = &'w Self>) -> Vec<WarningLine> {
        let mut groups: Vec<Vec<&Self>> = Vec::new();
        // Few: others have a line each, and there may be as many as columns.
        let mut shared: Vec<usize> = Vec::new();
        for warning in warnings {
            match shared.iter().find(|&&at| groups[at][0].shares_a_line(warning)) {
                Some(&at) => groups[at].push(warning),
                None => {
                    shared.extend(warning.shares_a_line(warning).then_some(groups.len()));
                    groups.push(vec![warning]);
                }
            }
        }
        let line = |group: &Vec<&Self>| WarningLine {
            text: match group[..] {
                [one] => one.to_string(),
                _ => of_part(group[0].part()).to_owned() + &sentence(group),
            },
            advice: group[0].advice(),
        };
        groups.iter().map(line).collect()
    }

    /// The same about a part of the data that training has split or read; nothing where the part is as training expects.
    pub(crate) fn in_part(mut self, of: Part) -> Option<Self> {
        match &mut self {
            Self::MissingValues { in_training: true, .. } | Self::RareCategories { .. } => return None,
            // Another warning tells of them, in words about all rows.
            Self::OutsideRange { .. } if of == Part::Train => return None,
            Self::MissingTarget { part, .. }
            | Self::ZeroWeight { part, .. }
            | Self::NoSampleWeight { part, .. }
            | Self::MissingValues { part, .. }
            | Self::UnseenCategories { part, .. }
            | Self::OutsideRange { part, .. }
            | Self::InvalidDates { part, .. } => *part = Some(of),
            _ => {}
        }
        Some(self)
    }

    /// The same with the row of a table instead of its place among `rows`.
    pub(crate) fn of_rows(mut self, rows: &[u64]) -> Self {
        if let Self::UnseenCategories { row, .. } | Self::InvalidDates { row, .. } | Self::OutsideRange { row, .. } =
            &mut self
        {
            *row = rows[*row as usize - 1] + 1;
        }
        self
    }

    /// Adds the cells of one of the same kind about further rows; false if it is about something else.
    pub(crate) fn absorb(&mut self, further: &Self) -> bool {
        let same = std::mem::discriminant(self) == std::mem::discriminant(further) && self.column() == further.column();
        let count = match further {
            Self::MissingValues { count, .. }
            | Self::UnseenCategories { count, .. }
            | Self::RareCategories { count, .. }
            | Self::OutsideRange { count, .. }
            | Self::InvalidDates { count, .. } => *count,
            _ => return false,
        };
        match self {
            Self::MissingValues { count: all, .. }
            | Self::UnseenCategories { count: all, .. }
            | Self::RareCategories { count: all, .. }
            | Self::OutsideRange { count: all, .. }
            | Self::InvalidDates { count: all, .. }
                if same =>
            {
                *all += count;
            }
            _ => return false,
        }
        true
    }

    fn shares_a_line(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::MissingValues { part, .. }, Self::MissingValues { part: other, .. }) => part == other,
            (Self::RareCategories { .. }, Self::RareCategories { .. })
            | (Self::NearlyUnique { .. }, Self::NearlyUnique { .. })
            | (Self::ConstantColumn { .. }, Self::ConstantColumn { .. }) => true,
            _ => false,
        }
    }
}
